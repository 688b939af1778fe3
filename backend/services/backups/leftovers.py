"""What a restore that was killed left on the server beside the target: dropped at the next start, in production too, for a
restore made it there."""

from __future__ import annotations

import logging
import threading
import time

from backend.core.errors import AppError, NotFound
from backend.engine.backup import backup_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.services.connections import Connections, Resolved
from backend.services.runs.locks import RunLocks
from backend.store.restores import BrokenRestore, RestoreNotes

_log = logging.getLogger(__name__)
_TRIES = 8
_PAUSE_S = 6.0


class Leftovers:
    def __init__(self, connections: Connections, notes: RestoreNotes, locks: RunLocks) -> None:
        self._connections = connections
        self._notes = notes
        self._locks = locks

    def start(self) -> threading.Thread | None:
        """Beside the start; None where there is nothing to do."""
        try:
            if not self._notes.broken():
                return None
        except AppError:
            return None
        thread = threading.Thread(target=self._until_swept, name="sweep-restores", daemon=True)
        thread.start()
        return thread

    def _until_swept(self) -> None:
        """The lock of the process that was killed may hold a while yet."""
        for _ in range(_TRIES):
            self.sweep()
            if not self._notes.broken():
                return
            time.sleep(_PAUSE_S)

    def sweep(self) -> list[str]:
        """Drop them; returns their names. A server that does not answer is tried again at the next start."""
        swept: list[str] = []
        for one in self._notes.broken():
            try:
                resolved = self._connections.resolve(one.connection)
                target = self._connections.target(resolved)
                swept += schema_tools(str(resolved.engine.name)).sweep(target)
                tools = backup_tools(str(resolved.engine.name))
                if one.created is not None:
                    swept += _half_made(resolved, tools.elsewhere(target, one.created), one)
                elif tools.stages_inside:
                    with self._locks.hold(resolved, target, "restore"):
                        swept += tools.sweep(target)
            except NotFound:
                pass
            except AppError as error:
                _log.warning(
                    "What a restore left at %s cannot be dropped yet: %s", one.connection, error.message
                )
                continue
            self._notes.ended(one.note)
        if swept:
            _log.info("Dropped what a restore that was killed left: %s", ", ".join(swept))
        return swept


def _half_made(resolved: Resolved, target: Target, broken: BrokenRestore) -> list[str]:
    """Drop the database that the restore made and did not finish; one that holds more than the backup does, somebody
    has begun to use, and it stays. Returns its name where it went."""
    if not resolved.engine.probe(target).database_exists:
        return []
    there = backup_tools(str(resolved.engine.name)).contents(
        target, lambda *_: None, CancelToken(), digest=False
    )
    for one in there:
        most = broken.tables.get(one.table, -1)
        if most is not None and one.rows > most:
            _log.warning(
                "%s was made by a restore that was interrupted and may not be whole. It stays, for %s holds more than"
                " the backup does.",
                broken.created,
                one.table,
            )
            return []
    if {one.table: one.rows for one in there} == dict(broken.tables):
        # Killed after its last row: whoever looks finds all of it.
        return []
    resolved.engine.drop_database(target)
    return [str(broken.created)]
