"""One run a connection in this app, one run a database across machines."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.clock import utc_now
from backend.core.errors import Busy
from backend.core.people import host_name, os_user
from backend.engine.target import Target
from backend.models.base import iso_z
from backend.services.connections import Resolved


class RunLocks:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[str, str] = {}

    @contextmanager
    def hold(self, resolved: Resolved, target: Target, doing: str) -> Iterator[None]:
        """Hold both locks. Raises Busy at once where one is taken."""
        with self._guard:
            other = self._held.get(resolved.id)
            if other is not None:
                raise Busy(
                    f"DB Toolkit is busy with {resolved.name}: {other}.",
                    hint="Wait until it ends, or cancel it.",
                )
            self._held[resolved.id] = doing
        try:
            owner = {
                "host": host_name(),
                "user": os_user(),
                "pid": str(os.getpid()),
                "app": "DB Toolkit",
                "doing": doing,
                "since": iso_z(utc_now()),
            }
            if resolved.engine.capabilities()["database_lock"].supported:
                with resolved.engine.run_lock(target, owner):
                    yield
            else:
                yield
        finally:
            with self._guard:
                del self._held[resolved.id]
