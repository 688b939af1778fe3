"""SQLite's own backup interface between two files: pages of one moment, whatever others write meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from backend.core.errors import LockTimeout

PAGES_AT_ONCE = 4096
_BUSY_TIMEOUT_S = 10.0
_BEGUN_ANEW = 3
"""How often copying may begin anew because somebody wrote, before the moment is held."""

Told = Callable[[int, int], None]


class _WrittenMeanwhile(Exception):
    pass


def copy_of_one_moment(source: sqlite3.Connection, into: sqlite3.Connection, told: Told) -> None:
    """Copy from a database others may write to; `source` is in a transaction that has read nothing yet.

    With a write-ahead log the moment is held from the start, which stops nobody. Without one, holding it makes writers
    wait, so that the copy first begins anew where somebody wrote; a database that is always written to would never be
    done so, and is held in the end.
    """
    is_wal = str(source.execute("PRAGMA journal_mode").fetchone()[0]).lower() == "wal"
    if not is_wal:
        try:
            copy(source, into, told, begun_anew=_BEGUN_ANEW)
            return
        except _WrittenMeanwhile:
            pass
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    copy(source, into, told)


def copy(
    source: sqlite3.Connection, into: sqlite3.Connection, told: Told, *, begun_anew: int | None = None
) -> None:
    """Copy every page in one transaction of `into`; `told(done, total)` in bytes, what it raises ends it and leaves
    `into` as it was. Raises LockTimeout where a file stays locked: Python would wait for ever."""
    size = page_size(source)
    busy_since: float | None = None
    least: int | None = None
    anew = 0

    def step(status: int, remaining: int, total: int) -> None:
        nonlocal busy_since, least, anew
        is_busy = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if is_busy:
            busy_since = busy_since or time.monotonic()
            if time.monotonic() - busy_since > _BUSY_TIMEOUT_S:
                raise LockTimeout(
                    "Another program is writing to the database.",
                    hint="Try again when it has finished.",
                    state="untouched",
                )
        else:
            busy_since = None
        if not is_busy and least is not None and remaining >= least > 0:
            anew += 1
            if begun_anew is not None and anew >= begun_anew:
                raise _WrittenMeanwhile
        least = remaining
        told((total - remaining) * size, total * size)

    source.backup(into, pages=PAGES_AT_ONCE, progress=step, sleep=0.05)


def page_size(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA page_size").fetchone()[0])
