"""Undoing BigQuery's statements: with the server's own DDL where it gives it, else from the list of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.target import Target
from backend.engine.undo.catalog_live import CatalogLive
from backend.engine.undo.createtext import TableText, taken_apart
from backend.engine.undo.dialect import EngineUndo
from backend.engine.undo.model import (
    AnyChange,
    Create,
    Drop,
    Ref,
    Rows,
    Thing,
    Undone,
    action,
    cannot,
    nothing,
    undone,
)
from backend.engine.undo.sql import NO_LIVE, NOT_THERE, SqlDialect, read
from backend.models.connection import EngineName
from backend.models.schema import Catalog

from .connect import Api, session
from .errors import ApiError
from .lint.names import quote
from .text import information


class BigQueryLive(CatalogLive):
    def __init__(self, catalog: Catalog, texts: dict[str, str], fingerprint: dict[str, str]) -> None:
        super().__init__(catalog, quote, " NOT ENFORCED")
        self._texts = texts
        self._fingerprint = fingerprint

    @property
    def knows_all(self) -> bool:
        """Does the server write the DDL of its tables?"""
        return bool(self._texts)

    def sql(self, name: Name) -> str:
        schema = name.schema or self.default_schema
        return f"{quote(schema)}.{quote(name.name)}" if schema else quote(name.name)

    def table(self, name: Name) -> TableText | None:
        text = self._texts.get(name.name)
        if text and text.lstrip().upper().startswith("CREATE TABLE"):
            return taken_apart(text.strip().rstrip(";"), "bigquery")
        return super().table(name)

    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        if kind in self._texts.get(f"kind {name.name}", kind) and name.name in self._texts:
            return self._texts[name.name].strip().rstrip(";")
        words = kind.replace("_", " ")
        text = self._fingerprint.get(f"{words} {name.name}")
        if not text:
            return None
        return (
            text
            if text.lstrip().upper().startswith("CREATE")
            else f"CREATE {words.upper()} {self.sql(name)} AS\n{text}"
        )


class BigQueryDialect(SqlDialect):
    dialect = "bigquery"
    quote = staticmethod(quote)
    joins_actions = True
    needs_statement = True
    live: BigQueryLive | None

    def known_column(self, column: Thing) -> Any:
        if self.live is None:
            return cannot(NO_LIVE)
        entry = self.live.entry(column.table.before)
        for one in entry.columns if entry else ():
            if one.name.casefold() == column.before.key:
                return one
        return cannot(NOT_THERE)

    def property_of(self, op: ops.AlterTable) -> str:
        return type(op).__name__

    def column_as_before(self, op: ops.AlterTable) -> Callable[[Thing], Undone]:
        def undo(column: Thing) -> Undone:
            if isinstance(op, ops.DropNotNull):
                return cannot("BigQuery cannot make a column NOT NULL again")
            found = self.known_column(column)
            if isinstance(found, Undone):
                return found
            head = f"ALTER COLUMN {self.q(column.now.name)}"
            if isinstance(op, ops.AlterColumnType):
                return cannot("BigQuery only widens types, so this column cannot be made narrower again")
            if isinstance(op, ops.SetDefault):
                what = f"SET DEFAULT {found.default}" if found.default is not None else "DROP DEFAULT"
                return undone(action(self.head(column.table), f"{head} {what}"), source="schema")
            return nothing()

        return undo

    def column_back(self, column: Thing) -> Undone:
        found = self.known_column(column)
        if not isinstance(found, Undone) and not found.nullable:
            return cannot("BigQuery cannot add a column that is NOT NULL to a table")
        return super().column_back(column)

    def table_back(self, table: Thing) -> Undone:
        result = super().table_back(table)
        if result.problem is not None or self.live is None or self.live.knows_all:
            return result
        note = f"{result.note}; from the list of columns alone, without partitions and options"
        return Undone(result.pieces, result.late, result.source, note)

    def create_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        words = {token.upper for token in self.tokens(statement)[:4]}
        kind = "VECTOR" if "VECTOR" in words else "SEARCH"
        return Create(
            ref=self.index_ref(op.name or "", op.table), if_not_exists=op.if_not_exists,
            undo=lambda index: undone(f"DROP {kind} INDEX {self.q(index.now.name)} ON {self.q(index.table.now)}"),
        )  # fmt: skip

    def add_constraint(self, op: ops.AddConstraint, statement: Stmt) -> Iterator[AnyChange]:
        if op.constraint.kind == "primary_key":
            yield Create(
                ref=self.constraint_ref(op, "PRIMARY"),
                undo=lambda key: undone(action(self.head(key.table), "DROP PRIMARY KEY")),
            )
            return
        yield from super().add_constraint(op, statement)

    def drop_constraint(self, op: ops.DropConstraint) -> Iterator[AnyChange]:
        if op.kind == "primary_key":
            yield Drop(ref=self.constraint_ref(op, "PRIMARY"), undo=self._primary_back)
            return
        yield from super().drop_constraint(op)

    def _primary_back(self, key: Thing) -> Undone:
        found = self.live.table(key.table.before) if self.live else None
        item = next((one for one in found.items if one.kind == "primary_key"), None) if found else None
        if item is None:
            return cannot(NO_LIVE if self.live is None else NOT_THERE)
        return undone(action(self.head(key.table), f"ADD {item.text}"), source="schema")

    def alter_other(self, op: ops.AlterOther, statement: Stmt) -> Iterator[AnyChange]:
        why = "What the options were before is not in the text"
        yield Rows(ref=Ref("table", op.table), undo=lambda _: cannot(why))


def _texts(api: Api) -> dict[str, str]:
    """Every object's DDL by name; none where the server (an emulator) does not give it."""
    try:
        rows = api.query(f"SELECT table_name AS name, ddl FROM {information(api.url, 'TABLES')}")
        rows += api.query(f"SELECT routine_name AS name, ddl FROM {information(api.url, 'ROUTINES')}")
    except ApiError as error:
        if error.status in (400, 403, 404):
            return {}
        raise
    return {str(row["name"]): str(row["ddl"] or "") for row in rows}


@contextmanager
def live(target: Target) -> Iterator[BigQueryLive]:
    from . import ENGINE

    with session(target) as api:
        texts = _texts(api)
    yield BigQueryLive(ENGINE.catalog(target), texts, {} if texts else ENGINE.fingerprint(target))


UNDO = EngineUndo(EngineName.BIGQUERY, read("bigquery"), BigQueryDialect, live)
