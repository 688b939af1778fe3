"""lint-cache.db: reports of the risk rules by what they depend on. Only ever a shortcut: damaged or full, it is begun anew.

A file of its own, so that losing it costs a second of reading and never a run's history.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_log = logging.getLogger(__name__)
MOST_ROWS = 20_000
_FORMAT = 1
_SECONDS_A_DAY = 86_400
_AT_ONCE = 500


class LintCache:
    """Keys are digests, values bytes. No method raises: what cannot be kept is worked out again."""

    def __init__(self, path: Path, most_rows: int = MOST_ROWS) -> None:
        self.path = path
        self._most_rows = most_rows
        self._lock = threading.Lock()
        self._is_off = False

    def read(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The values there are. One that is damaged is left out."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or not self.path.exists():
            return {}
        return self._try(lambda database: self._read(database, wanted)) or {}

    def write(self, values: Mapping[str, bytes]) -> None:
        """Keep them; the oldest used go where there are too many."""
        if values:
            self._try(lambda database: self._write(database, values))

    def _read(self, database: sqlite3.Connection, wanted: list[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        today = int(time.time() // _SECONDS_A_DAY)
        old: list[str] = []
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            for key, used_on, body in database.execute(
                f"SELECT key, used_on, body FROM report WHERE key IN ({marks})", part
            ):
                try:
                    found[key] = zlib.decompress(body)
                except (zlib.error, TypeError):
                    continue
                if used_on != today:
                    old.append(key)
        if old:
            database.executemany("UPDATE report SET used_on = ? WHERE key = ?", [(today, key) for key in old])
        return found

    def _write(self, database: sqlite3.Connection, values: Mapping[str, bytes]) -> None:
        today = int(time.time() // _SECONDS_A_DAY)
        rows = [(key, today, zlib.compress(body, 1)) for key, body in values.items()]
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT OR REPLACE INTO report (key, used_on, body) VALUES (?, ?, ?)", rows)
        (count,) = database.execute("SELECT count(*) FROM report").fetchone()
        if count > self._most_rows:
            # A tenth more than is too much, so that not every write has to tidy.
            gone = count - self._most_rows + self._most_rows // 10
            database.execute(
                "DELETE FROM report WHERE key IN (SELECT key FROM report ORDER BY used_on, rowid LIMIT ?)",
                (gone,),
            )
        database.execute("COMMIT")

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            if self._is_off:
                return None
            for attempt in (1, 2):
                try:
                    with closing(self._open()) as database:
                        return work(database)
                except sqlite3.DatabaseError as error:
                    if isinstance(error, sqlite3.OperationalError) and "not a database" not in str(error):
                        # Locked by another app, read-only or full: this once without it.
                        _log.info("The lint cache cannot be used now: %s", error)
                        return None
                    self._begin_anew(error, last=attempt == 2)
                except OSError as error:
                    self._begin_anew(error, last=True)
        return None

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=1.0, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            (known,) = database.execute("PRAGMA user_version").fetchone()
            if known != _FORMAT:
                database.executescript(
                    "BEGIN IMMEDIATE; DROP TABLE IF EXISTS report;"
                    "CREATE TABLE report (key TEXT PRIMARY KEY, used_on INTEGER NOT NULL, body BLOB NOT NULL);"
                    f"PRAGMA user_version = {_FORMAT}; COMMIT;"
                )
        except BaseException:
            database.close()
            raise
        return database

    def _begin_anew(self, error: Exception, *, last: bool) -> None:
        _log.warning("The lint cache %s is damaged (%s); it is begun anew", self.path, error)
        self._is_off = last
        for suffix in ("", "-wal", "-shm"):
            try:
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            except OSError:
                self._is_off = True
