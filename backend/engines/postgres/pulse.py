"""The cheap look at dbmate's table in PostgreSQL: one query on a kept, read-only session."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, DatabaseMissing
from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.errors import translated
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

if TYPE_CHECKING:
    from psycopg import Connection

_NO_TABLE = ("42P01", "3F000")
_PATIENCE = "SET lock_timeout = 1000; SET statement_timeout = 5000"
_SILENCE_MS = 10_000
_WANTED_BY_OTHERS = """
EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.objid AND d.datname = current_database()
        WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass
          AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
"""


class PostgresPulse(Pulse):
    """Steps aside for `DROP DATABASE` and `CREATE DATABASE … TEMPLATE`, which wait five seconds for other sessions to
    leave and then fail: seeing such a lock on the database, it closes its session."""

    def __init__(self, target: Target, url: PgUrl) -> None:
        self._target = target
        self._url = url
        self._stack = ExitStack()
        self._connection: Connection[Any] | None = None
        self._query = ""

    def look(self) -> Look:
        try:
            with translated(self._url):
                connection = self._connection or self._open()
                self._query = self._query or self._ask(connection)
                count, newest, digest, wanted = rows(connection, self._query)[0]
        except DatabaseMissing:
            self.close()
            return Look("no database")
        except AppError as error:
            if error.details.get("sqlstate") in _NO_TABLE:
                # Where the table is depends on schemas that may come later, so it is looked for anew.
                self._query = ""
                self._step_aside(self._is_wanted())
                return Look("no table")
            raise
        self._step_aside(wanted)
        return Look(f"{count} {newest} {digest}")

    def _is_wanted(self) -> bool:
        if self._connection is None or self._url.parts.scheme == "redshift":
            return False
        with translated(self._url):
            return bool(rows(self._connection, f"SELECT {_WANTED_BY_OTHERS}")[0][0])

    def _step_aside(self, wanted: bool) -> None:
        if wanted:
            self.close()

    def close(self) -> None:
        self._connection, self._query = None, ""
        with suppress(AppError):
            self._stack.close()

    def _open(self) -> Connection[Any]:
        connection = self._stack.enter_context(reading(self._target, self._url))
        connection.execute(_PATIENCE.encode())
        _notice_silence(connection)
        self._connection = connection
        return connection

    def _ask(self, connection: Connection[Any]) -> str:
        """The one query. Redshift has neither such locks to look at nor the hash."""
        table = versions_table(connection, self._target, self._url)
        redshift = self._url.parts.scheme == "redshift"
        digest = "0" if redshift else "sum(hashtext(version::text)::bigint)"
        wanted = "false" if redshift else _WANTED_BY_OTHERS
        return f"SELECT count(*), max(version), {digest}, {wanted} FROM {table.quoted}"


def _notice_silence(connection: Connection[Any]) -> None:
    """A network that swallows everything must not hold a look for ever. Linux only; elsewhere TCP's own limits count."""
    if sys.platform != "linux":
        return
    with suppress(OSError), socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire:
        if wire.family != socket.AF_UNIX:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENCE_MS)
