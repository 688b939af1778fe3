"""A restore in the ledger: a run of its own kind, and what it made of each migration."""

from __future__ import annotations

import os
import time

from backend import __version__
from backend.core.envelope import envelope_error
from backend.core.errors import AppError
from backend.core.people import git_user, host_name, os_user
from backend.engine.target import Target
from backend.services.connections import Resolved
from backend.services.runs.reconcile import RESTORE, Reconciler
from backend.store.ledger import Ledger

KIND = RESTORE


class RestoreHistory:
    def __init__(self, ledger: Ledger, reconciler: Reconciler) -> None:
        self._ledger = ledger
        self._reconciler = reconciler
        self._began: dict[str, float] = {}

    def begins(self, resolved: Resolved, run_id: str, safety_backup: str | None) -> None:
        """Before anything is replaced: a kill leaves it `interrupted`."""
        self._reconciler.began(run_id)
        self._began[run_id] = time.monotonic()
        self._ledger.begin(run_id, resolved.id, KIND, "down", [], _about(resolved, safety_backup))

    def failed(self, resolved: Resolved, run_id: str, target: Target, error: AppError) -> None:
        state, said = "cancelled" if error.code == "cancelled" else "failed", envelope_error(error)
        try:
            if error.details.get("state") != "untouched":
                # It may have come to its end all the same: the table has the last word on each version.
                applied = {one.version for one in resolved.engine.applied(target)}
                self._ledger.restored(
                    run_id, resolved.id, applied, duration_ms=self._took(run_id), error=said, state=state
                )
                return
        except AppError:
            # Left open: the next look settles it.
            self.broke_off(run_id)
            return
        finally:
            self._reconciler.ended(run_id)
        self._ledger.finish(run_id, resolved.id, state, [], duration_ms=self._took(run_id), error=said)

    def broke_off(self, run_id: str) -> None:
        """By a defect or Ctrl-C: the next look settles it as interrupted."""
        self._began.pop(run_id, None)
        self._reconciler.ended(run_id)

    def done(self, resolved: Resolved, run_id: str, target: Target, unequal: AppError | None = None) -> None:
        """What the migrations table says now becomes the ledger's last word on each version it knew otherwise. `unequal`:
        it was restored, and is not what was backed up."""
        applied = {one.version for one in resolved.engine.applied(target)}
        error = envelope_error(unequal) if unequal is not None else None
        self._ledger.restored(run_id, resolved.id, applied, duration_ms=self._took(run_id), error=error)
        self._reconciler.ended(run_id)

    def _took(self, run_id: str) -> float:
        return round((time.monotonic() - self._began.pop(run_id)) * 1000, 1)


def _about(resolved: Resolved, backup_id: str | None) -> dict[str, object]:
    return {
        "engine": resolved.stored.engine,
        "os_user": os_user(),
        "author": git_user() or os_user(),
        "host": host_name(),
        "pid": os.getpid(),
        "app_version": __version__,
        "tool": resolved.stored.tool,
        "backup_id": backup_id,
        "database_key": f"{resolved.stored.engine}/{resolved.name}",
        "environment": str(resolved.stored.environment),
    }
