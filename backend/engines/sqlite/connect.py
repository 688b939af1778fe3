"""Short-lived SQLite connections; reading creates no file, not even beside the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from backend.core.errors import DatabaseMissing, ReadOnly
from backend.engine.target import Target

from . import url as urls
from .errors import translated

T = TypeVar("T")
_WAL_HEADER = b"\x02\x02"
_BUSY_TIMEOUT_S = 5.0
"""As long as dbmate itself waits for a locked file."""


def database_file(target: Target) -> Path:
    """The database's file, absolute. Raises InvalidUrl."""
    return urls.parse(target.url).file(target.working_dir)


def quoted(name: str) -> str:
    """A name as an identifier, quoted as dbmate quotes its table."""
    return '"' + name.replace('"', '""') + '"'


def read(target: Target, work: Callable[[sqlite3.Connection], T]) -> T:
    """`work(connection)` on a read-only connection, in one read transaction. Raises DatabaseMissing.

    A WAL database without its `-wal` file has no other user; SQLite would create `-wal` and `-shm` even for a reader
    and leave them. Such a file is read as immutable, and once more in the ordinary way if it changed meanwhile.
    """
    path = database_file(target)
    with translated(path):
        require_file(path)
        before = _stamp(path)
        if _is_quiet_wal(path):
            found = _run(_open(path, "mode=ro&immutable=1"), work)
            if _is_quiet_wal(path) and _stamp(path) == before:
                return found
        try:
            return _run(_open(path, "mode=ro"), work)
        except sqlite3.OperationalError as error:
            # A killed writer leaves its journal; whoever may write has to roll it back before anybody can read.
            if (
                _error_name(error) not in ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY")
                or target.read_only
            ):
                raise
        recover(path)
        return _run(_open(path, "mode=ro"), work)


@contextmanager
def writing(target: Target) -> Iterator[sqlite3.Connection]:
    """A read-write connection in autocommit; the file must exist. Raises ReadOnly on a read-only target."""
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    path = database_file(target)
    with translated(path):
        require_file(path)
        connection = _open(path, "mode=rw")
        try:
            if target.lock_timeout_s is not None:
                connection.execute(f"PRAGMA busy_timeout = {int(target.lock_timeout_s * 1000)}")
            yield connection
        finally:
            connection.close()


def recover(path: Path) -> None:
    """Let SQLite roll back what a killed writer left, and wait (5 s at most) until nobody holds the write lock."""
    connection = _open(path, "mode=rw")
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def require_file(path: Path) -> None:
    """Raise DatabaseMissing where there is none."""
    if not path.exists():
        raise DatabaseMissing(f"There is no file {path}.", path=str(path))


def _open(path: Path, query: str) -> sqlite3.Connection:
    text = path.as_posix()
    uri = "file:" + quote(text if text.startswith("/") else f"/{text}") + f"?{query}"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _run(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        connection.execute("PRAGMA query_only = on")
        connection.execute("BEGIN")
        return work(connection)
    finally:
        connection.close()


def _is_quiet_wal(path: Path) -> bool:
    if Path(f"{path}-wal").exists():
        return False
    with path.open("rb") as file:
        return file.read(20)[18:20] == _WAL_HEADER


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _error_name(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", ""))
