"""Scratch databases that a crash left: found by what was written down before they were made, dropped at the next start."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import psutil

from backend.core.errors import AppError, NotFound
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.services.connections import Connections
from backend.services.local_postgres import SCRATCH_FOLDER
from backend.services.schemas.scratches import ScratchServers, may_hold
from backend.store.rehearsals import KnownScratch, RehearsalStore

from .places import BUNDLED, FILE

_log = logging.getLogger(__name__)
_LOOK_AGAIN_S = 2.0


class Tidy:
    def __init__(
        self, connections: Connections, scratches: ScratchServers, store: RehearsalStore, home: Path
    ) -> None:
        self._connections = connections
        self._scratches = scratches
        self._store = store
        self._home = home

    def start(self) -> threading.Thread | None:
        """Sweep beside the start, where a process that ended has left anything; None where there is nothing to do."""
        try:
            left = self._left()
        except AppError as error:
            _log.warning("What is left of rehearsals cannot be read: %s", error.message)
            return None
        if not left:
            return None
        thread = threading.Thread(target=self.sweep, args=(left,), name="sweep-scratches", daemon=True)
        thread.start()
        return thread

    def sweep(self, left: list[KnownScratch] | None = None) -> list[str]:
        """Drop them, one server at a time; returns their names. A server that does not answer is tried again at the next
        start; production and read-only servers are never touched."""
        left = self._left() if left is None else left
        swept: list[str] = []
        for place in dict.fromkeys(one.place for one in left):
            here = [one for one in left if one.place == place]
            try:
                swept += self._sweep_at(place, here[0].engine)
                # A server may have been in the middle of something for a client that is gone: what it had begun shows
                # when it is done.
                time.sleep(_LOOK_AGAIN_S)
                swept += self._sweep_at(place, here[0].engine)
            except NotFound:
                # The connection is gone; so is the way to its server.
                _log.warning(
                    "A scratch may be left on the server of %s, which is no connection any more", place
                )
            except AppError as error:
                _log.warning("Scratch databases on %s could not be dropped yet: %s", place, error.message)
                continue
            for one in here:
                self._store.scratch_ended(one.scratch_id)
        if swept:
            _log.info("Dropped what a rehearsal that was killed left: %s", ", ".join(swept))
        return swept

    def _sweep_at(self, place: str, engine: str) -> list[str]:
        tools = schema_tools(engine)
        if place == FILE:
            return tools.sweep(Target(engine, "sqlite:scratch.db", Path.cwd(), "schema_migrations"))
        if place == BUNDLED:
            if not (self._home / SCRATCH_FOLDER).is_dir():
                return []
            return tools.sweep(self._scratches.bundled().target)
        resolved = self._connections.resolve(place)
        if not may_hold(resolved):
            return []
        return tools.sweep(self._connections.target(resolved))

    def _left(self) -> list[KnownScratch]:
        me = os.getpid()
        return [one for one in self._store.scratches() if one.pid != me and not psutil.pid_exists(one.pid)]
