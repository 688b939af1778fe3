"""Writes a database with mariadb-dump or mysqldump, or by our own hand where there is none that works, packed by gzip."""

from __future__ import annotations

import json
import logging
import re
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    AppError,
    BackupFailed,
    Cancelled,
    LockTimeout,
    PermissionDenied,
    ToolMissing,
)
from backend.core.paths import storage_errors
from backend.drivers import mysql_tools
from backend.engine.backup import Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import lock_wait, reading, records, rows, run
from backend.engines.mysql.dump import connection_flags
from backend.engines.mysql.fingerprint import fingerprint

from . import leftovers, rawrows, written
from .ending import ending
from .reading import DUMP

if TYPE_CHECKING:
    from pymysql.connections import Connection

_log = logging.getLogger(__name__)
DESCRIPTION = "database.json"
_LEVEL = 3
"""gzip's: measured at half the time of 6 for a tenth more space."""
_LOCK_WAIT_S = 30.0
_OWN = "DB Toolkit"
# Without LOCK TABLES around each table's rows: a column that counts by a sequence could not be filled inside them.
_OPTIONS = (
    "--single-transaction", "--quick", "--opt", "--skip-lock-tables", "--skip-add-locks", "--complete-insert",
    "--routines", "--triggers",
    "--events", "--hex-blob", "--default-character-set=utf8mb4", "--skip-dump-date", "--no-autocommit",
)  # fmt: skip
# What mysqldump knows and mariadb-dump does not: without them it wants rights it does not need, or refuses MariaDB.
_OF_MYSQL = ("--no-tablespaces", "--column-statistics=0", "--set-gtid-purged=OFF")
# A line that keeps mariadb's client from running shell commands, and that MySQL's client does not understand.
_SANDBOX = re.compile(rb"\A/\*M?!999999\\- enable the sandbox mode \*/ ?\n")
_AT = re.compile(rb"INSERT INTO `((?:[^`]|``)+)`|-- Dumping data for table `((?:[^`]|``)+)`")
_LEFT_OUT = "Users, their rights and other databases of the server are not in it."


def how(_target: Target) -> str:
    try:
        return _named(mysql_tools.find_dump_tool())
    except ToolMissing:
        return _OWN


def _named(tool: mysql_tools.DumpTool) -> str:
    return f"{tool.path.name} {tool.full_version}"


def size(target: Target) -> SourceSize:
    database = urls.parse(target.url).database
    with reading(target) as connection:
        count, estimate, data, indexes = rows(
            connection,
            "SELECT count(*), coalesce(sum(table_rows), 0), coalesce(sum(data_length), 0), coalesce(sum(index_length), 0) "
            "FROM information_schema.tables WHERE table_schema = %s AND table_type NOT IN ('VIEW', 'SEQUENCE')",
            (database,),
        )[0]
    # Bytes that do not compress are written as two hexadecimal digits and compress to little more than themselves.
    needed = int(data) + int(data) // 4 + (1 << 20)
    return SourceSize(
        tables=int(count), rows=int(estimate), bytes=int(data) + int(indexes), needed_bytes=needed
    )


