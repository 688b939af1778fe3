"""What the server does for a run now: working, waiting and for whom, how far an index build is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Activity, Blocker, Target

from .sessions import watching

if TYPE_CHECKING:
    pass

_NOW = """
SELECT a.pid, coalesce(a.state, ''), coalesce(a.query, ''), a.wait_event_type, a.wait_event,
       extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS running_s,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blockers,
       (SELECT coalesce(l.relation::regclass::text, l.locktype) FROM pg_locks l
        WHERE l.pid = a.pid AND NOT l.granted LIMIT 1) AS waits_for,
       p.phase, p.relid::regclass::text, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total,
       p.lockers_done, p.lockers_total
FROM pg_stat_activity a
LEFT JOIN pg_stat_progress_create_index p ON p.pid = a.pid
WHERE a.application_name = left(%s, 63) AND a.pid <> pg_backend_pid()
ORDER BY a.backend_start
"""
_WHO = """
SELECT pid, usename, application_name, query, extract(epoch FROM clock_timestamp() - xact_start)::float8
FROM pg_stat_activity WHERE pid = ANY(%s)
"""


def activity(target: Target, url: PgUrl, run_tag: str) -> list[Activity]:
    """One entry a session of the run; empty where it has none."""
    with watching(target, url) as connection:
        found = rows(connection, _NOW, (run_tag,))
        pids = sorted({pid for row in found for pid in row[6]})
        who = {row[0]: row for row in rows(connection, _WHO, (pids,))} if pids else {}
        return [_activity(row, who) for row in found]


def _activity(row: tuple[Any, ...], who: dict[int, tuple[Any, ...]]) -> Activity:
    pid, state, query, wait_type, wait_event, running_s, blocking, waits_for, phase, relation = row[:10]
    blockers = tuple(_blocker(one, who.get(one), waits_for) for one in blocking)
    progress = _progress(row[10:])
    if blockers or wait_type == "Lock":
        sentence = _waiting(waits_for, blockers)
    elif phase:
        share = f", {progress:.0%}" if progress is not None else ""
        sentence = f"Building an index on {relation}: {phase}{share}"
    elif state == "idle in transaction":
        sentence = "Waiting for the tool, with a transaction open"
    elif state.startswith("idle"):
        sentence = "Idle"
    else:
        waits = (
            f", waiting for {wait_type}: {wait_event}"
            if wait_type and wait_type not in ("Client", "Timeout")
            else ""
        )
        sentence = f"Running for {running_s or 0:.0f} s{waits}"
    return Activity(
        session_id=str(pid),
        state=sentence,
        query=query,
        waiting=bool(blockers) or wait_type == "Lock",
        blockers=blockers,
        progress=progress,
    )


def _blocker(pid: int, row: tuple[Any, ...] | None, waits_for: str | None) -> Blocker:
    if row is None:
        # Zero stands for a prepared transaction, which has no session.
        return Blocker(session_id=str(pid) if pid else "a prepared transaction", object=waits_for)
    _, user, application, query, since_s = row
    return Blocker(
        session_id=str(pid),
        user=user,
        application=application or None,
        query=query or None,
        since_s=since_s,
        object=waits_for,
    )


def _waiting(waits_for: str | None, blockers: tuple[Blocker, ...]) -> str:
    what = {
        None: "a lock",
        "virtualxid": "older transactions to end",
        "transactionid": "another transaction to end",
    }
    wanted = what.get(waits_for, f"a lock on {waits_for}")
    if not blockers:
        return f"Waiting for {wanted}"
    names = ", ".join(f"{one.application or one.user or 'a session'} ({one.session_id})" for one in blockers)
    return f"Waiting for {wanted}, held by {names}"


def _progress(numbers: tuple[Any, ...]) -> float | None:
    """The share done of what the phase counts: blocks, rows or, while it waits, lockers; None where it counts none."""
    blocks_done, blocks_total, rows_done, rows_total, lockers_done, lockers_total = numbers
    for done, total in ((rows_done, rows_total), (blocks_done, blocks_total), (lockers_done, lockers_total)):
        if total:
            return float(min(1.0, (done or 0) / total))
    return None
