"""Who wrote each migration file, as git has it: read once a commit, beside the work, and kept until HEAD moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.events import EventBus
from backend.drivers.git_authors import authors_of
from backend.drivers.git_head import commit_of

_LOOK_EVERY_S = 2.0
_WAIT_S = 1.0
"""A long history is read in the background; a usual one is there within this time."""
_NOBODY: Mapping[str, str] = {}


@dataclass
class _Folder:
    looked_at: float = 0.0
    commit: str | None = None
    by_path: Mapping[str, str] = field(default_factory=dict)
    reading: threading.Event | None = None


class Authors:
    """One for the app. Asking costs nothing between two commits."""

    def __init__(self, events: EventBus) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._folders: dict[Path, _Folder] = {}

    def of(self, connection_id: str, folders: Sequence[Path]) -> Mapping[str, str]:
        """Path → author for the files of these folders. The same object as long as nothing changed."""
        if len(folders) == 1:
            return self._of(connection_id, folders[0])
        found: dict[str, str] = {}
        for folder in folders:
            found.update(self._of(connection_id, folder))
        return found or _NOBODY

    def _of(self, connection_id: str, folder: Path) -> Mapping[str, str]:
        with self._lock:
            known = self._folders.setdefault(folder, _Folder())
            now = time.monotonic()
            if known.looked_at and now - known.looked_at < _LOOK_EVERY_S:
                return known.by_path
            known.looked_at = now
            commit = commit_of(folder)
            if commit == known.commit or known.reading is not None:
                return known.by_path
            if commit is None:
                known.commit, known.by_path = None, _NOBODY
                return known.by_path
            done = known.reading = threading.Event()
        threading.Thread(
            target=self._read, args=(connection_id, folder, commit, done), name="git-authors", daemon=True
        ).start()
        done.wait(_WAIT_S)
        return known.by_path

    def _read(self, connection_id: str, folder: Path, commit: str, done: threading.Event) -> None:
        began = time.monotonic()
        by_path: Mapping[str, str] = _NOBODY
        try:
            by_path = {str(folder / name): author for name, author in authors_of(folder).items()}
        finally:
            with self._lock:
                known = self._folders[folder]
                known.commit, known.by_path, known.reading = commit, by_path or _NOBODY, None
            done.set()
        if by_path and time.monotonic() - began > _WAIT_S:
            self._events.publish("migrations:changed", connection=connection_id)
