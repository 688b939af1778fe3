"""What the port asks of SQLite's backups, each promise kept by a module beside this one."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from backend.core.errors import BackupFailed, DatabaseMissing, InvalidRequest
from backend.core.partials import partial_folder, remove_partial
from backend.core.paths import inside, storage_errors
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.sqlite import url as urls
from backend.engines.sqlite.catalog import estimates
from backend.engines.sqlite.connect import database_file, read, require_file
from backend.engines.sqlite.errors import translated
from backend.engines.sqlite.fingerprint import fingerprint_of
from backend.models.backup import TableContent

from .copying import copy_pages
from .packing import damaged, pack, unpack
from .replacing import put_back
from .rows import tables_of

FILE = "database.sqlite.gz"
_SMALLEST = 64 << 10
_WAIT_S = 30.0


class SqliteBackup(BackupTools):
    def how(self, target: Target) -> str:
        return f"SQLite {sqlite3.sqlite_version} backup API"

    def size(self, target: Target) -> SourceSize:
        path = database_file(target)
        require_file(path)
        size = path.stat().st_size
        wal = Path(f"{path}-wal")
        size += wal.stat().st_size if wal.exists() else 0

        def look(connection: sqlite3.Connection) -> tuple[int, int | None]:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
            known = estimates(connection)
            return int(tables[0]), sum(known.values()) if known else None

        tables, rows = read(target, look)
        # The copy and its packed form are there together for a moment; what cannot be packed grows by a thousandth.
        return SourceSize(tables, rows, size, needed_bytes=size * 2 + size // 1000 + _SMALLEST)

    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        path = database_file(target)
        require_file(path)
        copied = folder / ".copy.sqlite"
        wait_s = target.lock_timeout_s or _WAIT_S
        mode, page = read(target, _mode_and_page)

        def pages_done(done: int, total: int) -> None:
            progress(done * page, total * page, f"Copying {path.name}")

        with translated(copied):
            copied.touch(mode=0o600)
            with closing(sqlite3.connect(copied, isolation_level=None)) as into:
                into.execute("PRAGMA journal_mode = OFF")
                into.execute("PRAGMA synchronous = OFF")
                with _source(path, target) as source, translated(path):
                    copy_pages(source, into, pages_done, cancel, wait_s)
                objects = fingerprint_of(into, target.migrations_table)
                if mode == "wal":
                    into.execute("PRAGMA journal_mode = WAL")
        size = copied.stat().st_size
        pack(copied, folder / FILE, lambda done: progress(done, size, "Compressing"), cancel)
        with storage_errors(copied, "remove"):
            copied.unlink()
        return Written(
            tool=self.how(target),
            format="SQLite file, gzip",
            objects=objects,
            notes=(
                "Settings that SQLite keeps per connection (PRAGMA foreign_keys, …) are not in the file.",
            ),
        )

    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        with unpacked(folder, folder.parent, progress, cancel) as file:
            try:
                with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
                    progress(0, None, "Checking the pages")
                    _ended_by(connection, cancel)
                    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                    if answer != "ok":
                        raise damaged(f"SQLite says: {answer}")
                    return tables_of(
                        connection,
                        lambda done, name: progress(done, None, f"Counting {name}"),
                        cancel,
                        digest=digest,
                    )
            except sqlite3.Error as error:
                if cancel.is_cancelled:
                    from backend.core.errors import Cancelled

                    raise Cancelled("Reading the backup was cancelled.") from error
                raise damaged(f"SQLite says: {error}") from error

    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        path = database_file(target)
        if not path.parent.is_dir():
            raise BackupFailed(
                f"The folder {path.parent} does not exist.",
                hint="Create the folder first.",
                state="untouched",
            )
        with unpacked(folder, path.resolve().parent, progress, cancel) as file:
            return put_back(
                file, path, target, progress, cancel, replace=replace, wait_s=target.lock_timeout_s or _WAIT_S
            )

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        def told(done: int, name: str) -> None:
            progress(done, None, f"Reading {name}")

        return read(target, lambda connection: tables_of(connection, told, cancel, digest=digest))

    def elsewhere(self, target: Target, database: str) -> Target:
        parsed = urls.parse(target.url)
        beside = inside(database_file(target).parent, database)
        if beside == database_file(target):
            raise InvalidRequest(f"{database} is the database itself.", hint="Give another file name.")
        other = urls.SqliteUrl(urls.from_fields({"path": beside.as_posix()}).path, parsed.options)
        return replace(target, url=other.text(), read_only=False)

    def by_hand(self, folder: Path, database: str) -> str:
        file = shlex.quote(str(folder / FILE))
        into = shlex.quote(database)
        return (
            "# Close every program that uses the database first.\n"
            f"gunzip -c {file} > {into}.restored\n"
            f'sqlite3 {into}.restored "PRAGMA integrity_check"\n'
            f"rm -f {into}-wal {into}-shm {into}-journal && mv {into}.restored {into}\n"
        )


@contextmanager
def unpacked(folder: Path, beside: Path, progress: Progress, cancel: CancelToken) -> Iterator[Path]:
    """The database file of a backup, unpacked for as long as it is needed."""
    packed = folder / FILE
    if packed.is_symlink() or not packed.is_file():
        raise damaged(f"{FILE} is missing")
    room = partial_folder(beside, f"unpacked-{folder.name.lstrip('.')[-40:]}-{id(progress):x}")
    try:
        file = room / "database.sqlite"
        unpack(packed, file, lambda done: progress(done, None, "Unpacking"), cancel)
        yield file
    finally:
        remove_partial(room)


@contextmanager
def _source(path: Path, target: Target) -> Iterator[sqlite3.Connection]:
    """To read from, as others write. A WAL file nobody has open is read without making its side files."""
    if not path.exists():
        raise DatabaseMissing(f"There is no file {path}.", path=str(path))
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA query_only = on")
        yield connection


def _mode_and_page(connection: sqlite3.Connection) -> tuple[str, int]:
    mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0]).lower()
    return mode, int(connection.execute("PRAGMA page_size").fetchone()[0])


def _ended_by(connection: sqlite3.Connection, cancel: CancelToken) -> None:
    connection.set_progress_handler(lambda: int(cancel.is_cancelled), 100_000)


BACKUP = SqliteBackup()
