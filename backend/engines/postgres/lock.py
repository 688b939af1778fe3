"""One run at a time across machines: an advisory lock in a session of its own, which ends when its holder does."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Busy, DatabaseMissing
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Target

if TYPE_CHECKING:
    from psycopg import Connection

_log = logging.getLogger(__name__)

# A pair of numbers: dbmate's own lock (48372615) is a single one, so the two can never meet.
LOCK_CLASS = 0x44425431
LOCK_OBJECT = 1
_NAME_LENGTH = 63
_HOLDER = re.compile(r"db-toolkit run (?P<user>.*)@(?P<host>.*)#(?P<pid>\d*)\Z")
_WHO = """
SELECT a.application_name, a.usename, host(a.client_addr),
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = %s AND l.objid = %s
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# A machine that vanished is noticed in a minute, and nobody ends a session for being idle while the tool works.
_LIVELY = """
SELECT set_config(name, value, false)
FROM (VALUES ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
             ('idle_session_timeout', '0'), ('statement_timeout', '0')) AS wanted (name, value)
WHERE EXISTS (SELECT 1 FROM pg_settings s WHERE s.name = wanted.name)
"""


@contextmanager
def run_lock(target: Target, url: PgUrl, owner: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock of this database. Raises Busy at once, naming the holder; no database, no lock."""
    with ExitStack() as stack:
        # The session's end gives the lock back, whatever happened.
        try:
            connection = stack.enter_context(session(target, url, application_name=owner_name(owner)))
        except DatabaseMissing:
            yield
            return
        if not _take(connection):
            raise _busy(connection)
        yield
        _release(connection)


def owner_name(owner: Mapping[str, str]) -> str:
    """The session's name on the server, where the one who finds the lock taken reads it: at most 63 ASCII letters."""
    user, host, pid = (_ascii(owner.get(key, "")) for key in ("user", "host", "pid"))
    tail = f"#{pid}"
    head = f"db-toolkit run {user}@{host}"
    return head[: _NAME_LENGTH - len(tail)] + tail


def _take(connection: Connection[Any]) -> bool:
    import psycopg

    try:
        rows(connection, _LIVELY)
        return bool(
            rows(connection, "SELECT pg_try_advisory_lock(%s::int, %s::int)", (LOCK_CLASS, LOCK_OBJECT))[0][0]
        )
    except (
        psycopg.errors.UndefinedFunction,
        psycopg.errors.UndefinedTable,
        psycopg.errors.FeatureNotSupported,
    ):
        # Redshift has none; the app's own lock still keeps two runs of one machine apart.
        _log.info("The server has no advisory locks; the run goes on without one")
        return True


def _release(connection: Connection[Any]) -> None:
    import psycopg

    try:
        rows(connection, "SELECT pg_advisory_unlock(%s::int, %s::int)", (LOCK_CLASS, LOCK_OBJECT))
    except psycopg.Error:
        # The session may be gone, and with it the lock.
        _log.info("The run lock's session had ended before the run did")


def _busy(connection: Connection[Any]) -> AppError:
    found = rows(connection, _WHO, (LOCK_CLASS, LOCK_OBJECT))
    if not found:
        return Busy("Another run holds this database's lock.", hint="Try again in a moment.")
    name, role, address, since = found[0]
    match = _HOLDER.match(name or "")
    holder = {
        "since": since,
        **({key: value for key, value in match.groupdict().items() if value} if match else {}),
    }
    holder.setdefault("user", role or "unknown")
    holder.setdefault("host", address or "this machine")
    return Busy(
        f"{holder['user']} on {holder['host']} is running migrations on this database since {since}.",
        hint="Wait until that run has ended. If that program crashed, the server frees the lock within a minute.",
        holder=holder,
    )


def _ascii(text: str) -> str:
    return "".join(letter if " " < letter <= "~" else "_" for letter in text)
