"""What of a PostgreSQL table likeness looks at. Pure."""

from __future__ import annotations

import json

from backend.engine.schema.model import RenameGuess, SchemaObject, Snapshot
from backend.engine.schema.renames import ColumnShape, TableShape
from backend.engine.schema.renames import guess as guess_by_shape


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """See SchemaTools.guess_renames."""
    return guess_by_shape(_shapes(old), _shapes(new), within_renamed=False)


def _shapes(snapshot: Snapshot) -> dict[str, TableShape]:
    return {one.id: _shape(one) for one in snapshot.objects if one.kind == "table"}


def _shape(table: SchemaObject) -> TableShape:
    columns = json.loads(table.facts.get("columns", "[]"))
    return TableShape(
        table.name,
        tuple(ColumnShape(column[0], column[2], tuple(map(repr, column[3:5]))) for column in columns),
        table.schema,
    )
