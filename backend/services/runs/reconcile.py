"""Runs that ended without saying so (a kill, a crash, a lost server), settled by what the database says."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import psutil

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, BackupFailed
from backend.core.paths import shown, sweep_halves
from backend.core.people import host_name
from backend.models.connection import Applied
from backend.store.ledger import Ledger, OpenRun, Outcome

from .halves import Halves
from .orphans import end_tools_of

if TYPE_CHECKING:
    from backend.services.connections import Connections, Resolved

_log = logging.getLogger(__name__)


RESTORE = "restore"
"""The kind of a run that restores a backup."""


def run_tag(run_id: str) -> str:
    """What a run's sessions are known by on the server."""
    return f"db-toolkit-{run_id}"


class Reconciler:
    """Settles open runs. A run of a process that still lives is left alone."""

    def __init__(self, connections: Connections, ledger: Ledger, halves: Halves) -> None:
        self._connections = connections
        self._ledger = ledger
        self._halves = halves
        self._lock = threading.Lock()
        self._mine: set[str] = set()
        self._swept: set[str] = set()

    def began(self, run_id: str) -> None:
        """This process works on the run; nobody settles it meanwhile."""
        self._mine.add(run_id)

    def ended(self, run_id: str) -> None:
        self._mine.discard(run_id)

    def settle(self, resolved: Resolved, applied: Sequence[Applied]) -> Sequence[Applied]:
        """Settle the connection's abandoned runs. Returns `applied`, read anew where there was something to settle.

        A run whose session still works on the server (a killed tool does not stop it) is left for a later look: it may
        yet change what is true.
        """
        with self._lock:
            self._sweep(resolved)
            self._rebuild(resolved, applied)
            for run in self._abandoned(resolved.id):
                try:
                    end_tools_of(run.pid)
                    if self._works_on(resolved, run):
                        continue
                    # The rows at hand may be from before its last statement.
                    applied = resolved.engine.applied(self._connections.target(resolved))
                    self._settle_one(resolved, run, {row.version for row in applied})
                except AppError:
                    # The server went away in between: the rows stay open and the next look settles them.
                    _log.warning("Run %s cannot be settled yet", run.run_id, exc_info=True)
        return applied

    def _sweep(self, resolved: Resolved) -> None:
        """Once in this process: what a kill left of files that were being written."""
        if resolved.id in self._swept:
            return
        self._swept.add(resolved.id)
        folders = {self._connections.store.folder(resolved.id), resolved.folder, resolved.schema_file.parent}
        folders.update(resolved.migrations_dirs)
        for path in (half for folder in folders for half in sweep_halves(folder)):
            _log.info("Removed what an interrupted write left: %s", shown(path))

    def _rebuild(self, resolved: Resolved, applied: Sequence[Applied]) -> None:
        """After a damaged ledger: what the database has as applied becomes known again, as applied by unknown."""
        try:
            if not self._ledger.lacks(resolved.id):
                return
            self._remember(resolved, applied)
        except (AppError, OSError):
            # The status is right without it; the next look tries again.
            _log.warning("%s is not in the ledger again yet", resolved.id, exc_info=True)

    def _remember(self, resolved: Resolved, applied: Sequence[Applied]) -> None:
        names: dict[str, str] = {}
        for folder in resolved.migrations_dirs:
            if folder.is_dir():
                found = sorted(one.name for one in folder.iterdir() if resolved.tool.is_migration(one.name))
                names = {**{resolved.tool.version_of(name): name for name in reversed(found)}, **names}
        told = [(row.version, names.get(row.version, row.version), row.applied_at) for row in applied]
        count = self._ledger.rebuild(resolved.id, str(resolved.stored.engine), told)
        _log.info("%s: %d applied migrations are known again, by the database alone", resolved.id, count)

    def end_abandoned(self, resolved: Resolved) -> None:
        """End what abandoned runs still do on the server. Only for the holder of the database's run lock: it proves that
        the run's own app is gone."""
        for run in self._abandoned(resolved.id):
            end_tools_of(run.pid)
            if not resolved.engine.capabilities()["end_session"].supported:
                continue
            target = self._connections.target(resolved)
            ended = resolved.engine.end_sessions(target, run_tag(run.run_id))
            _log.info("Run %s was abandoned; %d of its sessions were ended", run.run_id, ended)

    def _abandoned(self, connection: str) -> list[OpenRun]:
        return [
            run
            for run in self._ledger.open_runs(connection)
            if run.run_id not in self._mine and not self._is_alive(run)
        ]

    def _works_on(self, resolved: Resolved, run: OpenRun) -> bool:
        found = resolved.engine.sessions(self._connections.target(resolved), run_tag(run.run_id))
        if found:
            _log.info("Run %s still has %d sessions on the server", run.run_id, len(found))
        return bool(found)

    def _settle_one(self, resolved: Resolved, run: OpenRun, applied: set[str]) -> None:
        if run.kind == RESTORE:
            self._ledger.restored(
                run.run_id,
                run.connection,
                applied,
                duration_ms=None,
                error=_broken_restore(run.backup_id),
                state="interrupted",
            )
            _log.info("Restore %s was interrupted", run.run_id)
            return
        outcomes: list[Outcome] = []
        up = run.direction == "up"
        # A clean-up records nothing: how far it got, a look at what is left tells.
        stopped = run.kind == "clean_up"
        for version, _, status in run.files:
            if status != "running":
                continue
            landed_version = (version in applied) == up
            if landed_version and run.kind != "clean_up":
                outcomes.append(Outcome(version, "applied" if up else "rolled_back", reconciled=True))
            elif stopped:
                outcomes.append(Outcome(version, "not_run", reconciled=True))
            else:
                stopped = True
                outcomes.append(self._interrupted(resolved, run, version))
        self._ledger.finish(run.run_id, run.connection, "interrupted", outcomes, duration_ms=None)
        _log.info(
            "Run %s was interrupted and is settled: %s", run.run_id, [(o.version, o.status) for o in outcomes]
        )

    def _interrupted(self, resolved: Resolved, run: OpenRun, version: str) -> Outcome:
        target = self._connections.target(resolved)
        found = self._halves.interrupted(resolved, target, run.run_id, version, run.direction)
        landed = found or []
        message = "The run was interrupted before this migration ended."
        if landed:
            message += " Some of its statements stayed: " + ", ".join(landed[:10]) + "."
        elif found is not None or resolved.engine.capabilities()["transactional_ddl"].supported:
            message += " Nothing of it stayed in the schema."
        return Outcome(
            version,
            "interrupted",
            error={"code": "migration_failed", "message": message},
            partial=bool(landed),
            landed=landed,
            reconciled=True,
        )

    @staticmethod
    def _is_alive(run: OpenRun) -> bool:
        if run.host != host_name():
            # Another machine on a shared ledger folder: only its own app can tell; the database's lock guards a new run.
            return True
        if run.pid == os.getpid():
            return False
        try:
            return bool(psutil.Process(run.pid).create_time() <= run.started_at.timestamp() + 1)
        except psutil.Error:
            return False


def _broken_restore(safety_backup: str | None) -> dict[str, object]:
    """Nobody was there to say what it came to, and an engine that replaces in place may have stopped in between."""
    way_back = (
        f"The backup {safety_backup}, made right before it, brings back what was there."
        if safety_backup
        else "What was there was not backed up before it: restore the backup again, or another one."
    )
    return envelope_error(
        BackupFailed(
            "The restore was interrupted. The database may hold what was there before, what the backup holds, or"
            f" neither whole. {way_back}",
            hint="Look at the tables, views and triggers, or restore again: it replaces everything. A database or"
            " collections named dbtoolkit_replaced_… or dbtoolkit_before_… hold what was there, too.",
            reason="restore",
            state="unknown",
            safety_backup_id=safety_backup,
        )
    )
