"""Writes a database out, and reads both what was written and what is live."""

from __future__ import annotations

import errno
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.core.errors import BackupFailed, Cancelled, DatabaseMissing, DiskFull
from backend.engine.backup import Progress, SourceSize, Written
from backend.engine.tableids import table_id
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import exists, session
from backend.engines.clickhouse.fingerprint import fingerprint
from backend.engines.clickhouse.text import literal
from backend.models.backup import TableContent

from . import layout
from .source import objects_of, rows_of
from .wire import wire

TOOL = "DB Toolkit"
FORMAT = "ClickHouse SQL and TabSeparated rows"
_LEVEL = 1


def size(target: Target) -> SourceSize:
    database = url.parse(target.url).database
    with session(target) as server:
        if not exists(server, database):
            raise DatabaseMissing(f"The database {database} does not exist.")
        ((tables, rows, used),) = server.query(
            "SELECT count(), sum(total_rows), sum(total_bytes) FROM system.tables "
            f"WHERE database = {literal(database)} AND NOT endsWith(engine, 'View') AND engine != 'Dictionary'"
        )
        ((plain,),) = server.query(
            f"SELECT sum(data_uncompressed_bytes) FROM system.parts WHERE active AND database = {literal(database)}"
        )
    # Numbers as text take up to twice their bytes, and gzip takes more than that off again.
    needed = max(int(plain or 0), int(used or 0)) + int(rows or 0) * 2 + (1 << 20)
    return SourceSize(tables=int(tables), rows=int(rows or 0), bytes=int(used or 0), needed_bytes=needed)


def write(target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
    database = url.parse(target.url).database
    objects, notes = objects_of(target)
    prints = fingerprint(target)
    tables: list[TableContent] = []
    total, done = size(target).rows or None, 0
    with disk():
        (folder / layout.ROWS).mkdir(parents=True)
        layout.write_index(folder, database, objects)
    with wire(target) as server:
        for one in objects:
            stop_if(cancel)
            if one.file is None:
                continue
            rows = 0
            with disk(), gzip.open(folder / one.file, "xb", compresslevel=_LEVEL) as file:
                for piece in rows_of(server, database, one, cancel):
                    file.write(piece)
                    rows += piece.count(b"\n")
                    progress(done + rows, total, one.name)
            done += rows
            tables.append(TableContent(table=table_id(None, one.name), rows=rows))
    return Written(TOOL, FORMAT, prints, tuple(notes), by_name(tables))


def read_back(folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    made: list[TableContent] = []
    done = 0
    for one in layout.read_index(folder)[1]:
        if one.file is None:
            continue
        sum_ = layout.Digest(hashed=digest)
        stop_if(cancel)
        for piece in layout.pieces(folder, one.file):
            sum_.add(layout.lines(piece))
            progress(done + sum_.rows, None, one.name)
            stop_if(cancel)
        done += sum_.rows
        made.append(TableContent(table=table_id(None, one.name), rows=sum_.rows, digest=sum_.text))
    return by_name(made)


def contents(target: Target, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    database = url.parse(target.url).database
    made: list[TableContent] = []
    objects, _ = objects_of(target)
    done = 0
    with wire(target) as server:
        for one in objects:
            if one.file is None:
                continue
            sum_ = layout.Digest(hashed=digest)
            for piece in rows_of(server, database, one, cancel):
                sum_.add(layout.lines(piece))
                progress(done + sum_.rows, None, one.name)
            done += sum_.rows
            made.append(TableContent(table=table_id(None, one.name), rows=sum_.rows, digest=sum_.text))
    return by_name(made)


def by_name(tables: list[TableContent]) -> list[TableContent]:
    return sorted(tables, key=lambda one: one.table)


def stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("It was cancelled.")


@contextmanager
def disk() -> Iterator[None]:
    """What the disk refuses, in the application's words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise DiskFull(
                "The disk was full before the backup was written.", hint="Free some space."
            ) from error
        raise BackupFailed(f"The backup's file could not be written: {error.strerror or error}.") from error
