"""What of a MySQL table likeness looks at. Pure."""

from __future__ import annotations

from backend.engine.schema.model import RenameGuess, Snapshot
from backend.engine.schema.renames import ColumnShape, TableShape
from backend.engine.schema.renames import guess as guess_by_shape

from .tabletext import Column, parse


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """See SchemaTools.guess_renames."""
    return guess_by_shape(_shapes(old), _shapes(new))


def _shapes(snapshot: Snapshot) -> dict[str, TableShape]:
    tables = {one.id: parse(one.sql) for one in snapshot.objects if one.kind == "table"}
    return {one: TableShape(table.name, tuple(map(_column, table.columns))) for one, table in tables.items()}


def _column(one: Column) -> ColumnShape:
    kind = f"{one.type} {one.generated.lower()}".rstrip()
    return ColumnShape(one.name, kind, one.text.partition("` ")[2], one.name.lower())
