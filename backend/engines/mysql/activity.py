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
_UNTOLD = (
    "This server does not say who holds the lock. The session shown is the oldest open one in this database, so it is "
    "likely the one. MariaDB tells with the plugin metadata_lock_info, MySQL with performance_schema."
)
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
_APPLICATIONS = """
    SELECT processlist_id AS id, attr_value AS application FROM performance_schema.session_connect_attrs
    WHERE attr_name = 'program_name' AND processlist_id IN ({ids})
"""
_OPEN_TRANSACTIONS = """
    SELECT p.id, p.command, p.state, t.trx_id IS NOT NULL AS has_transaction, coalesce(t.trx_query, p.info) AS query,
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
    names = _tables_of(row)
    if metadata:
        sentence = "Waiting until no other session uses the table"
    elif waiting:
        sentence = "Waiting for a lock"
    else:
        sentence = state or str(row["command"])
    known = next((one.object for one in blockers if one.object), None)
    stages = int(row.get("max_stage") or 0)
    return Activity(
        session_id=str(row["id"]),
        state=f"{sentence}.",
        query=str(row["info"] or ""),
        waiting=waiting,
        blockers=blockers,
        progress=None if waiting else _progress(row),
        since_s=_seconds(row),
        object=known or (names[0] if metadata and names else None),
        phase=f"{state}, stage {int(row.get('stage') or 1)} of {stages}"
        if stages > 1 and not waiting
        else None,
        note=_UNTOLD if metadata and any(not one.is_certain for one in blockers) else None,
    )


def _seconds(row: dict[str, Any]) -> float:
    """MariaDB tells milliseconds too."""
    exact = row.get("time_ms")
    return max(0.0, float(exact) / 1000 if exact is not None else float(row["time"] or 0))


def _tables_of(row: dict[str, Any]) -> list[str]:
    return [
        name.rsplit(".", 1)[-1].lower() for name in sqltext.tables_touched(str(row["info"] or ""), "mysql")
    ]


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
    names = _tables_of(row)
    if not found and names:
        query = _METADATA_PLUGIN.format(names=", ".join(["%s"] * len(names)))
        found = _ask(connection, query, (row["id"], row["db"], *names))
    if found:
        return _described(connection, found)
    # This server does not tell who holds the lock: the oldest open transaction in the database is the likeliest.
    likely = _ask(connection, _OPEN_TRANSACTIONS, (row["id"], row["db"]))
    return _described(connection, likely, is_certain=False)


def _described(
    connection: Connection[Any], found: list[dict[str, Any]], *, is_certain: bool = True
) -> tuple[Blocker, ...]:
    if not found:
        return ()
    ids = ", ".join(str(int(one["id"])) for one in found)
    who = _by_id(
        _ask(
            connection,
            f"SELECT id, user, host, info, time, command, state FROM information_schema.processlist WHERE id IN ({ids})",
        )
    )
    applications = _by_id(_ask(connection, _APPLICATIONS.format(ids=ids)))
    merged = []
    for one in found:
        known = who.get(int(one["id"]), {})
        known.update(applications.get(int(one["id"]), {}))
        merged.append({**known, **{key: value for key, value in one.items() if value is not None}})
    return tuple(_blocker(one, is_certain) for one in merged)


def _by_id(found: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {int(one["id"]): one for one in found}


def _blocker(row: dict[str, Any], is_certain: bool) -> Blocker:
    host = str(row.get("host") or "").rpartition(":")[0] or str(row.get("host") or "")
    user = row.get("user")
    since = row.get("since_s") if row.get("since_s") is not None else row.get("time")
    query = row.get("query") or row.get("info")
    return Blocker(
        session_id=str(row["id"]),
        user=f"{user}@{host}" if user and host else user,
        application=row.get("application"),
        query=str(query) if query else None,
        since_s=max(0.0, float(since)) if since is not None else None,
        object=str(row["object"]).replace("`", "") if row.get("object") else None,
        host=host or None,
        state=_doing(row),
        is_certain=is_certain,
        end_statement=f"KILL {int(row['id'])};",
    )


def _doing(row: dict[str, Any]) -> str | None:
    if "lock" in str(row.get("state") or "").lower():
        return "waits for a lock itself"
    if row.get("command") == "Sleep":
        known = bool(row.get("has_transaction"))
        return "has a transaction open and does nothing in it" if known else "is connected and runs nothing"
    return "is running a statement" if row.get("command") else None


def _ask(connection: Connection[Any], query: str, arguments: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    """Nothing where this server lacks the table or the user the right to read it."""
    import pymysql

    with contextlib.suppress(pymysql.err.MySQLError):
        return records(connection, query, arguments)
    return []
