"""SQLite's own backup API between two files: pages as of one moment, whatever others write meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from backend.core.errors import Cancelled, LockTimeout
from backend.engine.target import CancelToken

_PAGES_AT_ONCE = 4096
_PATIENCE = 3
"""How often copying may begin anew because somebody wrote, before the whole is copied in one go."""


class _BeginsAnew(Exception):
    pass


def copy_pages(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    told: Callable[[int, int], None],
    cancel: CancelToken,
    wait_s: float,
) -> None:
    """Copy all pages; `told(pages done, of how many)`. Between the steps others may write: SQLite begins anew then.

    Raises LockTimeout after `wait_s` without a step forward, Cancelled; then `into` is as it was.
    """
    try:
        _copy(source, into, told, cancel, wait_s, pages=_PAGES_AT_ONCE, patience=_PATIENCE)
    except _BeginsAnew:
        _copy(source, into, told, cancel, wait_s, pages=-1, patience=None)


def _copy(
    source: sqlite3.Connection,
    into: sqlite3.Connection,
    told: Callable[[int, int], None],
    cancel: CancelToken,
    wait_s: float,
    *,
    pages: int,
    patience: int | None,
) -> None:
    left_before: int | None = None
    moved_at, anew = time.monotonic(), 0

    def goes_on(status: int, left: int, total: int) -> None:
        nonlocal left_before, moved_at, anew
        if cancel.is_cancelled:
            raise Cancelled("Copying the database was cancelled.")
        now = time.monotonic()
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if now - moved_at > wait_s:
                raise LockTimeout(
                    f"Another program kept the database file locked for {wait_s:g} s.",
                    hint="Close the program that writes to it, or wait until it is done, then try again.",
                )
            return
        moved_at = now
        if patience is not None and left_before is not None and left > left_before:
            anew += 1
            if anew >= patience:
                raise _BeginsAnew
        left_before = left
        told(total - left, total)

    source.backup(into, pages=pages, progress=goes_on, sleep=0.05)
