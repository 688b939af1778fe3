"""A database file made to hold what another holds, other programs having it open or not.

A file that is there is not swapped for another: who has it open would go on writing into the old one, unseen. SQLite's
backup API writes the pages into it in one transaction, which a crash rolls back and every reader sees at its end.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from backend.core.errors import AppError, BackupFailed, Cancelled, Conflict, ReadOnly
from backend.core.paths import storage_errors
from backend.engine.backup import Progress
from backend.engine.target import CancelToken, Target
from backend.engines.sqlite.errors import from_text, translated
from backend.engines.sqlite.truth import SIDE_FILES

from .copying import copy_pages


def put_back(
    file: Path,
    path: Path,
    target: Target,
    progress: Progress,
    cancel: CancelToken,
    *,
    replace: bool,
    wait_s: float,
) -> list[str]:
    """Make `path` hold what `file` holds; `file` may be moved. Returns notes. See BackupTools.restore."""
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    if path.is_dir():
        raise BackupFailed(f"{path} is a folder, not a database file.", state="untouched")
    if not path.exists() or path.stat().st_size == 0:
        return _move(file, path, cancel)
    if not replace and not _is_empty(path):
        raise Conflict(f"{path} is there already and holds tables.", path=str(path))
    if not _is_database(path):
        notes = _move(file, path, cancel)
        return [*notes, "What was there was no SQLite database that could be read."]
    return _into(file, path, progress, cancel, wait_s)


def _move(file: Path, path: Path, cancel: CancelToken) -> list[str]:
    """Where nothing is that anybody could have open as a database. Side files of an older one would spoil the new."""
    if cancel.is_cancelled:
        raise Cancelled("Restoring was cancelled.")
    with storage_errors(path, "write"):
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        descriptor = os.open(file, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.chmod(file, mode)
        for suffix in SIDE_FILES:
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        os.replace(file, path.resolve())
    return []


def _is_database(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=5)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        return isinstance(error, sqlite3.OperationalError)
    return True


def _is_empty(path: Path) -> bool:
    if not _is_database(path):
        return False
    with translated(path), closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _into(file: Path, path: Path, progress: Progress, cancel: CancelToken, wait_s: float) -> list[str]:
    notes: list[str] = []
    with closing(sqlite3.connect(file, isolation_level=None)) as source:
        wanted = str(source.execute("PRAGMA journal_mode").fetchone()[0]).lower()
        page = int(source.execute("PRAGMA page_size").fetchone()[0])

        def told(done: int, total: int) -> None:
            progress(done * page, total * page, f"Restoring {path.name}")

        try:
            with closing(
                sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=wait_s)
            ) as into:
                had = str(into.execute("PRAGMA journal_mode").fetchone()[0]).lower()
                if had == "wal" and int(into.execute("PRAGMA page_size").fetchone()[0]) != page:
                    # In WAL mode the size of the pages stays; leaving it proves that nobody else has the file open.
                    into.execute("PRAGMA journal_mode = DELETE")
                copy_pages(source, into, told, cancel, wait_s)
                notes += _like(into, wanted)
        except sqlite3.Error as error:
            told_as = from_text(str(error))
            raise BackupFailed(
                f"{path.name} was left as it was: {told_as.message}",
                hint=told_as.hint,
                state="untouched",
            ) from error
        except Cancelled:
            raise
        except AppError as error:
            error.details.setdefault("state", "untouched")
            raise
    return notes


def _like(into: sqlite3.Connection, wanted: str) -> list[str]:
    try:
        into.execute("PRAGMA busy_timeout = 2000")
        now = str(into.execute("PRAGMA journal_mode").fetchone()[0]).lower()
        if now != wanted and wanted in ("wal", "delete"):
            now = str(into.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]).lower()
    except sqlite3.Error:
        now = ""
    if now == wanted:
        return []
    return [f"The journal mode stayed as it was ({now or 'in use'}); in the backup it is {wanted}."]
