"""What charts read of the ledger: counts and times of files, from the index alone. See `ledger_queries.py`.

A *try* is a file that ran: applied, rolled back, failed or interrupted. Files marked without running (a baseline) and
files a stopped run never reached are no tries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.models.base import iso_z

from .database import Database

TRIED = ("applied", "rolled_back", "failed", "interrupted")
DONE = ("applied", "rolled_back")
_BASELINES = "SELECT f.id FROM run JOIN run_migration f ON f.run_id = run.run_id WHERE run.kind IN ('baseline', 'restore')"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files: of these connections (None: all), begun in [since, until) by the recorded start."""

    connections: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def where(self, *, timed: bool = True) -> tuple[str, list[Any]]:
        terms, values = [], list[Any]()
        if self.connections is not None:
            terms.append(f"connection IN ({', '.join('?' * len(self.connections))})")
            values += self.connections
        if timed and self.since is not None:
            terms.append("started_at >= ?")
            values.append(iso_z(self.since))
        if timed and self.until is not None:
            terms.append("started_at < ?")
            values.append(iso_z(self.until))
        return " AND ".join(terms) or "1", values


@dataclass(frozen=True, slots=True)
class FileTime:
    """One file that ran to its end, with the time it took."""

    id: int
    connection: str
    version: str
    direction: str
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """One of the last files that ran to their end."""

    id: int
    run_id: str
    connection: str
    version: str
    filename: str
    direction: str
    sha256: str
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Day:
    """Files of one day (UTC) that went the same way and ended the same; `times` of those that were measured, in ms."""

    day: str
    direction: str
    status: str
    files: int
    times: list[float]


