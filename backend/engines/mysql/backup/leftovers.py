"""Ends what a dump tool that was stopped left on the server. The server notices a client that is gone only when it
writes to it, which a session that waits for a lock does not do."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from backend.core.errors import AppError
from backend.engine.target import Target
from backend.engines.mysql import sessions
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import reading, rows

_log = logging.getLogger(__name__)
_PATIENCE_S = 8.0
_GRACE_S = 0.5
_OWN = (
    "SELECT id, info FROM information_schema.processlist WHERE user = substring_index(user(), '@', 1) "
    "AND id <> connection_id()"
)
# What only a dump tool says; of a session that says something else it is not known whose it is.
_SAYS = (
    "sql_no_cache",
    "show create ",
    "show fields from",
    "show table status",
    "show triggers",
    "lock tables",
    "savepoint sp",
)


class Watch:
    """Made before the tool starts; `end()` after it was stopped."""

    def __init__(self, target: Target) -> None:
        self._target = target
        with reading(target, database=False) as connection:
            self._before = {int(number) for number, _ in rows(connection, _OWN)}

    def end(self) -> None:
        """KILL its sessions and wait (8 s at most) until the server lists them no more."""
        deadline = time.monotonic() + _PATIENCE_S
        time.sleep(_GRACE_S)
        database = urls.parse(self._target.url).database
        with suppress(AppError), reading(self._target, database=False) as connection:
            while time.monotonic() < deadline:
                found = rows(connection, f"{_OWN} AND db = %s AND command = 'Query'", (database,))
                left = [
                    int(number)
                    for number, said in found
                    if int(number) not in self._before and said and any(one in said.lower() for one in _SAYS)
                ]
                if not left:
                    return
                for number in left:
                    sessions.kill(connection, number)
                time.sleep(0.05)
            _log.warning("A dump tool's sessions are still on the server")
