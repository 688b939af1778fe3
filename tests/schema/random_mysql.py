"""Random MySQL schemas: tables with columns, keys and constraints of many kinds, views and triggers, names that need quotes."""

from __future__ import annotations

from hypothesis import strategies as st

_TABLES = ("users", "orders", "Items", "order", "we ird", "q`q")
_COLUMNS = ("id", "name", "email", "total", "created_at", "parent id", "data", "select")
_TYPES = (
    "int", "bigint unsigned", "varchar(20)", "varchar(255) CHARACTER SET latin1", "text", "decimal(10,2)", "datetime", "json",
    "enum('a','b,c','it''s')", "timestamp NULL", "tinyint(1)", "binary(16)",
)  # fmt: skip
_DEFAULTS = {"int": "0", "varchar(20)": "'it''s'", "decimal(10,2)": "1.50", "datetime": "current_timestamp()",
             "tinyint(1)": "1", "bigint unsigned": "7"}  # fmt: skip
_KEYED = ("int", "bigint unsigned", "varchar(20)", "decimal(10,2)", "datetime", "tinyint(1)")
_TAILS = (
    "", " ENGINE=InnoDB CHARSET=latin1", " COMMENT='a ; ) comment'", " ROW_FORMAT=DYNAMIC", " ENGINE=MyISAM",
    " CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci",
)  # fmt: skip


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


@st.composite
def _column(draw: st.DrawFn, name: str, kind: str) -> str:
    text = f"{_quoted(name)} {kind}"
    if draw(st.integers(0, 2)) == 0 and "NULL" not in kind:
        text += " NOT NULL"
    if kind in _DEFAULTS and draw(st.integers(0, 2)) == 0:
        text += f" DEFAULT {_DEFAULTS[kind]}"
    if draw(st.integers(0, 4)) == 0:
        text += " COMMENT 'what''s `it`'"
    return text


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """A schema file's text."""
    statements: list[str] = []
    tables: list[tuple[str, list[str], str]] = []
    for table in draw(st.lists(st.sampled_from(_TABLES), unique=True, min_size=1, max_size=4)):
        names = draw(st.lists(st.sampled_from(_COLUMNS), unique=True, min_size=1, max_size=6))
        kinds = {name: draw(st.sampled_from(_TYPES)) for name in names}
        parts = [draw(_column(name, kinds[name])) for name in names]
        keyed = [name for name in names if kinds[name] in _KEYED]
        tail = draw(st.sampled_from(_TAILS))
        if draw(st.booleans()):
            parts.insert(draw(st.integers(0, len(parts))), "`pk` int NOT NULL AUTO_INCREMENT PRIMARY KEY")
        if keyed and draw(st.integers(0, 3)) == 0:
            column = _quoted(keyed[0])
            kind = draw(st.sampled_from(("VIRTUAL", "STORED")))
            parts.append(f"`made` varchar(60) GENERATED ALWAYS AS (concat({column}, 'x')) {kind}")
        for number in range(draw(st.integers(0, 3)) if keyed else 0):
            columns = draw(st.lists(st.sampled_from(keyed), unique=True, min_size=1, max_size=3))
            kind = draw(st.sampled_from(("KEY", "KEY", "UNIQUE KEY")))
            parts.append(f"{kind} {_quoted(f'k {number}')} ({', '.join(map(_quoted, columns))})")
        if draw(st.integers(0, 4)) == 0:
            parts.append(f"CONSTRAINT {_quoted(f'{table} check')} CHECK (length({_quoted(names[0])}) < 1000)")
        if draw(st.integers(0, 2)) == 0:
            parts.append("`pid` int")
            targets = [one for one, other, its in tables if "pk" in other and "MyISAM" not in its]
            if targets and "MyISAM" not in tail:
                target = draw(st.sampled_from(targets))
                action = draw(st.sampled_from(("", " ON DELETE CASCADE", " ON DELETE SET NULL")))
                name = _quoted(f"{table} to {target}")
                parts.append(
                    f"CONSTRAINT {name} FOREIGN KEY (`pid`) REFERENCES {_quoted(target)} (`pk`){action}"
                )
        statements.append(f"CREATE TABLE {_quoted(table)} ({', '.join(parts)}){tail}")
        has_key = any(part.startswith("`pk`") for part in parts)
        tables.append((table, [*names, *(["pk"] if has_key else [])], tail))
    for table, names, _ in tables:
        if draw(st.integers(0, 2)) == 0:
            statements.append(
                f"CREATE TRIGGER {_quoted(f'on {table}')} AFTER INSERT ON {_quoted(table)} FOR EACH ROW"
                f" SET @seen = {draw(st.integers(1, 3))}, @what = NEW.{_quoted(names[0])}"
            )
    if draw(st.booleans()):
        table, names, _ = draw(st.sampled_from(tables))
        statements.append(
            f"CREATE VIEW `seen` AS SELECT {_quoted(names[0])} AS a, {draw(st.integers(1, 3))} AS b FROM {_quoted(table)}"
        )
        if draw(st.booleans()):
            statements.append("CREATE VIEW `a first` AS SELECT a FROM `seen` WHERE b > 0")
    return ";\n".join(statements) + ";\n"
