"""What the dashboard and the timeline read of the ledger: runs by time, their files, rates. Read-only.

Days are this machine's own: a run at 00:30 belongs to the day its user had. Times are stored as ISO 8601 with Z, so
that their order as text is their order in time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .database import Database

_RUN = (
    "r.run_id, r.connection, r.kind, r.direction, r.state, r.started_at, r.finished_at, r.duration_ms, r.author,"
    " r.os_user, r.host, r.backup_id"
)
_STATUS = (
    "CASE WHEN r.state <> 'ok' THEN r.state WHEN r.kind = 'baseline' THEN 'marked'"
    " WHEN r.direction = 'down' THEN 'rolled_back' ELSE 'applied' END"
)
_BAD = "('failed', 'interrupted')"
_DONE = "('applied', 'rolled_back')"
_MANY = 400


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events. Empty means every one; `since` and `until` are UTC moments as stored, `until` not included."""

    connections: tuple[str, ...] | None = None
    since: str | None = None
    until: str | None = None
    statuses: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    query: str | None = None


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """Something that happened outside the ledger; it takes its place among the runs. `at` is empty where unknown."""

    id: str
    connection: str
    at: str
    status: str
    names: str
    """The filenames, to search in."""


@dataclass(frozen=True, slots=True)
class DayCount:
    day: str | None
    count: int
    failed: int
    longest_ms: float | None


@dataclass(slots=True)
class RunFiles:
    """The files of a run: the first ones, the last and every one that failed; and how many there are."""

    total: int = 0
    done: int = 0
    rows: list[sqlite3.Row] = field(default_factory=list)


