"""The server's sessions of one run: found by their application name, ended, and watched until they are gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import DatabaseMissing
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import ServerSession, Target

from .truth import maintenance

if TYPE_CHECKING:
    from psycopg import Connection

_PATIENCE_S = 6.0
_LOOK_EVERY_S = 0.05
_NAMED = "application_name = left(%s, 63) AND pid <> pg_backend_pid()"
_MINE = f"""
SELECT pid, coalesce(state, ''), coalesce(query, ''),
       extract(epoch FROM clock_timestamp() - coalesce(query_start, backend_start))::float8
FROM pg_stat_activity WHERE {_NAMED} ORDER BY backend_start
"""


@contextmanager
def watching(target: Target, url: PgUrl) -> Iterator[Connection[Any]]:
    """A session to look from: in the database itself, or beside it where it does not exist (yet, or any more)."""
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(session(target, url))
        except DatabaseMissing:
            connection = stack.enter_context(maintenance(target, url))
        yield connection


def sessions(target: Target, url: PgUrl, run_tag: str) -> list[ServerSession]:
    """The run's sessions, oldest first."""
    with watching(target, url) as connection:
        return [
            ServerSession(id=str(pid), state=state, query=query, since_s=max(0.0, since or 0.0))
            for pid, state, query, since in rows(connection, _MINE, (run_tag,))
        ]


def end_sessions(target: Target, url: PgUrl, run_tag: str) -> int:
    """End the run's sessions; what they had not committed is rolled back. Returns how many are gone in the end."""
    seen: set[int] = set()
    with watching(target, url) as connection:
        deadline = time.monotonic() + _PATIENCE_S
        left: set[int] = set()
        while time.monotonic() < deadline:
            # Every time anew: the tool may have opened another one before it was killed.
            found = rows(
                connection,
                f"SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_NAMED}",
                (run_tag,),
            )
            left = {pid for pid, _ in found}
            seen |= left
            if not left:
                break
            time.sleep(_LOOK_EVERY_S)
        return len(seen - left)
