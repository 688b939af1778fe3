"""The statements of the shared reader (every SQL dialect but PostgreSQL's) as changes. Pure, given the live schema.

An engine's dialect says how its SQL looks and what it can tell of things that were there before.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op
from backend.engine.lint.source import Half, Stmt
from backend.engine.sqlrules.reader import read_half
from backend.engine.sqlrules.tokens import Cursor, T, Token, tokenize
from backend.models.migration import Direction

from .createtext import Item, TableText
from .dialect import Dialect, Live
from .model import (
    Alter,
    AnyChange,
    Change,
    Create,
    Drop,
    Free,
    Piece,
    Ref,
    Rename,
    Rows,
    Thing,
    Undone,
    action,
    cannot,
    nothing,
    undone,
)
from .rows import delete_rows, plain_copy

NO_LIVE = "What was there before shows only in the live schema"
NOT_THERE = "The live schema does not have it"
_PASSING = frozenset(
    """SELECT ANALYZE VACUUM OPTIMIZE EXPLAIN USE LOCK UNLOCK REINDEX CHECK CHECKSUM REPAIR FLUSH SHOW DESCRIBE DESC
    VALUES ASSERT DECLARE SYSTEM PREPARE DEALLOCATE RESET NOTIFY LISTEN REFRESH WITH TABLE KILL BACKUP EXPORT""".split()  # noqa: SIM905
)


def read(dialect: str) -> Callable[[str], tuple[Half, list[Stmt]]]:
    """The shared reader over a text that stands alone."""

    def reading(text: str) -> tuple[Half, list[Stmt]]:
        half = Half(Direction.UP, text, 0)
        return half, read_half(half, dialect=dialect)

    return reading


class SqlLive(Live):
    """What an engine tells of its tables; every answer is None where the thing is not there."""

    def table(self, name: Name) -> TableText | None:
        return None

    def belongings(self, name: Name) -> list[str]:
        """Statements that give a table made again its indexes and triggers."""
        return []

    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        """The statement that makes a view, trigger, routine, … again."""
        return None

    def default_of(self, name: Name, column: str) -> str | None:
        return None

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind == "table":
            return self.table(name) is not None or self.definition("view", name) is not None
        if table is None:
            return None
        found = self.table(table)
        if found is None or not found.items:
            return None
        if kind == "column":
            return found.column(name.name) is not None
        return None


class SqlDialect(Dialect):
    dialect: ClassVar[str]

    @staticmethod
    @abstractmethod
    def quote(name: str) -> str:
        """A name as SQL, in quotes where it must be."""

    is_case_sensitive = False
    spaces: ClassVar[dict[str, str]] = {"view": "table", "materialized_view": "table", "dictionary": "table"}
    live: Any
    drop_words: ClassVar[dict[str, str]] = {}
    _temporary: frozenset[Name] = frozenset()
    """The up's own temporary tables, until it drops them."""

    # -- names ---------------------------------------------------------------------------------------------------

    def q(self, name: Name | str) -> str:
        quote = type(self).quote
        if isinstance(name, str):
            return quote(name)
        return f"{quote(name.schema)}.{quote(name.name)}" if name.schema else quote(name.name)

    def tokens(self, statement: Stmt) -> list[Token]:
        found = statement.node if isinstance(statement.node, list) else tokenize(statement.text, self.dialect)
        return [token for token in found if token.upper != ";"]

    def head(self, table: Thing) -> str:
        """ALTER TABLE and the table, as it is called when this runs."""
        return f"ALTER TABLE {self.q(table.now)}{self.cluster}"

    cluster = ""
    """ClickHouse's ON CLUSTER of the statement at hand, with a space before."""

    # -- statements ----------------------------------------------------------------------------------------------

    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        found = [change for op in statement.ops for change in self.of(op, statement)]
        if not statement.ops:
            return [Free(nothing())]
        return found

    def of(self, op: Op, statement: Stmt) -> Iterator[AnyChange]:
        match op:
            case ops.Insert() | ops.Update() | ops.Delete() if op.table in self._temporary:
                yield Free(nothing("A temporary table ends with its session"))
            case ops.CreateTable():
                yield self.create_table(op, statement)
            case ops.CreateIndex():
                yield self.create_index(op, statement)
            case ops.CreateObject():
                yield self.create_object(op, statement)
            case ops.Drop():
                yield self.drop(op, statement)
            case ops.AlterTable():
                yield from self.alter(op, statement)
            case ops.Rename():
                yield self.rename(op, statement)
            case ops.Insert():
                yield self.insert(op, statement)
            case ops.Update():
                why = "The values it overwrites are nowhere in the text"
                yield Rows(ref=Ref("table", op.table), undo=lambda _: cannot(why), columns=op.columns)
            case ops.Delete():
                yield Rows(
                    ref=Ref("table", op.table),
                    undo=lambda _: cannot("The rows it deletes are nowhere in the text"),
                )
            case ops.Truncate():
                yield Rows(
                    ref=Ref("table", op.table),
                    undo=lambda _: cannot("The rows it deletes are nowhere in the text"),
                )
            case ops.Setting():
                yield from self.setting(op, statement)
            case ops.Query() | ops.NullComparison() | ops.TransactionControl():
                pass
            case ops.Other():
                yield self.other(op, statement)

    def other(self, op: ops.Other, statement: Stmt) -> AnyChange:
        if op.keyword.split()[0] in _PASSING:
            return Free(nothing("It leaves nothing behind"))
        if op.keyword in ("GRANT", "REVOKE"):
            return Free(self.rights(op.keyword, statement))
        return Free(cannot(f"What {op.keyword.split()[0]} did is not in the text"))

    def rights(self, keyword: str, statement: Stmt) -> Undone:
        """GRANT … TO … as REVOKE … FROM …, and the other way round."""
        tokens = self.tokens(statement)
        word, back, verb = ("TO", "FROM", "REVOKE") if keyword == "GRANT" else ("FROM", "TO", "GRANT")
        at = next((i for i in range(len(tokens) - 1, 0, -1) if is_word(tokens[i], word)), None)
        if at is None or len(tokens) < 4:
            return cannot("Whom it concerns is not understood here")
        end = next(
            (i for i in range(at, len(tokens)) if is_word(tokens[i], "WITH", "REQUIRE", "IDENTIFIED")),
            len(tokens),
        )
        text = statement.text
        what, who = (
            text[tokens[1].start : tokens[at - 1].end],
            text[tokens[at + 1].start : tokens[end - 1].end],
        )
        note = (
            "Rights that were there before go as well"
            if keyword == "GRANT"
            else "It also gives rights nobody had before"
        )
        return undone(f"{verb} {what} {back} {who}", note=note)

    def setting(self, op: ops.Setting, statement: Stmt) -> Iterator[AnyChange]:
        yield Free(nothing("A setting ends with its session"))

    # -- making --------------------------------------------------------------------------------------------------

    def drop_of(self, kind: str, thing: Thing) -> str:
        words = self.drop_words.get(kind, kind.replace("_", " ").upper())
        return f"DROP {words} {self.q(thing.now)}{self.cluster}"

    def create_table(self, op: ops.CreateTable, statement: Stmt) -> AnyChange:
        if op.temporary:
            self._temporary = self._temporary | {op.name}
            return Free(nothing("A temporary table ends with its session"))
        cluster = self.cluster

        def undo(thing: Thing) -> Undone:
            return undone(f"DROP TABLE {self.q(thing.now)}{cluster}")

        return Create(
            ref=Ref("table", op.name), undo=undo, if_not_exists=op.if_not_exists, or_replace=op.or_replace,
            replaced=lambda thing: self.with_first(f"DROP TABLE {self.q(thing.before)}{cluster}", self.table_back(thing)),
        )  # fmt: skip

    @staticmethod
    def with_first(first: str, after: Undone) -> Undone:
        """A drop before what comes back, if that is known."""
        if after.problem is not None:
            return after
        return Undone(
            (Piece(first), *after.pieces), after.late, after.source, after.note, as_before=after.as_before
        )

    def index_ref(self, name: str, table: Name) -> Ref:
        return Ref("index", Name(name), Ref("table", table))

    def create_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        if op.name is None:
            return self.unnamed_index(op, statement)
        return Create(
            ref=self.index_ref(op.name, op.table), undo=self.drop_index, if_not_exists=op.if_not_exists,
            or_replace=False,
        )  # fmt: skip

    def unnamed_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        return Rows(ref=Ref("table", op.table), undo=lambda _: cannot("The index has no name in the text"))

    def drop_index(self, index: Thing) -> Undone:
        return undone(f"DROP INDEX {self.q(index.now)} ON {self.q(index.table.now)}{self.cluster}")

    def create_object(self, op: ops.CreateObject, statement: Stmt) -> AnyChange:
        if op.temporary:
            return Free(nothing("It ends with its session"))
        kind, cluster = op.kind, self.cluster

        def undo(thing: Thing) -> Undone:
            note = None
            if op.or_replace and self.live is None:
                note = "Where there was an older definition, it does not come back"
            self.cluster = cluster
            return undone(self.drop_of(kind, thing), note=note)

        def replaced(thing: Thing) -> Undone:
            found = self.live.definition(kind, thing.before) if self.live else None
            if found is None:
                return cannot(NOT_THERE)
            return self.replaced_by(kind, thing, found)

        return Create(
            ref=Ref(kind, op.name), undo=undo, if_not_exists=op.if_not_exists, or_replace=op.or_replace,
            replaced=replaced,
        )  # fmt: skip

    def replaced_by(self, kind: str, thing: Thing, old: str) -> Undone:
        return Undone((Piece(self.drop_of(kind, thing)), Piece(old)), source="schema", as_before=True)

    # -- dropping ------------------------------------------------------------------------------------------------

    def drop(self, op: ops.Drop, statement: Stmt) -> AnyChange:
        if op.kind == "table" and op.name in self._temporary:
            self._temporary = self._temporary - {op.name}
            return Free(nothing("A temporary table ends with its session"))
        if op.kind == "table":
            return Drop(ref=Ref("table", op.name), undo=self.table_back, if_exists=op.if_exists)
        if op.kind == "index":
            return self.dropped_index(op)
        if op.kind in ("database", "role", "extension", "other"):
            return Free(cannot(f"What the {op.kind} held is not in the text"))
        return Drop(
            ref=Ref(op.kind, op.name),
            undo=lambda thing: self.object_back(op.kind, thing),
            if_exists=op.if_exists,
        )

    def dropped_index(self, op: ops.Drop) -> AnyChange:
        if op.table is None:
            return Free(cannot("It does not name the index's table"))
        return Drop(ref=self.index_ref(op.name.name, op.table), undo=self.index_back, if_exists=op.if_exists)

    def object_back(self, kind: str, thing: Thing) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        found = self.live.definition(kind, thing.before)
        return Undone((Piece(found),), source="schema", as_before=True) if found else cannot(NOT_THERE)

    def table_back(self, table: Thing) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        found = self.live.table(table.before)
        if found is None:
            view = self.live.definition("view", table.before)
            return Undone((Piece(view),), source="schema") if view else cannot(NOT_THERE)
        late = tuple(Piece(one) for one in self.live.belongings(table.before))
        note = f"The rows of {self.q(table.before)} do not come back"
        return Undone((Piece(found.text),), late, "schema", note)

    def index_back(self, index: Thing) -> Undone:
        return self.item_back(index, "ADD", "index", "primary_key")

    def item_back(self, thing: Thing, verb: str, *kinds: str) -> Undone:
        """A part of a table as the live CREATE TABLE has it."""
        item = self.item(thing, *kinds)
        if isinstance(item, Undone):
            return item
        piece = action(f"ALTER TABLE {self.q(thing.table.now)}{self.cluster}", f"{verb} {item.text}")
        return Undone((piece,), source="schema", as_before=True)

    def item(self, thing: Thing, *kinds: str) -> Item | Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        table = self.live.table(thing.table.before)
        item = table.find(thing.before.name, *kinds) if table else None
        return item if item is not None else cannot(NOT_THERE)

    # -- altering ------------------------------------------------------------------------------------------------

    def column_ref(self, op: ops.AlterTable, name: str) -> Ref:
        return Ref("column", Name(name), Ref("table", op.table))

    def constraint_ref(self, op: ops.AlterTable, name: str) -> Ref:
        return Ref("constraint", Name(name), Ref("table", op.table))

    def alter(self, op: ops.AlterTable, statement: Stmt) -> Iterator[AnyChange]:
        cluster = self.cluster

        def with_cluster(undo: Callable[[Thing], Undone]) -> Callable[[Thing], Undone]:
            def undoing(thing: Thing) -> Undone:
                self.cluster = cluster
                return undo(thing)

            return undoing

        match op:
            case ops.AddColumn():
                yield from self.add_column(op, with_cluster)
            case ops.DropColumn():
                yield Drop(
                    ref=self.column_ref(op, op.column),
                    undo=with_cluster(self.column_back),
                    if_exists=op.if_exists,
                )
            case ops.AlterColumnType() | ops.SetNotNull() | ops.DropNotNull() | ops.SetDefault():
                yield Alter(
                    ref=self.column_ref(op, op.column),
                    undo=with_cluster(self.column_as_before(op)),
                    what=self.property_of(op),
                )
            case ops.AddConstraint():
                yield from self.add_constraint(op, statement)
            case ops.DropConstraint():
                yield from self.drop_constraint(op)
            case ops.ValidateConstraint():
                yield Free(nothing("A validated constraint may stay so"))
            case ops.AlterOther():
                yield from self.alter_other(op, statement)

    def property_of(self, op: ops.AlterTable) -> str:
        """What of a column an ALTER changes; where each statement restates the whole column, one word."""
        return "definition"

    def add_column(self, op: ops.AddColumn, wrap: Callable[[Any], Any]) -> Iterator[AnyChange]:
        def undo(column: Thing) -> Undone:
            return undone(action(self.head(column.table), f"DROP COLUMN {self.q(column.now)}"))

        yield Create(ref=self.column_ref(op, op.column.name), undo=wrap(undo), if_not_exists=op.if_not_exists)

    def column_back(self, column: Thing) -> Undone:
        result = self.item_back(column, "ADD COLUMN", "column")
        if result.problem is not None:
            return result
        note = f"The values of {self.q(column.table.before)}.{self.q(column.before)} do not come back"
        return Undone(result.pieces, result.late, "schema", note, as_before=True)

    def column_as_before(self, op: ops.AlterTable) -> Callable[[Thing], Undone]:
        return lambda column: self.item_back(column, "MODIFY COLUMN", "column")

    def add_constraint(self, op: ops.AddConstraint, statement: Stmt) -> Iterator[AnyChange]:
        name = op.constraint.name
        if name is None:
            yield Rows(
                ref=Ref("table", op.table), undo=lambda _: cannot("The constraint has no name in the text")
            )
            return
        cluster = self.cluster

        def undo(thing: Thing) -> Undone:
            self.cluster = cluster
            return undone(action(self.head(thing.table), f"DROP CONSTRAINT {self.q(thing.now)}"))

        yield Create(ref=self.constraint_ref(op, name), undo=undo)

    def drop_constraint(self, op: ops.DropConstraint) -> Iterator[AnyChange]:
        yield Drop(
            ref=self.constraint_ref(op, op.name), undo=lambda thing: self.item_back(thing, "ADD", "constraint", "index"),
            if_exists=op.if_exists,
        )  # fmt: skip

    def alter_other(self, op: ops.AlterOther, statement: Stmt) -> Iterator[AnyChange]:
        yield Rows(
            ref=Ref("table", op.table),
            undo=lambda _: cannot(f"What stood there before {op.what} is not in the text"),
        )

    def action_tokens(self, op: Op, statement: Stmt) -> Cursor:
        """The tokens of one action of an ALTER TABLE."""
        start, end = op.span or (0, len(statement.text))
        inside = [token for token in self.tokens(statement) if start <= token.start and token.end <= end]
        return Cursor(statement.text, inside, self.dialect)

    # -- renaming ------------------------------------------------------------------------------------------------

    def rename(self, op: ops.Rename, statement: Stmt) -> AnyChange:
        cluster = self.cluster
        if op.table is not None:
            table = Ref("table", op.table)
            kind = op.kind

            def back(thing: Thing, old: Name) -> Undone:
                self.cluster = cluster
                return undone(
                    action(
                        self.head(thing.table),
                        f"RENAME {kind.upper()} {self.q(thing.now.name)} TO {self.q(old.name)}",
                    )
                )

            return Rename(
                ref=Ref(kind, Name(op.old.name), table), new=Name(op.new), undo=_never, undo_to=back
            )

        def table_back(thing: Thing, old: Name) -> Undone:
            self.cluster = cluster
            piece = self.rename_table(thing.now, old)
            return undone(piece) if piece else cannot("This name cannot be given back")

        if op.kind in ("table", "view", "materialized_view", "dictionary"):
            schema = self.new_schema(op, statement)
            return Rename(ref=Ref("table", op.old), new=Name(op.new, schema), undo=_never, undo_to=table_back)

        def object_back(thing: Thing, old: Name) -> Undone:
            return undone(f"ALTER {op.kind.upper()} {self.q(thing.now)} RENAME TO {self.q(old.name)}")

        return Rename(
            ref=Ref(op.kind, op.old), new=Name(op.new, op.old.schema), undo=_never, undo_to=object_back
        )

    def new_schema(self, op: ops.Rename, statement: Stmt) -> str | None:
        return op.old.schema

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"ALTER TABLE {self.q(old)}{self.cluster} RENAME TO {self.q(new.name)}")

    # -- rows ----------------------------------------------------------------------------------------------------

    def insert(self, op: ops.Insert, statement: Stmt) -> AnyChange:
        ref = Ref("table", op.table)
        if op.rows is None:
            copied = plain_copy(statement.text, self.dialect)
            return Rows(
                ref=ref,
                undo=lambda _: cannot("Which rows a query has added is not in the text"),
                copied=copied,
            )
        if op.tolerant:
            return Rows(ref=ref, undo=lambda _: cannot("It may have met rows that were there before"))

        def undo(table: Thing) -> Undone:
            keys, columns = self.keys_of(table)
            if not keys:
                return cannot(
                    "Which columns tell its rows apart shows only in the live schema" if self.live is None
                    else "No key of the table tells these rows apart"
                )  # fmt: skip
            return delete_rows(statement.text, self.dialect, self.q(table.now), self.q, keys, columns)

        return Rows(ref=ref, undo=undo)

    def keys_of(self, table: Thing) -> tuple[list[tuple[str, ...]], list[str]]:
        """The keys that tell rows apart, and all columns in their order."""
        found = self.live.table(table.before) if self.live else None
        return (found.keys, [one.name for one in found.columns]) if found else ([], [])

    def copy_rows(
        self, to: Name, to_columns: Sequence[str], source: Name, columns: Sequence[str]
    ) -> Piece | None:
        here = ", ".join(self.q(one) for one in to_columns)
        there = ", ".join(self.q(one) for one in columns)
        return Piece(f"INSERT INTO {self.q(to)} ({here})\nSELECT {there} FROM {self.q(source)}")


def _never(thing: Thing) -> Undone:
    """For a rename, which is undone by `undo_to`."""
    return cannot("It is not understood here")


def is_word(token: Token, *words: str) -> bool:
    return token.kind is T.WORD and token.upper in words


__all__ = ["NOT_THERE", "NO_LIVE", "Change", "SqlDialect", "SqlLive", "is_word", "read"]
