"""The backup channels, and the backup that a run asks for."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.errors import AppError, BackupFailed, ConfirmationRequired, InvalidRequest
from backend.core.events import EventBus
from backend.engine.backup import backup_tools
from backend.engine.registry import engine_named
from backend.engine.target import Target
from backend.models.backup import (
    Backup,
    BackupCommands,
    BackupList,
    BackupListed,
    BackupPlan,
    BackupReason,
    BackupSettings,
    BackupState,
    CreateBackupRequest,
    DeleteBackupRequest,
    Restored,
    RestoreRequest,
    UpdateBackupRequest,
)
from backend.models.connection import EnvironmentKind
from backend.models.migration import Direction
from backend.services.connections import Connections, Resolved
from backend.store.backups import Shelf, changed, save_manifest
from backend.store.connections import StoredConnection
from backend.store.ledger import Ledger
from backend.store.settings import SettingsStore

from .figures import rows_of
from .leftovers import Leftovers
from .making import About, check_folder, check_room, free_bytes, make
from .overrides import OWN_FOLDER
from .restoring import Restoring
from .retention import kept_because, removable
from .work import Work

_log = logging.getLogger(__name__)


class Backups:
    def __init__(
        self,
        connections: Connections,
        settings: SettingsStore,
        ledger: Ledger,
        restoring: Restoring,
        leftovers: Leftovers,
        events: EventBus,
    ) -> None:
        self._connections = connections
        self._settings = settings
        self._ledger = ledger
        self._restoring = restoring
        self._leftovers = leftovers
        self._events = events

    def tidy(self) -> None:
        """Remove what a kill left half written, in every connection's folder."""
        self._leftovers.start()
        stored, _ = self._connections.store.all()
        for one in stored:
            try:
                swept = [path for shelf in self._shelves(one) for path in shelf.sweep()]
            except (AppError, OSError):
                continue
            for path in swept:
                _log.info("Removed a backup that was never finished: %s", path)

    # -- making --------------------------------------------------------------------------------------------------

    def create(self, request: CreateBackupRequest) -> Backup:
        resolved = self._connections.resolve(request.connection)
        about = About(
            BackupReason.MANUAL,
            note=_note(request.note),
            pinned=request.pinned,
            author=self._settings.current().author,
        )
        return self._made(resolved, self._connections.target(resolved), about)

    def before_run(
        self,
        resolved: Resolved,
        target: Target,
        direction: Direction,
        wanted: bool | None,
        run_id: str,
        migrations: Sequence[str],
    ) -> tuple[str | None, str | None]:
        """(the backup's id, a warning), where one is due by the request or the settings. Its failure stops the run."""
        up = direction == Direction.UP
        reason = BackupReason.BEFORE_UP if up else BackupReason.BEFORE_DOWN
        return self.before(resolved, target, reason, wanted, run_id, migrations)

    def before(
        self,
        resolved: Resolved,
        target: Target,
        reason: BackupReason,
        wanted: bool | None,
        run_id: str | None = None,
        migrations: Sequence[str] = (),
    ) -> tuple[str | None, str | None]:
        if not (wanted if wanted is not None else self.is_due(resolved, reason)):
            return None, None
        if not resolved.engine.capabilities()["backup"].supported:
            if wanted:
                resolved.engine.require("backup")
            return None, f"No backup was made: {resolved.engine.capabilities()['backup'].reason}"
        if not resolved.engine.probe(target).database_exists:
            return None, "No backup was made: there is no database yet."
        if backup_tools(str(resolved.engine.name)).size(target).tables == 0:
            return None, "No backup was made: there is nothing in the database yet."
        about = About(
            reason,
            run_id=run_id,
            migrations=tuple(migrations),
            author=self._settings.current().author,
        )
        try:
            backup = self._made(resolved, target, about)
        except AppError as error:
            if error.code != "cancelled":
                error.message = f"No backup could be made, so nothing was run. {error.message}"
            raise
        self._retain(resolved, keep=backup.id)
        return backup.id, None

    def is_due(self, resolved: Resolved, reason: BackupReason) -> bool:
        """Whether the settings want one."""
        settings = self.settings(resolved.stored)
        when = settings.before_up if reason == BackupReason.BEFORE_UP else settings.before_down
        return when == "always" or (when == "production" and resolved.is_production)

    def wants(self, stored: StoredConnection) -> bool:
        """Whether the settings make any backups of it by themselves, and it can be backed up."""
        settings = self.settings(stored)
        wanted = {settings.before_up, settings.before_down}
        is_production = stored.environment == EnvironmentKind.PRODUCTION
        can = engine_named(stored.engine).capabilities()["backup"].supported
        return (
            can
            and not stored.read_only
            and ("always" in wanted or ("production" in wanted and is_production))
        )

    def newest_good(self, stored: StoredConnection) -> datetime | None:
        """When it was made; None where there is none, or the folder cannot be read."""
        try:
            backups, _ = self._all(stored)
        except (AppError, OSError):
            return None
        return max((one.created_at for one in backups if one.state == BackupState.GOOD), default=None)

    def settings(self, stored: StoredConnection) -> BackupSettings:
        return self._connections.backup_settings(stored)

    def _made(self, resolved: Resolved, target: Target, about: About) -> Backup:
        resolved.engine.require("backup")
        backup = make(resolved, target, self._shelf(resolved), about)
        self._changed(resolved)
        return backup

    def _retain(self, resolved: Resolved, keep: str) -> None:
        """After a backup that was made by itself; what cannot be removed is no reason to stop a run."""
        shelf = self._shelf(resolved)
        try:
            backups, _ = shelf.all()
            unsettled = {*self._ledger.unsettled_backups(resolved.id), keep}
            for one in removable(backups, self.settings(resolved.stored), unsettled, utc_now()):
                self._remove(shelf, one)
                _log.info("Removed the backup %s of %s by age or number", one.id, resolved.id)
        except AppError as error:
            _log.warning("Old backups of %s could not be removed: %s", resolved.id, error.message)

    # -- looking -------------------------------------------------------------------------------------------------

    def plan(self, connection: str) -> BackupPlan:
        resolved = self._connections.resolve(connection)
        folder = self._shelf(resolved).folder
        free = free_bytes(folder)
        capability = resolved.engine.capabilities()["backup"]
        if not capability.supported:
            return BackupPlan(possible=False, problem=capability.reason, folder=str(folder), free_bytes=free)
        tools, target = backup_tools(str(resolved.engine.name)), self._connections.target(resolved)
        try:
            tool, size = tools.how(target), tools.size(target)
            check_folder(folder)
            check_room(folder, size)
        except AppError as error:
            return BackupPlan(possible=False, problem=error.message, folder=str(folder), free_bytes=free)
        return BackupPlan(
            possible=True,
            tool=tool,
            folder=str(folder),
            source_bytes=size.bytes,
            needed_bytes=size.needed_bytes,
            free_bytes=free,
            tables=size.tables,
            rows=size.rows,
        )

    def list(self, connection: str | None) -> BackupList:
        stored, problems = self._connections.store.all()
        chosen = [self._connections.store.load(connection)] if connection else stored
        found: list[BackupListed] = []
        said = [] if connection else list(problems)
        for one in chosen:
            backups, unreadable = self._all(one)
            said += unreadable
            states = self._ledger.backup_states(one.id)
            found += [self._listed(backup, backups, states) for backup in backups]
            here = {backup.id for backup in backups} | self._ledger.removed_backups(one.id)
            gone = [backup_id for backup_id in states if backup_id not in here]
            if gone:
                said.append(
                    f"{len(gone)} backup{'s' if len(gone) != 1 else ''} that runs of {one.name} name"
                    f" {'are' if len(gone) != 1 else 'is'} not here any more."
                )
        found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        return BackupList(backups=found, problems=said)

    def get(self, connection: str, backup_id: str) -> BackupListed:
        stored = self._connections.store.load(connection)
        _, backup = self._find(stored, backup_id)
        backups, _ = self._all(stored)
        return self._listed(backup, backups, self._ledger.backup_states(connection))

    def commands(self, connection: str, backup_id: str) -> BackupCommands:
        stored = self._connections.store.load(connection)
        _, backup = self._find(stored, backup_id)
        shell = backup_tools(backup.engine).by_hand(Path(backup.path), backup.database)
        return BackupCommands(shell=shell, folder=backup.path)

    def _listed(self, backup: Backup, backups: Sequence[Backup], states: dict[str, str]) -> BackupListed:
        unsettled = {key for key, state in states.items() if state != "ok"}
        is_damaged = backup.state == BackupState.DAMAGED
        return BackupListed(
            **backup.model_dump(),
            kept_because=kept_because(backup, backups, unsettled),
            run_state=states.get(backup.id),
            restorable=not is_damaged,
            restore_problem=f"It is damaged: {backup.problem}" if is_damaged else None,
        )

    # -- changing ------------------------------------------------------------------------------------------------

    def verify(self, connection: str, backup_id: str) -> Backup:
        """Every byte against its checksum, and the whole read as restoring would. What is found is kept with it."""
        resolved = self._connections.resolve(connection)
        _, backup = self._find(resolved.stored, backup_id)
        folder, work = Path(backup.path), Work()
        problem = changed(folder, backup, work.reading("Checking the backup", backup.size_bytes))
        update: dict[str, object] = {"verified_at": utc_now(), "state": BackupState.GOOD, "problem": None}
        if problem is None:
            try:
                work.says("Reading the backup")
                update["tables"] = backup_tools(backup.engine).read_back(folder, work.heard, work.cancel)
            except BackupFailed as error:
                problem = error.message
        if problem is not None:
            update = {**update, "state": BackupState.DAMAGED, "problem": problem}
        found = backup.model_copy(update=update)
        save_manifest(folder, found)
        self._changed(resolved)
        return found

    def restore(self, request: RestoreRequest) -> Restored:
        resolved = self._connections.resolve(request.connection)
        _, backup = self._find(resolved.stored, request.backup_id)
        try:
            # What is there is kept where backups go now, wherever the one that is restored lies.
            return self._restoring.restore(resolved, self._shelf(resolved), backup, request)
        finally:
            self._changed(resolved)
            self._events.publish("migrations:changed", connection=resolved.id)
            self._events.publish("database:changed", connection=resolved.id)

    def update(self, request: UpdateBackupRequest) -> BackupListed:
        resolved = self._connections.resolve(request.connection)
        _, backup = self._find(resolved.stored, request.backup_id)
        changes: dict[str, object] = {}
        if request.note is not None:
            changes["note"] = _note(request.note)
        if request.pinned is not None:
            changes["pinned"] = request.pinned
        save_manifest(Path(backup.path), backup.model_copy(update=changes))
        self._changed(resolved)
        return self.get(resolved.id, backup.id)

    def delete(self, request: DeleteBackupRequest) -> None:
        resolved = self._connections.resolve(request.connection)
        shelf, backup = self._find(resolved.stored, request.backup_id)
        found = self.get(resolved.id, request.backup_id)
        if found.kept_because and request.confirm != resolved.name:
            raise ConfirmationRequired(
                f"Delete the backup of {found.created_at:%Y-%m-%d %H:%M}: {' '.join(found.kept_because)}",
                hint=f"Send `confirm` with the connection's name, {resolved.name!r}.",
                confirm=resolved.name,
                losses=[
                    f"The backup of {found.database} with {rows_of(found.tables):,} rows is gone for good."
                ],
                production=resolved.is_production,
            )
        self._remove(shelf, backup)
        self._changed(resolved)

    # -- inside --------------------------------------------------------------------------------------------------

    def _shelf(self, resolved: Resolved) -> Shelf:
        return self._shelf_of(resolved.stored)

    def _shelf_of(self, stored: StoredConnection) -> Shelf:
        return Shelf(self._connections.backups_folder(stored))

    def _shelves(self, stored: StoredConnection) -> builtins.list[Shelf]:
        """Where backups go now, and the connection's own folder: those of before another was chosen are still there."""
        chosen = self._shelf_of(stored)
        own = Shelf(self._connections.store.folder(stored.id) / OWN_FOLDER)
        return [chosen] if chosen.folder == own.folder else [chosen, own]

    def _all(self, stored: StoredConnection) -> tuple[builtins.list[Backup], builtins.list[str]]:
        found: dict[str, Backup] = {}
        problems: builtins.list[str] = []
        for shelf in self._shelves(stored):
            backups, said = shelf.all()
            found = {**{one.id: one for one in backups}, **found}
            problems += said
        return sorted(found.values(), key=lambda one: (one.created_at, one.id), reverse=True), problems

    def _find(self, stored: StoredConnection, backup_id: str) -> tuple[Shelf, Backup]:
        """Raises NotFound with what the folder says where backups go now."""
        first, *others = self._shelves(stored)
        for shelf in others:
            if not first.has(backup_id) and shelf.has(backup_id):
                return shelf, shelf.one(backup_id)
        return first, first.one(backup_id)

    def _remove(self, shelf: Shelf, backup: Backup) -> None:
        shelf.remove(backup.id)
        self._ledger.backup_removed(backup.connection, backup.id)

    def _changed(self, resolved: Resolved) -> None:
        self._events.publish("backups:changed", connection=resolved.id)


def _note(text: str | None) -> str | None:
    text = (text or "").strip()
    if len(text) > 2000:
        raise InvalidRequest("A note may have 2,000 characters.")
    return text or None


__all__ = ["Backups"]
