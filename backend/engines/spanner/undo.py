"""Undoing Spanner's statements (its PostgreSQL dialect): from the text, and from the catalog what it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.target import Target
from backend.engine.undo.catalog_live import CatalogLive
from backend.engine.undo.dialect import EngineUndo
from backend.engine.undo.model import (
    AnyChange,
    Create,
    Drop,
    Piece,
    Ref,
    Thing,
    Undone,
    action,
    cannot,
    undone,
)
from backend.engine.undo.sql import NO_LIVE, NOT_THERE, SqlDialect, read
from backend.models.connection import EngineName


def quote(name: str) -> str:
    """In double quotes only where it must be."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    return name if plain and name not in _RESERVED else '"' + name.replace('"', '""') + '"'


_RESERVED = frozenset(
    """all and any array as asc between both case cast check column constraint create cross current_date current_time
    current_timestamp default desc distinct do else end except false fetch for foreign from full grant group having in
    inner intersect into is join leading left like limit natural not null offset on only or order outer primary
    references right select some table then to trailing true union unique user using when where window with""".split()  # noqa: SIM905
)


class SpannerLive(CatalogLive):
    def definition(self, kind: str, name: Name, table: Name | None = None) -> str | None:
        return self.index_text(name.name) if kind == "index" else None


class SpannerDialect(SqlDialect):
    dialect = "spanner"
    quote = staticmethod(quote)
    is_case_sensitive = True

    def create_index(self, op: ops.CreateIndex, statement: Stmt) -> AnyChange:
        if op.name is None:
            return super().create_index(op, statement)
        return Create(
            ref=Ref("index", Name(op.name, op.table.schema)), owner=Ref("table", op.table), if_not_exists=op.if_not_exists,
            undo=lambda index: undone(f"DROP INDEX {self.q(index.now)}"),
        )  # fmt: skip

    def dropped_index(self, op: ops.Drop) -> AnyChange:
        return Drop(
            ref=Ref("index", op.name),
            undo=lambda thing: self.object_back("index", thing),
            if_exists=op.if_exists,
        )

    def property_of(self, op: ops.AlterTable) -> str:
        return type(op).__name__.replace("Drop", "").replace("Set", "")

    def column_as_before(self, op: ops.AlterTable) -> Callable[[Thing], Undone]:
        def undo(column: Thing) -> Undone:
            head = f"ALTER COLUMN {self.q(column.now.name)}"
            if isinstance(op, ops.SetNotNull) and self.live is None:
                return undone(action(self.head(column.table), f"{head} DROP NOT NULL"))
            if isinstance(op, ops.DropNotNull) and self.live is None:
                return undone(action(self.head(column.table), f"{head} SET NOT NULL"))
            found = self.known_column(column)
            if isinstance(found, Undone):
                return found
            if isinstance(op, ops.AlterColumnType):
                what = f"{self.type_words} {found.type}"
            elif isinstance(op, ops.SetDefault):
                what = f"SET DEFAULT {found.default}" if found.default is not None else "DROP DEFAULT"
            else:
                what = f"{'DROP' if found.nullable else 'SET'} NOT NULL"
            return undone(action(self.head(column.table), f"{head} {what}"), source="schema")

        return undo

    type_words = "TYPE"

    def known_column(self, column: Thing) -> Any:
        if self.live is None:
            return cannot(NO_LIVE)
        entry = self.live.entry(column.table.before)
        for one in entry.columns if entry else ():
            if one.name == column.before.name:
                return one
        return cannot(NOT_THERE)

    def table_back(self, table: Thing) -> Undone:
        result = super().table_back(table)
        if result.problem is not None:
            return result
        note = f"{result.note}; from the list of columns alone, without foreign keys and checks"
        return Undone(result.pieces, result.late, result.source, note)

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"ALTER TABLE {self.q(old)} RENAME TO {self.q(new.name)}")


@contextmanager
def live(target: Target) -> Iterator[SpannerLive]:
    from . import ENGINE

    yield SpannerLive(ENGINE.catalog(target), quote)


UNDO = EngineUndo(EngineName.SPANNER, read("spanner"), SpannerDialect, live)
