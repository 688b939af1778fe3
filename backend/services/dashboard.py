"""The dashboard: how one connection stands, and all of them in a row each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.core.clock import from_iso, utc_now
from backend.core.errors import AppError
from backend.models.base import iso_z
from backend.models.connection import EngineName, EnvironmentKind
from backend.models.dashboard import (
    AllConnections,
    Attention,
    AttentionKind,
    ConnectionSummary,
    DashboardReport,
    DayFigures,
    FileRisk,
    ProjectSummary,
    Risks,
    RunSummary,
    SuccessRate,
)
from backend.models.finding import Severity
from backend.models.migration import Migration, MigrationStatus
from backend.models.schema_diff import DriftState
from backend.store.connections import StoredConnection
from backend.store.drifts import DriftStore
from backend.store.ledger import Ledger
from backend.store.ledger_timeline import LedgerTimeline, RunFiles, as_dict, loads
from backend.store.looks import LookStore

from .attention import attention_of, broken_restore, drifted, risky, without_backup
from .backups.service import Backups
from .connections import Connections
from .lookout import Look, Lookout, counts_of, problem_of
from .validation import ValidationService, form_severity

_RECENT = 10
_DAYS = 30
_PENDING_SHOWN = 10
_CHECKED = 100
_ATTENTION_IN_A_ROW = 3
_ORDER = list(EnvironmentKind)
_SEVERITIES = list(Severity)
# Folders that are named after what they hold, not after the project they are of.
_NOT_A_NAME = {"migrations", "migration", "db", "database", "databases", "sql", "src"}


class Dashboard:
    def __init__(
        self,
        connections: Connections,
        ledger: Ledger,
        runs: LedgerTimeline,
        lookout: Lookout,
        looks: LookStore,
        validation: ValidationService,
        drifts: DriftStore,
        backups: Backups,
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._runs = runs
        self._lookout = lookout
        self._looks = looks
        self._validation = validation
        self._drifts = drifts
        self._backups = backups

    def show(self, connection: str, wait_s: float) -> DashboardReport:
        """One connection, as it is now; as it was last seen where it does not answer within `wait_s` seconds."""
        stored = self._connections.store.load(connection)
        look = self._lookout.look([connection], wait_s, "show")[connection]
        rows = self._runs.recent(connection, _RECENT)
        recent = self._summaries(rows)
        summary = self._summary(stored, look, recent[0] if recent else None)
        rates = self._runs.rates(connection)
        average_ms, slowest_ms = self._runs.times(connection)
        view = look.view if look is not None else None
        due = [one for one in view.migrations if one.status != MigrationStatus.APPLIED] if view else []
        return DashboardReport(
            summary=summary,
            drift=self._drifts.get(stored),
            pending=due[:_PENDING_SHOWN],
            migrations_rate=_rate(rates.get("up")),
            rollbacks_rate=_rate(rates.get("down")),
            restores_rate=_rate(self._runs.restores(connection)),
            average_ms=average_ms,
            slowest_ms=slowest_ms,
            recent=recent,
            days=self._days(connection),
        )

    def all(self, only: Sequence[str] | None, wait_s: float) -> AllConnections:
        """A row for each connection (or for `only` these), by project. Asks all databases at the same time."""
        stored, problems = self._connections.store.all()
        self._looks.keep_only([one.id for one in stored])
        chosen = [one for one in stored if only is None or one.id in set(only)]
        looks = self._lookout.look([one.id for one in chosen], wait_s, "all")
        last = {
            one.connection: one
            for one in self._summaries([row for one in chosen for row in self._runs.recent(one.id, 1)])
        }
        projects: dict[str, list[tuple[StoredConnection, ConnectionSummary]]] = {}
        for one in chosen:
            row = self._summary(one, looks[one.id], last.get(one.id))
            row.attention = row.attention[:_ATTENTION_IN_A_ROW]
            projects.setdefault(self._folder(one), []).append((one, row))
        found = [
            ProjectSummary(
                key=key,
                name=_project_name(key, [stored for stored, _ in members]),
                connections=[row for _, row in sorted(members, key=lambda two: _rank(two[1]))],
            )
            for key, members in projects.items()
        ]
        return AllConnections(projects=sorted(found, key=lambda one: one.name.lower()), problems=problems)

    def risks(self, connection: str) -> Risks:
        """What the risk rules say of the next hundred pending files. Reads the database's catalog for row counts."""
        look = self._lookout.look([connection], 30.0, "risks")[connection]
        if look is None or look.view is None:
            return Risks(notes=["The connection could not be looked at."])
        due = [one for one in look.view.migrations if one.status != MigrationStatus.APPLIED]
        chosen = due[:_CHECKED]
        if not chosen:
            return Risks()
        said = self._validation.validate(connection, versions=[one.filename for one in chosen])
        files, worst_by_name, words = [], dict[str, Severity](), dict[str, str]()
        for report in said.files:
            severities = [
                *(finding.severity for finding in report.findings),
                *(form_severity(problem.severity) for problem in report.problems),
            ]
            worst = max(severities, key=_SEVERITIES.index, default=None)
            files.append(
                FileRisk(
                    filename=report.filename, version=report.version, worst=worst, findings=len(severities)
                )
            )
            gravest = max(report.findings, key=lambda one: _SEVERITIES.index(one.severity), default=None)
            if gravest is not None and gravest.severity in {Severity.HIGH, Severity.CRITICAL}:
                worst_by_name[report.filename] = gravest.severity
                words[report.filename] = gravest.title
        those = [one for one in chosen if one.filename in worst_by_name]
        attention = None
        if those:
            severity = max(worst_by_name.values(), key=_SEVERITIES.index)
            attention = risky(those, severity, f"{those[0].name}: {words[those[0].filename]}")
        return Risks(
            files=files,
            worst=max((one.worst for one in files if one.worst), key=_SEVERITIES.index, default=None),
            attention=attention,
            checked=len(files),
            unchecked=len(due) - len(chosen),
            notes=said.notes,
        )

    # -- inside --------------------------------------------------------------------------------------------------

    def _summary(
        self, stored: StoredConnection, look: Look | None, last_run: RunSummary | None
    ) -> ConnectionSummary:
        view = look.view if look is not None else None
        is_reached = look is not None and look.problem is None
        counts = look.counts if look is not None and is_reached else self._looks.get(stored)
        if counts is None and look is not None and view is not None:
            # Never seen by a look: the ledger's last word is all there is.
            counts = counts_of(view, None)
        migrations = view.migrations if view is not None else []
        return ConnectionSummary(
            connection=stored.id,
            name=stored.name,
            engine=EngineName(stored.engine),
            environment=EnvironmentKind(stored.environment),
            color=stored.color,
            read_only=stored.read_only,
            reachable=None if look is None else is_reached,
            problem=problem_of(look),
            database_exists=view.database_exists if view is not None and is_reached else None,
            counts=counts,
            stale=not is_reached and counts is not None,
            looking=look is None,
            last_run=last_run,
            last_applied=_last_applied(migrations),
            next_pending=next((one for one in migrations if one.status != MigrationStatus.APPLIED), None),
            attention=self._attention(stored, migrations),
        )

    def _attention(self, stored: StoredConnection, migrations: Sequence[Migration]) -> list[Attention]:
        found = attention_of(migrations, self._ledger.last_known(stored.id), read_only=stored.read_only)
        if (broken := broken_restore(self._ledger.runs(stored.id, _RECENT))) is not None:
            found.append(broken)
        drift = self._drifts.get(stored)
        if drift is not None and drift.state == DriftState.DRIFTED:
            found.append(drifted(drift))
        # Before anything is applied there is nothing to lose.
        if any(one.status == MigrationStatus.APPLIED for one in migrations) and self._backups.wants(stored):
            missing = without_backup(self._backups.newest_good(stored), utc_now())
            if missing is not None:
                found.append(missing)
        order = list(AttentionKind)
        return sorted(found, key=lambda one: order.index(one.kind))

    def _summaries(self, rows: Sequence[Any]) -> list[RunSummary]:
        files = self._runs.files([row["run_id"] for row in rows], first=3)
        return [run_summary(row, files[row["run_id"]]) for row in rows]

    def _days(self, connection: str) -> list[DayFigures]:
        today = datetime.now().astimezone()
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight - timedelta(days=_DAYS - 1)
        found = self._runs.by_day(connection, iso_z(since.astimezone(UTC)))
        days = [(today.date() - timedelta(days=back)).isoformat() for back in reversed(range(_DAYS))]
        return [
            DayFigures(day=day, applied=counts[0], rolled_back=counts[1], failed=counts[2])
            for day in days
            for counts in [found.get(day, (0, 0, 0))]
        ]

    def _folder(self, stored: StoredConnection) -> str:
        try:
            return str(self._connections.resolve(stored.id).migrations_dirs[0])
        except (AppError, IndexError):
            return stored.id