class LedgerStats:
    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, scope: Scope) -> list[Day]:
        """What was tried or left over, by day, direction and status, with the times; baselines are not counted."""
        where, values = scope.where()
        if scope.since is not None:
            where += " AND substr(started_at, 1, 10) >= ?"
            values.append(iso_z(scope.since)[:10])
        # The times come as one text a group: a hundred thousand rows are otherwise a hundred thousand Python objects.
        rows = self._tuples(
            "SELECT substr(started_at, 1, 10), direction, status, count(*),"
            " group_concat(CASE WHEN duration_ms >= 0 THEN duration_ms END)"
            f" FROM run_migration INDEXED BY run_migration_days WHERE {where} AND status <> 'running'"
            f"{self._no_baselines()} GROUP BY 1, 2, 3",
            values,
        )
        return [
            Day(day, direction, status, count, [float(ms) for ms in times.split(",")] if times else [])
            for day, direction, status, count, times in rows
        ]

    def errors(self, scope: Scope) -> list[tuple[str, int]]:
        """(error code, files), most first."""
        where, values = scope.where()
        return self._tuples(
            "SELECT coalesce(json_extract(error, '$.code'), 'unknown'), count(*) FROM run_migration"
            f" WHERE error IS NOT NULL AND status IN ('failed', 'interrupted') AND json_valid(error) AND {where}"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            values,
        )

    def slowest(self, scope: Scope, limit: int) -> list[FileTime]:
        """The longest of what ran to its end, either way."""
        where, values = scope.where()
        return [
            FileTime(*row)
            for row in self._tuples(
                f"SELECT id, connection, version, direction, duration_ms FROM run_migration WHERE {where}"
                " AND status IN ('applied', 'rolled_back') AND duration_ms >= 0 ORDER BY duration_ms DESC LIMIT ?",
                [*values, limit],
            )
        ]

    def unlike_their_own(self, scope: Scope, family: Sequence[str] | None, least: int) -> list[FileTime]:
        """Of each version that ran at least `least` times in the family of connections, the longest run, where it took
        more than twice the others' mean; those in `scope` only."""
        where, values = Scope(None if family is None else tuple(family)).where()
        rows = self._tuples(
            # The other columns are those of the row with the maximum: SQLite promises it for a single max().
            "SELECT id, connection, version, direction, max(duration_ms), started_at, count(*), total(duration_ms)"
            f" FROM run_migration INDEXED BY run_migration_stats WHERE {where} AND direction IN ('up', 'down')"
            " AND status IN ('applied', 'rolled_back') AND duration_ms >= 0 GROUP BY version, direction",
            values,
        )
        since = iso_z(scope.since) if scope.since else ""
        until = iso_z(scope.until) if scope.until else "~"
        found = []
        for id_, connection, version, direction, longest, started_at, count, together in rows:
            if count < least or longest <= 2 * (together - longest) / (count - 1):
                continue
            if (scope.connections is None or connection in scope.connections) and since <= started_at < until:
                found.append(
                    (longest * count / together, FileTime(id_, connection, version, direction, longest))
                )
        return [one for _, one in sorted(found, key=lambda pair: -pair[0])]

    def failed(self, scope: Scope, limit: int) -> list[int]:
        """The ids of the last files that failed, newest first."""
        where, values = scope.where()
        return [
            row[0]
            for row in self._tuples(
                f"SELECT id FROM run_migration WHERE error IS NOT NULL AND status = 'failed' AND {where}"
                " ORDER BY id DESC LIMIT ?",
                [*values, limit],
            )
        ]

    def rows_met(self, connections: Sequence[str], version: str, before: int) -> list[dict[str, int]]:
        """The row estimates that were noted when the same version ran before; oldest first."""
        among = ", ".join("?" * len(connections))
        rows = self._tuples(
            f"SELECT json_extract(server, '$.rows') FROM run_migration WHERE connection IN ({among}) AND version = ?"
            " AND id < ? AND server IS NOT NULL ORDER BY id",
            [*connections, version, before],
        )
        return [found for row in rows if row[0] and (found := json.loads(row[0]))]

    def earlier(
        self, connections: Sequence[str], version: str, direction: str, before: int
    ) -> list[tuple[float, str]]:
        """(milliseconds, sha256) of the same version's times before, oldest first; the last 500."""
        among = ", ".join("?" * len(connections))
        rows = self._tuples(
            f"SELECT duration_ms, coalesce(sha256, '') FROM run_migration WHERE connection IN ({among}) AND version = ?"
            " AND id < ? AND direction = ? AND status IN ('applied', 'rolled_back') AND duration_ms >= 0"
            " ORDER BY id DESC LIMIT 500",
            [*connections, version, before, direction],
        )
        return rows[::-1]

    def sample(self, connections: Sequence[str] | None, limit: int) -> list[Sampled]:
        """The last `limit` files that ran to their end, newest first."""
        where, values = Scope(connections=None if connections is None else tuple(connections)).where()
        return [
            Sampled(*row)
            for row in self._tuples(
                "SELECT id, run_id, connection, version, filename, direction, sha256, duration_ms"
                f" FROM run_migration NOT INDEXED WHERE {where} AND status IN ('applied', 'rolled_back')"
                " AND duration_ms >= 0 AND sha256 IS NOT NULL ORDER BY id DESC LIMIT ?",
                [*values, limit],
            )
        ]

    def tools(self, run_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
        """run_id to (engine, tool, tool's version)."""
        rows = self._tuples(
            "SELECT run_id, engine, coalesce(tool, ''), coalesce(tool_version, '') FROM run"
            " WHERE run_id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(run_ids))],
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def files(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Whole rows with what their run says of tool, engine and name, by id."""
        if not ids:
            return {}
        cursor = self._database.connection().execute(
            "SELECT f.id, f.run_id, f.connection, f.version, f.filename, f.sha256, f.direction, f.status, f.started_at,"
            " f.duration_ms, f.waited_ms, f.server, run.engine, run.tool, run.tool_version, run.app_version,"
            " run.database_key, run.environment FROM run_migration f JOIN run ON run.run_id = f.run_id"
            f" WHERE f.id IN ({', '.join('?' * len(ids))})",
            tuple(ids),
        )
        return {row["id"]: dict(row) for row in cursor}

    def last_run(self, scope: Scope) -> dict[str, Any] | None:
        return self._last("SELECT run_id, connection, kind, direction, state, started_at, duration_ms FROM run"
                          " WHERE {} AND state <> 'running' ORDER BY rowid DESC LIMIT 1", scope)  # fmt: skip

    def last_applied(self, scope: Scope) -> dict[str, Any] | None:
        return self._last("SELECT run_id, connection, version, filename, started_at, duration_ms FROM run_migration"
                          " WHERE {} AND direction = 'up' AND status = 'applied' ORDER BY id DESC LIMIT 1", scope)  # fmt: skip

    def met(self, scope: Scope) -> list[tuple[float | None, Mapping[str, Any]]]:
        """(milliseconds waited, what the server told) of the files it told something of; the last 5,000."""
        where, values = scope.where()
        rows = self._tuples(
            f"SELECT waited_ms, server FROM run_migration WHERE server IS NOT NULL AND {where} ORDER BY id DESC LIMIT 5000",
            values,
        )
        return [(waited, json.loads(server)) for waited, server in rows]

    # -- what a content is (kept, since reading it again costs more) ------------------------------------------------

    def kinds(self, reader: int) -> dict[tuple[str, str, str], str]:
        """(sha256, engine, direction) to kind, of all that were read by this version of the reader."""
        rows = self._tuples(
            "SELECT sha256, engine, direction, kind FROM content_kind WHERE reader = ?", [reader]
        )
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def keep_kinds(self, found: Sequence[tuple[str, str, str, str, Sequence[str]]], reader: int) -> None:
        """Keep (sha256, engine, direction, kind, tables)."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO content_kind VALUES (?, ?, ?, ?, ?, ?)",
                [(*one[:4], json.dumps(list(one[4])), reader) for one in found],
            )

    # -- inside --------------------------------------------------------------------------------------------------

    def _no_baselines(self) -> str:
        found = self._tuples("SELECT 1 FROM run WHERE kind IN ('baseline', 'restore') LIMIT 1", [])
        return f" AND id NOT IN ({_BASELINES})" if found else ""

    def _last(self, sql: str, scope: Scope) -> dict[str, Any] | None:
        where, values = scope.where()
        row = self._database.connection().execute(sql.format(where), values).fetchone()
        return dict(row) if row else None

    def _tuples(self, sql: str, values: Sequence[Any]) -> list[Any]:
        cursor = self._database.connection().cursor()
        cursor.row_factory = None
        return cursor.execute(sql, tuple(values)).fetchall()
