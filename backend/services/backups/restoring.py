"""Restoring a backup: into the same database, after backing up what is there, or into a new one; proven by reading both."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Literal

from backend.core.clock import utc_now
from backend.core.errors import AppError, BackupFailed, Conflict, InvalidRequest
from backend.engine.backup import BackupTools, backup_tools
from backend.engine.target import Target
from backend.models.backup import Backup, BackupReason, BackupState, Restored, RestoreRequest, TableContent
from backend.services.connections import Connections, Resolved
from backend.services.consent import ask, refuse_read_only
from backend.services.runs.locks import RunLocks
from backend.store.backups import Shelf, changed
from backend.store.restores import RestoreNotes

from .figures import rows_of, tables_of
from .history import RestoreHistory
from .making import About, database_name, make
from .proof import checks
from .work import Work

_log = logging.getLogger(__name__)


class Restoring:
    def __init__(
        self,
        connections: Connections,
        locks: RunLocks,
        history: RestoreHistory,
        notes: RestoreNotes,
    ) -> None:
        self._connections = connections
        self._locks = locks
        self._history = history
        self._notes = notes

    def restore(self, resolved: Resolved, shelf: Shelf, backup: Backup, request: RestoreRequest) -> Restored:
        if str(resolved.engine.name) != backup.engine:
            raise InvalidRequest(
                f"This is a backup of {backup.engine}; {resolved.name} is {resolved.engine.label}."
            )
        if request.into == "new":
            return self._into_new(resolved, shelf, backup, request)
        return self._into_same(resolved, shelf, backup, request)

    # -- the same database ---------------------------------------------------------------------------------------

    def _into_same(
        self, resolved: Resolved, shelf: Shelf, backup: Backup, request: RestoreRequest
    ) -> Restored:
        refuse_read_only(resolved, "restore a backup")
        target = self._connections.target(resolved)
        began = time.monotonic()
        with self._locks.hold(resolved, target, "restore"):
            work, tools = Work(), backup_tools(backup.engine)
            exists = resolved.engine.probe(target).database_exists
            doing = f"Restore the backup of {backup.created_at:%Y-%m-%d %H:%M} into {resolved.name}"
            ask(
                resolved, request.confirm, doing, self._losses(resolved, target, backup, request), always=True
            )
            self._must_be_whole(work, shelf, backup)
            saved = tools.read_back(Path(backup.path), work.heard, work.cancel, digest=True)
            safety = None
            if request.safety_backup and exists:
                about = About(BackupReason.BEFORE_RESTORE, note=f"Before restoring {backup.id}")
                safety = make(resolved, target, shelf, about)
            run_id = uuid.uuid4().hex[:16]
            self._history.begins(resolved, run_id, safety.id if safety else None)
            note = self._notes.begins(resolved.id)
            try:
                work.says(f"Restoring into {resolved.name}")
                notes = tools.restore(Path(backup.path), target, work.heard, work.cancel, replace=True)
                with self._locks.hold_again(resolved, target, "restore"):
                    restored = self._proven(work, tools, resolved, target, backup, saved, request.into)
                    restored = restored.model_copy(
                        update={
                            "safety_backup_id": safety.id if safety else None,
                            "duration_ms": round((time.monotonic() - began) * 1000, 1),
                            "notes": notes,
                        }
                    )
                    unequal = _unequal(restored)
                    self._history.done(resolved, run_id, target, unequal)
            except AppError as error:
                self._history.failed(resolved, run_id, target, error)
                error.details.setdefault("safety_backup_id", safety.id if safety else None)
                raise
            except BaseException:
                self._history.broke_off(run_id)
                raise
            # One that failed keeps its note: with the server away it could not remove what it built, the next start can.
            self._notes.ended(note)
        if unequal is not None:
            raise unequal
        return restored

    def _losses(
        self, resolved: Resolved, target: Target, backup: Backup, request: RestoreRequest
    ) -> list[str]:
        """In numbers: rows that are there now and in the backup, and migrations that will not be applied any more."""
        said = []
        try:
            tables = [one.table for one in tables_of(backup.tables)]
            now = resolved.engine.row_counts(target, tables)
        except AppError:
            now = None
        then = {one.table: one.rows for one in tables_of(backup.tables)}
        if now is None:
            said.append("How many rows are there now could not be counted; all of them are replaced.")
        else:
            total, kept = sum(now.values()), sum(then.values())
            said.append(f"All {total:,} rows of these tables are replaced by the {kept:,} of the backup.")
            for table, rows in sorted(now.items(), key=lambda one: then.get(one[0], 0) - one[1]):
                if rows > then.get(table, 0) and len(said) < 12:
                    said.append(f"{table}: {rows:,} rows now, {then.get(table, 0):,} in the backup.")
        try:
            applied = {one.version for one in resolved.engine.applied(target)}
        except AppError:
            applied = set()
        gone = sorted(applied - set(backup.applied))
        if gone:
            said.append(
                f"{len(gone)} migration{'s' if len(gone) != 1 else ''} applied since will not be: {', '.join(gone[:10])}."
            )
        if not request.safety_backup:
            said.append("What is there now is not backed up first: it cannot be brought back.")
        return said

    # -- a new database ------------------------------------------------------------------------------------------

    def _into_new(
        self, resolved: Resolved, shelf: Shelf, backup: Backup, request: RestoreRequest
    ) -> Restored:
        owner = self._connections.resolve(request.on) if request.on else resolved
        if str(owner.engine.name) != backup.engine:
            raise InvalidRequest(
                f"{owner.name} is {owner.engine.label}; this is a backup of {backup.engine}."
            )
        refuse_read_only(owner, "create a database")
        if not request.database:
            raise InvalidRequest("Give the new database a name.")
        began = time.monotonic()
        work, tools = Work(), backup_tools(backup.engine)
        target = tools.elsewhere(self._connections.target(owner), request.database)
        if owner.engine.probe(target).database_exists:
            raise Conflict(
                f"There is a database {request.database} already.",
                hint="Choose another name: nothing is written over.",
            )
        if owner.is_production:
            ask(owner, request.confirm, f"Create the database {request.database} on {owner.name}", [])
        self._must_be_whole(work, shelf, backup)
        saved = tools.read_back(Path(backup.path), work.heard, work.cancel, digest=True)
        work.says(f"Restoring into {request.database}")
        rows = {one.table: one.rows for one in saved}
        note = self._notes.begins(owner.id, created=request.database, tables=rows)
        try:
            notes = tools.restore(Path(backup.path), target, work.heard, work.cancel, replace=False)
            restored = self._proven(work, tools, owner, target, backup, saved, request.into)
        except Conflict:
            self._notes.ended(note)
            raise
        except BaseException:
            # It was not there before, so that what is there now is a half of ours. Where it cannot be dropped now, the
            # next start does it by the note.
            with suppress(AppError, OSError):
                owner.engine.drop_database(target)
                self._notes.ended(note)
            raise
        self._notes.ended(note)
        new = self._connection_to(owner, resolved, target, backup) if request.add_connection else None
        update = {
            "database": request.database,
            "new_connection": new,
            "duration_ms": round((time.monotonic() - began) * 1000, 1),
            "notes": notes,
        }
        restored = restored.model_copy(update=update)
        if (unequal := _unequal(restored)) is not None:
            raise unequal
        return restored

    def _connection_to(self, owner: Resolved, source: Resolved, target: Target, backup: Backup) -> str:
        """A connection to the new database over the same migrations."""
        made = self._connections.create(
            name=f"{source.name} (restored {utc_now():%Y-%m-%d %H.%M.%S})"[:100],
            url=target.url,
            environment="development" if not owner.is_production else "production",
            migrations_dir=str(source.migrations_dirs[0]),
            migrations_table=source.stored.migrations_table,
        )
        return made.id

    # -- both ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _must_be_whole(work: Work, shelf: Shelf, backup: Backup) -> None:
        """Before anything is touched."""
        problem = backup.problem if backup.state == BackupState.DAMAGED else None
        if problem is None:
            problem = changed(
                Path(backup.path), backup, work.reading("Checking the backup", backup.size_bytes)
            )
        if problem is not None:
            raise BackupFailed(
                f"The backup is damaged: {problem} Nothing was touched.",
                hint="Restore another one.",
                reason="damaged",
                state="untouched",
            )

    @staticmethod
    def _proven(
        work: Work,
        tools: BackupTools,
        resolved: Resolved,
        target: Target,
        backup: Backup,
        saved: list[TableContent],
        into: Literal["same", "new"],
    ) -> Restored:
        work.says("Comparing what was restored with the backup")
        restored = tools.contents(target, work.heard, work.cancel)
        found = checks(backup.objects, resolved.engine.fingerprint(target), saved, restored)
        return Restored(
            backup_id=backup.id,
            connection=resolved.id,
            database=database_name(resolved, target),
            into=into,
            checks=found,
            equal=all(one.equal for one in found),
            tables=len(tables_of(restored)),
            rows=rows_of(restored),
            duration_ms=0,
            applied=[one.version for one in resolved.engine.applied(target)],
        )


def _unequal(restored: Restored) -> BackupFailed | None:
    """The error that names the differences, where there are any."""
    if restored.equal:
        return None
    said = [f"{one.what}: {', '.join(one.differences[:5])}" for one in restored.checks if not one.equal]
    return BackupFailed(
        f"What was restored is not what the backup holds. {'; '.join(said)}",
        hint="Restore the backup that was made before it."
        if restored.safety_backup_id
        else "Restore another backup.",
        reason="not_equal",
        restored=restored.model_dump(mode="json"),
        safety_backup_id=restored.safety_backup_id,
    )


__all__ = ["Restoring"]
