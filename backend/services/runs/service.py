"""Up, down, retry, redo, baseline, and their plans. Each walks the same steps; see `execute`."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from backend.core.clock import utc_now
from backend.core.context import current_job
from backend.core.envelope import envelope_error
from backend.core.errors import (
    AppError,
    Cancelled,
    EditedOnDisk,
    MigrationFailed,
    MigrationInvalid,
)
from backend.core.events import EventBus
from backend.engine.target import Target
from backend.engine.tool import ParsedFile
from backend.models.finding import Finding
from backend.models.migration import Direction, Migration, MigrationFlag, Run, RunStatus
from backend.services.connections import Connections, Resolved
from backend.services.consent import ask, refuse_read_only
from backend.services.databases import Databases
from backend.services.migrations import MigrationService, View
from backend.store.settings import SettingsStore

from .down_rules import Backups, names_of
from .down_text import downs_that_cannot_run
from .locks import RunLocks
from .losses import losses_of_sql
from .pipeline import Pipeline, RunState
from .plan import RunPlan, Selection, plan_down, plan_failed, plan_up
from .schema_memory import Memory, SchemaMemory
from .severe import nothing_severe, severe_of

_log = logging.getLogger(__name__)


Severe = Callable[[View, Sequence[Migration], Sequence[ParsedFile]], Sequence[tuple[str, Finding]]]
"""The risk rules' findings that want a typed confirmation where these files are applied, by filename."""


class Unrehearsed(Protocol):
    """The rule that files are rehearsed before they run: the error that refuses them, or None. `again`: of a redo."""

    def __call__(
        self, resolved: Resolved, target: Target, planned: Sequence[Migration], *, again: bool = False
    ) -> AppError | None: ...


def nothing_demanded(*_: object, **__: object) -> None:
    """Where no rehearsals are built in."""


class BeforeRun(Protocol):
    """What makes a backup before a run. Returns its id and a warning; neither where none is due."""

    def __call__(
        self,
        resolved: Resolved,
        target: Target,
        direction: Direction,
        wanted: bool | None,
        run_id: str,
        migrations: Sequence[str],
    ) -> tuple[str | None, str | None]: ...


