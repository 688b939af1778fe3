"""See `BackupTools`. The backup is `database.sqlite3.gz`: the file as SQLite's backup interface copies it, which is one
moment of the database with what is still in its write-ahead log."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from backend.core.errors import BackupFailed, Cancelled, Conflict, InvalidRequest, ReadOnly
from backend.core.paths import sweep_halves, this_process
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.sqlite import url as urls
from backend.engines.sqlite.connect import database_file, read, require_file
from backend.engines.sqlite.errors import translated
from backend.engines.sqlite.fingerprint import of_connection as fingerprint_of
from backend.engines.sqlite.truth import SIDE_FILES
from backend.models.backup import TableContent

from . import contents
from .copying import copy, copy_of_one_moment, page_size
from .packing import pack, unpacked

FILE = "database.sqlite3.gz"
_BUSY_TIMEOUT_S = 10.0


class SqliteBackup(BackupTools):
    def how(self, target: Target) -> str:
        return f"SQLite {sqlite3.sqlite_version} backup API"

    def size(self, target: Target) -> SourceSize:
        file = database_file(target)
        require_file(file)
        tables = read(
            target,
            lambda connection: connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            ).fetchone()[0],
        )
        log = Path(f"{file}-wal")
        size = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
        # The copy and its compressed form are there together for a moment.
        return SourceSize(tables=int(tables), bytes=size, needed_bytes=2 * size)

    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        copy = folder / "copying.sqlite3"
        copy.touch(mode=0o600)
        try:
            objects = read(target, lambda source: _copied(source, copy, target, progress, cancel))
            pack(copy, folder / FILE, _told(progress, cancel, "Compressing"))
        finally:
            for path in (copy, Path(f"{copy}-journal"), Path(f"{copy}-wal"), Path(f"{copy}-shm")):
                path.unlink(missing_ok=True)
        return Written(tool=self.how(target), format="SQLite file, gzip", objects=objects)

    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        with _opened(folder, progress, cancel) as (_, connection):
            return contents.of(connection, _stoppable(progress, cancel), digest=digest)

    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        if target.read_only:
            raise ReadOnly("The connection is read-only.")
        file = database_file(target)
        if not replace and file.exists() and file.stat().st_size:
            raise Conflict(f"There is a file {file} already.", state="untouched")
        if not file.parent.is_dir():
            raise InvalidRequest(f"There is no folder {file.parent}.", state="untouched")
        with translated(file), _opened(folder, progress, cancel) as (unpacked_file, source):
            if not file.exists() or file.stat().st_size == 0:
                _beside(file, unpacked_file)
            elif not _is_database(file):
                _beside(file, unpacked_file)
                return [f"What {file.name} held before was no SQLite database that can be opened."]
            else:
                _into(file, source, progress, cancel)
        return []

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        return read(
            target,
            lambda connection: contents.of(connection, _stoppable(progress, cancel), digest=digest),
        )

    def elsewhere(self, target: Target, database: str) -> Target:
        name = database.strip()
        if not name or any(char in name for char in '/\\\0?#%"') or name in {".", ".."}:
            raise InvalidRequest(
                f"{database[:80]!r} is not a file name.", hint="For example shop-restored.db"
            )
        if "." not in name:
            name += database_file(target).suffix or ".db"
        parsed = urls.parse(target.url)
        path = database_file(target).parent / name
        return replace(target, url=urls.SqliteUrl(path.as_posix(), parsed.options).text())

    def by_hand(self, folder: Path, database: str) -> str:
        return (
            f"gunzip -c {shlex.quote(str(folder / FILE))} > restored.db\n"
            "sqlite3 restored.db 'PRAGMA integrity_check'\n"
            f"# With no program using it, restored.db may take the place of {shlex.quote(database)};\n"
            "# remove the old file's -wal and -shm beside it first."
        )


BACKUP = SqliteBackup()


def _copied(
    source: sqlite3.Connection, copy: Path, target: Target, progress: Progress, cancel: CancelToken
) -> dict[str, str]:
    """The pages of one read transaction; answers the schema of the same moment."""
    told = _told(progress, cancel, "Copying")
    with closing(sqlite3.connect(copy, isolation_level=None)) as into:
        # Not OFF: a copy that begins anew has to be undone first.
        into.execute("PRAGMA journal_mode = MEMORY")
        into.execute("PRAGMA synchronous = OFF")
        copy_of_one_moment(source, into, told)
        return fingerprint_of(into, target.migrations_table)


@contextmanager
def _room(folder: Path) -> Iterator[str]:
    """A folder for a moment. One that cannot be removed goes at the next start: tempfile's own never ends where nothing
    may be removed any more."""
    room = tempfile.mkdtemp(prefix=f".partial-{this_process()}-reading-", dir=folder)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


@contextmanager
def _opened(
    folder: Path, progress: Progress, cancel: CancelToken
) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """The backup unpacked beside itself and opened, sound in every page."""
    packed = folder / FILE
    if not packed.is_file():
        raise BackupFailed(f"{FILE} is missing.", reason="damaged", state="untouched")
    with _room(folder.parent) as room:
        told = _told(progress, cancel, "Unpacking")
        with unpacked(packed, Path(room) / "database.sqlite3", told) as file:
            try:
                with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
                    connection.set_progress_handler(lambda: int(cancel.is_cancelled), 100_000)
                    progress(0, None, "Checking every page")
                    said = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
                    if said != ["ok"]:
                        raise BackupFailed(
                            f"The backup is damaged: {said[0]}", reason="damaged", state="untouched"
                        )
                    yield file, connection
            except sqlite3.DatabaseError as error:
                if cancel.is_cancelled:
                    raise Cancelled("Cancelled.") from None
                raise BackupFailed(
                    f"The backup is damaged: {error}.", reason="damaged", state="untouched"
                ) from None


def _into(file: Path, source: sqlite3.Connection, progress: Progress, cancel: CancelToken) -> None:
    """Over a database that is there, in one transaction of SQLite's: others that have it open see the old one or the new
    one, and what breaks in the middle is rolled back from its journal."""
    told = _told(progress, cancel, "Restoring")
    with closing(sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as into:
        if page_size(into) != page_size(source):
            # A write-ahead log cannot hold pages of another size.
            into.execute("PRAGMA journal_mode = DELETE").fetchone()
        copy(source, into, told)


def _is_database(file: Path) -> bool:
    """One that is locked, or has damaged pages, is: somebody may have it open. Other bytes are not."""
    try:
        with closing(sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB
    return True


def _beside(file: Path, unpacked_file: Path) -> None:
    """Where no database is: whole under another name, then named. Side files of one that was there before would be
    taken for the new one's own, and written into it."""
    sweep_halves(file.parent)
    handle, name = tempfile.mkstemp(
        prefix=f".{file.name[:80]}.{this_process()}-", suffix=".tmp", dir=file.parent
    )
    try:
        with os.fdopen(handle, "wb") as writing, unpacked_file.open("rb") as reading:
            while chunk := reading.read(4 << 20):
                writing.write(chunk)
            writing.flush()
            os.fsync(writing.fileno())
        os.chmod(name, file.stat().st_mode & 0o777 if file.exists() else 0o644)
        for suffix in SIDE_FILES:
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)


def _told(progress: Progress, cancel: CancelToken, message: str) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        if cancel.is_cancelled:
            raise Cancelled("Cancelled.")
        progress(done, total, message)

    return told


def _stoppable(progress: Progress, cancel: CancelToken) -> Progress:
    def told(done: int, total: int | None, message: str) -> None:
        if cancel.is_cancelled:
            raise Cancelled("Cancelled.")
        progress(done, total, message)

    return told
