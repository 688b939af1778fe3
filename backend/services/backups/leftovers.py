"""What a restore that was killed left on the server beside the target: dropped at the next start, in production too, for a
restore made it there."""

from __future__ import annotations

import logging
import threading

from backend.core.errors import AppError, NotFound
from backend.engine.schema.port import schema_tools
from backend.services.connections import Connections
from backend.store.restores import RestoreNotes

_log = logging.getLogger(__name__)


class Leftovers:
    def __init__(self, connections: Connections, notes: RestoreNotes) -> None:
        self._connections = connections
        self._notes = notes

    def start(self) -> threading.Thread | None:
        """Beside the start; None where there is nothing to do."""
        try:
            if not self._notes.broken():
                return None
        except AppError:
            return None
        thread = threading.Thread(target=self.sweep, name="sweep-restores", daemon=True)
        thread.start()
        return thread

    def sweep(self) -> list[str]:
        """Drop them; returns their names. A server that does not answer is tried again at the next start."""
        swept: list[str] = []
        for one in self._notes.broken():
            try:
                resolved = self._connections.resolve(one.connection)
                target = self._connections.target(resolved)
                swept += schema_tools(str(resolved.engine.name)).sweep(target)
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
