"""failure:list, show and resolve: what is true of a failed migration, and each way out of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from backend.core.errors import AppError, InvalidRequest, NotSupported
from backend.core.events import EventBus
from backend.engine.schema.model import Step
from backend.engine.tool import ParsedFile
from backend.models.backup import BackupState, RestoreRequest
from backend.models.failure import Failure, Repaired, ResolveRequest, Way, WayCode
from backend.models.migration import Direction, MigrationFlag, MigrationStatus, Run
from backend.services.backups.service import Backups
from backend.services.connections import Connections
from backend.services.consent import refuse_read_only
from backend.services.migrations import MigrationService
from backend.services.runs.halves import Halves
from backend.services.runs.service import Runs
from backend.store.ledger import Ledger
from backend.store.settings import SettingsStore

from .cleaning import CleanUp, plan_clean_up
from .look import Look, Looks
from .remainder import Remainder, plan_remainder, staged
from .repair import Planned, Repairs
from .summary import summary_of
from .ways import Restorable, ways_of


class Failures:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        runs: Runs,
        ledger: Ledger,
        halves: Halves,
        backups: Backups,
        settings: SettingsStore,
        events: EventBus,
    ) -> None:
        self._migrations = migrations
        self._runs = runs
        self._backups = backups
        self._events = events
        self._looks = Looks(connections, migrations, ledger, halves)
        self._repairs = Repairs(runs, ledger, backups, settings)

    def list(self, connection: str) -> list[Failure]:
        """Every failed or half-done migration, without statements and ways."""
        return [_failure(look, []) for look in self._looks.all(connection)]

    def show(self, connection: str, version: str) -> Failure:
        """Raises MigrationNotFound, and what reading the database raises."""
        look = self._looks.one(connection, version)
        ways = ways_of(
            look, self._remainder(look), plan_clean_up(look) if look.row else CleanUp(), self._backup(look)
        )
        return _failure(look, ways)

    def resolve(self, request: ResolveRequest) -> Repaired:
        """Take the way, if it is still open, and answer what the database shows afterwards."""
        look = self._looks.one(request.connection, request.version)
        refuse_read_only(look.resolved, "repair a failed migration")
        taken = self._take(look, request)
        self._events.publish("migrations:changed", connection=request.connection)
        self._events.publish("database:changed", connection=request.connection)
        after = self._looks.one(request.connection, look.migration.filename)
        taken.left = after.lines
        taken.statements = after.statements if after.row is not None else []
        taken.says = _said(request.way, after, taken.ok)
        return taken

    # -- the ways ------------------------------------------------------------------------------------------------

    def _take(self, look: Look, request: ResolveRequest) -> Repaired:
        takes: dict[WayCode, Callable[[Look, ResolveRequest], Repaired]] = {
            WayCode.RETRY: self._retry,
            WayCode.RUN_REMAINDER: self._run_remainder,
            WayCode.CLEAN_UP: self._clean_up,
            WayCode.DROP_INVALID_INDEXES: self._drop_invalid,
            WayCode.RESTORE: self._restore,
            WayCode.MARK_APPLIED: self._mark,
            WayCode.MARK_NOT_APPLIED: self._mark,
        }
        return takes[request.way](look, request)

    def _open(self, look: Look, code: WayCode, remainder: Remainder, cleaning: CleanUp) -> Way:
        """The way as it is open now. Raises InvalidRequest with the reason where it is not."""
        ways = {way.code: way for way in ways_of(look, remainder, cleaning, self._backup(look))}
        way = ways.get(code)
        if way is None or not way.available:
            reason = way.reason if way is not None else "There is nothing of this kind to be done."
            raise InvalidRequest(
                f"This way is not open for {look.migration.filename}: {reason}",
                hint="Look at the failure again.",
                way=str(code),
            )
        return way

    def _retry(self, look: Look, request: ResolveRequest) -> Repaired:
        self._open(look, request.way, Remainder(), CleanUp())
        how: dict[str, Any] = {
            "versions": [look.migration.filename],
            "confirm": request.confirm,
            "backup": request.backup,
            "allow_out_of_order": True,
        }
        if look.direction == Direction.DOWN:
            return _of_run(request, self._runs.down(request.connection, **how))
        retry = look.migration.status == MigrationStatus.FAILED
        run = (self._runs.retry if retry else self._runs.up)(request.connection, **how)
        return _of_run(request, run)

    def _run_remainder(self, look: Look, request: ResolveRequest) -> Repaired:
        rest = self._remainder(look)
        self._open(look, request.way, rest, CleanUp())
        with staged(rest, look.resolved.tool) as parsed:
            run = self._runs.remainder(
                request.connection,
                look.migration.filename,
                look.direction,
                parsed,
                request.confirm,
                request.backup,
            )
        return _of_run(request, run)

    def _clean_up(self, look: Look, request: ResolveRequest) -> Repaired:
        cleaning = plan_clean_up(look)
        self._open(look, request.way, Remainder(reason="-"), cleaning)

        def again() -> Planned:
            fresh = self._looks.one(request.connection, look.migration.filename)
            planned = plan_clean_up(fresh)
            doing = f"Clean up after {look.migration.filename} on {look.resolved.name}"
            return Planned(fresh, planned.steps, planned.losses, doing)

        return self._repair(look, request, cleaning.steps, again)

    def _drop_invalid(self, look: Look, request: ResolveRequest) -> Repaired:
        self._open(look, request.way, Remainder(reason="-"), CleanUp(reason="-"))

        def steps(at: Look) -> Sequence[Step]:
            return [Step(one.drop, transaction=False) for one in at.invalid]

        def again() -> Planned:
            fresh = self._looks.one(request.connection, look.migration.filename)
            return Planned(fresh, steps(fresh), [], f"Drop invalid indexes on {look.resolved.name}")

        return self._repair(look, request, steps(look), again)

    def _repair(
        self, look: Look, request: ResolveRequest, steps: Sequence[Step], again: Callable[[], Planned]
    ) -> Repaired:
        done = self._repairs.run(look, again, shown=steps, confirm=request.confirm, backup=request.backup)
        if done.error is not None:
            self._events.publish("migrations:changed", connection=request.connection)
            raise done.error
        return Repaired(
            connection=request.connection,
            version=look.migration.version,
            way=request.way,
            ok=True,
            run_id=done.run_id,
            backup_id=done.backup_id,
            says="",
        )

    def _restore(self, look: Look, request: ResolveRequest) -> Repaired:
        way = self._open(look, request.way, Remainder(reason="-"), CleanUp(reason="-"))
        assert way.backup_id is not None
        restored = self._backups.restore(
            RestoreRequest(
                connection=request.connection,
                backup_id=way.backup_id,
                confirm=request.confirm,
                job_id=request.job_id,
            )
        )
        return Repaired(
            connection=request.connection,
            version=look.migration.version,
            way=request.way,
            ok=restored.equal,
            backup_id=restored.safety_backup_id,
            says="",
        )

    def _mark(self, look: Look, request: ResolveRequest) -> Repaired:
        self._open(look, request.way, Remainder(reason="-"), CleanUp(reason="-"))
        mark = "applied" if request.way == WayCode.MARK_APPLIED else "not_applied"
        run = self._runs.baseline(
            request.connection, versions=[look.migration.filename], mark=mark, confirm=request.confirm
        )
        return _of_run(request, run)

    # -- inside --------------------------------------------------------------------------------------------------

    def _remainder(self, look: Look) -> Remainder:
        return plan_remainder(look, self._file_now(look)) if look.row is not None else Remainder()

    def _file_now(self, look: Look) -> ParsedFile | None:
        if MigrationFlag.MISSING_FILE in look.migration.flags:
            return None
        index = self._migrations.index(look.resolved)
        record = next((one for one in look.view.scan.files if one.filename == look.migration.filename), None)
        return index.read(record) if record is not None else None

    def _backup(self, look: Look) -> Restorable:
        backup_id = look.row["backup_id"] if look.row is not None else None
        if backup_id is None:
            return Restorable()
        try:
            found = self._backups.get(look.resolved.id, backup_id)
        except NotSupported as error:
            return Restorable(backup_id, error.message)
        except AppError as error:
            return Restorable(backup_id, f"The backup made before the run cannot be used: {error.message}")
        if not found.restorable or found.state == BackupState.DAMAGED:
            return Restorable(backup_id, found.restore_problem or found.problem or "It is damaged.")
        since = f"What was written to {look.resolved.name} since {found.created_at:%Y-%m-%d %H:%M} UTC goes."
        return Restorable(backup_id, losses=(since,))


def _of_run(request: ResolveRequest, run: Run) -> Repaired:
    status = next((one.status for one in run.migrations), None)
    return Repaired(
        connection=request.connection,
        version=request.version,
        way=request.way,
        ok=run.ok,
        run_id=run.run_id or None,
        backup_id=run.backup_id,
        status=status,
        says="",
    )


def _failure(look: Look, ways: list[Way]) -> Failure:
    row = look.row
    return Failure(
        connection=look.resolved.id,
        version=look.migration.version,
        filename=look.migration.filename,
        direction=look.direction,
        run_id=row["run_id"] if row is not None else None,
        at=row["finished_at"] if row is not None else None,
        error=json.loads(row["error"]) if row is not None and row["error"] else None,
        summary=summary_of(look),
        partial=look.is_partial,
        statements=look.statements,
        objects=[line for line in look.lines if not line.startswith("~ rows ")],
        rows=look.row_changes,
        invalid_indexes=[one.name for one in look.invalid],
        ways=ways,
    )


def _said(way: WayCode, after: Look, ok: bool) -> str:
    if way == WayCode.DROP_INVALID_INDEXES:
        return (
            "The invalid indexes are gone." if not after.invalid else "Some invalid indexes are still there."
        )
    if not ok:
        return "It was done, and what is there now is not what it should be. " + summary_of(after)
    if way == WayCode.CLEAN_UP:
        return (
            "Nothing of the failed run is in the schema any more."
            if not after.lines
            else "Still there: " + ", ".join(after.lines[:10]) + "."
        )
    return summary_of(after)


__all__ = ["Failures"]
