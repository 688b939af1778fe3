"""Does down undo up? By the objects each makes, changes and drops; never by text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name, Op
from backend.models.connection import EngineName

_WORDS = {"materialized_view": "MATERIALIZED VIEW", "foreign_table": "FOREIGN TABLE"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing up did: `made`, `dropped`, `renamed` or `changed`; `sql` undoes it where the text alone can."""

    what: str
    kind: str
    name: Name
    table: Name | None = None
    sql: str | None = None

    def __str__(self) -> str:
        word = self.kind.replace("_", " ")
        return (
            f"the {word} {self.table}.{self.name}"
            if self.table and self.kind == "column"
            else f"the {word} {self.name}"
        )


def changes(at: At, found: Iterable[Op]) -> list[Change]:
    """What a half leaves changed, in order; what it makes and drops again is not there."""
    result: list[Change] = []
    for op in found:
        match op:
            case ops.CreateTable() if not op.temporary:
                result.append(Change("made", "table", op.name, sql=f"DROP TABLE {at.q(op.name)};"))
            case ops.CreateObject(kind="extension" | "schema", if_not_exists=True):
                pass  # it may have been there before, and others use it
            case ops.CreateObject() if not op.temporary and op.kind not in ("role", "other"):
                result.append(_object(at, op))
            case ops.CreateIndex() if op.name is not None:
                result.append(_index(at, op))
            case ops.AddColumn():
                sql = f"ALTER TABLE {at.q(op.table)} DROP COLUMN {at.q(op.column.name)};"
                result.append(Change("made", "column", Name(op.column.name), op.table, sql))
            case ops.AddConstraint() if op.constraint.name is not None:
                sql = f"ALTER TABLE {at.q(op.table)} DROP CONSTRAINT {at.q(op.constraint.name)};"
                if at.context.engine is EngineName.MYSQL and op.constraint.kind == "foreign_key":
                    sql = sql.replace("DROP CONSTRAINT", "DROP FOREIGN KEY")
                result.append(Change("made", "constraint", Name(op.constraint.name), op.table, sql))
            case ops.Drop():
                if not _take_back(result, op.kind, op.name):
                    result.append(Change("dropped", op.kind, op.name, op.table))
            case ops.DropColumn():
                if not _take_back(result, "column", Name(op.column), op.table):
                    result.append(Change("dropped", "column", Name(op.column), op.table))
            case ops.DropConstraint():
                if not _take_back(result, "constraint", Name(op.name), op.table):
                    result.append(Change("dropped", "constraint", Name(op.name), op.table))
            case ops.Rename():
                if not _rebuilt(result, op):
                    result.append(_renamed(at, op))
            case ops.SetNotNull():
                sql = f"ALTER TABLE {at.q(op.table)} ALTER COLUMN {at.q(op.column)} DROP NOT NULL;"
                result.append(Change("changed", "column", Name(op.column), op.table, sql))
            case ops.DropNotNull():
                sql = f"ALTER TABLE {at.q(op.table)} ALTER COLUMN {at.q(op.column)} SET NOT NULL;"
                result.append(Change("changed", "column", Name(op.column), op.table, sql))
            case ops.AlterColumnType() | ops.SetDefault():
                result.append(Change("changed", "column", Name(op.column), op.table))
            case _:
                pass
    return result


def _object(at: At, op: ops.CreateObject) -> Change:
    word = _WORDS.get(op.kind, op.kind.upper())
    sql = f"DROP {word} {at.q(op.name)}"
    if op.table is not None and at.context.engine in (EngineName.POSTGRES, EngineName.SPANNER):
        sql += f" ON {at.q(op.table)}"
    return Change("made", op.kind, op.name, op.table, sql + ";")


def _index(at: At, op: ops.CreateIndex) -> Change:
    name = Name(op.name or "", op.table.schema if at.context.engine is EngineName.POSTGRES else None)
    sql = f"DROP INDEX {'CONCURRENTLY ' if op.concurrently else ''}{at.q(name)}"
    if at.context.engine is EngineName.MYSQL:
        sql += f" ON {at.q(op.table)}"
    return Change("made", "index", name, op.table, sql + ";")


def _renamed(at: At, op: ops.Rename) -> Change:
    new = Name(op.new, op.old.schema)
    sql = None
    if op.kind == "column" and op.table is not None:
        sql = f"ALTER TABLE {at.q(op.table)} RENAME COLUMN {at.q(op.new)} TO {at.q(op.old)};"
    elif op.kind in ("table", "view", "index", "sequence", "type"):
        sql = f"ALTER {op.kind.upper()} {at.q(new)} RENAME TO {at.q(op.old.name)};"
    return Change("renamed", op.kind, new, op.table, sql)


def _take_back(result: list[Change], kind: str, name: Name, table: Name | None = None) -> bool:
    for index, one in enumerate(result):
        same_table = table is None or one.table is None or one.table.same(table)
        if one.what == "made" and one.kind == kind and one.name.same(name) and same_table:
            del result[index]
            if kind == "table":
                result[:] = [c for c in result if c.table is None or not c.table.same(name)]
            return True
    return False


