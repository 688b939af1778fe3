"""Writes a database with pg_dump, as of one snapshot that a session of ours holds for it."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Cancelled, NotSupported
from backend.core.paths import storage_errors
from backend.drivers import pg_archive
from backend.drivers.pgwire.connect import milliseconds, reading, rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.backup import Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.postgres.dump import connection_parameters
from backend.engines.postgres.fingerprint import fingerprint_in
from backend.engines.postgres.sessions import end_sessions

from . import described

if TYPE_CHECKING:
    from psycopg import Connection

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.5
_LOCK_WAIT_S = 30.0
# What decides how a value is printed, besides what pg_dump sets itself: then the same value is the same text always.
PRINTING = {"TimeZone": "UTC", "bytea_output": "hex", "xmlbinary": "base64"}
_LEFT_OUT = "Roles, passwords, tablespaces and other databases of the server are not in it."


def how(url: PgUrl) -> str:
    if url.parts.scheme == "redshift":
        raise NotSupported(
            "pg_dump cannot read Redshift.", hint="Make a snapshot in the AWS console.", capability="backup"
        )
    return f"pg_dump {pg_archive.dump_version()}"


def size(target: Target, url: PgUrl) -> SourceSize:
    with reading(target, url) as connection:
        tables = [one for one in described.relations(connection, measured=True) if not one.is_sequence]
        whole = int(rows(connection, "SELECT pg_database_size(current_database())")[0][0])
        large = _large_bytes(connection)
    content = sum(one.size_bytes for one in tables) + large
    # Bytes that do not compress are written as two hexadecimal digits and compress to little more than themselves.
    return SourceSize(
        tables=len(tables), rows=sum(one.rows for one in tables), bytes=whole, needed_bytes=content + content // 4 + (1 << 20)
    )  # fmt: skip


def _large_bytes(connection: Connection[Any]) -> int:
    return int(rows(connection, "SELECT pg_table_size('pg_catalog.pg_largeobject')")[0][0])


def write(target: Target, url: PgUrl, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
    tool = how(url)
    tag = tag_of(target, "backup")
    with ending(target, url, tag, cancel), session(target, url, application_name=tag) as connection:
        snapshot = _snapshot(connection, target)
        relations = described.relations(connection)
        database = described.database(connection, url.database)
        notes = _notes(connection, snapshot)
        objects = fingerprint_in(connection, target, url)
        watch = _Watch(relations, folder / described.ARCHIVE, progress)
        with watch.looking():
            pg_archive.dump_archive(
                parameters(target, url, tag),
                folder / described.ARCHIVE,
                cancel=cancel,
                on_table=watch.table,
                snapshot=snapshot,
                role=url.settings().get("role"),
                lock_timeout_s=target.lock_timeout_s,
            )
        with storage_errors(folder, "write"):
            described.keep(folder, database, [one.id for one in relations if one.unordered])
    return Written(tool=tool, format="pg_dump custom", objects=objects, notes=notes)


def tag_of(target: Target, what: str) -> str:
    """What the server's list of sessions calls ours and the tool's: unique, and within 63 letters."""
    return f"{target.application_name[:36]} {what} {secrets.token_hex(4)}"


@contextmanager
def ending(target: Target, url: PgUrl, tag: str, cancel: CancelToken) -> Iterator[None]:
    """While inside, a cancel ends the server's sessions of that name, and whatever fails for it is Cancelled."""
    inside = threading.Event()
    inside.set()

    def end() -> None:
        if inside.is_set():
            end_sessions(target, url, tag)

    cancel.on_cancel(end)
    try:
        yield
    except AppError:
        if not cancel.is_cancelled:
            raise
        with suppress(AppError):
            end_sessions(target, url, tag)
        raise Cancelled("It was cancelled.") from None
    finally:
        inside.clear()


