"""What a SQLite file is: there or not, a database or not, which versions are applied; making and removing it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from backend.core.errors import Conflict, ConnectionFailed, DatabaseMissing, LockTimeout, ReadOnly
from backend.engine.target import OtherTable, Target
from backend.models.connection import Applied, ServerInfo

from .connect import database_file, quoted, read, recover
from .errors import translated

SIDE_FILES = ("-wal", "-shm", "-journal")


def probe(target: Target) -> ServerInfo:
    """Is the file there and a database? Creates nothing. Raises ConnectionFailed for what is no database."""
    path = database_file(target)
    started = time.perf_counter()
    exists = path.exists()
    notes: list[str] = []
    if exists:
        mode = read(target, lambda connection: _look(connection))
        if mode == "wal":
            notes.append("The database uses write-ahead logging (WAL).")
    elif not path.parent.is_dir():
        notes.append(f"Its folder {path.parent} does not exist; dbmate will not create it.")
    writable = os.access(path, os.W_OK) if exists else True
    if path.parent.is_dir() and not os.access(path.parent, os.W_OK):
        writable = False
        notes.append(f"Its folder {path.parent} may not be written, and SQLite writes its journal there.")
    return ServerInfo(
        product="SQLite",
        version=sqlite3.sqlite_version,
        database_exists=exists,
        latency_ms=(time.perf_counter() - started) * 1000,
        read_only=not writable,
        notes=notes,
    )


def _look(connection: sqlite3.Connection) -> str:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def create(target: Target) -> None:
    """An empty file, as dbmate makes it. Raises Conflict where one is, ConnectionFailed where the folder is missing."""
    path = database_file(target)
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    if not path.parent.is_dir():
        raise ConnectionFailed(
            f"The folder {path.parent} does not exist.", hint="Create the folder first.", path=str(path)
        )
    with translated(path):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            raise Conflict(f"{path} is there already.", path=str(path)) from None


def drop(target: Target) -> None:
    """Remove the file with its `-wal`, `-shm` and `-journal`. Raises LockTimeout while another program writes to it."""
    path = database_file(target)
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    if not path.exists():
        return
    with translated(path):
        if path.is_dir():
            raise IsADirectoryError(str(path))
        _require_unused(path)
        path.unlink()
        for suffix in SIDE_FILES:
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def _require_unused(path: Path) -> None:
    """A file pulled away under a writer would be written on, unseen; its journal would then spoil a new database."""
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise LockTimeout(f"Another program is writing to {path}.", path=str(path)) from error
        # A damaged file may be dropped all the same.
    except sqlite3.DatabaseError:
        pass
    finally:
        connection.close()


def applied(target: Target) -> list[Applied]:
    """The versions in the migrations table, as text in order; empty where file or table is missing."""

    def work(connection: sqlite3.Connection) -> list[Applied]:
        found = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
            (target.migrations_table,),
        ).fetchone()
        if found is None:
            return []
        rows = connection.execute(
            f"SELECT CAST(version AS TEXT) FROM {quoted(target.migrations_table)} ORDER BY version"
        )
        return [Applied(version=version) for (version,) in rows if version is not None]

    try:
        return read(target, work)
    except DatabaseMissing:
        return []


def table_rows(target: Target, table: str) -> OtherTable | None:
    """The table's rows as text; None where file or table is missing."""

    def work(connection: sqlite3.Connection) -> OtherTable | None:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
            (table,),
        ).fetchone()
        if found is None:
            return None
        rows = connection.execute(f"SELECT * FROM {quoted(found[0])}")
        columns = tuple(one[0].lower() for one in rows.description)
        return OtherTable(
            columns,
            tuple(
                {key: None if value is None else str(value) for key, value in zip(columns, row, strict=True)}
                for row in rows
            ),
        )

    try:
        return read(target, work)
    except DatabaseMissing:
        return None


def settle(target: Target) -> None:
    """After the tool was ended: roll back what it left, and wait until nobody writes."""
    path = database_file(target)
    if path.exists() and not target.read_only:
        with translated(path):
            recover(path)
