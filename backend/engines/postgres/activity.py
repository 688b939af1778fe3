"""What the server does for a run now: working, waiting and for whom, how far an index build is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Activity, Blocker, Target

from .sessions import watching

if TYPE_CHECKING:
    from psycopg import Connection

_WAITSTART_FROM = 140000
_NOW = """
SELECT a.pid, coalesce(a.state, '') AS state, coalesce(a.query, '') AS query, a.wait_event_type, a.wait_event,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS running_s,
       extract(epoch FROM clock_timestamp() - {waitstart})::float8 AS waiting_s,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{{}}' END AS blockers,
       coalesce(l.relation::regclass::text, l.locktype) AS waits_for, l.relation AS waits_for_oid,
       p.phase, p.relid::regclass::text AS builds_on, p.index_relid::regclass::text AS builds,
       p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, p.lockers_done, p.lockers_total
FROM pg_stat_activity a
LEFT JOIN pg_stat_progress_create_index p ON p.pid = a.pid
LEFT JOIN LATERAL (SELECT * FROM pg_locks w WHERE w.pid = a.pid AND NOT w.granted LIMIT 1) l ON true
WHERE a.application_name = left(%s, 63) AND a.pid <> pg_backend_pid()
ORDER BY a.backend_start
"""
_WHO = """
SELECT a.pid, a.usename, a.application_name, a.query, coalesce(a.state, '') AS state,
       coalesce(host(a.client_addr), a.client_hostname) AS host, a.backend_type,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS since_s,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS waits_for,
       (SELECT string_agg(DISTINCT h.mode, ', ') FROM pg_locks h
        WHERE h.pid = a.pid AND h.granted AND h.relation = ANY(%s::text[]::oid[])) AS mode
