"""The run lock of a database: GET_LOCK in a session of its own, gone with that session."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import Busy
from backend.engine.target import Target

from . import url as urls
from .connect import rows, run, writing

if TYPE_CHECKING:
    from pymysql.connections import Connection

_log = logging.getLogger(__name__)
_BEAT_S = 20.0
_WAIT_TIMEOUT_S = 90
"""A holder whose machine vanished is dropped by the server after this; the living one says something every 20 s."""


def lock_name(database: str) -> str:
    """At most 64 characters, as MySQL wants; the same on every machine."""
    return "db-toolkit:run:" + hashlib.sha256(database.encode()).hexdigest()[:40]


@contextmanager
def run_lock(target: Target, owner: Mapping[str, str]) -> Iterator[None]:
    """Hold the database's lock on the server. Raises Busy at once; `details.holder` says which session has it.

    MySQL's locks carry no text, so the holder is described by its session: user, host, id, seconds. It works before
    the database exists. A server without GET_LOCK (some clusters) is used without a lock, and the log says so.
    """
    name = lock_name(urls.parse(target.url).database)
    with writing(target, database=False) as connection:
        if not _take(connection, name):
            raise Busy("Another run is under way on this database.", holder=_holder(connection, name))
        try:
            with _kept_alive(connection):
                yield
        finally:
            _give_back(connection, name)


def _take(connection: Connection[Any], name: str) -> bool:
    run(connection, f"SET SESSION wait_timeout = {_WAIT_TIMEOUT_S}")
    import pymysql

    try:
        return bool(rows(connection, "SELECT GET_LOCK(%s, 0)", (name,))[0][0])
    except pymysql.err.MySQLError as error:
        number = error.args[0] if error.args else 0
        _log.warning(
            "This server has no named locks (error %s): runs are not locked against other machines", number
        )
        return True


def _give_back(connection: Connection[Any], name: str) -> None:
    """Release it by name: the server ends a closed session when it gets round to it, and the next run may come first."""
    import pymysql

    try:
        rows(connection, "SELECT RELEASE_LOCK(%s)", (name,))
    except pymysql.err.MySQLError as error:
        # The session is gone, and the lock with it.
        _log.info("The run lock could not be given back: %s", type(error).__name__)


def _holder(connection: Connection[Any], name: str) -> dict[str, object]:
    import pymysql

    try:
        found = rows(
            connection,
            "SELECT id, user, host, time FROM information_schema.processlist WHERE id = IS_USED_LOCK(%s)",
            (name,),
        )
    except pymysql.err.MySQLError:
        return {}
    if not found:
        return {}
    session, user, host, seconds = found[0]
    return {
        "session_id": str(session),
        "user": user,
        "host": str(host).rsplit(":", 1)[0],
        "idle_s": int(seconds or 0),
    }


@contextmanager
def _kept_alive(connection: Connection[Any]) -> Iterator[None]:
    """Say something every 20 s, so that neither the server nor a firewall drops the idle session."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_BEAT_S):
            try:
                connection.ping(reconnect=False)
            except Exception as error:
                _log.warning("The session with the run lock was lost: %s", type(error).__name__)
                return

    thread = threading.Thread(target=beat, name="mysql-run-lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=5)
