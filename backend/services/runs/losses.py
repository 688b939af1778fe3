"""What a run would lose, by reading its statements with a SQL parser and counting rows. Never claims that nothing is
lost where it cannot tell: a statement nobody understands is named as such when rolling back."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.models.migration import Direction

_log = logging.getLogger(__name__)

# What these drop or change holds no rows of its own.
_ROWLESS_KINDS = {
    "VIEW",
    "INDEX",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "TYPE",
    "SEQUENCE",
    "CONSTRAINT",
    "DOMAIN",
    "POLICY",
    "RULE",
    "EXTENSION",
    "AGGREGATE",
    "OPERATOR",
    "CAST",
    "COLLATION",
    "EVENT",
    "ROLE",
    "USER",
    "PUBLICATION",
    "STATISTICS",
    "MATERIALIZED",
    "DICTIONARY",
    "DEFAULT",
    "LANGUAGE",
    "TRANSFORM",
}
_HARMLESS_WORDS = {
    "CREATE",
    "COMMENT",
    "GRANT",
    "REVOKE",
    "SET",
    "RESET",
    "PRAGMA",
    "ANALYZE",
    "VACUUM",
    "REINDEX",
    "SHOW",
    "USE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "START",
    "SAVEPOINT",
    "RELEASE",
    "LOCK",
    "UNLOCK",
    "NOTIFY",
    "LISTEN",
    "REFRESH",
    "SELECT",
    "VALUES",
    "INSERT",
    "OPTIMIZE",
    "EXPLAIN",
    "RENAME",
    "SYSTEM",
    "SECURITY",
    "REASSIGN",
    "CLUSTER",
    "CHECKPOINT",
    "DISCARD",
}


# Applying can only lose what one of these words takes away; a text without them need not be parsed. (Sound, not a rule:
# where one stands, even in a comment, the parser decides.)
_TAKES_AWAY = re.compile("drop|delete|truncate", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Danger:
    """Something a statement does to rows. `kind`: drop_table, drop_column, delete, truncate, overwrite, drop_all, retype,
    unknown."""

    kind: str
    table: str | None = None
    column: str | None = None
    statement: str = ""


def losses_of_sql(
    engine: Engine, target: Target, direction: Direction, blocks: Iterable[tuple[str, str]]
) -> list[str]:
    """Plain sentences on what the blocks (filename, SQL) would lose. Raises nothing: what cannot be counted is said so."""
    dangers = [
        (filename, danger) for filename, sql in blocks for danger in dangers_in(engine, sql, direction)
    ]
    if not dangers:
        return []
    tables = sorted({danger.table for _, danger in dangers if danger.table})
    rows = _count(engine, target, tables)
    said = [sentence for filename, danger in dangers if (sentence := _say(filename, danger, rows))]
    return list(dict.fromkeys(said))


def dangers_in(engine: Engine, sql: str, direction: Direction) -> Iterator[Danger]:
    """What each statement of a block does to rows that are there."""
    if direction == Direction.UP and not _TAKES_AWAY.search(sql):
        return
    try:
        statements = engine.split_statements(sql)
    except AppError:
        return
    for statement in statements:
        yield from _of_statement(statement.text, engine.dialect or "", direction)


def _of_statement(text: str, dialect: str, direction: Direction) -> Iterator[Danger]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    excerpt = " ".join(text.split())[:120]
    try:
        parsed = [
            one for one in sqlglot.parse(text, dialect=_SQLGLOT.get(dialect, dialect)) if one is not None
        ]
    except (SqlglotError, RecursionError):
        parsed = []
        yield from _of_words(text, excerpt, direction)
    for node in parsed:
        if isinstance(node, exp.Drop):
            kind = str(node.args.get("kind") or "").upper()
            if kind == "TABLE":
                for table in _tables(node):
                    yield Danger("drop_table", table, statement=excerpt)
            elif kind in {"SCHEMA", "DATABASE"}:
                yield Danger("drop_all", statement=excerpt)
            elif kind not in _ROWLESS_KINDS and direction == Direction.DOWN:
                yield Danger("unknown", statement=excerpt)
        elif isinstance(node, exp.Alter):
            yield from _of_alter(node, excerpt, direction)
        elif isinstance(node, exp.Delete):
            yield Danger("delete", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.TruncateTable):
            for table in node.expressions:
                yield Danger("truncate", _name(table), statement=excerpt)
        elif isinstance(node, exp.Update):
            if direction == Direction.DOWN:
                yield Danger("overwrite", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.Command):
            yield from _of_words(text, excerpt, direction)


def _of_alter(node: object, excerpt: str, direction: Direction) -> Iterator[Danger]:
    from sqlglot import exp

    assert isinstance(node, exp.Alter)
    if str(node.args.get("kind") or "TABLE").upper() != "TABLE":
        return
    table = _name(node.this)
    for action in node.args.get("actions") or []:
        if isinstance(action, exp.Drop):
            if str(action.args.get("kind") or "COLUMN").upper() == "COLUMN":
                yield Danger(
                    "drop_column", table, action.this.name if action.this is not None else None, excerpt
                )
            elif str(action.args.get("kind") or "").upper() in {"PARTITION"}:
                yield Danger("drop_table", table, statement=excerpt)
        elif (
            isinstance(action, exp.AlterColumn)
            and action.args.get("dtype") is not None
            and direction == Direction.DOWN
        ):
            yield Danger("retype", table, action.this.name, excerpt)


def _of_words(text: str, excerpt: str, direction: Direction) -> Iterator[Danger]:
    """A statement the parser does not know, judged by its first words (comments taken out by the tokenizer)."""
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        words = [token.text.upper() for token in tokenize(text)[:4]]
    except SqlglotError:
        words = []
    if not words or words[0] in _HARMLESS_WORDS:
        return
    if words[0] == "DROP" and len(words) > 1 and words[1] in _ROWLESS_KINDS:
        return
    if words[0] == "ALTER" and len(words) > 1 and words[1] in _ROWLESS_KINDS:
        return
    if direction == Direction.DOWN or words[0] in {"DROP", "TRUNCATE", "DELETE"}:
        yield Danger("unknown", statement=excerpt)


def _tables(node: object) -> list[str]:
    from sqlglot import exp

    assert isinstance(node, exp.Expression)
    first = _name(node.this)
    more = [_name(table) for table in node.args.get("expressions") or [] if isinstance(table, exp.Table)]
    return [name for name in (first, *more) if name]


def _name(node: object) -> str | None:
    from sqlglot import exp

    table = (
        node
        if isinstance(node, exp.Table)
        else (node.find(exp.Table) if isinstance(node, exp.Expression) else None)
    )
    if table is None:
        return None
    return f"{table.db}.{table.name}" if table.db else table.name


def _count(engine: Engine, target: Target, tables: list[str]) -> dict[str, int] | None:
    try:
        return engine.row_counts(target, tables)
    except AppError:
        _log.info("Rows could not be counted", exc_info=True)
        return None


def _say(filename: str, danger: Danger, rows: dict[str, int] | None) -> str | None:
    if danger.kind == "unknown":
        return f"{filename}: what this does to the data cannot be told: {danger.statement}"
    if danger.kind == "drop_all":
        return f"{filename}: everything in it goes: {danger.statement}"
    if danger.table is None:
        return f"{filename}: {danger.statement}"
    count = None if rows is None else rows.get(danger.table, 0)
    if count == 0:
        return None
    many = "an unknown number of rows" if count is None else f"{count:,} row{'s' if count != 1 else ''}"
    if danger.kind == "drop_table":
        return f"Table {danger.table} is dropped with {many}."
    if danger.kind == "truncate":
        return f"Table {danger.table} is emptied of {many}."
    if danger.kind == "drop_column":
        return f"Column {danger.table}.{danger.column} is dropped; the table has {many}."
    if danger.kind == "delete":
        return f"Rows of {danger.table} are deleted; the table has {many}."
    if danger.kind == "retype":
        return f"Values of {danger.table}.{danger.column} are converted; the table has {many}."
    return f"Values in {danger.table} are overwritten; the table has {many}."


_SQLGLOT = {"spanner": "postgres"}
