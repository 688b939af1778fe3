"""Scratch databases on a MySQL or MariaDB server: made, filled with a schema, run on, dropped, swept after a crash."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil

from backend.core.context import ended_by_cancel, stop_if_cancelled
from backend.core.errors import AppError, ReadOnly
from backend.engine.schema.model import SchemaObject, Snapshot, Step
from backend.engine.schema.port import Applied, Loaded
from backend.engine.target import Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import quoted, reading, rows, run, writing
from backend.engines.mysql.sessions import end_sessions_in

from .code import SAVED_MODE
from .events import SCRATCH_PREFIX, put_to_sleep

if TYPE_CHECKING:
    from pymysql.connections import Connection

_LONGEST_NAME = 64
_DROPPING = threading.Lock()
_DROP_LOCK = "dbtoolkit_scratch_drop"
_DROP_WAIT_S = 60


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def scratch_name(purpose: str) -> str:
    """A name that `sweep` knows as ours when this process has ended."""
    return f"{SCRATCH_PREFIX}{_host()}_{os.getpid()}_{secrets.token_hex(4)}_{purpose}"[:_LONGEST_NAME]


@contextmanager
def scratch(server: Target, purpose: str) -> Iterator[Target]:
    """An empty database with the character set of the one the target names, where that is there; dropped at the end."""
    if server.read_only:
        raise ReadOnly("The connection is read-only: nothing is created on its server.")
    name = scratch_name(purpose)
    with writing(server, database=False) as connection:
        run(connection, f"CREATE DATABASE {quoted(name)}{_character_set(connection, server)}")
    inside = replace(urls.parse(server.url), database=name)
    try:
        with ended_by_cancel(lambda: end_sessions_in(server, name)):
            yield replace(server, url=inside.text(), read_only=False, lock_timeout_s=None)
    except BaseException:
        # A tool that was killed leaves its statement running, and the drop would wait for that.
        with suppress(AppError):
            end_sessions_in(server, name)
        raise
    finally:
        drop_scratch(server, name)


def _character_set(connection: Connection[Any], server: Target) -> str:
    found = rows(
        connection,
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = %s",
        (urls.parse(server.url).database,),
    )
    return f" CHARACTER SET {found[0][0]} COLLATE {found[0][1]}" if found else ""


def drop_scratch(server: Target, name: str) -> None:
    """One at a time on the whole server: MariaDB 10.11 hung for good on two drops of tables that refer to each other."""
    with _DROPPING, writing(server, database=False) as connection:
        run(connection, f"SET SESSION foreign_key_checks = 0, lock_wait_timeout = {_DROP_WAIT_S}")
        rows(connection, "SELECT get_lock(%s, %s)", (_DROP_LOCK, _DROP_WAIT_S))
        run(connection, f"DROP DATABASE IF EXISTS {quoted(name)}")


def sweep(server: Target) -> list[str]:
    """Drop what ended processes of this machine left."""
    if server.read_only:
        return []
    with reading(server, database=False) as connection:
        names = [
            str(name)
            for (name,) in rows(
                connection,
                "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE %s",
                ("dbtoolkit\\_scratch\\_%",),
            )
        ]
    swept = []
    for name in names:
        host, _, rest = name.removeprefix(SCRATCH_PREFIX).partition("_")
        pid = rest.partition("_")[0]
        if host == _host() and pid.isdigit() and not psutil.pid_exists(int(pid)):
            drop_scratch(server, name)
            swept.append(name)
    return swept


def restore(target: Target, snapshot: Snapshot) -> Loaded:
    """The snapshot's own texts; what fails is tried again after the others, until nothing changes, and then named."""
    import pymysql

    skipped: list[str] = []
    with writing(target) as connection:
        run(connection, "SET SESSION foreign_key_checks = 0, unique_checks = 0, innodb_strict_mode = 0")
        usual = str(rows(connection, "SELECT @@sql_mode")[0][0])
        mode = usual
        waiting = list(snapshot.objects)
        while waiting:
            failed: list[tuple[SchemaObject, str]] = []
            for one in waiting:
                # Code's text says its mode where that is not the usual one. Tables may be older than today's strictness.
                told = one.facts.get("sql_mode", usual) if one.sql.startswith("SET sql_mode") else usual
                wanted = "" if one.kind == "table" else told
                stop_if_cancelled()
                if wanted != mode:
                    run(connection, "SET sql_mode = %s", (wanted,))
                    mode = wanted
                try:
                    _execute(connection, one.facts.get("body") or one.sql)
                except pymysql.err.MySQLError as error:
                    stop_if_cancelled()
                    failed.append((one, words(error)))
            if len(failed) == len(waiting):
                skipped += [f"{one.id}: {said}" for one, said in failed]
                break
            waiting = [one for one, _ in failed]
    return Loaded(len(snapshot.objects) - len(skipped), tuple(skipped))


def apply(target: Target, steps: Sequence[Step], *, retry: bool) -> Applied:
    """As dbmate would run it: one session, every statement commits, the first failure stops. With `retry` what fails is
    tried again after the others; statements between a mode's setting and its resetting stay together."""
    import pymysql

    order: list[int] = []
    with writing(target) as connection:
        waiting = _together(steps) if retry else [[place] for place in range(len(steps))]
        while waiting:
            failed: list[list[int]] = []
            first: tuple[int, str] | None = None
            for group in waiting:
                for number, place in enumerate(group):
                    stop_if_cancelled()
                    try:
                        _execute(connection, steps[place].sql)
                    except pymysql.err.MySQLError as error:
                        stop_if_cancelled()
                        first = first or (place, words(error))
                        failed.append(group)
                        for rest in group[number + 1 :]:
                            if steps[rest].sql.startswith("SET "):
                                _execute(connection, steps[rest].sql)
                        break
                else:
                    order += group
                if failed and not retry:
                    break
            if first is not None and (not retry or len(failed) == len(waiting)):
                return Applied(False, len(order), first[1], first[0], tuple(order))
            waiting = failed
    return Applied(True, len(steps), order=tuple(order))


def _together(steps: Sequence[Step]) -> list[list[int]]:
    """Places of steps; those from a saved setting to its return are one group."""
    groups: list[list[int]] = []
    ends: str | None = None
    for place, step in enumerate(steps):
        if ends is not None:
            groups[-1].append(place)
            if step.sql == ends:
                ends = None
            continue
        groups.append([place])
        if step.sql.startswith(f"SET {SAVED_MODE} ="):
            ends = f"SET sql_mode = {SAVED_MODE}"
        elif step.sql.startswith("SET SESSION system_versioning_alter_history = KEEP"):
            ends = "SET SESSION system_versioning_alter_history = DEFAULT"
    return groups


def _execute(connection: Connection[Any], sql: str) -> None:
    # Through the protocol itself: a cursor would read `%` in the text as a place for an argument.
    connection.query(sql)
    put_to_sleep(connection, sql)


def words(error: Exception) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)
