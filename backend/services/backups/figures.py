"""How much is in a backup. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backend.models.backup import TableContent


def tables_of(contents: Sequence[TableContent]) -> list[TableContent]:
    """Those that are tables: `(sequences)` and `(large objects)` are compared like them, and are none."""
    return [one for one in contents if not one.table.startswith("(")]


def rows_of(contents: Sequence[TableContent]) -> int:
    return sum(one.rows for one in tables_of(contents))