def parameters(target: Target, url: PgUrl, tag: str, **settings: str) -> dict[str, str]:
    """libpq's parameters for the tools, with the settings that decide how values are printed."""
    found = connection_parameters(target, url)
    # Without it the database's own encoding is used, in which nothing can fail to be said.
    found.pop("client_encoding", None)
    options = [
        found.get("options", ""),
        *(f"-c {name}={value}" for name, value in {**PRINTING, **settings}.items()),
    ]
    return {**found, "options": " ".join(filter(None, options)), "application_name": tag}


def print_alike(connection: Connection[Any]) -> None:
    """A session that prints values as the tools do in `parameters`, pg_dump's own settings included."""
    wanted = {
        **PRINTING, "DateStyle": "ISO", "IntervalStyle": "postgres", "extra_float_digits": "3", "search_path": "",
        "row_security": "off", "synchronize_seqscans": "off", "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
    }  # fmt: skip
    calls = ", ".join(["set_config(%s, %s, false)"] * len(wanted))
    rows(connection, f"SELECT {calls}", [part for pair in wanted.items() for part in pair])


def _snapshot(connection: Connection[Any], target: Target) -> str | None:
    """A snapshot that pg_dump can share; None where the server lends none (then pg_dump takes its own)."""
    import psycopg

    wait_ms = milliseconds(_LOCK_WAIT_S if target.lock_timeout_s is None else target.lock_timeout_s)
    connection.execute(f"SET lock_timeout = {wait_ms}".encode())
    connection.execute(b"SET idle_in_transaction_session_timeout = 0")
    connection.execute(b"SET statement_timeout = 0")
    connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return str(rows(connection, "SELECT pg_export_snapshot()")[0][0])
    except psycopg.Error as error:
        _log.info("The server lends no snapshot (%s)", error.sqlstate)
        connection.execute(b"ROLLBACK")
        connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return None


def _notes(connection: Connection[Any], snapshot: str | None) -> list[str]:
    notes = [_LEFT_OUT]
    views, foreign, subscribed = rows(
        connection,
        "SELECT count(*) FILTER (WHERE relkind = 'm'), count(*) FILTER (WHERE relkind = 'f'),"
        " (SELECT count(*) FROM pg_stat_subscription WHERE subname IS NOT NULL) FROM pg_class WHERE oid >= 16384",
    )[0]
    if views:
        notes.append("Materialized views are filled from their queries when it is restored.")
    if foreign:
        notes.append("Rows of foreign tables stay where they are; only the tables' definitions are in it.")
    if subscribed:
        notes.append("Subscriptions are not in it, for they hold the password of another server.")
    if snapshot is None:
        notes.append("The schema's description was read right before the backup's own moment.")
    return notes


class _Watch:
    """Progress in the tables' bytes: those that are done, and of the one under way as much as the file has grown."""

    def __init__(self, relations: Sequence[described.Relation], file: Path, progress: Progress) -> None:
        self._sizes = {f"{one.schema}.{one.name}": one.size_bytes for one in relations}
        self._total = sum(self._sizes.values()) or None
        self._file = file
        self._progress = progress
        self._done = 0
        self._name: str | None = None
        self._began_at = 0
        self._over = threading.Event()

    def table(self, name: str) -> None:
        self._done += self._sizes.get(self._name or "", 0)
        self._name, self._began_at = name, self._written()
        self._tell()

    def _tell(self) -> None:
        if self._name is not None:
            grown = min(self._written() - self._began_at, self._sizes.get(self._name, 0))
            self._progress(self._done + grown, self._total, self._name)

    def _written(self) -> int:
        try:
            return self._file.stat().st_size
        except OSError:
            return 0

    @contextmanager
    def looking(self) -> Iterator[None]:
        def look() -> None:
            while not self._over.wait(_LOOK_EVERY_S):
                self._tell()

        thread = threading.Thread(target=look, name="pg-backup-progress", daemon=True)
        thread.start()
        started = time.monotonic()
        try:
            yield
        finally:
            self._over.set()
            thread.join(timeout=5)
            _log.info("pg_dump ran %.1f s", time.monotonic() - started)
