"""toolkit.db: one SQLite file in WAL mode, one connection a thread, versioned by `PRAGMA user_version`.

A damaged file is kept aside, never deleted; what it still tells is taken over, and the rest is read from the databases
again. A file of a newer version is left as it is.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from backend.core.clock import utc_now
from backend.core.errors import AppError, Busy, DiskFull, StorageFailed
from backend.core.paths import storage_error
from backend.models.base import iso_z

from . import damage
from .file_lock import locked
from .guarded import GuardedConnection

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
    # What a run met on the server and the environment it was for; indexes that hold all a list or a chart reads, so
    # that a hundred thousand rows are counted without their texts.
    """
    ALTER TABLE run ADD COLUMN environment TEXT;
    ALTER TABLE run_migration ADD COLUMN waited_ms REAL;
    ALTER TABLE run_migration ADD COLUMN server TEXT;
    CREATE INDEX run_listing ON run (connection, direction, state, kind, started_at, author, run_id);
    CREATE INDEX run_migration_stats ON run_migration
        (connection, direction, status, started_at, duration_ms, version);
    CREATE INDEX run_migration_days ON run_migration
        (substr(started_at, 1, 10), direction, status, connection, duration_ms, started_at);
    CREATE INDEX run_migration_words ON run_migration (filename, version, status, run_id);
    CREATE INDEX run_migration_failed ON run_migration (id) WHERE error IS NOT NULL;
    CREATE INDEX run_migration_met ON run_migration (id) WHERE server IS NOT NULL;
    CREATE TABLE content_kind (
        sha256 TEXT NOT NULL, engine TEXT NOT NULL, direction TEXT NOT NULL, kind TEXT NOT NULL, tables TEXT NOT NULL,
        reader INTEGER NOT NULL, PRIMARY KEY (sha256, engine, direction)) WITHOUT ROWID;
    """,
    # What the app has to tell once, such as damage it met; and how many runs a connection has, without counting them.
    """
    CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX run_of_connection ON run (connection);
    DROP INDEX run_migration_by_version;
    CREATE INDEX run_migration_by_version ON run_migration (connection, version, id, status);
    """,
    # What rehearsals found, and the scratch databases that are in use: those of a process that ended are swept.
    """
    CREATE TABLE rehearsal (
        rehearsal_id TEXT PRIMARY KEY, connection TEXT NOT NULL, finished_at TEXT NOT NULL, schema_sha256 TEXT NOT NULL,
        result TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX rehearsal_of_connection ON rehearsal (connection, finished_at);
    CREATE TABLE rehearsed_file (
        rehearsal_id TEXT NOT NULL, connection TEXT NOT NULL, filename TEXT NOT NULL, sha256 TEXT NOT NULL,
        direction TEXT NOT NULL, finished_at TEXT NOT NULL, schema_sha256 TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (connection, filename, direction, sha256)) WITHOUT ROWID;
    CREATE TABLE scratch (
        scratch_id TEXT PRIMARY KEY, place TEXT NOT NULL, engine TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
        begun_at TEXT NOT NULL) WITHOUT ROWID;
    """,
    # The schema for each set of applied versions, for judging rollbacks; and what a half-done file found and left, until
    # nothing of it is left any more. A cell of `half_done` is compressed JSON.
    """
    CREATE TABLE schema_state (
        id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, applied_sha256 TEXT NOT NULL, taken_at TEXT NOT NULL,
        run_id TEXT, objects BLOB NOT NULL);
    CREATE INDEX schema_state_of ON schema_state (connection, applied_sha256);
    CREATE TABLE before_file (
        run_id TEXT NOT NULL, version TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (run_id, version));
    CREATE TABLE half_done (
        connection TEXT NOT NULL, version TEXT NOT NULL, direction TEXT NOT NULL, run_id TEXT NOT NULL,
        content BLOB NOT NULL, PRIMARY KEY (connection, version, direction));
    ALTER TABLE run ADD COLUMN rollback_check TEXT;
    """,
)
_CHECK_AT_ONCE_BYTES = 16_000_000
"""A larger file is looked through beside the work, for it takes as long as reading it."""


class LedgerBusy(Busy, StorageFailed):
    """Another program holds toolkit.db."""

    title = "The ledger is in use"


class Database:
    """The file, opened on first use."""

    def __init__(self, path: Path, *, busy_timeout_s: float = 15.0) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._ready = threading.RLock()
        self._is_ready = False
        self._generation = 0
        """Counts how often the file was replaced: a connection of before looks at the one set aside."""
        self._read_only = False
        self.set_aside: Path | None = None
        self.on_damage: Callable[[], None] | None = None
        """Called after a damaged file was replaced; `notes()` has what to tell."""

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, rows by name. Raises StorageFailed, DiskFull; Busy after 15 s."""
        found: tuple[int, sqlite3.Connection] | None = getattr(self._local, "connection", None)
        if found is not None and found[0] != self._generation:
            self.close()
            found = None
        if found is None:
            with self._ready:
                if not self._is_ready:
                    self._prepare()
                    self._is_ready = True
                found = self._local.connection = (self._generation, self._open())
        return found[1]

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or nothing."""
        connection = self.connection()
        if self._read_only:
            raise self._not_writable()
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

    def note(self, key: str, value: Any) -> None:
        """Keep a small thing to tell or to do; None forgets it."""
        with self.write() as db:
            db.execute("DELETE FROM note WHERE key = ?", (key,))
            if value is not None:
                db.execute("INSERT INTO note VALUES (?, ?)", (key, json.dumps(value)))

    def notes(self, key: str) -> Any:
        """What was kept under the key, or None."""
        row = self.connection().execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def close(self) -> None:
        found: tuple[int, sqlite3.Connection] | None = getattr(self._local, "connection", None)
        if found is not None:
            found[1].close()
            del self._local.connection

    # -- what goes wrong -----------------------------------------------------------------------------------------

    def _failed(self, doing: str, error: sqlite3.DatabaseError) -> StorageFailed:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        path = str(self.path)
        if code == sqlite3.SQLITE_FULL:
            return DiskFull(
                f"There is no space left to write the ledger {path}.",
                hint="Free some space and try again.",
                path=path,
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self._busy()
        hints = {
            sqlite3.SQLITE_READONLY: "Check the owner and the permissions of the folder.",
            sqlite3.SQLITE_CANTOPEN: "Check the owner and the permissions of the folder.",
            sqlite3.SQLITE_IOERR: "Check that the disk is there and not full.",
        }
        return StorageFailed(
            f"The ledger {path} cannot be {doing}: {error}.", hint=hints.get(code), path=path
        )

    def _busy(self) -> LedgerBusy:
        return LedgerBusy(
            f"Another program holds the ledger {self.path}; it was waited for {self._busy_timeout_s:g} s.",
            hint="Another DB Toolkit may be writing much, or a tool may have the file open. Try again in a moment.",
            path=str(self.path),
        )

    def _not_writable(self) -> StorageFailed:
        return StorageFailed(
            f"The ledger {self.path} cannot be written, so nothing that has to be remembered can be done.",
            hint="Check the owner and the permissions of the folder, or start with another DB_TOOLKIT_HOME.",
            path=str(self.path),
        )

    def _told(self, error: sqlite3.DatabaseError) -> None:
        """Any statement's error. Raises it in the app's words; damage is dealt with first."""
        if damage.is_broken(error):
            raise self._replace(str(error)) from error
        raise self._failed("used", error) from error

    @staticmethod
    def _roll_back(connection: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error, AppError):
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    # -- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._read_only:
            connection = self._open_to_read()
            connection.on_error = self._told
            return connection
        connection = self._connect()
        connection.on_error = self._told
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _connect(self, *, uri: str | None = None) -> GuardedConnection:
        try:
            connection = sqlite3.connect(
                uri or self.path,
                uri=uri is not None,
                timeout=self._busy_timeout_s,
                isolation_level=None,
                factory=GuardedConnection,
            )
        except sqlite3.OperationalError as error:
            raise self._failed("opened", error) from error
        connection.row_factory = sqlite3.Row
        return connection

    def _open_to_read(self) -> GuardedConnection:
        """Where the folder may not be written: the file as it is, or where there is none, an empty one in memory."""
        if self.path.exists():
            text = self.path.absolute().as_posix()
            return self._connect(
                uri=f"file:{quote(text if text.startswith('/') else '/' + text)}?immutable=1"
            )
        connection = self._connect(uri="file::memory:")
        for script in _MIGRATIONS:
            connection.executescript(script)
        return connection

    def _prepare(self) -> None:
        """Once in this process, and one process at a time: the file is there, whole, and of this version."""
        folder = self.path.parent
        self._read_only = folder.is_dir() and not os.access(folder, os.W_OK)
        if self._read_only:
            _log.warning("%s cannot be written: the ledger is only read", folder)
            if self.path.exists():
                with closing(self._open_to_read()) as connection:
                    self._refuse_newer(connection)
            return
        try:
            with locked(self.path.with_name(f"{self.path.name}.lock"), self._busy_timeout_s):
                self._make_ready()
        except TimeoutError:
            raise self._busy() from None

    def _make_ready(self) -> None:
        why = damage.of_header(self.path) if self.path.is_file() else None
        if why is None:
            try:
                torn_log = self._migrate()
            except sqlite3.DatabaseError as error:
                if not damage.is_broken(error):
                    raise self._failed("opened", error) from error
                why = str(error)
            else:
                if torn_log is not None:
                    self._keep_log(torn_log)
                return
        self._begin_anew(why)

    def _migrate(self) -> bytes | None:
        """Bring the file to this version. Returns its log as it was, where more was written in it than can be read."""
        wal = self.path.with_name(f"{self.path.name}-wal")
        log = damage.committed_frames(wal)
        # SQLite begins the log anew, or removes it, as soon as it has been read.
        before = wal.read_bytes() if log is not None else None
        is_new = not self.path.exists()
        connection = self._connect()
        try:
            # First of all: a newer file is not touched.
            self._refuse_newer(connection)
            (known,) = connection.execute("PRAGMA user_version").fetchone()
            if is_new and os.name == "posix":
                # SQLite makes it as the umask says; its log takes the file's mode over.
                self.path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            is_torn = log is not None and (not log[0] or self._lost(connection, log))
            for number, script in enumerate(_MIGRATIONS[known:], known + 1):
                connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
            if not is_new:
                self._look_through(connection)
        finally:
            connection.close()
        return before if is_torn else None

    @staticmethod
    def _lost(connection: sqlite3.Connection, before: tuple[bytes, int]) -> bool:
        """SQLite counts the frames it believes; fewer than were finished means that finished transactions are lost."""
        _, believed, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        (path,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        after = damage.committed_frames(Path(f"{path}-wal"))
        # Another process may have begun the log anew meanwhile: then its salt is another, and nothing was lost.
        return after is not None and after[0] == before[0] and 0 <= believed < before[1]

    def _refuse_newer(self, connection: sqlite3.Connection) -> None:
        (known,) = connection.execute("PRAGMA user_version").fetchone()
        if known > len(_MIGRATIONS):
            raise StorageFailed(
                f"The ledger {self.path} was written by a newer DB Toolkit (format {known}, this one knows "
                f"{len(_MIGRATIONS)}). It is left as it is.",
                hint="Update DB Toolkit, or start it with another DB_TOOLKIT_HOME.",
                path=str(self.path),
            )

    def _look_through(self, connection: sqlite3.Connection) -> None:
        """Raises the error of a damaged page, where one is."""
        if self.path.stat().st_size > _CHECK_AT_ONCE_BYTES:
            threading.Thread(target=self._check_beside, name="ledger-check", daemon=True).start()
            return
        if why := damage.of_content(connection):
            raise _broken(why)

    def _check_beside(self) -> None:
        try:
            with closing(self._connect()) as connection:
                why = damage.of_content(connection)
            if why:
                self._replace(why)
        except (AppError, sqlite3.Error):
            _log.warning("The ledger could not be looked through", exc_info=True)

    # -- replacing -----------------------------------------------------------------------------------------------

    def _replace(self, why: str) -> StorageFailed:
        """Damage that showed while the file was in use: replace it, once. Returns the error for whoever met it."""
        generation = getattr(self._local, "connection", (self._generation, None))[0]
        with self._ready:
            self.close()
            if generation == self._generation:
                self._generation += 1
                try:
                    with locked(self.path.with_name(f"{self.path.name}.lock"), self._busy_timeout_s):
                        self._replace_if_damaged(why)
                except TimeoutError:
                    return self._busy()
        where = f" It is kept as {self.set_aside}." if self.set_aside else ""
        return StorageFailed(
            f"The ledger {self.path} was damaged ({why}) and has been begun anew with what could be read of it.{where}",
            hint="Try again: what is applied is read from the databases.",
            path=str(self.path),
            set_aside=str(self.set_aside) if self.set_aside else None,
        )

    def _replace_if_damaged(self, why: str) -> None:
        """Another process may have replaced it already."""
        still = damage.of_header(self.path)
        if still is None and self.path.exists():
            with closing(self._connect()) as connection:
                still = damage.of_content(connection)
        if still is not None:
            self._begin_anew(why)

    def _begin_anew(self, why: str) -> None:
        try:
            aside = damage.set_aside(self.path)
        except OSError as problem:
            raise storage_error(problem, self.path, "set aside the damaged ledger") from problem
        _log.error("The ledger is damaged (%s); it is kept as %s and a new one begun", why, aside)
        self.set_aside = aside
        self._migrate()
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            saved = damage.salvage(aside, connection)
            self._write_note(connection, why, aside, saved)
            connection.execute("COMMIT")
        if self.on_damage is not None:
            self.on_damage()

    def _keep_log(self, log: bytes) -> None:
        """The file is whole, but its log was torn: the last transactions are lost, and what is left of them is kept."""
        aside = damage.name_aside(self.path)
        aside = aside.with_name(f"{aside.name}-wal")
        aside.write_bytes(log)
        _log.error("The ledger's log is damaged; what is left of it is kept as %s", aside)
        self.set_aside = aside
        with closing(self._connect()) as connection:
            self._write_note(connection, "the last changes in its log cannot be read", aside, None)
        if self.on_damage is not None:
            self.on_damage()

    def _write_note(
        self, connection: sqlite3.Connection, why: str, aside: Path, saved: dict[str, int] | None
    ) -> None:
        value: dict[str, Any] = {
            "path": str(self.path),
            "set_aside": str(aside),
            "why": why,
            "at": iso_z(utc_now()),
            "saved": saved,
            "rebuilt": [],
            "told": False,
        }
        connection.execute("INSERT OR REPLACE INTO note VALUES ('damage', ?)", (json.dumps(value),))


def _broken(why: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(why)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
