"""Reading the ledger for lists and charts. Nothing is written here; every query is held by an index, whatever its size.

Rows are in the order they were written (rowid), never by their times: a clock that jumped must not reorder history.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.models.base import iso_z

from .database import Database

RUN_COLUMNS = (
    "run_id, connection, engine, kind, direction, state, started_at, finished_at, duration_ms, os_user, author, host,"
    " app_version, tool, tool_version, server, backup_id, git_commit, database_key, environment"
)
FILE_COLUMNS = (
    "id, run_id, version, filename, sha256, direction, status, started_at, finished_at, duration_ms, error, partial,"
    " landed, reconciled, waited_ms, server"
)
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What is asked for; None asks nothing. `since` is included, `until` is not; both compare with the recorded start."""

    connections: tuple[str, ...] | None = None
    words: tuple[str, ...] = ()
    direction: str | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    outcome: str | None = None
    """Runs with a file that ended so."""
    author: str | None = None
    version: str | None = None
    """Runs of this version or filename."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Where:
    terms: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, term: str, *values: Any) -> None:
        self.terms.append(term)
        self.values += values

    def among(self, column: str, chosen: Sequence[str]) -> None:
        self.add(f"{column} IN ({', '.join('?' * len(chosen))})", *chosen)

    def __str__(self) -> str:
        return " AND ".join(self.terms) or "1"


class LedgerQueries:
    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self) -> tuple[int, int, int]:
        """Changes whenever a run begins or ends, in this process or another."""
        last, running = self._one("SELECT coalesce(max(rowid), 0), (SELECT count(*) FROM run WHERE state = 'running')"
                                  " FROM run")  # fmt: skip
        (last_file,) = self._one("SELECT coalesce(max(id), 0) FROM run_migration")
        return int(last), int(last_file), int(running)

    # -- runs ----------------------------------------------------------------------------------------------------

    def page(
        self, wanted: RunFilter, offset: int, limit: int, *, newest_first: bool
    ) -> tuple[list[dict[str, Any]], int]:
        """Runs in the order they began, without their output, and how many there are in all."""
        where, order = _of(wanted), "DESC" if newest_first else "ASC"
        if wanted.words or wanted.outcome or wanted.version:
            # What needs a search is searched once; the numbers of the rows are few beside it.
            found = [row[0] for row in self._tuples(f"SELECT rowid FROM run WHERE {where}", where.values)]
            total = len(found)
            found.sort(reverse=newest_first)
            numbers = found[offset : offset + limit]
        else:
            total = int(self._one(f"SELECT count(*) FROM run WHERE {where}", where.values)[0])
            ordered = f"SELECT rowid FROM run WHERE {where} ORDER BY rowid {order} LIMIT ? OFFSET ?"
            numbers = [row[0] for row in self._tuples(ordered, [*where.values, limit, offset])]
        rows = self._rows(
            f"SELECT {RUN_COLUMNS}, error FROM run WHERE rowid IN ({', '.join('?' * len(numbers))})"
            f" ORDER BY rowid {order}",
            numbers,
        )
        return rows, total

    def run(self, run_id: str) -> dict[str, Any] | None:
        found = self._rows(
            f"SELECT {RUN_COLUMNS}, output, error, rollback_check FROM run WHERE run_id = ?", [run_id]
        )
        return found[0] if found else None

    def files(self, run_id: str, limit: int | None = None) -> list[dict[str, Any]]:
        """The run's files in its order."""
        return self._rows(
            f"SELECT {FILE_COLUMNS} FROM run_migration WHERE run_id = ? ORDER BY id LIMIT ?",
            [run_id, -1 if limit is None else limit],
        )

    def status_counts(self, run_id: str) -> dict[str, int]:
        return dict(
            self._tuples(
                "SELECT status, count(*) FROM run_migration WHERE run_id = ? GROUP BY status", [run_id]
            )
        )

    def stream(self, wanted: RunFilter, *, newest_first: bool) -> Iterator[dict[str, Any]]:
        """Every file of every run that fits, one dict a file with its run's columns as `run_…`; a run without files once.

        One consistent look, read row by row.
        """
        where, order = _of(wanted, "run."), "DESC" if newest_first else "ASC"
        run_columns = ", ".join(f"run.{name} AS run_{name}" for name in [*_names(RUN_COLUMNS), "error"])
        file_columns = ", ".join(f"f.{name} AS {name}" for name in _names(FILE_COLUMNS) if name != "run_id")
        cursor = self._database.connection().execute(
            f"SELECT {run_columns}, {file_columns} FROM run LEFT JOIN run_migration f ON f.run_id = run.run_id"
            f" WHERE {where} ORDER BY run.rowid {order}, f.id",
            where.values,
        )
        for row in cursor:
            yield dict(row)

    def authors(self, connections: Sequence[str] | None) -> list[str]:
        where = _of(RunFilter(connections=_tuple(connections)))
        return [
            row[0]
            for row in self._tuples(
                f"SELECT DISTINCT author FROM run WHERE {where} AND author IS NOT NULL ORDER BY author",
                where.values,
            )
        ]

    def connections(self) -> list[dict[str, Any]]:
        """Every connection the ledger has runs of, with its last known name and engine, deleted ones included."""
        counts = self._tuples("SELECT connection, count(*) FROM run GROUP BY connection", [])
        return [
            {
                "runs": count,
                **self._rows(
                    "SELECT connection, engine, database_key, environment FROM run WHERE connection = ?"
                    " ORDER BY started_at DESC LIMIT 1",
                    [connection],
                )[0],
            }
            for connection, count in counts
        ]

    def has_runs(self, connection: str) -> bool:
        return bool(self._tuples("SELECT 1 FROM run WHERE connection = ? LIMIT 1", [connection]))

    # -- one migration -------------------------------------------------------------------------------------------

    def story(self, connections: Sequence[str], version: str, limit: int) -> list[dict[str, Any]]:
        """What happened to a version or filename, oldest first: the last `limit` times, each with its run."""
        columns = ", ".join(f"f.{name}" for name in _names(FILE_COLUMNS))
        runs = ", ".join(f"run.{name} AS run_{name}" for name in _names(RUN_COLUMNS))
        where = _Where()
        where.among("f.connection", connections)
        where.add("(f.version = ? OR f.filename = ?)", version, version)
        found = self._rows(
            f"SELECT {columns}, {runs} FROM run_migration f JOIN run ON run.run_id = f.run_id"
            f" WHERE {where} ORDER BY f.id DESC LIMIT ?",
            [*where.values, limit],
        )
        return found[::-1]

    def content(self, sha256: str) -> str | None:
        found = self._tuples("SELECT text FROM content WHERE sha256 = ?", [sha256])
        return str(found[0][0]) if found else None

    def content_size(self, sha256: str) -> int | None:
        found = self._tuples("SELECT length(text) FROM content WHERE sha256 = ?", [sha256])
        return int(found[0][0]) if found else None

    # -- inside --------------------------------------------------------------------------------------------------

    def _one(self, sql: str, values: Iterable[Any] = ()) -> Any:
        return self._tuples(sql, values)[0]

    def _tuples(self, sql: str, values: Iterable[Any] = ()) -> list[Any]:
        cursor = self._database.connection().cursor()
        cursor.row_factory = None
        return cursor.execute(sql, tuple(values)).fetchall()

    def _rows(self, sql: str, values: Iterable[Any]) -> list[dict[str, Any]]:
        cursor: sqlite3.Cursor = self._database.connection().execute(sql, tuple(values))
        return [dict(row) for row in cursor]


