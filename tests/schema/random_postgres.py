"""Random PostgreSQL schemas: enums, domains, tables with every kind of column, key and check, indexes, views, functions,
triggers, comments, names that need quotes."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = ["a", "b", "c", "Mixed Case", "order", 'say "hi"', "größe"]
_TYPES = {
    "integer": ["7", "-1"],
    "bigint": ["7"],
    "numeric(8,2)": ["1.5"],
    "text": ["'x'", "'it''s, (odd); '", "''"],
    "varchar(20)": ["'y'"],
    "timestamptz": ["now()"],
    "date": ["'2020-01-01'"],
    "jsonb": ["'{}'"],
    "boolean": ["true"],
    "text[]": ["'{}'"],
    "uuid": ["gen_random_uuid()"],
    "mood": ["'ok'"],
    "code": ["'c'"],
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def column(draw: st.DrawFn, name: str) -> tuple[str, str]:
    """(type, definition after the name)"""
    kind = draw(st.sampled_from(sorted(_TYPES)))
    text = kind
    if kind in ("integer", "bigint") and draw(st.integers(0, 4)) == 0:
        return kind, f"{text} GENERATED {draw(st.sampled_from(['ALWAYS', 'BY DEFAULT']))} AS IDENTITY"
    if draw(st.booleans()):
        text += f" DEFAULT {draw(st.sampled_from(_TYPES[kind]))}"
    if draw(st.booleans()):
        text += " NOT NULL"
    if kind == "text" and draw(st.integers(0, 5)) == 0:
        text = 'text COLLATE "C"'
    if kind == "integer" and draw(st.booleans()):
        text += f" CHECK ({quoted(name)} < {draw(st.integers(10, 12))})"
    return kind, text


@st.composite
def table(draw: st.DrawFn, name: str, earlier: list[str]) -> list[str]:
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4, unique=True))
    columns = {one: draw(column(one)) for one in names}
    unlogged = draw(st.integers(0, 6)) == 0 and not earlier
    lines = ["id integer PRIMARY KEY", *(f"{quoted(one)} {text}" for one, (_, text) in columns.items())]
    if draw(st.integers(0, 3)) == 0:
        first = quoted(names[0])
        lines.append(
            f"computed text GENERATED ALWAYS AS (CASE WHEN {first} IS NULL THEN 'none' ELSE 'some' END) STORED"
        )
    if earlier and not unlogged and draw(st.booleans()):
        action = draw(st.sampled_from(["", " ON DELETE CASCADE", " DEFERRABLE"]))
        lines.append(f"up integer REFERENCES {draw(st.sampled_from(earlier))}{action}")
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"CONSTRAINT {name}_once UNIQUE ({', '.join(quoted(one) for one in names)})")
    made = [f"CREATE {'UNLOGGED ' if unlogged else ''}TABLE {name} ({', '.join(lines)})"]
    plain = [one for one, (kind, _) in columns.items() if kind not in ("jsonb",)]
    if plain and draw(st.booleans()):
        where = f" WHERE {quoted(plain[0])} IS NOT NULL" if draw(st.booleans()) else ""
        made.append(f"CREATE INDEX {name}_i ON {name} ({quoted(draw(st.sampled_from(plain)))}){where}")
    if draw(st.booleans()):
        made.append(f"COMMENT ON COLUMN {name}.{quoted(names[0])} IS {draw(st.sampled_from(_TYPES['text']))}")
    if draw(st.integers(0, 2)) == 0:
        made.append(f"CREATE TRIGGER {name}_t BEFORE {draw(st.sampled_from(['INSERT', 'UPDATE']))} ON {name}"
                    " FOR EACH ROW EXECUTE FUNCTION stamp()")  # fmt: skip
    if draw(st.integers(0, 2)) == 0:
        made.append(
            f"CREATE VIEW {name}_v AS SELECT id, {', '.join(quoted(one) for one in names)} FROM {name}"
        )
        if draw(st.booleans()):
            made.append(f"CREATE MATERIALIZED VIEW {name}_m AS SELECT max(id) AS top FROM {name}_v")
    if draw(st.integers(0, 4)) == 0:
        made.append(
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON {name} USING (id > 0)"
        )
    return made


@st.composite
def schema(draw: st.DrawFn) -> str:
    """Statements that load without an error."""
    labels = draw(st.lists(st.sampled_from(["sad", "so-so", "glad", "it's"]), max_size=3, unique=True))
    parts = [
        "CREATE TYPE mood AS ENUM ("
        + ", ".join("'" + one.replace("'", "''") + "'" for one in ["ok", *labels])
        + ")",
        f"CREATE DOMAIN code AS text CHECK (length(value) < {draw(st.integers(8, 10))})",
        f"CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN {draw(st.sampled_from(['NEW', 'OLD']))};"
        " END $$",
    ]
    if draw(st.booleans()):
        parts.append(f"CREATE SEQUENCE counter START {draw(st.integers(1, 3))}")
    earlier: list[str] = []
    for name in ("one", "two", "three"):
        if draw(st.integers(0, 3)):
            parts += draw(table(name, earlier))
            if not parts[-1].startswith("CREATE UNLOGGED") and f"CREATE TABLE {name} " in "\n".join(parts):
                earlier.append(name)
    return ";\n".join(parts) + ";"