class LedgerTimeline:
    def __init__(self, database: Database) -> None:
        self._database = database

    # -- events by time ------------------------------------------------------------------------------------------

    def mark(self) -> tuple[int, int]:
        """Changes whenever a run began or ended."""
        last, running = self._read(
            "SELECT coalesce(max(rowid), 0), (SELECT count(*) FROM run WHERE state = 'running') FROM run", ()
        )[0]
        return int(last), int(running)

    def days(self, which: EventFilter, others: Sequence[OtherEvent]) -> list[DayCount]:
        """How many events match on each day, newest first; what has no time last."""
        runs, values = self._runs(which, f"{_STATUS} AS status, r.started_at AS at, r.duration_ms AS ms")
        more, more_values = _others(which, others, "status, at, NULL")
        return [
            DayCount(row["day"], row["many"], row["bad"], row["longest"])
            for row in self._read(
                "SELECT CASE WHEN at = '' THEN NULL ELSE date(at, 'localtime') END AS day, count(*) AS many,"
                f" coalesce(sum(status IN {_BAD}), 0) AS bad, max(ms) AS longest"
                f" FROM ({runs} UNION ALL {more}) GROUP BY 1 ORDER BY day IS NULL, day DESC",
                (*values, *more_values),
            )
        ]

    def page(
        self, which: EventFilter, others: Sequence[OtherEvent], offset: int, limit: int
    ) -> list[tuple[bool, str]]:
        """(is it a run, its id) of one page of the matching events, newest first."""
        runs, values = self._runs(which, "r.started_at AS at, r.rowid AS seq, NULL AS id")
        more, more_values = _others(which, others, "at, 0, id")
        # Only the page's own rows are looked up: the order is read from an index alone.
        return [
            (row["id"] is None, row["id"] or row["run_id"])
            for row in self._read(
                "SELECT one.id, run.run_id FROM"
                f" ({runs} UNION ALL {more} ORDER BY at DESC, seq DESC, id LIMIT ? OFFSET ?) AS one"
                " LEFT JOIN run ON run.rowid = one.seq ORDER BY one.at DESC, one.seq DESC, one.id",
                (*values, *more_values, limit, offset),
            )
        ]

    def count(self, which: EventFilter, others: Sequence[OtherEvent]) -> int:
        """How many events match."""
        runs, values = self._runs(which, "1 AS one")
        more, more_values = _others(which, others, "1")
        found = self._read(f"SELECT count(*) FROM ({runs} UNION ALL {more})", (*values, *more_values))
        return int(found[0][0])

    def span(self, connections: Sequence[str] | None) -> tuple[str | None, str | None]:
        """The first and the last day anything ran."""
        where, values = _of(connections)
        row = self._read(
            "SELECT date(min(r.started_at), 'localtime'), date(max(r.started_at), 'localtime')"
            f" FROM run r WHERE {where}",
            values,
        )[0]
        return row[0], row[1]

    def authors(self, connections: Sequence[str] | None) -> list[str]:
        where, values = _of(connections)
        found = self._read(
            f"SELECT DISTINCT r.author FROM run r WHERE {where} AND r.author IS NOT NULL ORDER BY 1", values
        )
        return [row[0] for row in found]

    # -- runs ----------------------------------------------------------------------------------------------------

    def runs(self, run_ids: Sequence[str]) -> dict[str, sqlite3.Row]:
        """Runs by id, without their output."""
        found: dict[str, sqlite3.Row] = {}
        for some in _chunks(run_ids):
            for row in self._read(
                f"SELECT {_RUN}, {_STATUS} AS status FROM run r WHERE run_id IN ({_marks(some)})", some
            ):
                found[row["run_id"]] = row
        return found

    def whole(self, run_id: str) -> sqlite3.Row | None:
        """A run with everything the ledger keeps of it."""
        rows = self._read(
            f"SELECT {_RUN}, {_STATUS} AS status, r.output, r.error, r.tool, r.tool_version, r.app_version,"
            " r.git_commit FROM run r WHERE run_id = ?",
            (run_id,),
        )
        return rows[0] if rows else None

    def recent(self, connection: str, limit: int) -> list[sqlite3.Row]:
        """The last runs of a connection, newest first."""
        return self._read(
            f"SELECT {_RUN}, {_STATUS} AS status FROM run r WHERE connection = ?"
            " ORDER BY started_at DESC, rowid DESC LIMIT ?",
            (connection, limit),
        )

    def files(self, run_ids: Sequence[str], first: int | None = 12) -> dict[str, RunFiles]:
        """The files of runs: of each the `first` ones in order (None: all), the last and those that failed; the counts."""
        found = {run_id: RunFiles() for run_id in run_ids}
        for some in _chunks(run_ids):
            for row in self._read(
                f"SELECT run_id, count(*), sum(status IN {_DONE}) FROM run_migration"
                f" WHERE run_id IN ({_marks(some)}) GROUP BY run_id",
                some,
            ):
                found[row[0]].total, found[row[0]].done = row[1], row[2]
            limit = (
                "" if first is None else f"WHERE place <= {int(first)} OR from_end = 1 OR status IN {_BAD}"
            )
            for row in self._read(
                "SELECT * FROM (SELECT id, run_id, version, filename, direction, status, duration_ms, error, partial,"
                " landed, reconciled, row_number() OVER (PARTITION BY run_id ORDER BY id) AS place,"
                " row_number() OVER (PARTITION BY run_id ORDER BY id DESC) AS from_end"
                f" FROM run_migration WHERE run_id IN ({_marks(some)})) {limit} ORDER BY id",
                some,
            ):
                found[row["run_id"]].rows.append(row)
        return found

    # -- figures -------------------------------------------------------------------------------------------------

    def rates(self, connection: str) -> dict[str, tuple[int, int]]:
        """By direction: files that went well, of those that were tried. Marking without running counts for nothing."""
        return {
            row["direction"]: (row["good"], row["tried"])
            for row in self._read(
                f"SELECT m.direction, sum(m.status IN {_DONE}) AS good, count(*) AS tried"
                " FROM run_migration m JOIN run r USING (run_id)"
                f" WHERE m.connection = ? AND r.kind NOT IN ('baseline', 'restore') AND m.status IN ('applied', 'rolled_back',"
                " 'failed', 'interrupted') GROUP BY m.direction",
                (connection,),
            )
        }

    def restores(self, connection: str) -> tuple[int, int]:
        """Restores that went well, of those that were tried."""
        row = self._read(
            "SELECT coalesce(sum(state = 'ok'), 0), count(*) FROM run WHERE connection = ? AND kind = 'restore'"
            " AND state IN ('ok', 'failed', 'interrupted')",
            (connection,),
        )[0]
        return row[0], row[1]

    def times(self, connection: str) -> tuple[float | None, float | None]:
        """The mean and the longest time of a file that was applied, in ms."""
        row = self._read(
            "SELECT avg(m.duration_ms), max(m.duration_ms) FROM run_migration m JOIN run r USING (run_id)"
            " WHERE m.connection = ? AND m.direction = 'up' AND m.status = 'applied' AND r.kind NOT IN ('baseline', 'restore')"
            " AND m.duration_ms >= 0",
            (connection,),
        )[0]
        return row[0], row[1]

    def by_day(self, connection: str, since: str) -> dict[str, tuple[int, int, int]]:
        """Day → files applied, rolled back, failed; marking without running counts for nothing."""
        return {
            row[0]: (row[1], row[2], row[3])
            for row in self._read(
                "SELECT date(r.started_at, 'localtime'), sum(m.status = 'applied'), sum(m.status = 'rolled_back'),"
                f" sum(m.status IN {_BAD}) FROM run r JOIN run_migration m USING (run_id)"
                " WHERE r.connection = ? AND r.started_at >= ? AND r.kind NOT IN ('baseline', 'restore') GROUP BY 1",
                (connection, since),
            )
        }

    # -- inside --------------------------------------------------------------------------------------------------

    def _runs(self, which: EventFilter, columns: str) -> tuple[str, list[Any]]:
        where, values = _of(which.connections)
        clauses, given = [where], list[Any](values)
        if which.since:
            clauses.append("r.started_at >= ?")
            given.append(which.since)
        if which.until:
            clauses.append("r.started_at < ?")
            given.append(which.until)
        if which.statuses:
            clauses.append(f"{_STATUS} IN ({_marks(which.statuses)})")
            given += which.statuses
        if which.authors:
            clauses.append(f"r.author IN ({_marks(which.authors)})")
            given += which.authors
        if which.query:
            clauses.append(
                "EXISTS (SELECT 1 FROM run_migration m WHERE m.run_id = r.run_id AND instr(lower(m.filename), ?))"
            )
            given.append(which.query.lower())
        return f"SELECT {columns} FROM run r WHERE {' AND '.join(clauses)}", given

    def _read(self, sql: str, values: Iterable[Any]) -> list[sqlite3.Row]:
        return self._database.connection().execute(sql, tuple(values)).fetchall()


