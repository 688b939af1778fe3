"""What of a ClickHouse table likeness looks at. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.schema.model import RenameGuess, SchemaObject, Snapshot
from backend.engine.schema.renames import ColumnShape, TableShape
from backend.engine.schema.renames import guess as guess_by_shape

from .createtext import parse


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """See SchemaTools.guess_renames."""
    return guess_by_shape(dict(_shapes(old)), dict(_shapes(new)))


def _shapes(snapshot: Snapshot) -> Iterator[tuple[str, TableShape]]:
    for one in snapshot.objects:
        if one.kind == "table" and (shape := _shape(one)) is not None:
            yield one.id, shape


def _shape(one: SchemaObject) -> TableShape | None:
    try:
        table = parse(one.sql)
    except ValueError:
        return None
    columns = tuple(ColumnShape(column.name, column.type, column.properties) for column in table.columns)
    return TableShape(one.name, columns, table.engine)
