"""The cheap look at a SQLite file: its stamp, and its content only where the stamp changed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

from . import truth
from .connect import database_file, read

_Stamp = tuple[tuple[int, int, int] | None, ...]


class SqlitePulse(Pulse):
    """Keeps no connection: an open file could be neither replaced nor, on Windows, deleted. Two `stat` calls a look."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._path = database_file(target)
        self._seen: tuple[_Stamp, Look] | None = None

    def look(self) -> Look:
        stamp = _stamp(self._path)
        if self._seen is not None and self._seen[0] == stamp:
            return self._seen[1]
        if stamp[0] is None:
            look = Look("no database", "")
        else:
            versions = ",".join(row.version for row in truth.applied(self._target))
            look = Look(versions, str(read(self._target, _schema_version)))
        # The stamp from before the reading: what changes meanwhile is seen by the next look.
        self._seen = (stamp, look)
        return look

    def close(self) -> None:
        """Nothing is kept open."""


def _schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def _stamp(path: Path) -> _Stamp:
    """Of the file and its write-ahead log: size, time and, since files are replaced, identity."""
    found: list[tuple[int, int, int] | None] = []
    for one in (path, Path(f"{path}-wal")):
        try:
            told = one.stat()
            found.append((told.st_size, told.st_mtime_ns, told.st_ino))
        except OSError:
            found.append(None)
    return tuple(found)
