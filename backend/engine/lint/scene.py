"""The schema as a file goes along: what its earlier statements made, filled and dropped. Pure.

A table the same file creates is new and empty until it is filled, so what would be dangerous on a full table is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from .facts import Facts
from .ops import (
    AddColumn,
    AddConstraint,
    Column,
    Constraint,
    CreateIndex,
    CreateObject,
    CreateTable,
    Drop,
    DropColumn,
    DropConstraint,
    Insert,
    Name,
    Op,
    Rename,
    Truncate,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a table has: `count` None where that is not known. `is_new`: this run makes the table."""

    count: int | None
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        return self.count == 0

    @property
    def is_unknown(self) -> bool:
        return self.count is None


@dataclass(slots=True)
class Made:
    """A table made in this file."""

    op: CreateTable
    rows: int | None = 0
    columns: dict[str, Column] | None = None


class Scene:
    """What is there before the next statement. `after_up` starts a down: up's tables exist, their rows unknown."""

    def __init__(self, facts: Facts | None) -> None:
        self.facts = facts
        self.made: dict[str, Made] = {}
        self.made_objects: list[CreateObject] = []
        self._constraints: dict[str, list[tuple[Name, Constraint]]] = {}
        self.columns_added: list[AddColumn] = []
        self._indexes: dict[str, list[CreateIndex]] = {}
        """By the table's key: a file may make thousands."""
        self._index_tables: dict[str, set[str]] = {}
        """Casefolded name of an index → the keys of its tables."""
        self._gone_indexes: set[str] = set()
        self.dropped: list[Drop] = []
        self.columns_dropped: list[DropColumn] = []
        self.renamed: dict[str, Name] = {}
        """New casefolded name → the old name, as the database still knows it."""

    def after_up(self) -> Scene:
        """The scene a down starts from: what up made may have been filled since."""
        scene = Scene(self.facts)
        for key, made in self.made.items():
            scene.made[key] = Made(made.op, None, made.columns)
        scene._indexes = {key: list(found) for key, found in self._indexes.items()}
        scene._index_tables = {name: set(tables) for name, tables in self._index_tables.items()}
        scene._constraints = {key: list(found) for key, found in self._constraints.items()}
        scene.renamed = dict(self.renamed)
        return scene

    def rows(self, table: Name) -> Rows:
        """The table's rows now, as far as they can be known."""
        made = self.made.get(table.key)
        if made is not None and made.op.name.same(table):
            return Rows(made.rows, True)
        if any(one.kind == "materialized_view" and one.name.same(table) for one in self.made_objects):
            return Rows(None, True)
        if self.facts is None:
            return Rows(None)
        known = self.facts.table(self.renamed.get(table.key, table))
        if known is not None:
            return Rows(known.rows)
        if table.key in self.facts.new_tables:
            return Rows(0, True)
        return Rows(None)

    def is_new(self, table: Name) -> bool:
        """Made by this file, or by a pending one before it, so nobody uses it yet."""
        return self.rows(table).is_new

    def column(self, table: Name, column: str) -> ColumnFact | None:
        """What is known of a column, from this file or the catalog; None where nothing is."""
        made = self.made.get(table.key)
        if made is not None and made.op.name.same(table):
            found = (made.columns or {}).get(column.casefold())
            return ColumnFact(found.type, not found.not_null and not found.primary_key) if found else None
        for added in reversed(self.columns_added):
            if added.table.same(table) and added.column.name.casefold() == column.casefold():
                return ColumnFact(added.column.type, not added.column.not_null)
        known = self.facts.table(self.renamed.get(table.key, table)) if self.facts else None
        for one in known.columns if known else ():
            if one.name.casefold() == column.casefold():
                return ColumnFact(one.type.lower(), one.nullable)
        return None

    def made_indexes(self, table: Name) -> list[CreateIndex]:
        """The indexes this file has made on a table, and not dropped."""
        return [one for one in self._indexes.get(table.key, ()) if one.table.same(table)]

    def index_named(self, name: str) -> CreateIndex | None:
        """The index this file has made under a name."""
        key = name.casefold()
        for table in self._index_tables.get(key, ()):
            for one in self._indexes.get(table, ()):
                if (one.name or "").casefold() == key:
                    return one
        return None

    def indexes_of(self, table: Name) -> list[tuple[str | None, tuple[str, ...], bool]] | None:
        """(name, columns, unique) of every index known on the table; None where the table is not known at all."""
        found = [(one.name, one.columns, one.unique) for one in self.made_indexes(table)]
        # What was dropped since is gone; what was made again after its drop is listed anew.
        gone = self._gone_indexes
        found = [one for one in found if (one[0] or "").casefold() not in gone]
        made = self.made.get(table.key)
        constraints = [one for owner, one in self._constraints.get(table.key, ()) if owner.same(table)]
        if made is not None:
            constraints += [*made.op.constraints, *(c for col in made.op.columns for c in col.constraints)]
            found += [(None, (col.name,), True) for col in made.op.columns if col.primary_key or col.unique]
        found += [(c.name, c.columns, True) for c in constraints if c.kind in ("primary_key", "unique")]
        if made is not None:
            return [one for one in found if (one[0] or "").casefold() not in gone]
        known = self.facts.table(self.renamed.get(table.key, table)) if self.facts else None
        if known is None:
            return found or None
        found += [(one.name, tuple(one.columns), one.unique) for one in known.indexes]
        return [one for one in found if (one[0] or "").casefold() not in gone]

    def added_constraints(self) -> list[tuple[Name, Constraint]]:
        """(table, constraint) of what this file has added to tables and not dropped."""
        return [pair for found in self._constraints.values() for pair in found]

    def apply(self, op: Op) -> None:
        """Take note of one operation."""
        match op:
            case CreateTable():
                self._create(op)
            case CreateIndex():
                name = (op.name or "").casefold()
                self._indexes.setdefault(op.table.key, []).append(op)
                self._index_tables.setdefault(name, set()).add(op.table.key)
                if name in self._gone_indexes:
                    self._gone_indexes.discard(name)
                    self.dropped = [one for one in self.dropped if one.name.key != name]
            case CreateObject():
                self.made_objects.append(op)
            case AddColumn():
                self.columns_added.append(op)
                if (made := self.made.get(op.table.key)) is not None:
                    made.columns = {**(made.columns or {}), op.column.name.casefold(): op.column}
            case DropColumn():
                self.columns_dropped.append(op)
            case AddConstraint():
                self._constraints.setdefault(op.table.key, []).append((op.table, op.constraint))
            case DropConstraint():
                self._constraints[op.table.key] = [
                    (table, one)
                    for table, one in self._constraints.get(op.table.key, ())
                    if not (table.same(op.table) and (one.name or "").casefold() == op.name.casefold())
                ]
            case Drop():
                self.dropped.append(op)
                if op.kind == "index":
                    self._gone_indexes.add(op.name.key)
                    for table in self._index_tables.pop(op.name.key, ()):
                        kept = [
                            i
                            for i in self._indexes.get(table, ())
                            if (i.name or "").casefold() != op.name.key
                        ]
                        self._indexes[table] = kept
                if op.kind == "table":
                    self.made.pop(op.name.key, None)
            case Insert():
                self._fill(op.table, op.rows)
            case Truncate():
                if (made := self.made.get(op.table.key)) is not None:
                    made.rows = 0
            case Rename(kind="table"):
                self._rename(op)
            case _:
                pass

    def _create(self, op: CreateTable) -> None:
        # IF NOT EXISTS over a table that is there makes nothing.
        if op.if_not_exists and self.facts is not None and self.facts.table(op.name) is not None:
            return
        columns = {column.name.casefold(): column for column in op.columns}
        self.made[op.name.key] = Made(op, None if op.from_query else 0, columns)

    def _fill(self, table: Name, rows: int | None) -> None:
        made = self.made.get(table.key)
        if made is not None:
            made.rows = None if rows is None or made.rows is None else made.rows + rows

    def _rename(self, op: Rename) -> None:
        made = self.made.pop(op.old.key, None)
        new = Name(op.new, op.old.schema)
        if made is not None:
            self.made[new.key] = made
            made.op = CreateTable(
                name=new, columns=made.op.columns, constraints=made.op.constraints, span=made.op.span
            )
        else:
            self.renamed[new.key] = self.renamed.pop(op.old.key, op.old)


@dataclass(frozen=True, slots=True)
class ColumnFact:
    type: str
    nullable: bool