def run_summary(row: Any, files: RunFiles) -> RunSummary:
    """A ledger row as the dashboard shows it."""
    bad = next((one for one in files.rows if one["status"] in {"failed", "interrupted"}), None)
    problem = None
    if bad is not None:
        said = (as_dict(loads(bad["error"])) or {}).get("message")
        problem = f"{bad['filename']}: {said}" if said else f"{bad['filename']} did not run to the end."
    return RunSummary(
        run_id=row["run_id"],
        connection=row["connection"],
        kind=row["kind"],
        direction=row["direction"],
        state=row["state"],
        started_at=from_iso(row["started_at"]) or utc_now(),
        finished_at=from_iso(row["finished_at"]),
        duration_ms=row["duration_ms"],
        author=row["author"],
        os_user=row["os_user"],
        host=row["host"],
        files=files.total,
        done=files.done,
        names=[one["filename"] for one in files.rows[:3]],
        problem=problem,
        backup_id=row["backup_id"],
    )


def _last_applied(migrations: Sequence[Migration]) -> Migration | None:
    """The one applied last, by its time; where no time is known, the newest applied one."""
    applied = [one for one in migrations if one.status == MigrationStatus.APPLIED]
    dated = [one for one in applied if one.applied_at is not None]
    if dated:
        return max(reversed(dated), key=lambda one: one.applied_at or datetime.min.replace(tzinfo=UTC))
    return applied[-1] if applied else None


def _rate(found: tuple[int, int] | None) -> SuccessRate | None:
    return SuccessRate(good=found[0], total=found[1]) if found is not None and found[1] else None


def _rank(summary: ConnectionSummary) -> tuple[int, str]:
    return _ORDER.index(summary.environment), summary.name.lower()


def _project_name(folder: str, members: Sequence[StoredConnection]) -> str:
    """The project's folder names it; a connection alone names itself."""
    if len(members) == 1:
        return members[0].name
    path = Path(folder)
    while path.name.lower() in _NOT_A_NAME and path.parent != path:
        path = path.parent
    return path.name or members[0].name
