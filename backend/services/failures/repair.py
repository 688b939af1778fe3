"""Statements of our own run on the database, as carefully as a run: locks, consent, backup, the ledger, then the truth.

Nothing of it is recorded in the migrations table. A crash in the middle leaves the failure as it is: a look tells what
is still there.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend import __version__
from backend.core.context import current_job
from backend.core.errors import ChangedMeanwhile, SqlFailed
from backend.core.people import git_user, host_name, os_user
from backend.engine.schema.model import Step
from backend.engine.schema.port import schema_tools
from backend.models.backup import BackupReason
from backend.services.backups.service import Backups
from backend.services.consent import ask
from backend.services.runs.service import Runs
from backend.store.ledger import Ledger, Outcome, PlannedFile
from backend.store.settings import SettingsStore

from .look import Look
from .ways import text_of


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be run, read again under the lock."""

    look: Look
    steps: Sequence[Step]
    losses: Sequence[str]
    doing: str


@dataclass(frozen=True, slots=True)
class Done:
    run_id: str
    backup_id: str | None
    error: SqlFailed | None = None


class Repairs:
    def __init__(self, runs: Runs, ledger: Ledger, backups: Backups, settings: SettingsStore) -> None:
        self._runs = runs
        self._backups = backups
        self._ledger = ledger
        self._settings = settings

    def run(
        self,
        look: Look,
        plan: Callable[[], Planned],
        *,
        shown: Sequence[Step],
        confirm: str | None,
        backup: bool | None,
    ) -> Done:
        """Raises ConfirmationRequired, Busy, and ChangedMeanwhile where what is planned under the lock is not what was
        `shown`."""
        resolved, target = look.resolved, look.target
        job = current_job.get()
        with self._runs.locks.hold(resolved, target, "clean_up"):
            self._runs.end_abandoned(resolved)
            planned = plan()
            if [one.sql for one in planned.steps] != [one.sql for one in shown]:
                raise ChangedMeanwhile(
                    "The database has changed since the way out was worked out.",
                    hint="Look at the failure again.",
                    reason="schema_changed",
                )
            ask(resolved, confirm, planned.doing, planned.losses)
            if job is not None:
                job.check_cancelled()
                job.progress(0, len(planned.steps), planned.doing)
            run_id = uuid.uuid4().hex[:16]
            names = [look.migration.filename]
            reason = BackupReason.BEFORE_REPAIR
            backup_id, _ = self._backups.before(resolved, target, reason, backup, run_id, names)
            return self._run(planned, run_id, backup_id)

    def _run(self, planned: Planned, run_id: str, backup_id: str | None) -> Done:
        look, began = planned.look, time.monotonic()
        resolved, migration = look.resolved, look.migration
        text = "\n".join(text_of(one) for one in planned.steps)
        parsed = look.parsed
        self._ledger.begin(
            run_id,
            resolved.id,
            "clean_up",
            str(look.direction),
            [
                PlannedFile(
                    migration.version,
                    migration.filename,
                    parsed.sha256 if parsed is not None else migration.sha256 or "",
                    parsed.content if parsed is not None else "",
                )
            ],
            {
                "engine": resolved.stored.engine,
                "os_user": os_user(),
                "author": self._settings.current().author or git_user() or os_user(),
                "host": host_name(),
                "pid": os.getpid(),
                "app_version": __version__,
                "backup_id": backup_id,
                "database_key": f"{resolved.stored.engine}/{resolved.name}",
                "environment": str(resolved.stored.environment),
            },
        )
        error: SqlFailed | None = None
        ending = "interrupted"
        try:
            applied = schema_tools(str(resolved.engine.name)).repair(look.target, list(planned.steps))
            ending = "ok" if applied.ok else "failed"
            if not applied.ok:
                step = planned.steps[applied.step].sql if applied.step is not None else ""
                error = SqlFailed(
                    f"Step {applied.done + 1} of {len(planned.steps)} failed: {applied.error}",
                    hint="Look at the failure again: it shows what is still there.",
                    statement=step[:2000] or None,
                    done=applied.done,
                )
        finally:
            self._ledger.finish(
                run_id,
                resolved.id,
                ending,
                [Outcome(migration.version, "not_run")],
                duration_ms=round((time.monotonic() - began) * 1000, 1),
                output=text,
                error={"code": error.code, "message": error.message} if error is not None else None,
            )
        return Done(run_id, backup_id, error)
