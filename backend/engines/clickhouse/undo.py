"""Undoing ClickHouse's statements, with definitions as SHOW CREATE gives them; ON CLUSTER is carried along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, ClassVar

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.sqlrules.tokens import Cursor, Token, tokenize
from backend.engine.target import Target
from backend.engine.undo.createtext import TableText, taken_apart
from backend.engine.undo.dialect import EngineUndo
from backend.engine.undo.model import (
    Alter,
    AnyChange,
    Create,
    Drop,
    Free,
    Piece,
    Ref,
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

from . import url
from .connect import session
from .errors import ServerSaid
from .lint.names import cluster_of, quote
from .text import identifier, literal

_CLAUSES = ("ENGINE", "PARTITION", "PRIMARY", "ORDER", "SAMPLE", "TTL", "SETTINGS", "COMMENT", "AS")
_PROPERTIES = ("DEFAULT", "MATERIALIZED", "ALIAS", "CODEC", "TTL", "COMMENT")


class ClickHouseLive(SqlLive):
    def __init__(self, server: Any, database: str) -> None:
        self._server = server
        self.default_schema = database
        self._shown = cache(self._show)

    def _show(self, name: Name) -> str | None:
        """Its CREATE statement, of a table, view or dictionary alike."""
        database = identifier(name.schema or self.default_schema or "")
        try:
            return str(self._server.query(f"SHOW CREATE TABLE {database}.{identifier(name.name)}")[0][0])
        except ServerSaid:
            return None

    def table(self, name: Name) -> TableText | None:
        text = self._shown(name)
        return taken_apart(text, "clickhouse") if text and text.startswith("CREATE TABLE") else None

    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        if kind == "function":
            found = self._server.query(
                f"SELECT create_query FROM system.functions WHERE origin = 'SQLUserDefined' AND name = {literal(name.name)}"
            )
            return str(found[0][0]) if found else None
        return self._shown(name)

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind in ("table", "view", "materialized_view", "dictionary"):
            return self._shown(name) is not None
        if kind in ("index", "constraint", "projection") and table is not None:
            found = self.table(table)
            return found.find(name.name, kind) is not None if found else None
        return super().has(kind, name, table)

    def clause(self, name: Name, word: str) -> str | None:
        """What stands behind TTL, ORDER BY, SETTINGS or COMMENT in the table's definition."""
        found = self.table(name)
        if found is None:
            return None
        cursor = Cursor(found.tail, tokenize(found.tail, "clickhouse"), "clickhouse")
        while not cursor.done:
            if cursor.word == word:
                cursor.next()
                cursor.take("BY")
                begin = cursor.at
                depth = 0
                while not cursor.done and not (depth == 0 and cursor.at > begin and cursor.word in _CLAUSES):
                    depth += (cursor.word == "(") - (cursor.word == ")")
                    cursor.at += 1
                return cursor.text(begin, cursor.at)
            cursor.next()
        return None


