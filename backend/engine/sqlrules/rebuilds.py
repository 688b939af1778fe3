"""Tables made anew with their rows: new table, rows copied, old table dropped, one of the two renamed. Pure.

It is recognised by what the statements do: the copy must be read from the very table that is dropped, and what it was
copied into must still be there at the end. What the copy leaves behind is told, so that only a whole one is no loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt

from .reader import tokens_of
from .tokens import Cursor, ReadError, T, Token, words

_AGGREGATES = words(
    "COUNT SUM TOTAL AVG MEDIAN GROUP_CONCAT STRING_AGG ARRAY_AGG JSON_GROUP_ARRAY JSON_GROUP_OBJECT JSON_AGG "
    "JSONB_AGG JSON_ARRAYAGG JSON_OBJECTAGG BOOL_AND BOOL_OR EVERY ANY_VALUE"
)
_EXTREMES = words("MIN MAX")
"""Aggregates with one argument; SQLite's with several compare within the row."""
_AFTER_SOURCE = words(
    "WHERE JOIN INNER LEFT RIGHT FULL CROSS NATURAL GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH FOR UNION "
    "INTERSECT EXCEPT ON RETURNING INDEXED NOT TABLESAMPLE"
)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A dropped table whose rows were copied before."""

    table: Name
    """The table under the name it has in the database."""
    into: Name
    """Where its rows are at the end of the half."""
    takes_name: bool
    """Is that the name the table had?"""
    is_every_row: bool
    """False where the copy filters, joins, groups or skips rows, or rows were changed or deleted after it."""
    left_behind: tuple[str, ...] | None
    """Columns that are not copied; None where the table's columns are not known."""

    @property
    def is_whole(self) -> bool:
        return self.takes_name and self.is_every_row and self.left_behind == ()


@dataclass(frozen=True, slots=True)
class _Copy:
    """`INSERT INTO into … SELECT … FROM source`. `columns`: the names it reads, folded; None for all of them."""

    source: Name
    into: Name
    columns: frozenset[str] | None
    is_every_row: bool


def rebuild_of(at: At, table: Name) -> Rebuild | None:
    """What this statement's DROP of `table` belongs to; None where its rows were copied nowhere that stays."""
    return _rebuild(at, at.statement.index, table)


def _rebuild(at: At, dropped: int, table: Name) -> Rebuild | None:
    names = [table]
    """The table's own, the last one first."""
    copy: _Copy | None = None
    copied = 0
    is_changed = False
    created: ops.CreateTable | None = None
    for index in range(dropped - 1, -1, -1):
        for op in reversed(at.statements[index].ops):
            if isinstance(op, ops.Rename) and op.kind == "table" and op.new.casefold() == names[-1].key:
                names.append(op.old)
            elif isinstance(op, ops.CreateTable) and op.name.same(names[-1]):
                created = op
            elif isinstance(op, ops.Insert) and copy is None:
                found = _copy_of(at.statements[index], op, at.context.lint.dialect or "sqlite")
                if found is not None and found.source.same(names[-1]):
                    copy, copied = found, index
            if copy is None and isinstance(op, ops.Insert | ops.Update) and op.table.same(names[-1]):
                is_changed = True
        if created is not None:
            break
    if copy is None:
        return None
    left = _left_behind(at, copy, dropped, names, created)
    return _followed(
        at, Rebuild(names[-1], copy.into, False, copy.is_every_row and not is_changed, left), copied, names
    )


def _followed(at: At, found: Rebuild, copied: int, names: Sequence[Name]) -> Rebuild | None:
    """The copy to the half's end; None where it is dropped in its turn."""
    into, is_every_row, left = found.into, found.is_every_row, found.left_behind
    for index in range(copied + 1, len(at.statements)):
        for op in at.statements[index].ops:
            match op:
                case ops.Rename(kind="table") if op.old.same(into):
                    into = Name(op.new, op.old.schema)
                case ops.Delete() | ops.Truncate() if op.table.same(into):
                    is_every_row = False
                case ops.Drop(kind="table") if op.name.same(into):
                    again = _rebuild(at, index, into)
                    if again is None:
                        return None
                    behind = (
                        None
                        if left is None or again.left_behind is None
                        else tuple(dict.fromkeys((*left, *again.left_behind)))
                    )
                    named = any(again.into.same(one) for one in names)
                    return Rebuild(
                        found.table, again.into, named, is_every_row and again.is_every_row, behind
                    )
    return Rebuild(found.table, into, any(into.same(one) for one in names), is_every_row, left)


