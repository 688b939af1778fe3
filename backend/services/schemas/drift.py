"""Drift: a live database against what its applied migrations make of an empty one."""

from __future__ import annotations

from backend.core.clock import utc_now
from backend.core.errors import AppError, Cancelled, DatabaseMissing, MigrationFailed, NotSupported
from backend.core.events import EventBus
from backend.engine.schema.port import schema_tools
from backend.models.migration import MigrationFlag, MigrationStatus
from backend.models.schema_diff import Drift, DriftState, SchemaSource
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.store.drifts import DriftStore

from .service import Schemas

_NAMED = 3


class DriftService:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        schemas: Schemas,
        store: DriftStore,
        events: EventBus,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._schemas = schemas
        self._store = store
        self._events = events

    def known(self, connection: str) -> Drift:
        """The last answer; looks at nothing."""
        stored = self._connections.store.load(connection)
        return self._store.get(stored) or Drift(
            connection=connection,
            state=DriftState.UNKNOWN,
            reason="It was never checked.",
            from_memory=True,
        )

    def check(self, connection: str) -> Drift:
        """Replay the applied migrations on a scratch database and compare. Raises what reading the database raises;
        what stops the replay is an answer: unknown, and why."""
        resolved = self._connections.resolve(connection)
        drift = self._check(resolved)
        drift.checked_at = utc_now()
        self._store.put(resolved.stored, drift)
        self._events.publish("dashboard:changed", connection=connection)
        return drift

    def _check(self, resolved: Resolved) -> Drift:
        drift = Drift(connection=resolved.id, state=DriftState.UNKNOWN)
        try:
            schema_tools(str(resolved.engine.name))
        except NotSupported as error:
            return _unknown(drift, error)
        view = self._migrations.view(resolved.id)
        if view.problem is not None:
            raise view.problem
        if not view.database_exists:
            return _unknown(drift, DatabaseMissing("There is no database yet, so nothing can have drifted."))
        applied = [one for one in view.migrations if one.status == MigrationStatus.APPLIED]
        missing = [one.filename for one in applied if MigrationFlag.MISSING_FILE in one.flags]
        edited = [one.filename for one in applied if MigrationFlag.EDITED in one.flags]
        partial = [one.filename for one in view.migrations if MigrationFlag.PARTIAL in one.flags]
        drift.files = len(applied) - len(missing)
        if edited:
            drift.notes.append(
                f"Changed after they were applied: {_names(edited)}. What they did is not known here."
            )
        if partial:
            drift.notes.append(f"Stopped half way, so something of it is in the database: {_names(partial)}.")
        try:
            pair = self._schemas.read(
                [SchemaSource(migrations=resolved.id, applied=True), SchemaSource(connection=resolved.id)]
            )
        except Cancelled:
            raise
        except (MigrationFailed, NotSupported) as error:
            return _unknown(drift, error)
        found = self._schemas.compared(pair)
        drift.scratch = pair.server.label if pair.server else None
        drift.notes += [*found.source.skipped, *found.target.skipped]
        drift.changes, drift.counts, drift.total = found.changes, found.counts, len(found.changes)
        if found.target.skipped:
            drift.reason = "Some of the database could not be read, or not be made on the scratch server" + (
                "; the rest is as it should be."
                if found.equal
                else ", so what differs may be no more than that."
            )
        elif found.equal:
            drift.state = DriftState.IN_SYNC
        elif missing:
            drift.reason = (
                f"{len(missing)} applied {'migration has' if len(missing) == 1 else 'migrations have'} no file, so what "
                f"differs may be what {'it' if len(missing) == 1 else 'they'} did: {_names(missing)}."
            )
            drift.hint = "Bring the files back (Migrations → Missing file), then check again."
        else:
            drift.state = DriftState.DRIFTED
        return drift


def _unknown(drift: Drift, error: AppError) -> Drift:
    drift.reason, drift.hint = error.message, error.hint
    return drift


def _names(filenames: list[str]) -> str:
    more = len(filenames) - _NAMED
    return ", ".join(filenames[:_NAMED]) + (f" and {more} more" if more > 0 else "")
