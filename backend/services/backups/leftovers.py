"""What a restore that was killed left on the server beside the target: dropped at the next start, in production too, for a
restore made it there."""

from __future__ import annotations

import logging
import threading

from backend.core.errors import AppError, NotFound
from backend.engine.backup import backup_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.services.connections import Connections, Resolved
from backend.store.restores import BrokenRestore, RestoreNotes

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
                name = str(resolved.engine.name)
                swept += schema_tools(name).sweep(target)
                if one.database is None:
                    swept += backup_tools(name).sweep(target)
                else:
                    swept += self._half_made(
                        resolved, backup_tools(name).elsewhere(target, one.database), one
                    )
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

    @staticmethod
    def _half_made(resolved: Resolved, target: Target, note: BrokenRestore) -> list[str]:
        """A database that the restore made goes where it holds less than the backup and nothing else: whoever put something
        of his own there meanwhile keeps it."""
        if not resolved.engine.probe(target).database_exists:
            return []
        there = {one.table: one.rows for one in backup_tools(str(resolved.engine.name)).contents(
            target, lambda *_: None, CancelToken(), digest=False
        )}  # fmt: skip
        others = [table for table, rows in there.items() if rows > note.rows.get(table, -1)]
        if others or there == note.rows:
            _log.info(
                "The database %s of a restore that was killed stays: it is whole, or in use", note.database
            )
            return []
        resolved.engine.drop_database(target)
        return [str(note.database)]