class Runs:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        databases: Databases,
        pipeline: Pipeline,
        settings: SettingsStore,
        events: EventBus,
        memory: SchemaMemory,
        before_run: BeforeRun,
        severe: Severe = nothing_severe,
        locks: RunLocks | None = None,
        unrehearsed: Unrehearsed = nothing_demanded,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._databases = databases
        self._pipeline = pipeline
        self._settings = settings
        self._events = events
        self._memory = memory
        self._before_run = before_run
        self._severe = severe
        self._unrehearsed = unrehearsed
        self.locks = locks or RunLocks()

    @staticmethod
    def tidy() -> None:
        """Remove what a run that was killed left in the temporary folder."""
        from backend.drivers.dbmate.stage import clean_stale

        clean_stale()

    # -- the channels --------------------------------------------------------------------------------------------

    def up(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        to: str | None = None,
        count: int | None = None,
        confirm: str | None = None,
        backup: bool | None = None,
        allow_out_of_order: bool = False,
    ) -> Run:
        allow = allow_out_of_order or self._settings.current().safety.allow_out_of_order
        selection = Selection(versions, to, count)
        return self._execute(
            connection,
            "up",
            Direction.UP,
            lambda view: self._demanded(view, plan_up(view.migrations, selection, allow_out_of_order=allow)),
            confirm,
            backup,
        )

    def down(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        to: str | None = None,
        count: int | None = None,
        confirm: str | None = None,
        backup: bool | None = None,
        allow_out_of_order: bool = False,
    ) -> Run:
        selection = Selection(versions, to, count)
        return self._execute(
            connection,
            "down",
            Direction.DOWN,
            lambda view: self._plan_down(view, selection, allow_out_of_order),
            confirm,
            backup,
        )

    def retry(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        confirm: str | None = None,
        backup: bool | None = None,
        allow_out_of_order: bool = False,
    ) -> Run:
        allow = allow_out_of_order or self._settings.current().safety.allow_out_of_order
        return self._execute(
            connection,
            "retry",
            Direction.UP,
            lambda view: self._demanded(
                view, plan_failed(view.migrations, versions, allow_out_of_order=allow)
            ),
            confirm,
            backup,
        )

    def redo(
        self,
        connection: str,
        version: str | None = None,
        confirm: str | None = None,
        backup: bool | None = None,
        allow_out_of_order: bool = False,
    ) -> Run:
        """Down, then up again; where the down fails the up does not run."""
        selection = Selection(versions=[version] if version else None, count=None if version else 1)
        undone = self._execute(
            connection,
            "redo",
            Direction.DOWN,
            lambda view: self._demanded(
                view, self._plan_down(view, selection, allow_out_of_order), again=True
            ),
            confirm,
            backup,
        )
        again = [one.filename for one in undone.migrations]
        if not again:
            return undone
        redone = self._execute(
            connection,
            "redo",
            Direction.UP,
            lambda view: plan_up(view.migrations, Selection(versions=again), allow_out_of_order=True),
            confirm,
            False,
        )
        return redone.model_copy(
            update={
                "migrations": [*undone.migrations, *redone.migrations],
                "output": undone.output + redone.output,
                "warnings": undone.warnings + redone.warnings,
                "rollback_check": undone.rollback_check,
                "started_at": undone.started_at,
            }
        )

    def baseline(
        self,
        connection: str,
        versions: Sequence[str] | None = None,
        to: str | None = None,
        mark: str = "applied",
        confirm: str | None = None,
    ) -> Run:
        """Write the migrations table without running anything."""
        direction = Direction.UP if mark == "applied" else Direction.DOWN
        selection = Selection(versions, to)

        def plan(view: View) -> RunPlan:
            if direction == Direction.UP:
                found = plan_up(view.migrations, selection, allow_out_of_order=True)
            else:
                found = plan_down(view.migrations, selection, allow_out_of_order=True)
            # Nothing of the files runs, so an invalid file, a missing one or a missing down is no obstacle.
            duplicates = [p for p in found.problems if p.details.get("reason") == "duplicate_version"]
            return RunPlan(found.direction, found.migrations, duplicates, [])

        return self._execute(connection, "baseline", direction, plan, confirm, False, record_only=True)

    def remainder(
        self,
        connection: str,
        filename: str,
        direction: Direction,
        rest: ParsedFile,
        confirm: str | None = None,
        backup: bool | None = None,
    ) -> Run:
        """Run `rest`, which is staged under the migration's filename, in the place of the file, and record it."""

        def plan(view: View) -> RunPlan:
            return RunPlan(direction, [one for one in view.migrations if one.filename == filename])

        return self._execute(connection, "remainder", direction, plan, confirm, backup, instead=[rest])

    def end_abandoned(self, resolved: Resolved) -> None:
        """What crashed runs still do on the server ends. The caller holds the locks."""
        self._pipeline.end_abandoned(resolved)

    def plan(
        self,
        connection: str,
        direction: Direction = Direction.UP,
        versions: Sequence[str] | None = None,
        to: str | None = None,
        count: int | None = None,
        allow_out_of_order: bool = False,
    ) -> dict[str, Any]:
        """What a run would do, and what stands against it; nothing runs."""
        view = self._readable(connection)
        selection = Selection(versions, to, count)
        if direction == Direction.UP:
            allow = allow_out_of_order or self._settings.current().safety.allow_out_of_order
            plan = self._demanded(view, plan_up(view.migrations, selection, allow_out_of_order=allow))
        else:
            plan = self._plan_down(view, selection, allow_out_of_order)
        losses: list[str] = []
        problems = plan.problems
        if not problems and plan.migrations:
            read = self._read(view, plan)
            problems = self._bad_downs(view, plan, read)
            losses = self.losses(view, self._connections.target(view.resolved), plan, read)
        asks = bool(plan.migrations) and (bool(losses) or view.resolved.is_production)
        return {
            "direction": plan.direction,
            "migrations": plan.migrations,
            "problems": [envelope_error(problem) for problem in problems],
            "warnings": [*plan.warnings, *self._block_warnings(view, plan)],
            "losses": losses,
            "needs_confirmation": asks,
            "confirm": view.resolved.name if asks else None,
        }

    def _demanded(self, view: View, plan: RunPlan, *, again: bool = False) -> RunPlan:
        """The plan, refused where the connection demands a rehearsal that is not there."""
        if plan.problems or not plan.migrations:
            return plan
        target = self._connections.target(view.resolved)
        problem = self._unrehearsed(view.resolved, target, plan.migrations, again=again)
        return plan if problem is None else replace(plan, problems=[problem])

    def _plan_down(self, view: View, selection: Selection, allow_out_of_order: bool) -> RunPlan:
        redone = self._pipeline.redone(view.resolved.id)
        return plan_down(
            view.migrations,
            selection,
            allow_out_of_order=allow_out_of_order,
            redone=redone,
            backups=self._backups(view),
        )

    def _backups(self, view: View) -> Backups:
        return partial(self._pipeline.backup_before, view.resolved.id)

    def _bad_downs(self, view: View, plan: RunPlan, read: Sequence[ParsedFile]) -> list[AppError]:
        """Downs that undo nothing or cannot be read, found before anything runs."""
        if plan.direction != Direction.DOWN:
            return []
        chosen = list(zip(plan.migrations, read, strict=True))
        return downs_that_cannot_run(view.resolved.engine, chosen, self._backups(view))

    # -- the walk ------------------------------------------------------------------------------------------------

    def _execute(
        self,
        connection_id: str,
        kind: str,
        direction: Direction,
        make_plan: Callable[[View], RunPlan],
        confirm: str | None,
        backup: bool | None,
        *,
        record_only: bool = False,
        instead: list[ParsedFile] | None = None,
    ) -> Run:
        """Resolve, lock, plan, validate, consent, backup, run, read the truth, dump the schema, publish."""
        job = current_job.get()
        resolved = self._connections.resolve(connection_id)
        refuse_read_only(resolved, "run migrations" if not record_only else "write the migrations table")
        target = self._connections.target(resolved)
        started_at, began = utc_now(), time.monotonic()
        with self.locks.hold(resolved, target, kind):
            self._pipeline.end_abandoned(resolved)
            view = self._readable(connection_id)
            plan = make_plan(view)
            if plan.problems:
                raise plan.problems[0] if len(plan.problems) == 1 else _all(plan.problems)
            if not plan.migrations:
                return Run(
                    run_id="",
                    connection=connection_id,
                    direction=direction,
                    ok=True,
                    started_at=started_at,
                    finished_at=utc_now(),
                )
            read = instead or self._read(view, plan, record_only=record_only)
            bad_downs = [] if record_only or instead else self._bad_downs(view, plan, read)
            if bad_downs:
                raise bad_downs[0] if len(bad_downs) == 1 else _all(bad_downs)
            losses = [] if record_only else self.losses(view, target, plan, read)
            ask(resolved, confirm, _doing(kind, plan, resolved), losses, always=False)
            if job is not None:
                job.check_cancelled()
                job.progress(0, len(plan.migrations), f"Starting on {resolved.name}")
            run_id = uuid.uuid4().hex[:16]
            backup_id, warning = None, None
            if not record_only:
                names = [one.filename for one in plan.migrations]
                backup_id, warning = self._before_run(resolved, target, direction, backup, run_id, names)
            memory = Memory() if record_only else self._memory.begin(resolved, target, _versions(view))
            try:
                state = self._pipeline.run(
                    resolved,
                    target,
                    kind,
                    direction,
                    list(zip(plan.migrations, read, strict=True)),
                    author=self._settings.current().author,
                    run_id=run_id,
                    backup_id=backup_id,
                    record_only=record_only,
                    schema=memory.before,
                )
                if warning is not None:
                    state.warnings.append(warning)
                changed = not record_only and any(
                    one.status in {RunStatus.APPLIED, RunStatus.ROLLED_BACK} for one in state.verdicts
                )
                if changed and state.in_table is not None:
                    self._memory.look_again(memory, resolved, target)
                run = self._report(resolved, direction, state, backup_id, started_at, began)
                if changed:
                    self._dump(resolved, target, run)
                if changed and state.in_table is not None:
                    memory.seen += state.schemas
                    run.rollback_check = self._memory.end(
                        memory, resolved, state.run_id, state.in_table, direction
                    )
            finally:
                self._events.publish("migrations:changed", connection=connection_id)
                self._events.publish("database:changed", connection=connection_id)
        return _finish(run, state)

    def _readable(self, connection_id: str) -> View:
        """The view with a table that could be read; without it no run is planned."""
        view = self._migrations.view(connection_id)
        if view.problem is not None:
            raise view.problem
        for problem in view.scan.problems:
            raise problem
        return view

    def _read(self, view: View, plan: RunPlan, *, record_only: bool = False) -> list[ParsedFile]:
        """The planned files' contents, now; refused where one is not what was planned."""
        index = self._migrations.index(view.resolved)
        by_name = {record.filename: record for record in view.scan.files}
        found: list[ParsedFile] = []
        for migration in plan.migrations:
            record = by_name.get(migration.filename)
            if record is None:
                if not record_only:
                    raise MigrationInvalid(f"{migration.filename} is no longer there.")
                name = migration.filename
                if not view.resolved.tool.is_migration(name):
                    name = f"{migration.version}_missing.sql"
                found.append(
                    view.resolved.tool.parse(view.resolved.migrations_dirs[0] / Path(name).name, b"")
                )
                continue
            parsed = index.read(record)
            if parsed.sha256 != record.sha256:
                raise EditedOnDisk(
                    f"{record.filename} changed on disk just now.",
                    hint="Look at the change and run again.",
                    expected_sha256=record.sha256,
                    actual_sha256=parsed.sha256,
                )
            found.append(parsed)
        return found

    def losses(
        self, view: View, target: Target | None, plan: RunPlan, read: Sequence[ParsedFile]
    ) -> list[str]:
        """What running these files would lose, as consent says it. `target` None: the database cannot be read."""
        engine = view.resolved.engine
        blocks = []
        for parsed in read:
            block = parsed.up if plan.direction == Direction.UP else parsed.down
            if block is not None:
                blocks.append((parsed.filename, block.body))
        if engine.dialect is None:
            from .losses_mongodb import losses_of_javascript

            losses = losses_of_javascript(engine, target, plan.direction, blocks)
        else:
            losses = losses_of_sql(engine, target, plan.direction, blocks)
        judge = partial(self._severe, view)
        return list(dict.fromkeys([*losses, *severe_of(plan.migrations, read, plan.direction, judge)]))

    def _block_warnings(self, view: View, plan: RunPlan) -> list[str]:
        said: list[str] = []
        index = self._migrations.index(view.resolved)
        records = {record.filename: record for record in view.scan.files}
        for migration in plan.migrations[:50]:
            record = records.get(migration.filename)
            if record is None or MigrationFlag.INVALID in migration.flags:
                continue
            parsed = index.read(record)
            block = parsed.up if plan.direction == Direction.UP else parsed.down
            if block is not None:
                found = view.resolved.engine.block_warnings(block.body, transaction=block.transaction)
                said += [f"{migration.filename}: {warning}" for warning in found]
        return said

    def _report(
        self,
        resolved: Resolved,
        direction: Direction,
        state: RunState,
        backup_id: str | None,
        started_at: datetime,
        began: float,
    ) -> Run:
        # The system's clock may be set while it runs; this one never jumps.
        took = timedelta(seconds=time.monotonic() - began)
        return Run(
            run_id=state.run_id,
            connection=resolved.id,
            direction=direction,
            ok=state.ok,
            migrations=[verdict.model() for verdict in state.verdicts],
            backup_id=backup_id,
            cancelled=state.cancelled,
            warnings=list(state.warnings),
            started_at=started_at,
            finished_at=started_at + took,
            duration_ms=round(took.total_seconds() * 1000, 1),
            output=state.output,
        )

    def _dump(self, resolved: Resolved, target: Target, run: Run) -> None:
        if not self._settings.current().safety.dump_schema_after_run:
            run.schema_problem = "Switched off in the settings."
            return
        try:
            self._databases.write_schema(resolved, target)
            run.schema_dumped = True
        except AppError as error:
            run.schema_problem = error.message


