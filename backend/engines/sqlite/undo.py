"""Undoing SQLite's statements. What ALTER TABLE cannot put back, a rebuild of the table does.

The definitions of before are sqlite_master's, followed through the up: at each statement it is known how the table
was written then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from backend.core.errors import DatabaseMissing
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import T, tokenize
from backend.engine.target import Target
from backend.engine.undo.createtext import TableText, taken_apart
from backend.engine.undo.dialect import EngineUndo
from backend.engine.undo.model import (
    AnyChange,
    Create,
    Drop,
    Free,
    Piece,
    Ref,
    Thing,
    Undone,
    cannot,
    nothing,
    undone,
)
from backend.engine.undo.sql import NO_LIVE, NOT_THERE, SqlDialect, SqlLive, read
from backend.models.connection import EngineName

from .connect import read as read_file
from .lint.names import quote

_KEPT_PRAGMAS = ("user_version", "application_id", "journal_mode")
_REBUILT = "-- rebuilt"
"""The head of the pieces of a rebuild: they want foreign keys off."""


class SqliteLive(SqlLive):
    """sqlite_master as it is."""

    default_schema = "main"

    def __init__(self, objects: Sequence[tuple[str, str, str, str | None]], pragmas: dict[str, str]) -> None:
        self._objects = {(kind, name.casefold()): sql for kind, name, _, sql in objects if sql}
        self._of_table: dict[str, list[tuple[str, str]]] = {}
        for kind, name, table, sql in objects:
            if kind in ("index", "trigger") and sql:
                self._of_table.setdefault(table.casefold(), []).append((name, sql))
        self.pragmas = pragmas

    def table(self, name: Name) -> TableText | None:
        sql = self._objects.get(("table", name.name.casefold()))
        return taken_apart(sql, "sqlite") if sql else None

    def belongings(self, name: Name) -> list[str]:
        return [sql for _, sql in self.named_belongings(name)]

    def named_belongings(self, name: Name) -> list[tuple[str, str]]:
        return self._of_table.get(name.name.casefold(), [])

    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        return self._objects.get((kind, name.name.casefold()))

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind in ("index", "trigger", "view"):
            return (kind, name.name.casefold()) in self._objects
        return super().has(kind, name, table)


@dataclass(slots=True)
class _State:
    """A table as it is written at one statement of the up."""

    table: TableText
    belongings: dict[str, str] = field(default_factory=dict)

    def renamed(self, old: str, new: str) -> _State:
        """With a column or the table called otherwise, wherever the name stands outside strings."""
        items = tuple(
            replace(
                one, text=_renamed(one.text, old, new),
                name=new if one.name.casefold() == old.casefold() else one.name,
            )
            for one in self.table.items
        )  # fmt: skip
        found = {name: _renamed(sql, old, new) for name, sql in self.belongings.items()}
        return _State(replace(self.table, items=items), found)


class SqliteDialect(SqlDialect):
    dialect = "sqlite"
    quote = staticmethod(quote)

    def __init__(self, live: SqliteLive | None = None) -> None:
        super().__init__(live)
        self._states: dict[str, _State | None] = {}

    def _state(self, table: Name) -> _State | None:
        key = table.name.casefold()
        if key not in self._states:
            found = self.live.table(table) if self.live else None
            self._states[key] = (
                _State(found, dict(self.live.named_belongings(table)))
                if found is not None and found.items
                else None
            )
        return self._states[key]

    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        # Each change is made with the state before it, then the state moves on.
        found: list[AnyChange] = []
        for op in statement.ops:
            found += list(self.of(op, statement))
            self._follow(op, statement)
        return found or [Free(nothing())]

    def _follow(self, op: ops.Op, statement: Stmt) -> None:
        match op:
            case ops.CreateTable():
                self._states[op.name.name.casefold()] = None
            case ops.CreateIndex() if op.name and (state := self._state(op.table)):
                state.belongings[op.name] = statement.text
            case ops.CreateObject(kind="trigger") if op.table and (state := self._state(op.table)):
                state.belongings[op.name.name] = statement.text
            case ops.Drop(kind="index") | ops.Drop(kind="trigger"):
                for state in self._states.values():
                    for name in [
                        one for one in (state.belongings if state else {}) if one.casefold() == op.name.key
                    ]:
                        del state.belongings[name]  # type: ignore[union-attr]
            case ops.Drop(kind="table"):
                self._states[op.name.key] = None
            case ops.AddColumn() if state := self._state(op.table):
                start, end = op.column.span or (0, 0)
                added = taken_apart(f"CREATE TABLE t ({statement.text[start:end]})", "sqlite").items
                columns = [one for one in state.table.items if one.kind == "column"]
                others = [one for one in state.table.items if one.kind != "column"]
                self._set(op.table, replace(state.table, items=(*columns, *added, *others)))
            case ops.DropColumn() if state := self._state(op.table):
                kept = tuple(
                    one
                    for one in state.table.items
                    if one.kind != "column" or one.name.casefold() != op.column.casefold()
                )
                self._set(op.table, replace(state.table, items=kept))
            case ops.Rename(kind="column") if op.table and (state := self._state(op.table)):
                self._states[op.table.key] = state.renamed(op.old.name, op.new)
            case ops.Rename(kind="table") if state := self._state(op.old):
                self._states[op.new.casefold()] = state.renamed(op.old.name, op.new)
                self._states[op.old.key] = None

    def _set(self, table: Name, text: TableText) -> None:
        state = self._states[table.key]
        assert state is not None
        self._states[table.key] = _State(text, state.belongings)

    # -- SQLite's forms ------------------------------------------------------------------------------------------

    def create_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        return Create(
            ref=Ref("index", Name(op.name or "", op.table.schema)), owner=Ref("table", op.table),
            undo=lambda index: undone(f"DROP INDEX {self.q(index.now)}"), if_not_exists=op.if_not_exists,
        )  # fmt: skip

    def dropped_index(self, op: ops.Drop) -> AnyChange:
        return Drop(
            ref=Ref("index", op.name),
            undo=lambda thing: self.object_back("index", thing),
            if_exists=op.if_exists,
        )

    def create_object(self, op: ops.CreateObject, statement: Stmt) -> AnyChange:
        found = super().create_object(op, statement)
        if isinstance(found, Create) and op.table is not None:
            return replace(found, owner=Ref("table", op.table))
        return found

    def object_back(self, kind: str, thing: Thing) -> Undone:
        found = super().object_back(kind, thing)
        # An index waits for its table, which may come back by a later statement.
        return Undone((), found.pieces, found.source, found.note, found.problem) if kind == "index" else found

    def setting(self, op: ops.Setting, statement: Stmt) -> Iterator[AnyChange]:
        if op.name not in _KEPT_PRAGMAS or not op.value:
            yield Free(nothing("A setting ends with its session"))
            return
        old = self.live.pragmas.get(op.name) if self.live else None
        found = undone(f"PRAGMA {op.name} = {old}", source="schema") if old is not None else cannot(NO_LIVE)
        yield Free(found)

    def alter(self, op: ops.AlterTable, statement: Stmt) -> Iterator[AnyChange]:
        if isinstance(op, ops.DropColumn):
            state = self._state(op.table)
            yield Drop(ref=self.column_ref(op, op.column), undo=self._column_back_to(op.column, state))
            return
        yield from super().alter(op, statement)

    def add_column(self, op: ops.AddColumn, wrap: Callable[[Any], Any]) -> Iterator[AnyChange]:
        yield Create(
            ref=self.column_ref(op, op.column.name),
            undo=lambda column: undone(f"{self.head(column.table)} DROP COLUMN {self.q(column.now)}"),
        )

    def _column_back_to(self, name: str, state: _State | None) -> Callable[[Thing], Undone]:
        def undo(column: Thing) -> Undone:
            if self.live is None:
                return cannot(NO_LIVE)
            before, then = column.before.name, state
            if then is not None and before.casefold() != name.casefold():
                # It comes back under the name it had before the up.
                then = then.renamed(name, before)
            item = then.table.column(before) if then else None
            if then is None or item is None:
                return cannot(NOT_THERE)
            table = self.q(column.table.now)
            note = f"The values of {table}.{self.q(before)} do not come back"
            words = set(item.words)
            needs_default = "NOT" in words and "DEFAULT" not in words
            odd = words & {
                "PRIMARY",
                "UNIQUE",
                "GENERATED",
                "AS",
                "CURRENT_TIMESTAMP",
                "CURRENT_DATE",
                "CURRENT_TIME",
            }
            if (
                then.table.is_last(before)
                and not needs_default
                and not odd
                and "(" not in _after_default(item.text)
            ):
                return undone(f"ALTER TABLE {table} ADD COLUMN {item.text}", source="schema", note=note)
            if needs_default:
                return cannot(f"{before} is NOT NULL without a default, and the rows have lost its values")
            return Undone(tuple(self._rebuild(then, column)), source="schema", note=note)

        return undo

    def _rebuild(self, state: _State, column: Thing) -> Iterator[Piece]:
        table = column.table.now
        new = f"{table.name}_undone"
        items = ",\n  ".join(one.text for one in state.table.items)
        tail = f" {state.table.tail}" if state.table.tail else ""
        kept = [
            one for one in state.table.columns
            if one.name.casefold() != column.before.name.casefold() and not {"GENERATED", "AS"} & set(one.words)
        ]  # fmt: skip
        names = ", ".join(self.q(one.name) for one in kept)
        parts = [
            f"CREATE TABLE {self.q(new)} (\n  {items}\n){tail}",
            f"INSERT INTO {self.q(new)} ({names})\nSELECT {names} FROM {self.q(table)}",
            f"DROP TABLE {self.q(table)}",
            # Views of the table would stop the renaming.
            "PRAGMA legacy_alter_table = ON",
            f"ALTER TABLE {self.q(new)} RENAME TO {self.q(table.name)}",
            "PRAGMA legacy_alter_table = OFF",
            *state.belongings.values(),
        ]
        for part in parts:
            yield Piece(part, _REBUILT, may_repeat=True)

    def put_aside(self, old: Name, new: Name) -> list[Piece]:
        # Else SQLite writes the new name into the foreign keys and views that mean the old one.
        parts = [
            "PRAGMA legacy_alter_table = ON",
            f"ALTER TABLE {self.q(old)} RENAME TO {self.q(new.name)}",
            "PRAGMA legacy_alter_table = OFF",
        ]
        return [Piece(part, _REBUILT, may_repeat=True) for part in parts]

    # -- the whole down ------------------------------------------------------------------------------------------

    def transaction(self, pieces: Sequence[Piece], wanted: bool) -> tuple[list[Piece], bool]:
        has_pragma = any(one.text.startswith("PRAGMA journal_mode") for one in pieces)
        return list(pieces), wanted and not has_pragma and not _rebuilds(pieces)

    def wrapped(self, text: str, pieces: Sequence[Piece]) -> str:
        """With foreign keys on, dropping the old table would delete the rows that refer to it."""
        if not _rebuilds(pieces):
            return text
        return f"PRAGMA foreign_keys = OFF;\nBEGIN;\n{text}\nCOMMIT;\nPRAGMA foreign_keys = ON;"


def _rebuilds(pieces: Sequence[Piece]) -> bool:
    return any(one.head == _REBUILT for one in pieces)


def _after_default(text: str) -> str:
    """What stands after DEFAULT: an expression in parentheses cannot be added to a table with rows."""
    tokens = tokenize(text, "sqlite")
    at = next((i for i, token in enumerate(tokens) if token.upper == "DEFAULT"), None)
    return text[tokens[at + 1].start : tokens[at + 1].end] if at is not None and at + 1 < len(tokens) else ""


def _renamed(text: str, old: str, new: str) -> str:
    parts, at = [], 0
    for token in tokenize(text, "sqlite"):
        if token.kind in (T.WORD, T.NAME) and token.text.casefold() == old.casefold():
            parts += [text[at : token.start], quote(new)]
            at = token.end
    return "".join([*parts, text[at:]])


@contextmanager
def live(target: Target) -> Iterator[SqliteLive]:
    def work(connection: Any) -> SqliteLive:
        objects = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"
        ).fetchall()
        pragmas = {name: str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in _KEPT_PRAGMAS}
        return SqliteLive(objects, pragmas)

    try:
        found = read_file(target, work)
    except DatabaseMissing:
        found = SqliteLive([], {"user_version": "0", "application_id": "0"})
    yield found


UNDO = EngineUndo(EngineName.SQLITE, read("sqlite"), SqliteDialect, live)
