"""What a run would lose, by reading its statements with a SQL parser and counting rows. Never claims that nothing is
lost where it cannot tell: a statement nobody understands is named as such when rolling back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.models.migration import Direction

from .losses_words import ROWLESS_KINDS, Danger, of_alter_table, of_words

if TYPE_CHECKING:
    from sqlglot import exp

_log = logging.getLogger(__name__)

# Applying can only lose what one of these words takes away; a text without them need not be parsed. (Sound, not a rule:
# where one stands, even in a comment, the parser decides.)
_TAKES_AWAY = ("drop", "delete", "truncate", "replace", "clear", "detach")


def losses_of_sql(
    engine: Engine, target: Target | None, direction: Direction, blocks: Iterable[tuple[str, str]]
) -> list[str]:
    """Plain sentences on what the blocks (filename, SQL) would lose. Raises nothing: what cannot be counted is said so.

    `target` None: the database cannot be read, so nothing is counted."""
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
    if direction == Direction.UP and not _mentions(sql):
        return
    try:
        statements = engine.split_statements(sql)
    except AppError:
        return
    for statement in statements:
        yield from _of_statement(statement.text, engine.dialect or "", direction)


def _mentions(sql: str) -> bool:
    # Ten times as fast as a pattern that ignores case, over megabytes of rows.
    lowered = sql.lower()
    return any(word in lowered for word in _TAKES_AWAY)


def _of_statement(text: str, dialect: str, direction: Direction) -> Iterator[Danger]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    excerpt = " ".join(text.split())[:120]
    known_as = _SQLGLOT.get(dialect, dialect)
    try:
        parsed = [one for one in sqlglot.parse(text, dialect=known_as) if one is not None]
    except (SqlglotError, RecursionError):
        parsed = []
        yield from of_words(text, known_as, excerpt, direction)
    for node in parsed:
        if isinstance(node, exp.Drop):
            kind = str(node.args.get("kind") or "").upper()
            if kind == "TABLE":
                for table in _tables(node):
                    yield Danger("drop_table", table, statement=excerpt)
            elif kind in {"SCHEMA", "DATABASE"}:
                yield Danger("drop_all", statement=excerpt)
            elif kind not in ROWLESS_KINDS and direction == Direction.DOWN:
                yield Danger("unknown", statement=excerpt)
        elif isinstance(node, exp.Alter):
            yield from _of_alter(node, text, known_as, excerpt, direction)
        elif isinstance(node, exp.Delete):
            yield Danger("delete", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.TruncateTable):
            for table in node.expressions:
                yield Danger("truncate", _name(table), statement=excerpt)
        elif isinstance(node, exp.Update):
            if direction == Direction.DOWN:
                yield Danger("overwrite", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.Create):
            if node.args.get("replace") and str(node.args.get("kind") or "").upper() == "TABLE":
                yield Danger("drop_table", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.Merge):
            if any(
                when.find(exp.Var) is not None and "DELETE" in when.sql().upper()
                for when in node.find_all(exp.When)
            ):
                yield Danger("delete", _name(node.this), statement=excerpt)
        elif isinstance(node, exp.Insert | exp.Select):
            # WITH gone AS (DELETE FROM … RETURNING …)
            for inner in node.find_all(exp.Delete):
                yield Danger("delete", _name(inner.this), statement=excerpt)
        elif isinstance(node, exp.Command):
            yield from of_words(text, known_as, excerpt, direction)


def _of_alter(
    node: exp.Alter, text: str, dialect: str, excerpt: str, direction: Direction
) -> Iterator[Danger]:
    """The actions by their tokens: the parser knows only some of their forms (DROP without COLUMN, PARTITION, …)."""
    from sqlglot import exp

    if str(node.args.get("kind") or "TABLE").upper() != "TABLE":
        return
    yield from of_alter_table(text, dialect, excerpt)
    if direction == Direction.UP:
        return
    for action in node.args.get("actions") or []:
        if isinstance(action, exp.AlterColumn) and action.args.get("dtype") is not None:
            yield Danger("retype", _name(node.this), action.this.name, excerpt)
        elif isinstance(action, exp.Command) and action.name.upper() != "DROP":
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


def _count(engine: Engine, target: Target | None, tables: list[str]) -> dict[str, int] | None:
    if target is None:
        return None
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
