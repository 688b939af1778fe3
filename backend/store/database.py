"""toolkit.db: one SQLite file in WAL mode, one connection a thread, versioned by `PRAGMA user_version`."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.errors import DiskFull, StorageFailed
from backend.core.paths import storage_error

_log = logging.getLogger(__name__)

_MIGRATIONS = (
    """
    CREATE TABLE content (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE run (
        run_id TEXT PRIMARY KEY, connection TEXT NOT NULL, engine TEXT NOT NULL, kind TEXT NOT NULL,
        direction TEXT NOT NULL, state TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT, duration_ms REAL,
        os_user TEXT, author TEXT, host TEXT, pid INTEGER, app_version TEXT, tool TEXT, tool_version TEXT,
        server TEXT, backup_id TEXT, git_commit TEXT, output TEXT NOT NULL DEFAULT '', error TEXT, database_key TEXT);
    CREATE INDEX run_by_connection ON run (connection, started_at);
    CREATE INDEX run_by_state ON run (state);
    CREATE TABLE run_migration (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL REFERENCES run, connection TEXT NOT NULL,
        version TEXT NOT NULL, filename TEXT NOT NULL, sha256 TEXT, direction TEXT NOT NULL, status TEXT NOT NULL,
        started_at TEXT, finished_at TEXT, duration_ms REAL, error TEXT, partial INTEGER NOT NULL DEFAULT 0,
        landed TEXT, reconciled INTEGER NOT NULL DEFAULT 0, author TEXT);
    CREATE INDEX run_migration_by_version ON run_migration (connection, version, id);
    CREATE INDEX run_migration_by_run ON run_migration (run_id, id);
    CREATE TABLE fingerprint (
        run_id TEXT NOT NULL, version TEXT NOT NULL, objects TEXT NOT NULL, PRIMARY KEY (run_id, version)) WITHOUT ROWID;
    CREATE TABLE job (
        job_id TEXT PRIMARY KEY, channel TEXT NOT NULL, connection TEXT, state TEXT NOT NULL, started_at TEXT NOT NULL,
        finished_at TEXT, message TEXT NOT NULL DEFAULT '', error TEXT);
    CREATE TABLE draft (
        connection TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, base_sha256 TEXT, saved_at TEXT NOT NULL,
        PRIMARY KEY (connection, key)) WITHOUT ROWID;
    """,
)


class Database:
    """The file, opened on first use. A corrupted file is set aside (never deleted) and a new one begun."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._ready = threading.Lock()
        self._is_ready = False
        self.set_aside: Path | None = None

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, rows by name."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            with self._ready:
                if not self._is_ready:
                    self._prepare()
                    self._is_ready = True
            found = self._local.connection = self._open()
        return found

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or nothing."""
        connection = self.connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._roll_back(connection)
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise self._failed("written", error) from error
        except BaseException:
            self._roll_back(connection)
            raise

    def _failed(self, doing: str, error: sqlite3.DatabaseError) -> StorageFailed:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return DiskFull(
                f"There is no space left to write the ledger {self.path}.",
                hint="Free some space and try again.",
                path=str(self.path),
            )
        hints = {
            sqlite3.SQLITE_BUSY: "Another DB Toolkit holds it; try again in a moment.",
            sqlite3.SQLITE_READONLY: "Check the owner and the permissions of the folder.",
            sqlite3.SQLITE_CANTOPEN: "Check the owner and the permissions of the folder.",
            sqlite3.SQLITE_IOERR: "Check that the disk is there and not full.",
            sqlite3.SQLITE_CORRUPT: "Start DB Toolkit again: it keeps the damaged ledger aside and begins a new one.",
            sqlite3.SQLITE_NOTADB: "Start DB Toolkit again: it keeps the damaged ledger aside and begins a new one.",
        }
        return StorageFailed(
            f"The ledger {self.path} cannot be {doing}: {error}.", hint=hints.get(code), path=str(self.path)
        )

    @staticmethod
    def _roll_back(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            with suppress(sqlite3.DatabaseError):
                connection.execute("ROLLBACK")

    def close(self) -> None:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is not None:
            found.close()
            del self._local.connection

    def _open(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self.path, timeout=15, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise self._failed("opened", error) from error
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _prepare(self) -> None:
        try:
            self._migrate()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "not a database" not in str(error):
                raise self._failed("opened", error) from error
            self._put_aside(error)
            self._migrate()

    def _migrate(self) -> None:
        connection = self._open()
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            (known,) = connection.execute("PRAGMA user_version").fetchone()
            if known > len(_MIGRATIONS):
                raise StorageFailed(
                    f"The ledger {self.path} was written by a newer DB Toolkit (format {known}).",
                    hint="Update DB Toolkit, or start it with another DB_TOOLKIT_HOME.",
                    path=str(self.path),
                )
            for number, script in enumerate(_MIGRATIONS[known:], known + 1):
                connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
            connection.execute("SELECT count(*) FROM run").fetchone()
        finally:
            connection.close()

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged-{utc_now():%Y%m%d%H%M%S}")
        _log.error("The ledger is damaged (%s); it is kept as %s and a new one begun", error, aside)
        try:
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                beside = self.path.with_name(self.path.name + suffix)
                if beside.exists():
                    beside.rename(aside.with_name(aside.name + suffix))
        except OSError as problem:
            raise storage_error(problem, self.path, "set aside the damaged ledger") from problem
        self.set_aside = aside
