"""What the server does for a run, and who is in its way, by the server's own lists; says so where it can only guess."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from backend.engine import sqltext
from backend.engine.target import Activity, Blocker, Target

from . import sessions
from .connect import reading, records

if TYPE_CHECKING:
    from pymysql.connections import Connection

_METADATA_WAIT = "metadata lock"
_ROW_WAITS = (
    # MariaDB, MySQL 5.7
    """SELECT b.trx_mysql_thread_id AS id, b.trx_query AS query, timestampdiff(SECOND, b.trx_started, now()) AS since_s,
              l.lock_table AS object
       FROM information_schema.innodb_lock_waits w
       JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id
       JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
       LEFT JOIN information_schema.innodb_locks l ON l.lock_id = w.requested_lock_id
       WHERE r.trx_mysql_thread_id = %s""",
    # MySQL 8
    """SELECT b.trx_mysql_thread_id AS id, b.trx_query AS query, timestampdiff(SECOND, b.trx_started, now()) AS since_s,
              NULL AS object
       FROM performance_schema.data_lock_waits w
       JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_engine_transaction_id
       JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_engine_transaction_id
       WHERE r.trx_mysql_thread_id = %s""",
)
_METADATA_WAITS = """
    SELECT DISTINCT holder.processlist_id AS id, holder.processlist_info AS query, holder.processlist_time AS since_s,
           concat(granted.object_schema, '.', granted.object_name) AS object
    FROM performance_schema.metadata_locks pending
    JOIN performance_schema.threads waiter ON waiter.thread_id = pending.owner_thread_id
    JOIN performance_schema.metadata_locks granted ON granted.object_type = pending.object_type
         AND granted.object_schema <=> pending.object_schema AND granted.object_name <=> pending.object_name
         AND granted.lock_status = 'GRANTED' AND granted.owner_thread_id <> pending.owner_thread_id
    JOIN performance_schema.threads holder ON holder.thread_id = granted.owner_thread_id
    WHERE pending.lock_status = 'PENDING' AND waiter.processlist_id = %s
"""
_METADATA_PLUGIN = """
    SELECT DISTINCT thread_id AS id, NULL AS query, NULL AS since_s, concat(table_schema, '.', table_name) AS object
    FROM information_schema.metadata_lock_info
    WHERE thread_id <> %s AND table_schema = %s AND lower(table_name) IN ({names})
"""
_OPEN_TRANSACTIONS = """
    SELECT p.id, coalesce(t.trx_query, p.info) AS query,
           coalesce(timestampdiff(SECOND, t.trx_started, now()), p.time) AS since_s, p.user, p.host
    FROM information_schema.processlist p
    LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
    WHERE p.id NOT IN (%s, connection_id()) AND p.db = %s AND p.command NOT IN ('Daemon', 'Binlog Dump')
          AND coalesce(p.state, '') NOT LIKE '%%metadata lock%%'
    ORDER BY t.trx_started IS NULL, since_s DESC
    LIMIT 1
"""


def activity(target: Target, run_tag: str, tool_pid: int | None) -> list[Activity]:
    """One entry for each of the run's sessions that is doing something."""
    with reading(target, database=False) as connection:
        found = sessions.of_run(connection, target, run_tag, tool_pid)
        return [_entry(connection, row) for row in found if row["command"] != "Sleep"]


def _entry(connection: Connection[Any], row: dict[str, Any]) -> Activity:
    state = str(row["state"] or "")
    metadata = _METADATA_WAIT in state.lower()
    blockers = _metadata_blockers(connection, row) if metadata else _row_blockers(connection, row)
    waiting = bool(blockers) or "lock" in state.lower()
    seconds = int(row["time"] or 0)
    if waiting:
        sentence = f"Waiting for a lock for {seconds} s"
        if metadata:
            sentence = f"Waiting for {seconds} s until no other session uses the table"
    else:
        sentence = f"{state or row['command']} for {seconds} s"
    return Activity(
        session_id=str(row["id"]),
        state=f"{sentence}.",
        query=str(row["info"] or ""),
        waiting=waiting,
        blockers=blockers,
        progress=_progress(row),
    )


def _progress(row: dict[str, Any]) -> float | None:
    """MariaDB tells the stage, of how many, and how far in it; MySQL's list has none of it."""
    stages = int(row.get("max_stage") or 0)
    if not stages:
        return None
    done = (max(int(row.get("stage") or 1), 1) - 1 + float(row.get("progress") or 0) / 100) / stages
    return min(max(done, 0.0), 1.0)


def _row_blockers(connection: Connection[Any], row: dict[str, Any]) -> tuple[Blocker, ...]:
    for query in _ROW_WAITS:
        found = _ask(connection, query, (row["id"],))
        if found:
            return _described(connection, found)
    return ()


def _metadata_blockers(connection: Connection[Any], row: dict[str, Any]) -> tuple[Blocker, ...]:
    found = _ask(connection, _METADATA_WAITS, (row["id"],))
    names = [
        name.rsplit(".", 1)[-1].lower() for name in sqltext.tables_touched(str(row["info"] or ""), "mysql")
    ]
    if not found and names:
        query = _METADATA_PLUGIN.format(names=", ".join(["%s"] * len(names)))
        found = _ask(connection, query, (row["id"], row["db"], *names))
    if found:
        return _described(connection, found)
    # This server does not tell who holds the lock: the oldest open transaction in the database is the likeliest.
    likely = _ask(connection, _OPEN_TRANSACTIONS, (row["id"], row["db"]))
    what = (
        f"table {names[0]} (likely; this server does not tell)"
        if names
        else "likely; this server does not tell"
    )
    return tuple(_blocker({**one, "object": what}) for one in likely)


def _described(connection: Connection[Any], found: list[dict[str, Any]]) -> tuple[Blocker, ...]:
    ids = ", ".join(str(int(one["id"])) for one in found)
    who = {
        int(one["id"]): one
        for one in records(
            connection,
            f"SELECT id, user, host, info, time FROM information_schema.processlist WHERE id IN ({ids})",
        )
    }
    merged = []
    for one in found:
        known = who.get(int(one["id"]), {})
        merged.append(
            {
                **one,
                "user": known.get("user"),
                "host": known.get("host"),
                "query": one["query"] or known.get("info"),
                "since_s": one["since_s"] if one["since_s"] is not None else known.get("time"),
            }
        )
    return tuple(_blocker(one) for one in merged)


def _blocker(row: dict[str, Any]) -> Blocker:
    host = str(row.get("host") or "").rpartition(":")[0] or str(row.get("host") or "")
    user = row.get("user")
    return Blocker(
        session_id=str(row["id"]),
        user=f"{user}@{host}" if user and host else user,
        query=str(row["query"]) if row.get("query") else None,
        since_s=float(row["since_s"]) if row.get("since_s") is not None else None,
        object=str(row["object"]).replace("`", "") if row.get("object") else None,
    )


def _ask(connection: Connection[Any], query: str, arguments: tuple[object, ...]) -> list[dict[str, Any]]:
    """Nothing where this server lacks the table or the user the right to read it."""
    import pymysql

    with contextlib.suppress(pymysql.err.MySQLError):
        return records(connection, query, arguments)
    return []
