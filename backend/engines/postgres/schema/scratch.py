"""Scratch databases on a PostgreSQL server: made, run on, dropped, and swept after a crash."""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil

from backend.core.context import ended_by_cancel, stop_if_cancelled
from backend.core.errors import ReadOnly
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.schema.model import Step
from backend.engine.schema.port import Applied
from backend.engine.target import Target
from backend.engines.postgres.truth import maintenance, quoted

from .standins import prepare, words

if TYPE_CHECKING:
    from psycopg import Connection

_PREFIX = "dbtoolkit_scratch_"
_NAMED = re.compile(rf"{_PREFIX}\w+")
_MAKING = """
SELECT pid, query FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'CREATE DATABASE "dbtoolkit\\_scratch\\_%%'
"""
_PATIENCE_S, _LOOK_EVERY_S = 20.0, 0.1


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def scratch_name(purpose: str) -> str:
    """A name that `sweep` knows as ours when this process has ended."""
    return f"{_PREFIX}{_host()}_{os.getpid()}_{secrets.token_hex(4)}_{purpose}"[:63]


@contextmanager
def scratch(server: Target, url: PgUrl, purpose: str) -> Iterator[tuple[Target, PgUrl]]:
    """An empty database; dropped at the end whatever happened."""
    if server.read_only:
        raise ReadOnly("The connection is read-only: nothing is created on its server.")
    name = scratch_name(purpose)
    with maintenance(server, url, write=True) as connection:
        connection.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE template0".encode())
    inside = url.with_database(name).without("search_path")
    try:
        with ended_by_cancel(lambda: _end_sessions(server, url, name)):
            yield replace(server, url=inside.text(), read_only=False), inside
    finally:
        drop(server, url, name)


def _end_sessions(server: Target, url: PgUrl, name: str) -> None:
    with maintenance(server, url, write=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


def drop(server: Target, url: PgUrl, name: str) -> None:
    with maintenance(server, url, write=True) as connection:
        force = " WITH (FORCE)" if connection.info.server_version >= 130000 else ""
        connection.execute(f"DROP DATABASE IF EXISTS {quoted(name)}{force}".encode())


def sweep(server: Target, url: PgUrl) -> list[str]:
    """Drop what ended processes of this machine left, also what the server is still making for one of them."""
    if server.read_only:
        return []
    with maintenance(server, url) as connection:
        _stop_making(connection)
        names = [
            name
            for (name,) in rows(
                connection,
                "SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit\\_scratch\\_%%'",
                {},
            )
        ]
    swept = [name for name in names if _is_forsaken(name)]
    for name in swept:
        drop(server, url, name)
    return swept


def _is_forsaken(name: str) -> bool:
    parts = name.removeprefix(_PREFIX).split("_")
    return (
        len(parts) >= 2
        and parts[0] == _host()
        and parts[1].isdigit()
        and not psutil.pid_exists(int(parts[1]))
    )


def _stop_making(connection: Connection[Any]) -> None:
    """A server goes on with CREATE DATABASE when its client is gone, and shows the database only when it is done."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        making = [
            pid
            for pid, query in rows(connection, _MAKING, {})
            if (match := _NAMED.search(query)) is not None and _is_forsaken(match[0])
        ]
        if not making:
            return
        for pid in making:
            connection.execute(b"SELECT pg_terminate_backend(%s)", (pid,))
        time.sleep(_LOOK_EVERY_S)


def run(target: Target, url: PgUrl, steps: Sequence[Step], *, retry: bool) -> Applied:
    """As dbmate would: one transaction a file where the file has one. With `retry` each statement by itself, those that
    fail again after the others, until nothing changes."""
    import psycopg

    order: list[int] = []
    with session(target, url) as connection:
        prepare(connection, target, (step.sql for step in steps))
        if retry:
            return _retried(connection, steps, order)
        numbers = sorted({step.file for step in steps})
        for number in numbers:
            here = [(place, step) for place, step in enumerate(steps) if step.file == number]
            in_one = all(step.transaction for _, step in here)
            try:
                if in_one:
                    connection.execute(b"BEGIN")
                for place, step in here:
                    stop_if_cancelled()
                    connection.execute(step.sql.encode())
                    order.append(place)
                if in_one:
                    connection.execute(b"COMMIT")
            except psycopg.Error as error:
                stop_if_cancelled()
                if in_one:
                    connection.execute(b"ROLLBACK")
                place = here[len([one for one in order if any(one == other for other, _ in here)])][0]
                return Applied(False, len(order), words(error), place, tuple(order))
    return Applied(True, len(steps), order=tuple(order))


def _retried(connection: Connection[Any], steps: Sequence[Step], order: list[int]) -> Applied:
    import psycopg

    waiting = list(range(len(steps)))
    error_text, failed_at = None, None
    while waiting:
        failed: list[int] = []
        for place in waiting:
            stop_if_cancelled()
            step = steps[place]
            if step.sql.startswith("LOCK TABLE "):
                # Only inside a transaction, and nobody else is here.
                order.append(place)
                continue
            if step.sql.startswith("SET LOCAL "):
                connection.execute(step.sql.replace("SET LOCAL ", "SET ", 1).encode())
                order.append(place)
                continue
            try:
                connection.execute(step.sql.encode())
                order.append(place)
            except psycopg.Error as error:
                stop_if_cancelled()
                if not failed:
                    error_text, failed_at = words(error), place
                failed.append(place)
        if len(failed) == len(waiting):
            return Applied(False, len(order), error_text, failed_at, tuple(order))
        waiting = failed
    return Applied(True, len(steps), order=tuple(order))


__all__ = ["run", "scratch", "sweep"]
