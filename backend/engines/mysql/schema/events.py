"""Events of scratch databases never fire, also where the server's scheduler is on: they sleep, and read as if awake."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import quoted, rows, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

SCRATCH_PREFIX = "dbtoolkit_scratch_"
_MAKES_ONE = re.compile(r"\s*(?:CREATE|ALTER)\b[^;]{0,200}?\bEVENT\b", re.IGNORECASE)
_ASLEEP = re.compile(r"( ON COMPLETION (?:NOT )?PRESERVE) DISABLE ON (?:SLAVE|REPLICA)\b")


def scheduler_is_on(connection: Connection[Any]) -> bool:
    return str(rows(connection, "SELECT @@global.event_scheduler")[0][0]).upper() in ("ON", "1")


def put_to_sleep(connection: Connection[Any], sql: str) -> None:
    """After `sql` has run on a scratch database: events that it made or woke stop, as they would on a replica."""
    if not _MAKES_ONE.match(sql) or not scheduler_is_on(connection):
        return
    awake = "SELECT event_name FROM information_schema.events WHERE event_schema = database() AND status = 'ENABLED'"
    for (name,) in rows(connection, awake):
        run(connection, f"ALTER EVENT {quoted(str(name))} DISABLE ON SLAVE")


def as_if_awake(text: str) -> str:
    """An event's text as it would read on a database that is no scratch."""
    return _ASLEEP.sub(r"\1 ENABLE", text, count=1)
