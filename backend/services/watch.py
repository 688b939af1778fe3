"""Changes on disk, told as they happen: files made or edited by other programs appear by themselves."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from backend.core.errors import AppError
from backend.core.events import EventBus

from .connections import Connections

_log = logging.getLogger(__name__)
_QUIET_MS = 150


class Watch:
    """One thread for every connection's migrations folder. Idle until `start`."""

    def __init__(self, connections: Connections, events: EventBus) -> None:
        self._connections = connections
        self._events = events
        self._closing = threading.Event()
        self._again = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
            self._thread.start()
            threading.Thread(target=self._listen, name="watch-connections", daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._again.set()

    def _listen(self) -> None:
        """A connection that came, went or moved changes what is to be watched."""
        subscription = self._events.subscribe()
        while not self._closing.is_set():
            event = subscription.next(1.0)
            if event is not None and event[0] in {"connection:changed", "events:lost"}:
                self._again.set()
        subscription.close()

    def _watch(self) -> None:
        from watchfiles import watch

        while not self._closing.is_set():
            self._again.clear()
            folders = self._folders()
            if not folders:
                self._again.wait()
                continue
            try:
                for changes in watch(
                    *folders,
                    stop_event=self._again,
                    debounce=_QUIET_MS,
                    step=50,
                    recursive=False,
                    raise_interrupt=False,
                    ignore_permission_denied=True,
                ):
                    touched = {Path(path).parent for _, path in changes}
                    for folder in touched:
                        for connection_id in folders.get(folder, ()):
                            self._events.publish("migrations:changed", connection=connection_id)
            except (OSError, RuntimeError):
                # A folder that went away, or no watches left: look again a little later.
                _log.warning("The migrations folders cannot be watched", exc_info=True)
                self._again.wait(5)

    def _folders(self) -> dict[Path, list[str]]:
        found: dict[Path, list[str]] = {}
        for stored in self._connections.store.all()[0]:
            try:
                resolved = self._connections.resolve(stored.id)
            except AppError:
                continue
            for folder in resolved.migrations_dirs:
                if folder.is_dir():
                    found.setdefault(folder.resolve(), []).append(stored.id)
        return found