def _of(wanted: RunFilter, prefix: str = "") -> _Where:
    where = _Where()
    if wanted.connections is not None:
        where.among(f"{prefix}connection", wanted.connections)
    if wanted.direction is not None:
        where.add(f"{prefix}direction = ?", wanted.direction)
    if wanted.states:
        where.among(f"{prefix}state", wanted.states)
    if wanted.kinds:
        where.among(f"{prefix}kind", wanted.kinds)
    if wanted.author is not None:
        where.add(f"{prefix}author = ?", wanted.author)
    if wanted.since is not None:
        where.add(f"{prefix}started_at >= ?", iso_z(wanted.since))
    if wanted.until is not None:
        where.add(f"{prefix}started_at < ?", iso_z(wanted.until))
    if wanted.version is not None:
        where.add(
            f"{prefix}run_id IN (SELECT run_id FROM run_migration WHERE version = ? OR filename = ?)",
            wanted.version,
            wanted.version,
        )
    if wanted.outcome is not None:
        where.add(f"{prefix}run_id IN (SELECT run_id FROM run_migration WHERE status = ?)", wanted.outcome)
    for word in wanted.words[:_MOST_WORDS]:
        like = _like(word)
        where.add(
            f"{prefix}run_id IN (SELECT run_id FROM run_migration WHERE filename LIKE ? ESCAPE '\\'"
            " UNION ALL SELECT run_id FROM run_migration WHERE error IS NOT NULL AND error LIKE ? ESCAPE '\\'"
            " UNION ALL SELECT ?)",
            like,
            like,
            word,
        )
    return where


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _names(columns: str) -> list[str]:
    return [name.strip() for name in columns.split(",")]


def _tuple(connections: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if connections is None else tuple(connections)