def _left_behind(
    at: At, copy: _Copy, dropped: int, names: Sequence[Name], created: ops.CreateTable | None
) -> tuple[str, ...] | None:
    if copy.columns is None:
        return ()
    columns = _columns(at, dropped, names, created)
    if columns is None:
        return None
    computed = {
        column.name.casefold()
        for op in at.ops()
        if isinstance(op, ops.CreateTable) and op.name.same(copy.into)
        for column in op.columns
        if column.generated
    }
    taken_back = _made_by_up(at, names)
    return tuple(name for key, name in columns.items() if key not in copy.columns | computed | taken_back)


def _columns(
    at: At, dropped: int, names: Sequence[Name], created: ops.CreateTable | None
) -> dict[str, str] | None:
    """The table's columns when it is dropped, by folded name; None where they are not known."""
    if created is not None:
        found = (
            {}
            if created.like or created.from_query
            else {one.name.casefold(): one.name for one in created.columns}
        )
    else:
        known = at.facts.table(names[-1]) if at.facts else None
        found = {one.name.casefold(): one.name for one in known.columns} if known else {}
    if not found:
        return None
    for statement in at.statements[:dropped]:
        for op in statement.ops:
            match op:
                case ops.AddColumn() if _is_one(op.table, names):
                    found[op.column.name.casefold()] = op.column.name
                case ops.DropColumn() if _is_one(op.table, names):
                    found.pop(op.column.casefold(), None)
                case ops.Rename(kind="column") if op.table is not None and _is_one(op.table, names):
                    found.pop(op.old.key, None)
                    found[op.new.casefold()] = op.new
    return found


def _is_one(table: Name, names: Sequence[Name]) -> bool:
    return any(table.same(one) for one in names)


def _made_by_up(at: At, names: Sequence[Name]) -> frozenset[str]:
    """Columns a down may leave behind: its own up added them."""
    if at.is_up or at.source.up is None:
        return frozenset()
    found = set()
    for op in at.ops(at.source.up):
        if isinstance(op, ops.AddColumn) and _is_one(op.table, names):
            found.add(op.column.name.casefold())
        elif isinstance(op, ops.Rename) and op.kind == "column":
            found.add(op.new.casefold())
    return frozenset(found)


def _copy_of(statement: Stmt, insert: ops.Insert, dialect: str) -> _Copy | None:
    """The copy an INSERT makes; None where it has no plain query of one table."""
    if insert.rows is not None:
        return None
    cursor = Cursor(statement.text, tokens_of(statement, dialect), dialect)
    try:
        begin, end = cursor.until("SELECT", "WITH")
        if not cursor.take("SELECT") or any(token.upper == "WITH" for token in cursor.tokens[begin:end]):
            return None
        is_every_row = not insert.tolerant and not cursor.take("DISTINCT")
        cursor.take("ALL")
        begin, end = cursor.until("FROM")
        listed = cursor.tokens[begin:end]
        cursor.expect("FROM")
        cursor.take("ONLY")
        source = cursor.name()
    except ReadError:
        return None
    if cursor.take("AS") or (not cursor.done and _is_alias(cursor.peek())):
        cursor.next()
    is_sorted = cursor.ahead("ORDER", "BY") and not any(
        token.upper in ("LIMIT", "OFFSET", "FETCH", "UNION", "INTERSECT", "EXCEPT")
        for token in cursor.tokens[cursor.at :]
    )
    is_every_row = is_every_row and (cursor.done or is_sorted) and not _collapses(listed)
    return _Copy(source, insert.table, _read(listed), is_every_row)


def _is_alias(token: Token) -> bool:
    return token.kind is T.NAME or (token.kind is T.WORD and token.upper not in _AFTER_SOURCE)


def _read(listed: Sequence[Token]) -> frozenset[str] | None:
    """The columns a select list names, folded; None for `*` and `t.*`."""
    found = set()
    for index, token in enumerate(listed):
        before = listed[index - 1].upper if index else ","
        after = listed[index + 1].upper if index + 1 < len(listed) else ","
        if token.upper == "*" and before in (",", ".") and after == ",":
            return None
        if token.kind in (T.WORD, T.NAME) and after not in ("(", ".") and before != "AS":
            found.add(token.text.casefold())
    return frozenset(found)


def _collapses(listed: Sequence[Token]) -> bool:
    """Does an aggregate make one row of many?"""
    for index, token in enumerate(listed[:-1]):
        if token.kind is not T.WORD or listed[index + 1].upper != "(":
            continue
        if token.upper in _AGGREGATES or (
            token.upper in _EXTREMES and _has_one_argument(listed[index + 2 :])
        ):
            return True
    return False


def _has_one_argument(inside: Sequence[Token]) -> bool:
    depth = 0
    for token in inside:
        if token.upper == ")" and depth == 0:
            return True
        if token.upper == "," and depth == 0:
            return False
        depth += (token.upper == "(") - (token.upper == ")")
    return True


__all__ = ["Rebuild", "rebuild_of"]
