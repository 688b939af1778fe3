"""How large a copy would be: asked about before it is made, and refused where the disk is too small for it."""

from __future__ import annotations

from backend.core.errors import ConfirmationRequired, DiskFull
from backend.engine.rehearsal.port import CopySize
from backend.models.rehearsal import RehearseRequest, RowsWanted
from backend.services.connections import Resolved

ASKS_FROM_BYTES = 200 * 10**6
_ASKS_FROM_ROWS = 10**6
_ROOM = 1.3
"""A copy is measured while migrations rewrite it: that much of its size has to be free."""


def check(resolved: Resolved, size: CopySize, request: RehearseRequest) -> None:
    """Raise ConfirmationRequired (`details`: bytes, rows, free_bytes) where the copy is large and was not agreed to,
    DiskFull where it does not fit."""
    rows, wanted = _wanted(size, request)
    if (wanted or 0) >= ASKS_FROM_BYTES or (rows or 0) >= _ASKS_FROM_ROWS:
        agreed = request.accept_bytes is not None and request.accept_bytes >= (wanted or 0)
        if not agreed:
            of_size = f"{wanted / 10**6:,.0f} MB" if wanted is not None else f"{rows:,} rows"
            raise ConfirmationRequired(
                f"Rehearsing on {resolved.name} would copy about {of_size}.",
                hint="Send `accept_bytes` with that size, or copy a sample, or no rows.",
                confirm=resolved.name,
                losses=[],
                bytes=wanted if wanted is not None else 0,
                rows=rows,
                free_bytes=size.free_bytes,
            )
    if wanted is not None and size.free_bytes is not None and wanted * _ROOM > size.free_bytes:
        raise DiskFull(
            f"The copy would need about {wanted * _ROOM / 10**6:,.0f} MB, and {size.free_bytes / 10**6:,.0f} MB are free.",
            hint="Copy a sample, or no rows, or free some space.",
            bytes=wanted,
            free_bytes=size.free_bytes,
        )


def _wanted(size: CopySize, request: RehearseRequest) -> tuple[int | None, int | None]:
    """(rows, bytes) of what is asked for"""
    if request.rows == RowsWanted.NONE:
        return 0, 0
    if request.rows == RowsWanted.ALL:
        return size.rows, size.bytes
    # Of a table without an estimate at most so many rows are taken; what their foreign keys bring along is not known.
    most = request.sample_rows * size.tables
    if not size.rows:
        return None, None
    rows = min(size.rows, most)
    return rows, size.bytes * rows // size.rows if size.bytes is not None else None