def _others(which: EventFilter, others: Sequence[OtherEvent], columns: str) -> tuple[str, list[Any]]:
    """The events from outside that match, as rows of a query."""
    chosen = [
        {"id": one.id, "at": one.at, "status": one.status}
        for one in others
        if (not which.statuses or one.status in which.statuses)
        and not which.authors
        and (not which.query or which.query.lower() in one.names.lower())
        and (not which.since or (one.at and one.at >= which.since))
        and (not which.until or (one.at and one.at < which.until))
    ]
    sql = "SELECT value ->> 'id' AS id, value ->> 'at' AS at, value ->> 'status' AS status FROM json_each(?)"
    return f"SELECT {columns} FROM ({sql})", [json.dumps(chosen)]


def _of(connections: Sequence[str] | None) -> tuple[str, Sequence[str]]:
    if connections is None:
        return "1", ()
    return f"r.connection IN ({_marks(connections)})", tuple(connections)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def _chunks(values: Sequence[str]) -> Iterable[list[str]]:
    for start in range(0, len(values), _MANY):
        yield list(values[start : start + _MANY])


def loads(text: str | None) -> Any:
    """A JSON column's value; None for none, or for what is damaged."""
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def as_dict(value: Any) -> dict[str, Any] | None:
    return dict(value) if isinstance(value, Mapping) else None
