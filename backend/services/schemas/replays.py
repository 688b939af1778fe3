"""Schemas that migration files made of an empty database, kept as long as neither the files nor the server change."""

from __future__ import annotations

import threading
from collections import OrderedDict

from backend.engine.schema.model import Snapshot

_MOST = 8


class Replays:
    """The last few replays, by everything their outcome hangs on. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, ...], Snapshot] = OrderedDict()

    def get(self, mark: tuple[str, ...]) -> Snapshot | None:
        with self._lock:
            found = self._known.get(mark)
            if found is not None:
                self._known.move_to_end(mark)
            return found

    def put(self, mark: tuple[str, ...], snapshot: Snapshot) -> None:
        with self._lock:
            self._known[mark] = snapshot
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
