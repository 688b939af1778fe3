"""Random SQLite schemas: tables with every kind of column, constraint, index, trigger and view, names that need quotes."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = ("users", "orders", "Items", "order", "we ird", 'q"q')
_COLUMNS = ("id", "name", "email", "total", "created_at", "parent id", "data", "Flag")
_TYPES = ("INTEGER", "TEXT", "REAL", "BLOB", "", "VARCHAR(20)", "DATETIME")
_DEFAULTS = ("0", "'it''s'", "CURRENT_TIMESTAMP", "(1 + 2)", "NULL")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@st.composite
def _column(draw: st.DrawFn, name: str, first: bool, tables: list[tuple[str, list[str]]]) -> str:
    text = f"{_quoted(name)} {draw(st.sampled_from(_TYPES))}".strip()
    if first and draw(st.booleans()):
        return f"{_quoted(name)} INTEGER PRIMARY KEY{draw(st.sampled_from(('', ' AUTOINCREMENT')))}"
    if draw(st.integers(0, 3)) == 0:
        text += " NOT NULL"
    if draw(st.integers(0, 3)) == 0:
        text += f" DEFAULT {draw(st.sampled_from(_DEFAULTS))}"
    if draw(st.integers(0, 6)) == 0:
        text += " COLLATE NOCASE"
    if draw(st.integers(0, 6)) == 0:
        text += " UNIQUE"
    if tables and draw(st.integers(0, 4)) == 0:
        table, columns = draw(st.sampled_from(tables))
        text += f" REFERENCES {_quoted(table)} ({_quoted(columns[0])}) ON DELETE CASCADE"
    return text


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """A schema file's text."""
    statements: list[str] = []
    tables: list[tuple[str, list[str]]] = []
    for table in draw(st.lists(st.sampled_from(_NAMES), unique=True, min_size=1, max_size=4)):
        names = draw(st.lists(st.sampled_from(_COLUMNS), unique=True, min_size=1, max_size=5))
        elements = [draw(_column(name, place == 0, tables)) for place, name in enumerate(names)]
        if len(names) > 1 and draw(st.integers(0, 3)) == 0:
            kind = draw(st.sampled_from(("VIRTUAL", "STORED")))
            elements.append(f"made TEXT GENERATED ALWAYS AS (upper({_quoted(names[0])})) {kind}")
        if draw(st.integers(0, 4)) == 0:
            elements.append(f"CHECK (length({_quoted(names[0])}) < 1000) -- a comment, with (brackets)\n")
        end = draw(st.sampled_from((", ", ",\n    "))).join(elements)
        statements.append(f"CREATE TABLE {_quoted(table)} ({end})")
        tables.append((table, names))
    for table, names in tables:
        for number in range(draw(st.integers(0, 2))):
            column = _quoted(draw(st.sampled_from(names)))
            where = draw(st.sampled_from(("", f" WHERE {column} IS NOT NULL")))
            order = draw(st.sampled_from(("", " DESC")))
            name = _quoted(f"{table} {number}")
            statements.append(f"CREATE INDEX {name} ON {_quoted(table)} ({column}{order}){where}")
        if draw(st.integers(0, 2)) == 0:
            other = draw(st.sampled_from(tables))
            statements.append(
                f"CREATE TRIGGER {_quoted(f'on {table}')} AFTER INSERT ON {_quoted(table)} BEGIN"
                f" UPDATE {_quoted(other[0])} SET {_quoted(other[1][0])} = {draw(st.integers(1, 3))}; SELECT ';'; END"
            )
    if draw(st.booleans()):
        table, names = draw(st.sampled_from(tables))
        statements.append(
            f"CREATE VIEW seen AS SELECT {_quoted(names[0])} AS a, {draw(st.integers(1, 3))} FROM {_quoted(table)}"
        )
        if draw(st.booleans()):
            statements.append("CREATE TRIGGER on_seen INSTEAD OF INSERT ON seen BEGIN SELECT 1; END")
    return ";\n".join(statements) + ";\n"
