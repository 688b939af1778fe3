"""The server's sessions of one run: found by a mark they carry, ended, and waited for.

The tool's URL makes each of its sessions take a named lock `…:<its own id>` as it connects. Which sessions hold such a
lock any user can ask, through proxies and sockets, without performance_schema, and after the tool is dead.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError
from backend.engine.target import ServerSession, Target

from . import url as urls
from .connect import reading, records, rows, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

_log = logging.getLogger(__name__)
_CARRIER = "net_write_timeout"
"""The session variable whose assignment takes the lock on the way; its value stays what it is."""
_GONE_WITHIN_S = 8.0
_NO_SUCH_THREAD = 1094


def mark_of(run_tag: str) -> str:
    """The locks' name without the session's id; with it at most 64 characters."""
    return "dbt:" + hashlib.sha256(run_tag.encode()).hexdigest()[:32] + ":"


def marked(target: Target, url: urls.MysqlUrl, run_tag: str) -> urls.MysqlUrl:
    """The URL whose sessions carry the mark, where this very server takes it; else the URL as it is."""
    value = url.param(_CARRIER) or f"@@session.{_CARRIER}"
    mark = f"IF(GET_LOCK(CONCAT('{mark_of(run_tag)}',CONNECTION_ID()),0),{value},{value})"
    try:
        with reading(target, database=False) as connection:
            run(connection, f"SET {_CARRIER} = {mark}")
            if not _marked_sessions(connection, run_tag):
                return url
    except AppError as error:
        if error.details.get("errno") is None or error.code in ("connection_failed", "authentication_failed"):
            return url  # nothing will connect; the tool is to say so itself
        _log.warning("This server's sessions cannot be marked (error %s)", error.details.get("errno"))
        return url
    return url.with_params(**{_CARRIER: mark})


def of_run(
    connection: Connection[Any], target: Target, run_tag: str, tool_pid: int | None
) -> list[dict[str, Any]]:
    """The processlist rows of the run's sessions: the marked ones, else those at the other end of the tool's wires."""
    found = _marked_sessions(connection, run_tag)
    if found or tool_pid is None:
        return found
    ports = _ports_of(tool_pid, int(urls.parse(target.url).port or urls.DEFAULT_PORT))
    if not ports:
        return []
    own = records(
        connection,
        "SELECT * FROM information_schema.processlist WHERE user = substring_index(user(), '@', 1)",
    )
    return [row for row in own if str(row["host"]).rpartition(":")[2] in ports]


def _marked_sessions(connection: Connection[Any], run_tag: str) -> list[dict[str, Any]]:
    return records(
        connection,
        "SELECT * FROM information_schema.processlist p WHERE IS_USED_LOCK(CONCAT(%s, p.id)) = p.id ORDER BY p.id",
        (mark_of(run_tag),),
    )


def _ports_of(pid: int, server_port: int) -> set[str]:
    """The local ports of the tool's connections to the server, as the server's processlist names them."""
    import psutil

    try:
        process = psutil.Process(pid)
        wires = [
            wire
            for one in (process, *process.children(recursive=True))
            for wire in one.net_connections(kind="tcp")
        ]
    except (psutil.Error, OSError):
        return set()
    return {str(wire.laddr.port) for wire in wires if wire.raddr and wire.raddr.port == server_port}


def sessions(target: Target, run_tag: str) -> list[ServerSession]:
    """The run's sessions as the server lists them."""
    with reading(target, database=False) as connection:
        return [
            ServerSession(
                id=str(row["id"]),
                state=str(row["state"] or row["command"] or ""),
                query=str(row["info"] or ""),
                since_s=float(row["time"] or 0),
            )
            for row in of_run(connection, target, run_tag, None)
        ]


def end_sessions(target: Target, run_tag: str, tool_pid: int | None) -> int:
    """KILL the run's sessions, and wait (8 s at most) until the server lists them no more. Returns how many went.

    A DDL that is past its point of no return completes first; the caller reads the truth afterwards.
    """
    killed: set[int] = set()
    deadline = time.monotonic() + _GONE_WITHIN_S
    with reading(target, database=False) as connection:
        while time.monotonic() < deadline:
            for row in of_run(connection, target, run_tag, tool_pid):
                if row["id"] not in killed:
                    kill(connection, int(row["id"]))
                    killed.add(int(row["id"]))
            left = _still_there(connection, killed)
            if not left:
                break
            time.sleep(0.05)
        else:
            left = _still_there(connection, killed)
            _log.warning("The server still works on %d sessions that were ended", len(left))
    return len(killed) - len(left)


def end_connection(target: Target, session_id: int) -> bool:
    """KILL one session and wait (8 s at most) until the server lists it no more. Returns whether it is gone."""
    deadline = time.monotonic() + _GONE_WITHIN_S
    with reading(target, database=False) as connection:
        kill(connection, session_id)
        while _still_there(connection, {session_id}):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
    return True


def end_sessions_in(server: Target, database: str) -> int:
    """KILL the user's own sessions in a database. Returns how many there were."""
    with reading(server, database=False) as connection:
        found = rows(
            connection,
            "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id()",
            (database,),
        )
        for (number,) in found:
            kill(connection, int(number))
    return len(found)


def kill(connection: Connection[Any], session_id: int) -> None:
    import pymysql

    try:
        run(connection, f"KILL CONNECTION {session_id}")
    except pymysql.err.MySQLError as error:
        if not error.args or error.args[0] != _NO_SUCH_THREAD:
            raise


def _still_there(connection: Connection[Any], ids: set[int]) -> set[int]:
    if not ids:
        return set()
    wanted = ", ".join(map(str, sorted(ids)))
    found = rows(connection, f"SELECT id FROM information_schema.processlist WHERE id IN ({wanted})")
    return {int(session_id) for (session_id,) in found}