def _finish(run: Run, state: RunState) -> Run:
    """The run, or the error that carries it."""
    if run.ok:
        return run
    details: dict[str, Any] = {"run": run.model_dump(mode="json")}
    if state.cancelled:
        raise Cancelled("The run was cancelled. " + what_ran(run), **details)
    failed = state.failed
    cause = failed.error if failed else None
    name = failed.migration.filename if failed else "The run"
    message = f"{name} failed: {cause.message}" if cause else f"{name} failed."
    if failed and failed.landed:
        message += " Some of its statements stayed: " + ", ".join(failed.landed[:10]) + "."
    if len(run.migrations) > 1:
        message += " " + what_ran(run)
    if cause is not None:
        details["cause"] = envelope_error(cause)
        details.update(
            {key: cause.details[key] for key in ("file", "line", "column") if key in cause.details}
        )
    raise MigrationFailed(message, hint=cause.hint if cause else None, **details)


def what_ran(run: Run) -> str:
    """What of a batch landed and what did not, by name."""
    word = "Applied" if run.direction == Direction.UP else "Rolled back"
    done = [one for one in run.migrations if one.status in {RunStatus.APPLIED, RunStatus.ROLLED_BACK}]
    rest = [one for one in run.migrations if one.status == RunStatus.NOT_RUN]
    said = f"{word}: {names_of(done)}." if done else "Nothing was changed before it."
    if not done and not any(one.status == RunStatus.FAILED for one in run.migrations):
        said = "Nothing was changed."
    return f"{said} Not run: {names_of(rest)}." if rest else said


def _versions(view: View) -> list[str]:
    return [row.version for row in view.applied or ()]


def _all(problems: Sequence[AppError]) -> AppError:
    first = problems[0]
    files = [name for problem in problems for name in problem.details.get("files", [])]
    merged = type(first)(
        " ".join(problem.message for problem in problems),
        hint=first.hint,
        **{**first.details, "files": files},
    )
    merged.details["problems_found"] = [envelope_error(problem) for problem in problems]
    return merged


def _doing(kind: str, plan: RunPlan, resolved: Resolved) -> str:
    count = len(plan.migrations)
    noun = f"{count} migration{'s' if count != 1 else ''}"
    if kind == "baseline":
        return f"Mark {noun} on {resolved.name} without running them"
    if kind == "remainder":
        return f"Run the rest of {names_of(plan.migrations)} on {resolved.name}"
    verb = "Apply" if plan.direction == Direction.UP else "Roll back"
    return f"{verb} {noun} on {resolved.name}"