class ClickHouseDialect(SqlDialect):
    dialect = "clickhouse"
    quote = staticmethod(quote)
    is_case_sensitive = True
    joins_actions = True
    # One statement a block is all that ClickHouse takes, and not one of comments alone.
    joins_all = True
    needs_statement = True
    drop_words: ClassVar[dict[str, str]] = {"materialized_view": "VIEW"}
    live: ClickHouseLive | None

    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        found = cluster_of(statement)
        self.cluster = f" ON CLUSTER {found}" if found else ""
        return list(super().changes(statement))

    def drop_index(self, index: Thing) -> Undone:
        return undone(action(self.head(index.table), f"DROP INDEX {self.q(index.now.name)}"))

    def create_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        found = super().create_index(op, statement)
        cluster = self.cluster

        def undo(index: Thing) -> Undone:
            self.cluster = cluster
            return self.drop_index(index)

        return (
            Create(ref=found.ref, undo=undo, if_not_exists=op.if_not_exists)
            if isinstance(found, Create)
            else found
        )

    def table_back(self, table: Thing) -> Undone:
        result = super().table_back(table)
        if result.problem or not self.cluster or not result.pieces:
            return result
        text = result.pieces[0].text
        tokens = tokenize(text, "clickhouse")
        opened = next((one.start for one in tokens if one.upper == "("), len(text))
        made = Piece(f"{text[:opened].rstrip()}{self.cluster}\n{text[opened:]}")
        return Undone((made, *result.pieces[1:]), result.late, result.source, result.note)

    def drop(self, op: ops.Drop, statement: Stmt) -> AnyChange:
        cluster = self.cluster
        found = super().drop(op, statement)
        if not isinstance(found, Drop):
            return found
        inner = found.undo

        def undo(thing: Thing) -> Undone:
            self.cluster = cluster
            return inner(thing)

        return Drop(ref=found.ref, undo=undo, if_exists=found.if_exists)

    def column_back(self, column: Thing) -> Undone:
        result = super().column_back(column)
        table = self.live.table(column.table.before) if self.live else None
        if result.problem is not None or table is None or table.is_last(column.before.name):
            return result
        before = table.before(column.before.name)
        place = f" AFTER {self.q(before)}" if before is not None else " FIRST"
        piece = result.pieces[0]
        moved = action(piece.head, piece.action + place)
        return Undone((moved,), result.late, result.source, result.note, as_before=True)

    def alter(self, op: ops.AlterTable, statement: Stmt) -> Iterator[AnyChange]:
        if isinstance(op, ops.AlterColumnType):
            words = {token.upper for token in self.action_tokens(op, statement).tokens}
            yield self._column(op.table, op.column, words)
            return
        yield from super().alter(op, statement)

    def _column(self, table: Name, column: str, words: set[str]) -> Alter:
        cluster = self.cluster

        def undo(thing: Thing) -> Undone:
            self.cluster = cluster
            item = self.item(thing, "column")
            if isinstance(item, Undone):
                return item
            head, name = self.head(thing.table), self.q(thing.now.name)
            if "NULLABLE" in words and "NULLABLE" not in item.words:
                # Refused by the server: "Cannot convert column from nullable type".
                return cannot(f"{name} may hold NULL by then, for which its old type has no value")
            # MODIFY COLUMN keeps what it does not name, so what was not there before must be removed by its word.
            gone = [word for word in _PROPERTIES if word in words and word not in item.words]
            pieces = [action(head, f"MODIFY COLUMN {name} REMOVE {word}") for word in gone]
            return undone(
                action(head, f"MODIFY COLUMN {self._as_now(item.text, name)}"), *pieces, source="schema"
            )

        return Alter(ref=Ref("column", Name(column), Ref("table", table)), what="definition", undo=undo)

    def _as_now(self, text: str, name: str) -> str:
        tokens = tokenize(text, "clickhouse")
        return f"{name}{text[tokens[0].end :]}" if tokens else text

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"RENAME TABLE {self.q(old)} TO {self.q(new)}{self.cluster}")

    def new_schema(self, op: ops.Rename, statement: Stmt) -> str | None:
        tokens = self.tokens(statement)
        for index, token in enumerate(tokens):
            if index > 2 and token.text == op.new and tokens[index - 1].upper == ".":
                return tokens[index - 2].text
        return None if op.old.schema == self.default_schema else op.old.schema

    # -- the rest of ALTER TABLE ---------------------------------------------------------------------------------

    def alter_other(self, op: ops.AlterOther, statement: Stmt) -> Iterator[AnyChange]:
        cursor = self.action_tokens(op, statement)
        words = [token.upper for token in cursor.tokens[:2]]
        table = Ref("table", op.table)
        cluster = self.cluster
        match words:
            case ["ADD", "PROJECTION"]:
                yield self._part("projection", cursor, table, made=True)
            case ["DROP", "PROJECTION"]:
                yield self._part("projection", cursor, table, made=False)
            case ["MODIFY", "TTL"] | ["REMOVE", "TTL"]:
                yield Alter(ref=table, what="ttl", undo=self._clause("TTL", "MODIFY TTL {}", "REMOVE TTL"))
            case ["MODIFY", "ORDER"]:
                yield Alter(ref=table, what="order", undo=self._clause("ORDER", "MODIFY ORDER BY {}", None))
            case ["MODIFY", "COMMENT"]:
                yield Alter(
                    ref=table,
                    what="comment",
                    undo=self._clause("COMMENT", "MODIFY COMMENT {}", "MODIFY COMMENT ''"),
                )
            case ["MODIFY", "SETTING"] | ["RESET", "SETTING"]:
                yield from self._settings(cursor, table)
            case ["MODIFY", "QUERY"]:
                yield Alter(ref=table, what="query", undo=self._query_back)
            case ["COMMENT", "COLUMN"] | ["MODIFY", "COLUMN"]:
                cursor.at = 2
                cursor.exists()
                yield self._column_property(op.table, cursor.part(), words)
            case (
                ["MATERIALIZE", _]
                | ["FREEZE", *_]
                | ["CLEAR", "INDEX"]
                | ["CLEAR", "PROJECTION"]
                | ["APPLY", _]
            ):
                yield Free(nothing("It leaves nothing behind that has a way back"))
            case ["DETACH", "PARTITION"] | ["ATTACH", "PARTITION"]:
                what = statement.text[cursor.tokens[1].start : cursor.tokens[-1].end]
                verb = "ATTACH" if words[0] == "DETACH" else "DETACH"

                def back(thing: Thing) -> Undone:
                    self.cluster = cluster
                    return undone(Piece(f"{self.head(thing)} {verb} {what}"))

                yield Rows(ref=table, undo=back)
            case _:
                yield from super().alter_other(op, statement)

    def _part(self, kind: str, cursor: Cursor, table: Ref, *, made: bool) -> AnyChange:
        cluster = self.cluster
        cursor.at = 2
        exists = cursor.exists()
        ref = Ref(kind, Name(cursor.part()), table)

        def gone(thing: Thing) -> Undone:
            self.cluster = cluster
            return undone(action(self.head(thing.table), f"DROP {kind.upper()} {self.q(thing.now.name)}"))

        def back(thing: Thing) -> Undone:
            self.cluster = cluster
            return self.item_back(thing, "ADD", kind)

        return (
            Create(ref=ref, undo=gone, if_not_exists=exists)
            if made
            else Drop(ref=ref, undo=back, if_exists=exists)
        )

    def _clause(self, word: str, form: str, without: str | None) -> Callable[[Thing], Undone]:
        cluster = self.cluster

        def undo(table: Thing) -> Undone:
            self.cluster = cluster
            if self.live is None:
                return cannot(NO_LIVE)
            if self.live.table(table.before) is None:
                return cannot(NOT_THERE)
            found = self.live.clause(table.before, word)
            what = form.format(found) if found else without
            return undone(action(self.head(table), what), source="schema") if what else cannot(NOT_THERE)

        return undo

    def _settings(self, cursor: Cursor, table: Ref) -> Iterator[AnyChange]:
        cluster = self.cluster
        cursor.at = 2
        names = [item.peek().text for item in cursor.items() if item.tokens]

        def undo(thing: Thing) -> Undone:
            self.cluster = cluster
            if self.live is None:
                return cannot(NO_LIVE)
            text = self.live.clause(thing.before, "SETTINGS") or ""
            old: dict[str, str] = {}
            for item in Cursor(text, tokenize(text, "clickhouse"), "clickhouse").items():
                if len(item.tokens) > 2:
                    old[item.peek().text] = item.text(2, len(item.tokens))
            kept = [f"{name} = {old[name]}" for name in names if name in old]
            gone = [name for name in names if name not in old]
            pieces = [action(self.head(thing), f"MODIFY SETTING {', '.join(kept)}")] if kept else []
            if gone:
                pieces.append(action(self.head(thing), f"RESET SETTING {', '.join(gone)}"))
            return undone(*pieces, source="schema")

        yield Alter(ref=table, what="settings " + " ".join(sorted(names)), undo=undo)

    def _query_back(self, view: Thing) -> Undone:
        text = self.live.definition("view", view.before) if self.live else None
        if text is None:
            return cannot(NO_LIVE if self.live is None else NOT_THERE)
        cursor = Cursor(text, tokenize(text, "clickhouse"), "clickhouse")
        cursor.until("AS")
        cursor.take("AS")
        query = cursor.text(cursor.at, len(cursor.tokens))
        return undone(Piece(f"{self.head(view)} MODIFY QUERY {query}"), source="schema")

    def _column_property(self, table: Name, column: str, words: list[str]) -> AnyChange:
        if words[0] == "MODIFY":
            return self._column(table, column, set())
        cluster = self.cluster

        def undo(thing: Thing) -> Undone:
            self.cluster = cluster
            item = self.item(thing, "column")
            if isinstance(item, Undone):
                return item
            tokens: list[Token] = tokenize(item.text, "clickhouse")
            at = next((i for i, token in enumerate(tokens) if token.upper == "COMMENT"), None)
            old = tokens[at + 1].text if at is not None and at + 1 < len(tokens) else "''"
            return undone(
                action(self.head(thing.table), f"COMMENT COLUMN {self.q(thing.now.name)} {old}"),
                source="schema",
            )

        return Alter(ref=Ref("column", Name(column), Ref("table", table)), what="definition", undo=undo)

    def other(self, op: ops.Other, statement: Stmt) -> AnyChange:
        if op.keyword.startswith("EXCHANGE"):
            return Free(undone(statement.text))
        tokens = self.tokens(statement)
        words = [token.upper for token in tokens[:2]]
        if words[:1] in (["DETACH"], ["ATTACH"]) and words[1:] in (["TABLE"], ["VIEW"], ["DICTIONARY"]):
            verb = "ATTACH" if words[0] == "DETACH" else "DETACH"
            return Free(undone(f"{verb} {statement.text[tokens[1].start :]}"))
        return super().other(op, statement)


@contextmanager
def live(target: Target) -> Iterator[ClickHouseLive]:
    with session(target) as server:
        yield ClickHouseLive(server, url.parse(target.url).database)


UNDO = EngineUndo(EngineName.CLICKHOUSE, read("clickhouse"), ClickHouseDialect, live)
