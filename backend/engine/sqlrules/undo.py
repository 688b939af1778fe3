"""Does down undo up? By the objects each makes, changes and drops; never by text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name, Op
from backend.models.connection import EngineName

T = TypeVar("T")
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
    made: set[str] = set()
    """Keys of all that was ever made: what is not among them cannot be taken back."""
    for op in found:
        if result and result[-1].what == "made":
            made.add(result[-1].name.key)
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
                if op.name.key not in made or not _take_back(result, op.kind, op.name):
                    result.append(Change("dropped", op.kind, op.name, op.table))
            case ops.DropColumn():
                if op.column.casefold() not in made or not _take_back(
                    result, "column", Name(op.column), op.table
                ):
                    result.append(Change("dropped", "column", Name(op.column), op.table))
            case ops.DropConstraint():
                if op.name.casefold() not in made or not _take_back(
                    result, "constraint", Name(op.name), op.table
                ):
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
    """Whether down answers a change. Looked up by name: a file may hold thousands of either."""

    def __init__(self, down: list[Op]) -> None:
        drops = [op for op in down if isinstance(op, ops.Drop)]
        self.wide = any(op.cascade or op.kind in ("schema", "extension", "database") for op in drops)
        self.dropped = _by_key((op.name.key, op) for op in drops)
        self.schemas_dropped = {op.name.name: op.kind for op in drops if op.kind in ("schema", "database")}
        self.changed = _by_key((op.table.key, op) for op in down if isinstance(op, ops.AlterTable))
        self.columns_dropped = {op.column.casefold() for op in down if isinstance(op, ops.DropColumn)}
        self.constraints_dropped = {op.name.casefold() for op in down if isinstance(op, ops.DropConstraint)}
        self.columns_added = {op.column.name.casefold() for op in down if isinstance(op, ops.AddColumn)}
        added = [op.constraint.name for op in down if isinstance(op, ops.AddConstraint)]
        self.constraints_added = {name.casefold() for name in added if name}
        self.adds_unnamed = None in added
        self.made = _by_key(
            (op.name.key, op) for op in down if isinstance(op, ops.CreateTable | ops.CreateObject)
        )
        self.indexes_made = {
            op.name.casefold() for op in down if isinstance(op, ops.CreateIndex) and op.name is not None
        }
        renames = [op for op in down if isinstance(op, ops.Rename)]
        self.renamed_from = _by_key((op.old.key, op) for op in renames)
        self.renamed_to = {op.new.casefold() for op in renames}

    def answers(self, change: Change) -> bool:
        table = change.table
        if table is not None and self._table_gone(table):
            return True
        if change.what == "made":
            return self._drops(change)
        if change.what == "dropped":
            return self._makes(change)
        name = change.name
        if change.what == "renamed":
            found = self.renamed_from.get(name.key, ())
            return any(op.kind == change.kind and op.old.same(name) for op in found) or self._table_gone(name)
        if change.kind == "table":
            touched = [op.table for op in self.changed.get(name.key, ())]
            touched += [op.old for op in self.renamed_from.get(name.key, ())]
            touched += [op.name for op in self.dropped.get(name.key, ())]
            return any(one.same(name) for one in touched) or name.key in self.renamed_to
        changed = (
            self.changed.get(table.key, ())
            if table
            else [op for found in self.changed.values() for op in found]
        )
        return any(
            getattr(op, "column", None) is not None and _column(op).casefold() == name.key
            and (table is None or op.table.same(table))
            for op in changed
        )  # fmt: skip

    def _table_gone(self, table: Name) -> bool:
        kinds = ("table", "foreign_table", "view", "materialized_view")
        if any(op.kind in kinds and op.name.same(table) for op in self.dropped.get(table.key, ())):
            return True
        return table.schema is not None and table.schema in self.schemas_dropped

    def _drops(self, change: Change) -> bool:
        name = change.name
        if any(op.kind == change.kind and op.name.same(name) for op in self.dropped.get(name.key, ())):
            return True
        if self._table_gone(name):
            return True
        keyed = change.kind in ("constraint", "index")
        if change.kind == "column" and name.key in self.columns_dropped:
            return True
        if keyed and name.key in self.constraints_dropped:
            return True
        # A function or view made anew in down (OR REPLACE) is put back to what it was.
        made = self.made.get(name.key, ())
        if any(isinstance(op, ops.CreateObject) and op.name.same(name) for op in made):
            return True
        if keyed and change.table is not None:
            changed = self.changed.get(change.table.key, ())
            if any(isinstance(op, ops.DropColumn) and op.table.same(change.table) for op in changed):
                return True  # it goes with its column, perhaps
        renamed = any(op.old.same(name) for op in self.renamed_from.get(name.key, ()))
        # CASCADE takes along what depends on a dropped object: types' functions, tables' views.
        return renamed or (self.wide and change.kind not in ("table", "column"))

    def _makes(self, change: Change) -> bool:
        name = change.name
        keyed = change.kind in ("constraint", "index")
        if change.kind == "column" and name.key in self.columns_added:
            return True
        if keyed and (self.adds_unnamed or name.key in self.constraints_added):
            return True
        table = change.table if keyed or change.kind == "column" else None
        if table and any(
            isinstance(op, ops.CreateTable) and op.name.same(table) for op in self.made.get(table.key, ())
        ):
            return True
        if any(op.name.same(name) for op in self.made.get(name.key, ())) or name.key in self.indexes_made:
            return True
        return name.key in self.renamed_to


def _by_key(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def _column(op: ops.AlterTable) -> str:
    column = getattr(op, "column", "")
    return column if isinstance(column, str) else column.name


def undo_sql(at: At, found: list[Change]) -> str:
    """The statements that undo, last change first; a comment where the text cannot tell how."""
    lines = [
        one.sql or f"-- {one} was {one.what}: write by hand what brings it back" for one in reversed(found)
    ]
    return "\n".join(lines)
