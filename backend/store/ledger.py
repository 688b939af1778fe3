"""The ledger: every run of every migration, as it was run. The database stays the truth; the ledger remembers the rest."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.clock import from_iso, utc_now
from backend.models.base import iso_z

from .database import Database

_FOUND = "Found applied in the database after the ledger was damaged: by whom and when is not known.\n"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file about to run: what the ledger keeps of it beforehand."""

    version: str
    filename: str
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file of a run ended. `status`: applied, rolled_back, failed, not_run, interrupted."""

    version: str
    status: str
    duration_ms: float | None = None
    error: Mapping[str, Any] | None = None
    partial: bool = False
    landed: Sequence[str] = ()
    reconciled: bool = False
    waited_ms: float | None = None
    """How long it was seen waiting for locks; None where nobody looked."""
    server: Mapping[str, Any] | None = None
    """What the server told while it ran: see `services/runs/noted.py`."""


@dataclass(frozen=True, slots=True)
class LastKnown:
    """What the ledger last knew of one version on one connection."""

    version: str
    filename: str
    sha256: str | None
    direction: str
    status: str
    finished_at: datetime | None
    duration_ms: float | None
    error: dict[str, Any] | None
    partial: bool
    landed: tuple[str, ...]
    author: str | None
    applied_sha256: str | None
    """The content that was applied last, while it is applied as far as the ledger knows; else None."""
    applied_at: datetime | None
    applied_ms: float | None
    applied_author: str | None
    applied_filename: str | None


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run whose rows still say `running`."""

    run_id: str
    connection: str
    direction: str
    host: str
    pid: int
    started_at: datetime
    files: tuple[tuple[str, str, str], ...]
    """(version, filename, status) in order."""
    kind: str = "up"
    backup_id: str | None = None
    """Made before it began."""


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._cache: dict[str, tuple[tuple[str, int], dict[str, LastKnown]]] = {}
        self._written: dict[str, int] = {}
        self._settled: dict[str, tuple[int, dict[str, LastKnown]]] = {}
        """By connection, up to which row nothing changes any more, and what is known by then."""

    def begin(
        self,
        run_id: str,
        connection: str,
        kind: str,
        direction: str,
        files: Sequence[PlannedFile],
        about: Mapping[str, Any],
    ) -> None:
        """Write the run and its files as `running`, before anything runs."""
        now = iso_z(utc_now())
        with self._database.write() as db:
            db.execute(
                "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, os_user, author, host,"
                " pid, app_version, tool, tool_version, server, backup_id, git_commit, database_key, environment)"
                " VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id,
                    connection,
                    about["engine"],
                    kind,
                    direction,
                    now,
                    about.get("os_user"),
                    about.get("author"),
                    about.get("host"),
                    about.get("pid"),
                    about.get("app_version"),
                    about.get("tool"),
                    about.get("tool_version"),
                    about.get("server"),
                    about.get("backup_id"),
                    about.get("git_commit"),
                    about.get("database_key"),
                    about.get("environment"),
                ),
            )
            db.executemany(
                "INSERT OR IGNORE INTO content (sha256, text) VALUES (?, ?)",
                [(file.sha256, file.content) for file in files],
            )
            db.executemany(
                "INSERT INTO run_migration (run_id, connection, version, filename, sha256, direction, status, started_at,"
                " author) VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?)",
                [
                    (
                        run_id,
                        connection,
                        file.version,
                        file.filename,
                        file.sha256,
                        direction,
                        now,
                        about.get("author"),
                    )
                    for file in files
                ],
            )
        self._touch(connection)

    def finish(
        self,
        run_id: str,
        connection: str,
        state: str,
        outcomes: Sequence[Outcome],
        *,
        duration_ms: float | None,
        output: str = "",
        error: Mapping[str, Any] | None = None,
    ) -> None:
        """Write what became of the run and each of its files. `state`: ok, failed, cancelled, interrupted."""
        now = iso_z(utc_now())
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = ?, finished_at = ?, duration_ms = ?, output = ?, error = ? WHERE run_id = ?",
                (state, now, duration_ms, output[-1_000_000:], _json(error), run_id),
            )
            db.execute("DELETE FROM before_file WHERE run_id = ?", (run_id,))
            # Recorded, or taken out of the table: whatever of it was left half done is so no longer.
            db.executemany(
                "DELETE FROM half_done WHERE connection = ? AND version = ?",
                [(connection, one.version) for one in outcomes if one.status in ("applied", "rolled_back")],
            )
            db.executemany(
                "UPDATE run_migration SET status = ?, finished_at = ?, duration_ms = ?, error = ?, partial = ?, landed = ?,"
                " reconciled = ?, waited_ms = ?, server = ? WHERE run_id = ? AND version = ?",
                [
                    (
                        one.status,
                        now,
                        one.duration_ms,
                        _json(one.error),
                        int(one.partial),
                        _json(list(one.landed) or None),
                        int(one.reconciled),
                        one.waited_ms,
                        _json(one.server),
                        run_id,
                        one.version,
                    )
                    for one in outcomes
                ],
            )
        self._touch(connection)

    def last_known(self, connection: str) -> dict[str, LastKnown]:
        """By version, what the ledger last knew. Cached until this or another process writes."""
        with self._lock:
            mark = (self.mark(connection), self._written.get(connection, 0))
            cached = self._cache.get(connection)
            if cached is not None and cached[0] == mark:
                return cached[1]
            known = self._read_last_known(connection)
            self._cache[connection] = (mark, known)
            return known

    def mark(self, connection: str) -> str:
        """Changes with every run that begins or ends, by this process or another; two searches, however many runs."""
        newest, open_runs = (
            self._database.connection()
            .execute(
                "SELECT (SELECT max(rowid) FROM run INDEXED BY run_of_connection WHERE connection = ?1),"
                " (SELECT group_concat(rowid) FROM run INDEXED BY run_by_state WHERE state = 'running'"
                " AND connection = ?1)",
                (connection,),
            )
            .fetchone()
        )
        return f"{newest} {open_runs}"

    def _read_last_known(self, connection: str) -> dict[str, LastKnown]:
        """What was read before and has ended, and the rows that came since."""
        db = self._database.connection()
        (open_from, newest) = db.execute(
            "SELECT (SELECT min(id) FROM run_migration WHERE run_id IN"
            " (SELECT run_id FROM run INDEXED BY run_by_state WHERE state = 'running' AND connection = ?1)),"
            " (SELECT max(id) FROM run_migration)",
            (connection,),
        ).fetchone()
        settled_to, settled = self._settled.get(connection, (0, {}))
        upto = (newest or 0) if open_from is None else open_from - 1
        if upto < settled_to:
            settled_to, settled = 0, {}
        if upto > settled_to:
            settled = self._fold(dict(settled), self._last_rows(connection, settled_to, upto))
            self._settled[connection] = (upto, settled)
        return self._fold(dict(settled), self._last_rows(connection, upto, (newest or 0)))

    def _last_rows(self, connection: str, after: int, upto: int) -> list[Any]:
        """Of each version the last row, and the last that says whether it is applied: more is not needed."""
        if upto <= after:
            return []
        return (
            self._database.connection()
            .execute(
                "WITH last AS (SELECT max(id) AS one, max(CASE WHEN status IN ('applied', 'rolled_back') THEN id END)"
                " AS other FROM run_migration WHERE connection = ?1 AND id > ?2 AND id <= ?3"
                " AND status NOT IN ('running', 'not_run') GROUP BY version)"
                " SELECT version, filename, sha256, direction, status, finished_at, duration_ms, error, partial, landed,"
                " author FROM run_migration WHERE id IN (SELECT one FROM last UNION SELECT other FROM last) ORDER BY id",
                (connection, after, upto),
            )
            .fetchall()
        )

    @staticmethod
    def _fold(known: dict[str, LastKnown], rows: Sequence[Any]) -> dict[str, LastKnown]:
        for row in rows:
            before = known.get(row["version"])
            applied: tuple[Any, ...] = (None, None, None, None, None)
            if row["status"] == "applied":
                applied = (
                    row["sha256"],
                    from_iso(row["finished_at"]),
                    row["duration_ms"],
                    row["author"],
                    row["filename"],
                )
            elif row["status"] != "rolled_back" and before is not None:
                applied = (
                    before.applied_sha256,
                    before.applied_at,
                    before.applied_ms,
                    before.applied_author,
                    before.applied_filename,
                )
            known[row["version"]] = LastKnown(
                row["version"],
                row["filename"],
                row["sha256"],
                row["direction"],
                row["status"],
                from_iso(row["finished_at"]),
                row["duration_ms"],
                json.loads(row["error"]) if row["error"] else None,
                bool(row["partial"]),
                tuple(json.loads(row["landed"])) if row["landed"] else (),
                row["author"],
                *applied,
            )
        return known

    def open_runs(self, connection: str | None = None) -> list[OpenRun]:
        """Runs that still say `running`, oldest first."""
        db = self._database.connection()
        where, values = ("AND connection = ?", (connection,)) if connection else ("", ())
        runs = db.execute(
            f"SELECT * FROM run WHERE state = 'running' {where} ORDER BY rowid", values
        ).fetchall()
        found = []
        for run in runs:
            files = db.execute(
                "SELECT version, filename, status FROM run_migration WHERE run_id = ? ORDER BY id",
                (run["run_id"],),
            ).fetchall()
            found.append(
                OpenRun(
                    run["run_id"],
                    run["connection"],
                    run["direction"],
                    run["host"] or "",
                    run["pid"] or 0,
                    datetime.fromisoformat(run["started_at"]),
                    tuple((f[0], f[1], f[2]) for f in files),
                    run["kind"],
                    run["backup_id"],
                )
            )
        return found

    def last_failure(self, connection: str, version: str) -> dict[str, Any] | None:
        """The version's last run, where it failed or was interrupted: its row, with `run_kind`, `backup_id`."""
        row = (
            self._database.connection()
            .execute(
                "SELECT one.*, run.kind AS run_kind, run.backup_id FROM run_migration one JOIN run USING (run_id)"
                " WHERE one.connection = ? AND one.version = ? AND one.status NOT IN ('running', 'not_run')"
                " ORDER BY one.id DESC LIMIT 1",
                (connection, version),
            )
            .fetchone()
        )
        return dict(row) if row is not None and row["status"] in ("failed", "interrupted") else None

    def settle_left(self, connection: str, version: str, landed: Sequence[str]) -> None:
        """What of the version's last failure is still in the database, as it was looked at now."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run_migration SET partial = ?, landed = ? WHERE id = (SELECT max(id) FROM run_migration WHERE"
                " connection = ? AND version = ? AND status IN ('failed', 'interrupted'))",
                (int(bool(landed)), _json(list(landed) or None), connection, version),
            )
        with self._lock:
            self._settled.pop(connection, None)
        self._touch(connection)

    def content(self, sha256: str) -> str | None:
        """A file's content as it was run."""
        row = (
            self._database.connection()
            .execute("SELECT text FROM content WHERE sha256 = ?", (sha256,))
            .fetchone()
        )
        return row["text"] if row else None

    def rename_version(self, connection: str, version: str, new_version: str, new_filename: str) -> None:
        """Follow a renamed file, so that its failures stay with it."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run_migration SET version = ?, filename = ? WHERE connection = ? AND version = ?",
                (new_version, new_filename, connection, version),
            )
            db.execute(
                "UPDATE OR REPLACE half_done SET version = ? WHERE connection = ? AND version = ?",
                (new_version, connection, version),
            )
        with self._lock:
            self._settled.pop(connection, None)
        self._touch(connection)

    def runs(self, connection: str, limit: int = 50) -> list[dict[str, Any]]:
        """The last runs of a connection, newest first, as rows."""
        rows = self._database.connection().execute(
            # In the order they were written: the clock may have been set in between.
            "SELECT * FROM run WHERE connection = ? ORDER BY rowid DESC LIMIT ?",
            (connection, limit),
        )
        return [dict(row) for row in rows]

    def run_of(self, connection: str, run_id: str) -> dict[str, Any] | None:
        """One run of a connection, as a row."""
        row = (
            self._database.connection()
            .execute("SELECT * FROM run WHERE run_id = ? AND connection = ?", (run_id, connection))
            .fetchone()
        )
        return dict(row) if row else None

    def last_applied_by(self, connection: str, kind: str) -> frozenset[str]:
        """The versions whose last application was by a run of this kind (`redo`, `baseline`, …)."""
        rows = self._database.connection().execute(
            "SELECT one.version FROM run_migration one JOIN run USING (run_id) WHERE one.connection = ?"
            " AND one.direction = 'up' AND one.status = 'applied' AND run.kind = ? AND NOT EXISTS (SELECT 1 FROM"
            " run_migration later WHERE later.connection = one.connection AND later.version = one.version"
            " AND later.id > one.id AND later.direction = 'up' AND later.status = 'applied')",
            (connection, kind),
        )
        return frozenset(row[0] for row in rows)

    def backup_before(self, connection: str, version: str) -> str | None:
        """The backup of the run that applied the version last; None where none was made."""
        row = (
            self._database.connection()
            .execute(
                "SELECT run.backup_id FROM run_migration one JOIN run USING (run_id) WHERE one.connection = ? AND"
                " one.version = ? AND one.direction = 'up' AND one.status = 'applied' AND run.kind <> 'baseline'"
                " ORDER BY one.id DESC LIMIT 1",
                (connection, version),
            )
            .fetchone()
        )
        return row[0] if row else None

    def migrations_of(self, run_id: str) -> list[dict[str, Any]]:
        rows = self._database.connection().execute(
            "SELECT * FROM run_migration WHERE run_id = ? ORDER BY id", (run_id,)
        )
        return [dict(row) for row in rows]

    # -- after damage --------------------------------------------------------------------------------------------

    def damage(self) -> dict[str, Any] | None:
        """What there is to tell of damage the ledger met: path, set_aside, why, at, saved (rows by table), told."""
        found: dict[str, Any] | None = self._database.notes("damage")
        return found

    def damage_told(self) -> None:
        """The user has been told; once is enough."""
        found = self.damage()
        if found is not None and not found["told"]:
            self._database.note("damage", {**found, "told": True})

    def lacks(self, connection: str) -> bool:
        """The ledger was damaged, and this connection's applied migrations were not compared with it since."""
        found = self.damage()
        return found is not None and connection not in found["rebuilt"]

    def rebuild(
        self, connection: str, engine: str, applied: Sequence[tuple[str, str, datetime | None]]
    ) -> int:
        """Note (version, filename, when) of what the database has as applied and the ledger knows nothing of, as applied
        by unknown. Returns how many there were."""
        found = self.damage()
        known = self.last_known(connection)
        unknown = [one for one in applied if one[0] not in known]
        run_id = f"rebuilt-{uuid.uuid4().hex[:12]}"
        now = iso_z(utc_now())
        with self._database.write() as db:
            if unknown:
                db.execute(
                    # Of the kind that only marks: nothing ran, and no statistics count it.
                    "INSERT INTO run (run_id, connection, engine, kind, direction, state, started_at, finished_at, author,"
                    " output) VALUES (?, ?, ?, 'baseline', 'up', 'ok', ?, ?, 'unknown', ?)",
                    (run_id, connection, engine, now, now, _FOUND),
                )
            db.executemany(
                "INSERT INTO run_migration (run_id, connection, version, filename, direction, status, finished_at, author,"
                " reconciled) VALUES (?, ?, ?, ?, 'up', 'applied', ?, 'unknown', 1)",
                [
                    (run_id, connection, version, filename, iso_z(at) if at else None)
                    for version, filename, at in unknown
                ],
            )
            if found is not None:
                value = json.dumps({**found, "rebuilt": [*found["rebuilt"], connection]})
                db.execute("INSERT OR REPLACE INTO note VALUES ('damage', ?)", (value,))
        self._touch(connection)
        return len(unknown)

    def restored(
        self,
        run_id: str,
        connection: str,
        applied: Collection[str],
        *,
        duration_ms: float | None,
        error: Mapping[str, Any] | None = None,
        state: str | None = None,
    ) -> None:
        """A backup was restored: what the migrations table says now is the last word on every version that was known
        otherwise. Failures of what is not applied are over: the database is what it was before them. `state` where it
        is neither ok nor failed."""
        now = iso_z(utc_now())
        rows = []
        for one in self.last_known(connection).values():
            is_applied = one.status == "applied" or one.applied_at is not None
            if one.version in applied and not is_applied:
                rows.append((one, "up", "applied", self._applied_once(connection, one.version)))
            elif one.version not in applied and (is_applied or one.status != "rolled_back"):
                rows.append((one, "down", "rolled_back", None))
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = ?, finished_at = ?, duration_ms = ?, error = ? WHERE run_id = ?",
                (state or ("ok" if error is None else "failed"), now, duration_ms, _json(error), run_id),
            )
            db.executemany(
                "INSERT INTO run_migration (run_id, connection, version, filename, sha256, direction, status, finished_at,"
                " reconciled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
                [
                    (run_id, connection, one.version, one.filename, sha256, direction, status, now)
                    for one, direction, status, sha256 in rows
                ],
            )
        self._touch(connection)

    def _applied_once(self, connection: str, version: str) -> str | None:
        """The sha256 of what was applied last under this version."""
        row = (
            self._database.connection()
            .execute(
                "SELECT sha256 FROM run_migration WHERE connection = ? AND version = ? AND status = 'applied'"
                " AND sha256 IS NOT NULL ORDER BY id DESC LIMIT 1",
                (connection, version),
            )
            .fetchone()
        )
        return row[0] if row else None

    def backup_states(self, connection: str) -> dict[str, str]:
        """The backups that runs of a connection name, with the state of the run."""
        rows = self._database.connection().execute(
            "SELECT backup_id, state FROM run WHERE connection = ? AND backup_id IS NOT NULL ORDER BY rowid",
            (connection,),
        )
        return {row[0]: row[1] for row in rows}

    def backup_removed(self, connection: str, backup_id: str) -> None:
        """It was taken away on purpose: nobody misses it."""
        known = self._database.notes(f"backups-removed:{connection}") or {}
        ids = [*known.get("ids", []), backup_id][-2000:]
        self._database.note(f"backups-removed:{connection}", {"ids": ids})

    def removed_backups(self, connection: str) -> set[str]:
        known = self._database.notes(f"backups-removed:{connection}") or {}
        return set(known.get("ids", []))

    def unsettled_backups(self, connection: str) -> set[str]:
        """The backups that were made before runs which did not succeed, or have not ended."""
        return {key for key, state in self.backup_states(connection).items() if state != "ok"}

    def _touch(self, connection: str) -> None:
        with self._lock:
            self._written[connection] = self._written.get(connection, 0) + 1


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)