FROM pg_stat_activity a WHERE a.pid = ANY(%s)
"""
_MOST_LINKS = 5
"""How far a chain of sessions that wait for each other is followed."""
_WORDS = {"virtualxid": "older transactions to end", "transactionid": "another transaction to end"}
_UNITS = (("tuples", "rows"), ("blocks", "blocks"), ("lockers", "sessions"))

_Row = Mapping[str, Any]


def activity(target: Target, url: PgUrl, run_tag: str) -> list[Activity]:
    """One entry a session of the run; empty where it has none."""
    with watching(target, url) as connection:
        waitstart = (
            "l.waitstart" if connection.info.server_version >= _WAITSTART_FROM else "NULL::timestamptz"
        )
        found = _records(connection, _NOW.format(waitstart=waitstart), (run_tag,))
        who = _chain(connection, found)
        return [_activity(row, who) for row in found]


def _chain(connection: Connection[Any], found: list[_Row]) -> dict[int, _Row]:
    """Everybody in the way, and those who are in theirs."""
    who: dict[int, _Row] = {}
    # As text: small numbers would go as smallint, which is no oid.
    oids = sorted({str(row["waits_for_oid"]) for row in found if row["waits_for_oid"]})
    wanted = {pid for row in found for pid in row["blockers"] if pid}
    for _ in range(_MOST_LINKS):
        wanted -= set(who)
        if not wanted:
            break
        met = _records(connection, _WHO, (oids, sorted(wanted)))
        who.update({row["pid"]: row for row in met})
        wanted = {pid for row in met for pid in row["waits_for"] if pid}
    return who


def _records(connection: Connection[Any], sql: str, arguments: tuple[object, ...]) -> list[_Row]:
    cursor = connection.execute(sql.encode(), arguments)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _activity(row: _Row, who: Mapping[int, _Row]) -> Activity:
    waits = bool(row["blockers"]) or row["wait_event_type"] == "Lock"
    blockers = tuple(_blocker(pid, who.get(pid), row["waits_for"]) for pid in _in_the_way(row, who))
    done, total, unit = _counted(row)
    return Activity(
        session_id=str(row["pid"]),
        state=_sentence(row, waits, blockers),
        query=row["query"],
        waiting=waits,
        blockers=blockers,
        progress=min(1.0, done / total) if total and done is not None else None,
        since_s=_positive(row["waiting_s"] if waits and row["waiting_s"] is not None else row["running_s"]),
        object=row["waits_for"] if waits else row["builds_on"],
        phase=_step(row),
        done=done,
        total=total,
        unit=unit,
    )


def _in_the_way(row: _Row, who: Mapping[int, _Row]) -> list[int]:
    """Those it waits for, then those they wait for: the last of them holds everybody up."""
    order = list(dict.fromkeys(row["blockers"]))
    for pid in order:
        # Grows while it is walked: each link of the chain comes after the one that led to it.
        order += [other for other in (who[pid]["waits_for"] if pid in who else ()) if other not in order]
    return [pid for pid in order if pid != row["pid"]]


def _blocker(pid: int, row: _Row | None, waits_for: str | None) -> Blocker:
    if row is None:
        # Zero stands for a prepared transaction, which has no session.
        name = str(pid) if pid else "a prepared transaction"
        end = f"SELECT pg_terminate_backend({pid});" if pid else None
        return Blocker(session_id=name, object=waits_for, end_statement=end)
    own = row["backend_type"] not in (None, "client backend")
    return Blocker(
        session_id=str(pid),
        user=row["usename"],
        application=row["application_name"] or (row["backend_type"] if own else None),
        query=row["query"] or None,
        since_s=_positive(row["since_s"]),
        object=waits_for if row["mode"] else None,
        host=row["host"],
        state=_doing(row),
        mode=_spoken(row["mode"]),
        waits_for=tuple(str(one) for one in row["waits_for"]),
        end_statement=f"SELECT pg_terminate_backend({pid});",
    )


def _doing(row: _Row) -> str:
    if row["waits_for"]:
        return "waits for a lock itself"
    if row["state"].startswith("idle in transaction"):
        return "has a transaction open and does nothing in it"
    return "is running a statement" if row["state"] == "active" else "has ended its statement"


def _sentence(row: _Row, waits: bool, blockers: tuple[Blocker, ...]) -> str:
    state, kind = row["state"], row["wait_event_type"]
    if waits:
        return _waiting(row["waits_for"], [one for one in blockers if not _is_further(one, row)])
    if row["phase"]:
        return f"Building an index on {row['builds_on']}: {_step(row)}"
    if state == "idle in transaction":
        return "Waiting for the tool, with a transaction open"
    if state.startswith("idle"):
        return "Idle"
    met = f", waiting for {kind}: {row['wait_event']}" if kind and kind not in ("Client", "Timeout") else ""
    return f"Running{met}"


def _step(row: _Row) -> str | None:
    phase: str | None = row["phase"]
    return phase and phase.removeprefix("building index: ")


def _is_further(blocker: Blocker, row: _Row) -> bool:
    return blocker.session_id not in {
        str(pid) if pid else "a prepared transaction" for pid in row["blockers"]
    }


def _waiting(waits_for: str | None, blockers: list[Blocker]) -> str:
    wanted = "a lock" if waits_for is None else _WORDS.get(waits_for, f"a lock on {waits_for}")
    if not blockers:
        return f"Waiting for {wanted}"
    names = ", ".join(f"{one.application or one.user or 'a session'} ({one.session_id})" for one in blockers)
    return f"Waiting for {wanted}, held by {names}"


def _counted(row: _Row) -> tuple[float | None, float | None, str | None]:
    """What the phase counts: rows, blocks or, while it waits, sessions; nothing where it counts none."""
    for name, unit in _UNITS:
        if row[f"{name}_total"]:
            return float(row[f"{name}_done"] or 0), float(row[f"{name}_total"]), unit
    return None, None, None


def _positive(seconds: float | None) -> float | None:
    return None if seconds is None else max(0.0, seconds)


def _spoken(modes: str | None) -> str | None:
    """`AccessExclusiveLock, RowShareLock` as people write them: `ACCESS EXCLUSIVE, ROW SHARE`."""
    if modes is None:
        return None
    return ", ".join(
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one.removesuffix("Lock")).upper() for one in modes.split(", ")
    )
