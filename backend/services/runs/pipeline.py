"""One run, from the locked database to the ledger's final rows. The order is DESIGN's: ledger, tool, truth, ledger."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend import __version__
from backend.core.context import current_job
from backend.core.envelope import envelope_error
from backend.core.errors import AppError, MigrationFailed
from backend.core.people import git_user, host_name, os_user
from backend.core.redaction import redact
from backend.drivers.git_head import commit_of
from backend.engine.port import Engine
from backend.engine.target import CancelToken, Target
from backend.engine.tool import ParsedFile, ToolEvent, ToolOutcome, ToolRun
from backend.models.migration import Direction, Migration, RunStatus
from backend.services.connections import Resolved
from backend.store.ledger import Ledger, Outcome, PlannedFile

from .halves import Before, Halves, can_stay_half_done, ends_transaction
from .monitor import Monitor
from .noted import Noted, note_rows
from .reconcile import Reconciler, run_tag
from .verdict import FileVerdict, explain, judge

_log = logging.getLogger(__name__)
_TRUTH_TRIES = 3


@dataclass
class RunState:
    """What a run has gathered so far."""

    run_id: str
    verdicts: list[FileVerdict] = field(default_factory=list)
    output: str = ""
    cancelled: bool = False
    unknown: AppError | None = None
    """Set where the table could not be read after the run: nothing is claimed then."""
    stopped_by: AppError | None = None
    """Set where the next files could not even be begun."""
    warnings: list[str] = field(default_factory=list)
    noted: Noted = field(default_factory=Noted)
    in_table: set[str] | None = None
    """The versions in the migrations table, as last read."""
    schemas: list[tuple[frozenset[str], Mapping[str, str]]] = field(default_factory=list)
    """Looks at the schema between two files: (versions applied then, fingerprint)."""

    @property
    def ok(self) -> bool:
        if self.unknown is not None or self.stopped_by is not None:
            return False
        done = {RunStatus.APPLIED, RunStatus.ROLLED_BACK}
        return all(verdict.status in done for verdict in self.verdicts)

    @property
    def failed(self) -> FileVerdict | None:
        return next((one for one in self.verdicts if one.status == RunStatus.FAILED), None)


class Pipeline:
    def __init__(self, ledger: Ledger, reconciler: Reconciler, halves: Halves) -> None:
        self._ledger = ledger
        self._reconciler = reconciler
        self._halves = halves

    def run(
        self,
        resolved: Resolved,
        target: Target,
        kind: str,
        direction: Direction,
        planned: Sequence[tuple[Migration, ParsedFile]],
        *,
        author: str | None,
        run_id: str,
        backup_id: str | None,
        record_only: bool = False,
        schema: Mapping[str, str] | None = None,
    ) -> RunState:
        """Run the files in this order. The caller holds the locks and has consent; `schema` is its look right before.

        An AppError that is raised is from before anything of the file at hand ran; what ran before it is in the ledger.
        Whatever else breaks in (Ctrl-C, a defect) leaves the rows `running`: the next look at the database settles them.
        """
        state = RunState(run_id)
        looked = schema
        started = time.monotonic()
        self._reconciler.began(run_id)
        try:
            self._ledger.begin(
                run_id,
                resolved.id,
                kind,
                str(direction),
                [PlannedFile(m.version, m.filename, p.sha256, p.content) for m, p in planned],
                self._about(resolved, author, backup_id),
            )
            try:
                groups = [list(planned)] if record_only else self._groups(resolved, planned, direction)
                for group in groups:
                    if state.verdicts and not state.ok:
                        state.verdicts += [
                            FileVerdict(migration, RunStatus.NOT_RUN) for migration, _ in group
                        ]
                        continue
                    self._run_group(
                        resolved, target, direction, group, state, record_only=record_only, schema=looked
                    )
                    looked = None
            except AppError as error:
                state.stopped_by = error
                self._close(resolved, state, planned, time.monotonic() - started)
                raise
            self._close(resolved, state, planned, time.monotonic() - started)
        finally:
            self._reconciler.ended(run_id)
        return state

    def end_abandoned(self, resolved: Resolved) -> None:
        """What crashed runs still do on the server ends before the next one is planned. The caller holds the locks."""
        self._reconciler.end_abandoned(resolved)

    def redone(self, connection_id: str) -> frozenset[str]:
        """Versions that a redo applied last: their place among the others is the one they had before."""
        return self._ledger.last_applied_by(connection_id, "redo")

    def backup_before(self, connection_id: str, version: str) -> str | None:
        """The backup that was made before the run that applied the version last."""
        return self._ledger.backup_before(connection_id, version)

    # -- inside --------------------------------------------------------------------------------------------------

    def _groups(
        self, resolved: Resolved, planned: Sequence[tuple[Migration, ParsedFile]], direction: Direction
    ) -> Iterator[list[tuple[Migration, ParsedFile]]]:
        """Files the engine rolls back whole run together; one that can stay half done runs alone, so that what it left
        can be told from what the others did."""
        group: list[tuple[Migration, ParsedFile]] = []
        for migration, parsed in planned:
            block = parsed.up if direction == Direction.UP else parsed.down
            if not can_stay_half_done(resolved.engine, block):
                group.append((migration, parsed))
                continue
            if group:
                yield group
                group = []
            yield [(migration, parsed)]
        if group:
            yield group

    def _run_group(
        self,
        resolved: Resolved,
        target: Target,
        direction: Direction,
        group: list[tuple[Migration, ParsedFile]],
        state: RunState,
        *,
        record_only: bool,
        schema: Mapping[str, str] | None,
    ) -> None:
        job = current_job.get()
        cancel: CancelToken = job.cancel_token if job is not None else CancelToken()
        if cancel.is_cancelled:
            state.cancelled = True
            state.verdicts += [FileVerdict(migration, RunStatus.NOT_RUN) for migration, _ in group]
            return
        before = None if record_only else self._before(resolved, target, state, group, direction, schema)
        tag = run_tag(state.run_id)
        request = ToolRun(
            target=target,
            setup=resolved.engine.tool_setup(target, tag),
            direction=direction,
            files=[parsed.path for _, parsed in group],
            folders=resolved.migrations_dirs,
        )
        follower = _Follower(
            [migration for migration, _ in group], len(state.verdicts), direction, state.noted
        )
        if record_only:
            outcome = resolved.tool.record(request)
        else:
            with Monitor(resolved.engine, target, tag, follower) as monitor:
                cancel.on_cancel(monitor.cancelled)
                outcome = resolved.tool.run(request, follower.on_event, cancel)
                state.cancelled = outcome.cancelled or cancel.is_cancelled
                if state.cancelled or outcome.exit_code != 0:
                    # A tool that was ended or broke off leaves its statement working on the server, to the end and
                    # unrecorded; the truth is read when nothing of the run is left there.
                    monitor.end_sessions()
        state.output += redact(outcome.output)
        self._judge(resolved, target, direction, group, state, outcome, follower, before)

    def _judge(
        self,
        resolved: Resolved,
        target: Target,
        direction: Direction,
        group: list[tuple[Migration, ParsedFile]],
        state: RunState,
        outcome: ToolOutcome,
        follower: _Follower,
        before: Before | None,
    ) -> None:
        by_name = {migration.filename: parsed for migration, parsed in group}
        try:
            in_table = self._read_truth(resolved, target)
        except AppError as error:
            state.unknown = error
            state.verdicts += [FileVerdict(m, RunStatus.FAILED, error=_unknown(error)) for m, _ in group]
            return
        state.in_table = in_table
        verdicts = judge(
            [migration for migration, _ in group],
            direction,
            in_table,
            outcome,
            follower.durations,
            lambda migration: explain(resolved.engine, by_name[migration.filename], direction, outcome),
            started=follower.started,
        )
        for verdict in verdicts:
            if verdict.status == RunStatus.FAILED and before is not None:
                verdict.landed = self._landed(
                    resolved, target, state, verdict.migration, direction, before, outcome
                )
                verdict.partial = bool(verdict.landed)
            follower.settled(verdict)
        note_rows(
            state.noted, resolved.engine, target, [(one.migration, one.duration_ms) for one in verdicts]
        )
        if outcome.exit_code != 0 and all(
            v.status in {RunStatus.APPLIED, RunStatus.ROLLED_BACK} for v in verdicts
        ):
            state.warnings.append(_reported_yet_done(resolved.engine, group, direction))
        state.verdicts += verdicts

    def _before(
        self,
        resolved: Resolved,
        target: Target,
        state: RunState,
        group: list[tuple[Migration, ParsedFile]],
        direction: Direction,
        schema: Mapping[str, str] | None,
    ) -> Before | None:
        """The database before a file that can stay half done; kept in case the app does not come back."""
        if not resolved.engine.capabilities()["change_detection"].supported:
            return None
        migration, parsed = group[0]
        block = parsed.up if direction == Direction.UP else parsed.down
        if not can_stay_half_done(resolved.engine, block):
            return None
        objects = schema
        try:
            if objects is None:
                objects = resolved.engine.fingerprint(target)
                if state.in_table is not None:
                    state.schemas.append((frozenset(state.in_table), objects))
        except AppError:
            # A database that is not there yet has nothing in it; one that cannot be read stays unknown.
            return Before({}) if not self._exists(resolved, target) else None
        return self._halves.before(resolved, target, state.run_id, migration.version, block, objects)

    @staticmethod
    def _exists(resolved: Resolved, target: Target) -> bool:
        try:
            return resolved.engine.probe(target).database_exists
        except AppError:
            return True

    def _landed(
        self,
        resolved: Resolved,
        target: Target,
        state: RunState,
        migration: Migration,
        direction: Direction,
        before: Before,
        outcome: ToolOutcome,
    ) -> list[str]:
        """What this failure left behind, and what an earlier one of the same file left that is still there."""
        commands = outcome.details.get("commands")
        try:
            return self._halves.failed(
                resolved,
                target,
                state.run_id,
                migration.version,
                str(direction),
                before,
                commands if isinstance(commands, list) else (),
            )
        except AppError:
            _log.warning("What a failed run left behind cannot be read", exc_info=True)
            return []

    @staticmethod
    def _read_truth(resolved: Resolved, target: Target) -> set[str]:
        """The versions in the table. Tries again for a server that is just coming back."""
        for attempt in range(_TRUTH_TRIES):
            try:
                return {row.version for row in resolved.engine.applied(target)}
            except AppError:
                if attempt == _TRUTH_TRIES - 1:
                    raise
                time.sleep(0.5 * (attempt + 1))
        raise AssertionError("unreachable")

    def _close(
        self,
        resolved: Resolved,
        state: RunState,
        planned: Sequence[tuple[Migration, ParsedFile]],
        seconds: float,
    ) -> None:
        if state.unknown is not None:
            # The rows stay `running`: the next look at the database settles them.
            return
        told = {verdict.migration.filename for verdict in state.verdicts}
        rest = [
            FileVerdict(migration, RunStatus.NOT_RUN)
            for migration, _ in planned
            if migration.filename not in told
        ]
        outcomes = [
            Outcome(
                one.migration.version,
                str(one.status),
                one.duration_ms,
                envelope_error(one.error) if one.error else None,
                one.partial,
                one.landed,
                waited_ms=state.noted.waited_ms(one.migration.filename),
                server=state.noted.server(one.migration.filename),
            )
            for one in [*state.verdicts, *rest]
        ]
        ending = "cancelled" if state.cancelled and not state.ok else ("ok" if state.ok else "failed")
        failed = state.failed
        self._ledger.finish(
            state.run_id,
            resolved.id,
            ending,
            outcomes,
            duration_ms=round(seconds * 1000, 1),
            output=state.output,
            error=_error_of(failed.error if failed else state.stopped_by),
        )

    def _about(self, resolved: Resolved, author: str | None, backup_id: str | None) -> dict[str, object]:
        version, _, _ = resolved.tool.found()
        return {
            "engine": resolved.stored.engine,
            "os_user": os_user(),
            "author": author or git_user() or os_user(),
            "host": host_name(),
            "pid": os.getpid(),
            "app_version": __version__,
            "tool": resolved.stored.tool,
            "tool_version": version,
            "backup_id": backup_id,
            "git_commit": commit_of(resolved.migrations_dirs[0]),
            "database_key": f"{resolved.stored.engine}/{resolved.name}",
            "environment": str(resolved.stored.environment),
        }


class _Follower:
    """Turns the tool's progress into the job's. What it says of a file is provisional until the table is read."""

    def __init__(self, planned: list[Migration], offset: int, direction: Direction, noted: Noted) -> None:
        self.noted = noted
        self._by_name = {migration.filename: migration for migration in planned}
        self._total = offset + len(planned)
        self._done = offset
        self._direction = direction
        self._job = current_job.get()
        self._lock = threading.Lock()
        self.durations: dict[str, float] = {}
        self.started: set[str] = set()
        self.pid: int | None = None

    def on_event(self, event: ToolEvent) -> None:
        with self._lock:
            if event.pid is not None:
                self.pid = event.pid
            if event.kind == "output":
                if self._job is not None:
                    self._job.log(event.text, event.stream)
                return
            migration = self._by_name.get(event.filename)
            if migration is None:
                return
            if event.kind == "start":
                self.started.add(event.filename)
                self.noted.began(event.filename)
                self._say(migration, "running", None)
            else:
                self._done += 1
                self.noted.ended(event.filename)
                if event.duration_ms is not None:
                    self.durations[event.filename] = event.duration_ms
                self._say(migration, "ran", event.duration_ms)

    def settled(self, verdict: FileVerdict) -> None:
        """The table has been read: this is what became of the file."""
        if self._job is not None:
            self._job.file(
                verdict.migration.version,
                verdict.migration.filename,
                str(verdict.status),
                verdict.duration_ms,
            )

    def _say(self, migration: Migration, state: str, duration_ms: float | None) -> None:
        if self._job is None:
            return
        self._job.file(migration.version, migration.filename, state, duration_ms)
        verb = "Applying" if self._direction == Direction.UP else "Rolling back"
        self._job.progress(min(self._done, self._total), self._total, f"{verb} {migration.filename}")


def _error_of(error: AppError | None) -> dict[str, object] | None:
    return envelope_error(error) if error is not None else None


def _reported_yet_done(
    engine: Engine, group: Sequence[tuple[Migration, ParsedFile]], direction: Direction
) -> str:
    """The tool reported an error, and the table has every file: most likely one that commits by itself."""
    for migration, parsed in group:
        block = parsed.up if direction == Direction.UP else parsed.down
        if block is not None and engine.dialect is not None and ends_transaction(engine, block.body):
            return (
                f"{migration.filename} ends the transaction it runs in by itself (a COMMIT or ROLLBACK in its text), and"
                " the tool reported an error for that. The migrations table has the file all the same: what it committed"
                " is in the database."
            )
    return "The tool reported an error, but the migrations table has every migration of the run."


def _unknown(error: AppError) -> MigrationFailed:
    return MigrationFailed(
        f"The database cannot be reached after the run, so what became of this migration is unknown: {error.message}",
        hint="As soon as the database answers, its migrations table is read and the status is right again.",
        unknown=True,
    )
