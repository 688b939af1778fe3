"""Undoing MySQL's and MariaDB's statements, with definitions as SHOW CREATE gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import Cursor, T
from backend.engine.target import Target
from backend.engine.undo.createtext import Item, TableText, taken_apart
from backend.engine.undo.dialect import EngineUndo
from backend.engine.undo.model import (
    Alter,
    AnyChange,
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
from backend.engine.undo.sql import NO_LIVE, NOT_THERE, SqlDialect, SqlLive, read
from backend.models.connection import EngineName

from . import url as urls
from .connect import quoted, reading, records
from .lint.names import quote

_CREATED = {
    "view": ("VIEW", "create view"), "trigger": ("TRIGGER", "sql original statement"),
    "procedure": ("PROCEDURE", "create procedure"), "function": ("FUNCTION", "create function"),
    "event": ("EVENT", "create event"), "sequence": ("SEQUENCE", "create table"),
}  # fmt: skip
_OPTION_WORDS = {
    "ENGINE": ("ENGINE",), "COMMENT": ("COMMENT",), "ROW_FORMAT": ("ROW_FORMAT",), "CHARSET": ("CHARSET", "COLLATE"),
    "CHARACTER": ("CHARSET", "COLLATE"), "COLLATE": ("CHARSET", "COLLATE"), "DEFAULT": ("CHARSET", "COLLATE"),
    "KEY_BLOCK_SIZE": ("KEY_BLOCK_SIZE",), "STATS_PERSISTENT": ("STATS_PERSISTENT",), "CHECKSUM": ("CHECKSUM",),
}  # fmt: skip
_NOT_COPIED = frozenset({"AUTO_INCREMENT"})


class MysqlLive(SqlLive):
    """SHOW CREATE …, asked once for each name."""

    def __init__(self, connection: Any, database: str) -> None:
        self._connection = connection
        self.default_schema = database
        self._show = cache(self._shown)
        self._tables = cache(self._taken_apart)

    def _name(self, name: Name) -> str:
        return f"{quoted(name.schema)}.{quoted(name.name)}" if name.schema else quoted(name.name)

    def _shown(self, what: str, name: str) -> dict[str, Any] | None:
        import pymysql

        try:
            found = records(self._connection, f"SHOW CREATE {what} {name}")
        except pymysql.err.OperationalError as error:
            # 1 051, 1 146, …: no such thing. A lost connection has numbers from 2 000 on.
            if error.args and 2000 <= int(error.args[0]) < 3000:
                raise
            return None
        except pymysql.err.MySQLError:
            return None
        return found[0] if found else None

    def table(self, name: Name) -> TableText | None:
        return self._tables(self._name(name))

    def _taken_apart(self, name: str) -> TableText | None:
        found = self._show("TABLE", name)
        text = str(found.get("create table") or "") if found else ""
        # SHOW CREATE TABLE answers for views and sequences as well.
        if not text.upper().startswith("CREATE TABLE"):
            return None
        return _without_counter(taken_apart(text, "mysql"))

    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        if kind not in _CREATED:
            return None
        words, column = _CREATED[kind]
        found = self._show(words, self._name(name))
        if found is None:
            return None
        text = found.get(column)
        if kind == "sequence" and text and not str(text).upper().startswith("CREATE SEQUENCE"):
            return None
        return str(text) if text else None

    def belongings(self, name: Name) -> list[str]:
        found = records(
            self._connection,
            "SELECT trigger_name AS n FROM information_schema.triggers WHERE event_object_schema = %s "
            "AND event_object_table = %s ORDER BY action_timing, event_manipulation, action_order",
            (name.schema or self.default_schema, name.name),
        )
        texts = [self.definition("trigger", Name(row["n"], name.schema)) for row in found]
        return [text for text in texts if text]

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind in _CREATED:
            return self.definition(kind, name) is not None
        if kind in ("index", "constraint") and table is not None:
            found = self.table(table)
            if name.name == "PRIMARY":
                return (
                    any(one.kind == "primary_key" or "PRIMARY" in one.words for one in found.items)
                    if found
                    else None
                )
            return found.find(name.name, "index", "constraint", "primary_key") is not None if found else None
        return super().has(kind, name, table)

    def is_mariadb(self) -> bool:
        return "mariadb" in str(records(self._connection, "SELECT version() AS v")[0]["v"]).lower()


def _without_counter(table: TableText) -> TableText:
    """AUTO_INCREMENT=17 belongs to rows that do not come back."""
    cursor = Cursor(table.tail, taken_apart_tail(table.tail), "mysql")
    for index, token in enumerate(cursor.tokens):
        if token.upper == "AUTO_INCREMENT" and index + 2 < len(cursor.tokens):
            end = cursor.tokens[index + 2].end
            tail = (table.tail[: token.start] + table.tail[end:].lstrip()).strip()
            items = ",\n  ".join(one.text for one in table.items)
            return TableText(
                f"{table.head} (\n  {items}\n) {tail}", table.items, tail, table.head, table.dialect
            )
    return table


def taken_apart_tail(tail: str) -> list[Any]:
    from backend.engine.sqlrules.tokens import tokenize

    return tokenize(tail, "mysql")


class MysqlDialect(SqlDialect):
    dialect = "mysql"
    quote = staticmethod(quote)
    joins_actions = True
    spaces: ClassVar[dict[str, str]] = {"view": "table", "materialized_view": "table", "sequence": "table"}
    live: MysqlLive | None

    def __init__(self, live: MysqlLive | None = None) -> None:
        super().__init__(live)
        self._statement_moves: dict[int, bool] = {}
        self._made_indexes: set[str] = set()
        self._counters: dict[str, int] = {}
        """How many unnamed keys of a table the up has made, by table and kind."""

    # -- indexes -------------------------------------------------------------------------------------------------

    def drop_index(self, index: Thing) -> Undone:
        return undone(action(self.head(index.table), f"DROP INDEX {self.q(index.now.name)}"))

    def unnamed_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        return self._unnamed_key(op.table, op.columns)

    def _unnamed_key(self, table: Name, columns: tuple[str, ...]) -> AnyChange:
        """MySQL names a key after its first column, with _2, _3, … where that is taken."""
        first = columns[0] if columns and not columns[0].startswith("(") else None
        if first is None:
            return Rows(ref=Ref("table", table), undo=lambda _: cannot("The index has no name in the text"))
        return Create(ref=self.index_ref(self._free_key(table, first), table), undo=self.drop_index)

    def _free_key(self, table: Name, first: str) -> str:
        key = f"{table}.{first}".casefold()
        number = self._counters.get(key, 0) + 1
        found = self.live.table(table) if self.live else None
        while found is not None and found.find(first if number == 1 else f"{first}_{number}", "index"):
            number += 1
        self._counters[key] = number
        return first if number == 1 else f"{first}_{number}"

    def dropped_index(self, op: ops.Drop) -> AnyChange:
        if op.table is not None and op.name.name.upper() == "PRIMARY":
            return Drop(ref=self.index_ref("PRIMARY", op.table), undo=self._primary_back)
        return super().dropped_index(op)

    # -- constraints ---------------------------------------------------------------------------------------------

    def add_constraint(self, op: ops.AddConstraint, statement: Stmt) -> Iterator[AnyChange]:
        constraint = op.constraint
        match constraint.kind:
            case "primary_key":
                yield Create(
                    ref=self.index_ref("PRIMARY", op.table),
                    undo=lambda key: self._primary_gone(key, constraint.columns),
                )
            case "unique" if constraint.name:
                yield Create(ref=self.index_ref(constraint.name, op.table), undo=self.drop_index)
            case "unique":
                yield self._unnamed_key(op.table, constraint.columns)
            case "foreign_key":
                yield from self._add_foreign_key(op)
            case "check" if constraint.name:
                yield Create(
                    ref=self.constraint_ref(op, constraint.name),
                    undo=lambda thing: undone(
                        action(self.head(thing.table), f"DROP CONSTRAINT {self.q(thing.now.name)}")
                    ),
                )
            case _:
                yield from super().add_constraint(op, statement)

    def _primary_gone(self, key: Thing, columns: tuple[str, ...]) -> Undone:
        pieces = [action(self.head(key.table), "DROP PRIMARY KEY")]
        found = self.live.table(key.table.before) if self.live else None
        for name in columns:
            item = found.column(name) if found else None
            # A primary key makes its columns NOT NULL, and they stay so without it.
            if item is not None and "NOT" not in item.words:
                pieces.append(action(self.head(key.table), f"MODIFY COLUMN {item.text}"))
        return undone(*pieces)

    def _add_foreign_key(self, op: ops.AddConstraint) -> Iterator[AnyChange]:
        constraint = op.constraint
        found = self.live.table(op.table) if self.live else None
        name = constraint.name
        if name is None:
            if found is None:
                yield Rows(
                    ref=Ref("table", op.table),
                    undo=lambda _: cannot("The foreign key has no name in the text"),
                )
                return
            number = self._counters.get(f"{op.table}.ibfk", 0) + 1
            while found.find(f"{op.table.name}_ibfk_{number}", "constraint"):
                number += 1
            self._counters[f"{op.table}.ibfk"] = number
            name = f"{op.table.name}_ibfk_{number}"
        # Where no index begins with its columns the server makes one, which stays when the foreign key goes.
        columns = [one.casefold() for one in constraint.columns]
        own_index: str | None = None
        if found is not None and not any(
            [one.casefold() for one in item.columns[: len(columns)]] == columns
            for item in found.items if item.kind in ("index", "primary_key")
        ):  # fmt: skip
            own_index = constraint.name or self._free_key(op.table, constraint.columns[0])

        def undo(thing: Thing) -> Undone:
            pieces = [action(self.head(thing.table), f"DROP FOREIGN KEY {self.q(thing.now.name)}")]
            if own_index is not None and own_index.casefold() not in self._made_indexes:
                pieces.append(Piece(f"{self.head(thing.table)} DROP INDEX {self.q(own_index)}"))
            note = None if self.live else "The index that MySQL makes for a foreign key stays"
            return undone(*pieces, note=note)

        yield Create(ref=self.constraint_ref(op, name), undo=undo)

    def begin(self, statements: Any) -> None:
        self._made_indexes = {
            op.name.casefold()
            for one in statements
            for op in one.ops
            if isinstance(op, ops.CreateIndex) and op.name
        }

    def drop_constraint(self, op: ops.DropConstraint) -> Iterator[AnyChange]:
        if op.kind == "primary_key":
            yield Drop(ref=self.index_ref("PRIMARY", op.table), undo=self._primary_back)
            return
        # DROP CONSTRAINT takes a unique key as well, which is an index.
        found = self.live.table(op.table) if self.live else None
        if found is not None and found.find(op.name, "index") and not found.find(op.name, "constraint"):
            yield Drop(ref=self.index_ref(op.name, op.table), undo=self.index_back, if_exists=op.if_exists)
            return
        yield Drop(
            ref=self.constraint_ref(op, op.name), undo=lambda thing: self.item_back(thing, "ADD", "constraint"),
            if_exists=op.if_exists,
        )  # fmt: skip

    def _primary_back(self, key: Thing) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        table = self.live.table(key.table.before)
        item = next((one for one in table.items if one.kind == "primary_key"), None) if table else None
        if item is None:
            return cannot(NOT_THERE)
        return Undone((action(self.head(key.table), f"ADD {item.text}"),), source="schema", as_before=True)

    # -- columns -------------------------------------------------------------------------------------------------

    def _placed(self, table: TableText, item: Item) -> str:
        before = table.before(item.name)
        return f"{item.text} AFTER {self.q(before)}" if before is not None else f"{item.text} FIRST"

    def column_back(self, column: Thing) -> Undone:
        item = self.item(column, "column")
        table = self.live.table(column.table.before) if self.live else None
        if isinstance(item, Undone) or table is None:
            return item if isinstance(item, Undone) else cannot(NOT_THERE)
        head = self.head(column.table)
        # FIRST and AFTER only where the column was not the last: the rest of the table may look different by then.
        text = item.text if table.is_last(item.name) else self._placed(table, item)
        late: list[Piece] = []
        for one in table.items:
            if one.kind not in ("index", "constraint", "primary_key") or not _uses(one, item.name):
                continue
            if one.kind == "index" and _key_columns(one) != [item.name.casefold()]:
                # The server has only taken the column out of it.
                late.append(Piece(f"{head}\n  DROP INDEX {self.q(one.name)},\n  ADD {one.text}"))
            elif one.kind != "constraint":
                late.append(Piece(f"{head} ADD {one.text}", head, f"ADD {one.text}"))
        note = f"The values of {self.q(column.table.before)}.{self.q(column.before)} do not come back"
        return Undone((action(head, f"ADD COLUMN {text}"),), tuple(late), "schema", note, as_before=True)

    def column_as_before(self, op: ops.AlterTable) -> Callable[[Thing], Undone]:
        def undo(column: Thing) -> Undone:
            item = self.item(column, "column")
            table = self.live.table(column.table.before) if self.live else None
            if isinstance(item, Undone) or table is None:
                return item if isinstance(item, Undone) else cannot(NOT_THERE)
            text = (
                self._placed(table, item)
                if getattr(op, "definition", None) is not None and self._moves(op)
                else item.text
            )
            renamed = column.now.name.casefold() != item.name.casefold()
            verb = f"CHANGE COLUMN {self.q(column.now.name)}" if renamed else "MODIFY COLUMN"
            return undone(action(self.head(column.table), f"{verb} {text}"), source="schema")

        return undo

    def _moves(self, op: ops.AlterTable) -> bool:
        return self._statement_moves.get(id(op), False)

    def alter(self, op: ops.AlterTable, statement: Stmt) -> Iterator[AnyChange]:
        if isinstance(op, ops.AlterColumnType):
            words = [
                token.upper for token in self.action_tokens(op, statement).tokens if token.kind is T.WORD
            ]
            self._statement_moves = {
                **self._statement_moves,
                id(op): "FIRST" in words[-1:] or "AFTER" in words[-2:],
            }
        yield from super().alter(op, statement)

    def rename(self, op: ops.Rename, statement: Stmt) -> AnyChange:
        found = super().rename(op, statement)
        words = self.action_tokens(op, statement).tokens
        if op.kind == "column" and words and words[0].upper == "CHANGE" and isinstance(found, Rename):
            # The other half of CHANGE, the definition, has its own undo and gives the old name back with it.
            cluster = self.column_as_before(ops.AlterTable(table=op.table or Name("")))

            def back(thing: Thing, old: Name) -> Undone:
                result = cluster(thing)
                return (
                    nothing()
                    if result.problem is None
                    else undone(
                        f"{self.head(thing.table)} RENAME COLUMN {self.q(thing.now.name)} TO {self.q(old.name)}"
                    )
                )

            return Rename(ref=found.ref, new=found.new, undo=found.undo, undo_to=back)
        return found

    # -- tables --------------------------------------------------------------------------------------------------

    def new_schema(self, op: ops.Rename, statement: Stmt) -> str | None:
        tokens = self.tokens(statement)
        for index, token in enumerate(tokens):
            if token.text == op.new and index > 1 and tokens[index - 1].upper == "." and index > 2:
                return tokens[index - 2].text
        return None if op.old.schema == self.default_schema else op.old.schema

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"RENAME TABLE {self.q(old)} TO {self.q(new)}")

    def alter_other(self, op: ops.AlterOther, statement: Stmt) -> Iterator[AnyChange]:
        what = op.what.split("=")[0].split()
        ref = Ref("table", op.table)
        if what[0] in ("ALGORITHM", "LOCK", "FORCE", "ORDER", "ENABLE", "DISABLE", "WITH", "WITHOUT"):
            yield Free(nothing("It leaves nothing behind"))
        elif what[0] == "AUTO_INCREMENT":
            yield Free(nothing("The counter goes on by itself"))
        elif what[0] == "CONVERT":
            yield Alter(ref=ref, what="charset", undo=self._charset_back)
        elif what[0] in _OPTION_WORDS:
            yield Alter(
                ref=ref, what=what[0], undo=lambda table: self._options_back(table, _OPTION_WORDS[what[0]])
            )
        elif what[:2] == ["ADD", "PARTITION"]:
            yield from self._partitions(op, statement)
        else:
            yield from super().alter_other(op, statement)

    def _partitions(self, op: ops.AlterOther, statement: Stmt) -> Iterator[AnyChange]:
        cursor = self.action_tokens(op, statement)
        cursor.until("(")
        names = []
        if cursor.word == "(":
            for item in cursor.parens().items():
                if item.take("PARTITION"):
                    item.exists()
                    names.append(item.part())
        for name in names:
            yield Create(
                ref=Ref("partition", Name(name), Ref("table", op.table)),
                undo=lambda part: undone(f"{self.head(part.table)} DROP PARTITION {self.q(part.now.name)}"),
            )
        if not names:
            yield Free(cannot("The partitions have no names in the text"))

    def _options(self, table: Thing) -> dict[str, str] | Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        found = self.live.table(table.before)
        if found is None:
            return cannot(NOT_THERE)
        cursor = Cursor(found.tail, taken_apart_tail(found.tail), "mysql")
        options: dict[str, str] = {}
        while not cursor.done:
            cursor.take("DEFAULT")
            word = cursor.next()
            if word.kind is T.WORD and cursor.word == "=":
                cursor.next()
                if not cursor.done:
                    options[word.upper] = cursor.next().text
        return options

    def _options_back(self, table: Thing, names: tuple[str, ...]) -> Undone:
        options = self._options(table)
        if isinstance(options, Undone):
            return options
        defaults = {"COMMENT": "''", "ROW_FORMAT": "DEFAULT"}
        found = {name: options.get(name, defaults.get(name)) for name in names}
        back = [f"{name}={value}" for name, value in found.items() if value is not None]
        return undone(f"{self.head(table)} {' '.join(back)}", source="schema") if back else cannot(NOT_THERE)

    def _charset_back(self, table: Thing) -> Undone:
        options = self._options(table)
        found = self.live.table(table.before) if self.live else None
        if isinstance(options, Undone) or found is None or "CHARSET" not in options:
            return options if isinstance(options, Undone) else cannot(NOT_THERE)
        if any({"CHARACTER", "COLLATE"} & set(one.words) for one in found.columns):
            return cannot("Some columns have a character set of their own")
        collate = f" COLLATE {options['COLLATE']}" if "COLLATE" in options else ""
        # On the way to a wider character set the server makes TEXT columns a size larger, and leaves them so.
        texts = [one for one in found.columns if any(word.endswith("TEXT") for word in one.words[:3])]
        return undone(
            f"{self.head(table)} CONVERT TO CHARACTER SET {options['CHARSET']}{collate}",
            *(action(self.head(table), f"MODIFY COLUMN {one.text}") for one in texts), source="schema",
        )  # fmt: skip

    def create_object(self, op: ops.CreateObject, statement: Stmt) -> AnyChange:
        found = super().create_object(op, statement)
        if op.kind == "trigger" and op.table is not None and isinstance(found, Create):
            return Create(
                ref=found.ref, undo=found.undo, owner=Ref("table", op.table), if_not_exists=op.if_not_exists,
                or_replace=op.or_replace, replaced=found.replaced,
            )  # fmt: skip
        return found

    def setting(self, op: ops.Setting, statement: Stmt) -> Iterator[AnyChange]:
        words = {token.upper for token in self.tokens(statement)[:4]}
        if words & {"GLOBAL", "PERSIST", "PASSWORD"}:
            yield Free(cannot("It changes the whole server, and what stood there is not in the text"))
            return
        yield from super().setting(op, statement)


def _key_columns(item: Item) -> list[str]:
    return [one.casefold() for one in item.columns]


def _uses(item: Item, column: str) -> bool:
    return column.casefold() in _key_columns(item) and not item.is_foreign_key


@contextmanager
def live(target: Target) -> Iterator[MysqlLive]:
    with reading(target) as connection:
        yield MysqlLive(connection, urls.parse(target.url).database)


UNDO = EngineUndo(EngineName.MYSQL, read("mysql"), MysqlDialect, live)