def _rebuilt(result: list[Change], op: ops.Rename) -> bool:
    """A new table takes the name of one just dropped: the table has changed, nothing was made or dropped."""
    dropped = next(
        (c for c in result if (c.what, c.kind) == ("dropped", "table") and c.name.key == op.new.casefold()),
        None,
    )
    made = next((c for c in result if (c.what, c.kind) == ("made", "table") and c.name.same(op.old)), None)
    if op.kind != "table" or dropped is None or made is None:
        return False
    result.remove(dropped)
    result.remove(made)
    result.append(Change("changed", "table", dropped.name))
    return True


class Undone:
    """Whether down answers a change."""

    def __init__(self, down: list[Op]) -> None:
        self.down = down
        self.dropped = [op for op in down if isinstance(op, ops.Drop)]
        self.wide = any(op.cascade or op.kind in ("schema", "extension", "database") for op in self.dropped)
        self.changed = [op for op in down if isinstance(op, ops.AlterTable)]
        self.made = [
            op for op in down if isinstance(op, ops.CreateTable | ops.CreateObject | ops.CreateIndex)
        ]
        self.renames = [op for op in down if isinstance(op, ops.Rename)]

    def answers(self, change: Change) -> bool:
        table = change.table
        if table is not None and self._table_gone(table):
            return True
        if change.what == "made":
            return self._drops(change)
        if change.what == "dropped":
            return self._makes(change)
        if change.what == "renamed":
            return any(
                op.kind == change.kind and op.old.same(change.name) for op in self.renames
            ) or self._table_gone(change.name)
        if change.kind == "table":
            touched = [op.table for op in self.changed] + [op.old for op in self.renames]
            touched += [op.name for op in self.dropped] + [Name(op.new) for op in self.renames]
            return any(name.same(change.name) for name in touched)
        return any(
            getattr(op, "column", None) is not None and _column(op).casefold() == change.name.key and (
                table is None or op.table.same(table)
            )
            for op in self.changed
        )  # fmt: skip

    def _table_gone(self, table: Name) -> bool:
        return any(
            op.kind in ("table", "foreign_table", "view", "materialized_view") and op.name.same(table)
            for op in self.dropped
        ) or any(op.kind in ("schema", "database") and op.name.name == table.schema for op in self.dropped)

    def _drops(self, change: Change) -> bool:
        if any(op.kind == change.kind and op.name.same(change.name) for op in self.dropped):
            return True
        if self._table_gone(change.name) or any(
            op.kind == "schema" and op.name.name == change.name.schema for op in self.dropped
        ):
            return True
        for op in self.changed:
            if (
                isinstance(op, ops.DropColumn)
                and change.kind == "column"
                and op.column.casefold() == change.name.key
            ):
                return True
            keyed = change.kind in ("constraint", "index")
            if isinstance(op, ops.DropConstraint) and keyed and op.name.casefold() == change.name.key:
                return True
        # A function or view made anew in down (OR REPLACE) is put back to what it was.
        if any(isinstance(op, ops.CreateObject) and op.name.same(change.name) for op in self.made):
            return True
        if change.kind in ("constraint", "index") and any(
            isinstance(op, ops.DropColumn) and change.table is not None and op.table.same(change.table)
            for op in self.changed
        ):
            return True  # it goes with its column, perhaps
        renamed = any(op.old.same(change.name) for op in self.renames)
        # CASCADE takes along what depends on a dropped object: types' functions, tables' views.
        return renamed or (self.wide and change.kind not in ("table", "column"))

    def _makes(self, change: Change) -> bool:
        for op in self.down:
            if (
                isinstance(op, ops.AddColumn)
                and change.kind == "column"
                and op.column.name.casefold() == change.name.key
            ):
                return True
            if isinstance(op, ops.AddConstraint) and change.kind in ("constraint", "index"):
                name = op.constraint.name or change.name.name
                answered = name.casefold() == change.name.key
                if answered:
                    return True
        table = change.table if change.kind in ("column", "constraint", "index") else None
        if table and any(isinstance(op, ops.CreateTable) and op.name.same(table) for op in self.made):
            return True
        for made in self.made:
            made_name = Name(made.name) if isinstance(made, ops.CreateIndex) and made.name else made.name
            if isinstance(made_name, Name) and made_name.same(change.name):
                return True
        return any(op.new.casefold() == change.name.key for op in self.renames)


def _column(op: ops.AlterTable) -> str:
    column = getattr(op, "column", "")
    return column if isinstance(column, str) else column.name


def undo_sql(at: At, found: list[Change]) -> str:
    """The statements that undo, last change first; a comment where the text cannot tell how."""
    lines = [
        one.sql or f"-- {one} was {one.what}: write by hand what brings it back" for one in reversed(found)
    ]
    return "\n".join(lines)
