"""One run a connection in this app, one run a database across machines."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from backend.core.clock import utc_now
from backend.core.errors import AppError, Busy
from backend.core.people import host_name, os_user
from backend.engine.target import Target
from backend.models.base import iso_z
from backend.services.connections import Resolved

_log = logging.getLogger(__name__)


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
            if resolved.engine.capabilities()["database_lock"].supported:
                with resolved.engine.run_lock(target, _owner(doing)):
                    yield
            else:
                yield
        finally:
            with self._guard:
                del self._held[resolved.id]

    @staticmethod
    @contextmanager
    def hold_again(resolved: Resolved, target: Target, doing: str) -> Iterator[None]:
        """The database's lock once more, for who holds it and put another database in its place: on some servers the lock
        went with the one that was there. Where it did not, or somebody was quicker, nothing is raised."""
        with ExitStack() as stack:
            if resolved.engine.capabilities()["database_lock"].supported:
                try:
                    stack.enter_context(resolved.engine.run_lock(target, _owner(doing)))
                except AppError as error:
                    _log.debug("The lock of %s is not taken again: %s", resolved.id, error.message)
            yield


def _owner(doing: str) -> dict[str, str]:
    return {
        "host": host_name(),
        "user": os_user(),
        "pid": str(os.getpid()),
        "app": "DB Toolkit",
        "doing": doing,
        "since": iso_z(utc_now()),
    }
