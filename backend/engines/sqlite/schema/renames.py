"""What of a SQLite table likeness looks at. Pure."""

from __future__ import annotations

from backend.engine.schema.model import RenameGuess, Snapshot
from backend.engine.schema.renames import ColumnShape, TableShape
from backend.engine.schema.renames import guess as guess_by_shape

from .memory import Column, understand
from .snapshot import fold


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """See SchemaTools.guess_renames."""
    return guess_by_shape(_shapes(old), _shapes(new))


def _shapes(snapshot: Snapshot) -> dict[str, TableShape]:
    return {
        one: TableShape(table.name, tuple(map(_column, table.columns)))
        for one, table in understand(snapshot).tables.items()
        if not table.virtual
    }


def _column(one: Column) -> ColumnShape:
    return ColumnShape(one.name, one.type.upper(), (one.not_null, one.default, one.key), fold(one.name))
