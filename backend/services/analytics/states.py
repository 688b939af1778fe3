"""What is applied and pending now: every database is asked at the same time, and none is waited for long."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, TimedOut
from backend.models.analytics import DatabaseState
from backend.services.migrations import MigrationService
from backend.store.connections import ConnectionStore, StoredConnection

_WAIT_S = 6.0


class States:
    def __init__(self, store: ConnectionStore, migrations: MigrationService) -> None:
        self._store = store
        self._migrations = migrations

    def of(self, connections: Sequence[str] | None) -> list[DatabaseState]:
        """Of these connections, or all; one that was deleted is left out."""
        stored, _ = self._store.all()
        wanted = [one for one in stored if connections is None or one.id in connections]
        found: dict[str, DatabaseState] = {}

        def ask(one: StoredConnection) -> None:
            found[one.id] = self._state(one)

        threads = [
            threading.Thread(target=ask, args=(one,), name=f"state-{one.id}", daemon=True) for one in wanted
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_WAIT_S)
        late = TimedOut(f"The database did not answer within {_WAIT_S:.0f} seconds.")
        return [found.get(one.id) or _unknown(one, late) for one in wanted]

    def _state(self, stored: StoredConnection) -> DatabaseState:
        try:
            report = self._migrations.status(stored.id)
        except AppError as error:
            return _unknown(stored, error)
        return DatabaseState(
            connection=stored.id,
            connection_name=stored.name,
            environment=str(stored.environment),
            total=report.total,
            applied=report.applied,
            pending=report.pending,
            failed=report.failed,
            problem=report.problem,
        )


def _unknown(stored: StoredConnection, error: AppError) -> DatabaseState:
    return DatabaseState(
        connection=stored.id,
        connection_name=stored.name,
        environment=str(stored.environment),
        problem=envelope_error(error),
    )