def write(target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
    parsed = urls.parse(target.url)
    with reading(target) as connection:
        described = describe(connection, parsed.database)
        notes = [_LEFT_OUT, *_notes(connection, parsed.database)]
    objects = fingerprint(target)
    tool = _by_tool(target, folder, progress, cancel)
    if tool is None:
        _by_hand(target, folder, progress, cancel)
    with storage_errors(folder, "write"):
        (folder / DESCRIPTION).write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", "utf-8")
    notes.append("The schema's description was read right before the rows.")
    return Written(tool=tool or _OWN, format="SQL", objects=objects, notes=notes)


def describe(connection: Connection[Any], database: str) -> dict[str, Any]:
    """The database's character set, collation and comment; empty where it is not there."""
    found = records(
        connection, "SELECT * FROM information_schema.schemata WHERE schema_name = %s", (database,)
    )
    names = {
        "default_character_set_name": "charset",
        "default_collation_name": "collation",
        "schema_comment": "comment",
    }
    return {names[key]: str(value) for row in found for key, value in row.items() if key in names and value}


def _notes(connection: Connection[Any], database: str) -> list[str]:
    found = records(
        connection,
        "SELECT table_name, engine, table_type FROM information_schema.tables WHERE table_schema = %s ORDER BY table_name",
        (database,),
    )
    loose = [
        f"{row['table_name']} ({row['engine']})"
        for row in found
        if row["engine"] and str(row["engine"]).lower() not in ("innodb", "rocksdb", "tokudb", "sequence")
        and row["table_type"] != "SEQUENCE"
    ]  # fmt: skip
    versioned = [str(row["table_name"]) for row in found if row["table_type"] == "SYSTEM VERSIONED"]
    notes = []
    if loose:
        notes.append(
            f"Tables without transactions were read as they were at their turn, not all in one moment: {', '.join(loose)}."
        )
    if versioned:
        notes.append(
            f"Of system-versioned tables only the current rows are in it, not their past: {', '.join(versioned)}."
        )
    return notes


def _by_tool(target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> str | None:
    """The tool's name and version; None where there is none, or where it does not get on with this server."""
    try:
        tool = mysql_tools.find_dump_tool()
    except ToolMissing:
        return None
    parsed = urls.parse(target.url)
    options = [*_OPTIONS, *(() if tool.mariadb else _OF_MYSQL)]
    watch = leftovers.Watch(target)
    try:
        with packed(folder / DUMP) as take:
            told = _Told(progress)
            first = True

            def piece(chunk: bytes) -> None:
                nonlocal first
                if first:
                    chunk, first = _SANDBOX.sub(b"", chunk, count=1), False
                told.piece(chunk)
                take(chunk)

            mysql_tools.dump(
                tool, connection=connection_flags(parsed, tool), options=options, password=parsed.password,
                database=parsed.database, on_chunk=piece, timeout_s=None, cancel=cancel,
                env=_ssl_env(target),
            )  # fmt: skip
    except AppError as error:
        if cancel.is_cancelled:
            watch.end()
            raise Cancelled("The backup was cancelled.") from None
        if not isinstance(error, BackupFailed):
            raise
        _explained(error)
        _log.warning("The dump tool failed, the backup is written without it: %s", error.message)
        (folder / DUMP).unlink(missing_ok=True)
        return None
    return _named(tool)


def _ssl_env(target: Target) -> dict[str, str]:
    return {name: value for name, value in target.env.items() if name.startswith("SSL_")}


def _explained(error: BackupFailed) -> None:
    """What no other way of writing would change is raised as what it is."""
    said = error.message
    if re.search(r"\b(?:1044|1142|1143|1227|1370|1449)\b|denied", said):
        raise PermissionDenied(
            said,
            hint="A backup needs SELECT, SHOW VIEW, TRIGGER and EVENT on the database, and to see its routines.",
        ) from None
    if re.search(r"\b(?:1205|1213|3572)\b", said):
        raise LockTimeout(
            said, hint="Another session holds a table. Try again when it has finished."
        ) from None


def _by_hand(target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> None:
    parsed = urls.parse(target.url)
    wait = lock_wait(_LOCK_WAIT_S if target.lock_timeout_s is None else target.lock_timeout_s)
    with reading(target) as connection, ending(target, connection, cancel), packed(folder / DUMP) as take:
        run(connection, f"SET SESSION lock_wait_timeout = {wait}, net_write_timeout = 3600")
        rawrows.snapshot(connection)
        total = 0

        def on_rows(table: str, _: int) -> None:
            progress(total, None, table)

        for piece in written.dump(connection, parsed.database, on_rows):
            if cancel.is_cancelled:
                raise Cancelled("The backup was cancelled.")
            total += len(piece)
            take(piece)


@contextmanager
def packed(file: Path) -> Iterator[Callable[[bytes], None]]:
    """Takes bytes and packs them into the file. Raises DiskFull or StorageFailed."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    with storage_errors(file, "write"), file.open("wb") as into:

        def take(piece: bytes) -> None:
            into.write(packer.compress(piece))

        yield take
        into.write(packer.flush())


class _Told:
    """Tells of the table in the stream, a few times a second."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0
        self._name = ""
        self._next = 0.0

    def piece(self, chunk: bytes) -> None:
        self._done += len(chunk)
        found = [*_AT.finditer(chunk)]
        if found:
            self._name = (found[-1][1] or found[-1][2]).decode("utf-8", "replace").replace("``", "`")
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.2
            self._progress(self._done, None, self._name)
