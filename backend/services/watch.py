"""Changes on disk, told as they happen: files made or edited by other programs appear by themselves.

The system tells of them where it can. Where it cannot (folders on a network, no watches left) the folders are
`polled`: looked at by whoever watches a page of theirs, and by nobody else.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.core.errors import AppError
from backend.core.events import EventBus

from .connections import Connections, Resolved

_log = logging.getLogger(__name__)
_QUIET_MS = 150
_TRY_AGAIN_S = 60.0
_MOST_NAMED = 50
"""Files that changed at once up to which they are named to who listens; with more, all are looked at."""
_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afpfs",
    "9p",
    "drvfs",
    "vboxsf",
    "prl_fs",
    "davfs",
    "ceph",
}
_SETTINGS_FILES = {".env", "connection.json", "migrate-mongo-config.js"}


@dataclass
class Wanted:
    """What is to be heard of: by folder, the connections whose migrations are in it, and by file, those it tells of."""

    migrations: dict[Path, list[str]] = field(default_factory=dict)
    schema_files: dict[Path, list[str]] = field(default_factory=dict)
    settings_files: dict[Path, list[str]] = field(default_factory=dict)

    def add(self, resolved: Resolved, own_folder: Path) -> None:
        for folder in resolved.migrations_dirs:
            self.migrations.setdefault(_real(folder), []).append(resolved.id)
        self.schema_files.setdefault(_real(resolved.schema_file), []).append(resolved.id)
        for folder in {own_folder, resolved.folder}:
            for name in _SETTINGS_FILES:
                self.settings_files.setdefault(_real(folder) / name, []).append(resolved.id)

    def folders(self) -> set[Path]:
        files = {path.parent for path in (*self.schema_files, *self.settings_files)}
        return {folder for folder in {*self.migrations, *files} if folder.is_dir()}

    def told_by(self, paths: Iterable[Path]) -> dict[str, set[str]]:
        """event → the connections it is about."""
        told: dict[str, set[str]] = {}
        for path in paths:
            if path.suffix == ".tmp":
                continue  # half written; the finished file comes under its own name
            told.setdefault("migrations:changed", set()).update(self.migrations.get(path.parent, ()))
            told.setdefault("database:changed", set()).update(self.schema_files.get(path, ()))
            told.setdefault("connection:changed", set()).update(self.settings_files.get(path, ()))
        return told


class Watch:
    """One thread for the folders of every connection. Idle until `start`."""

    def __init__(self, connections: Connections, events: EventBus) -> None:
        self._connections = connections
        self._events = events
        self._closing = threading.Event()
        self._again = threading.Event()
        self._thread: threading.Thread | None = None
        self._native = True
        self.polled: frozenset[Path] = frozenset()
        """Folders that nobody tells us about; see `stamp`."""
        self._heard: tuple[float, frozenset[Path]] = (0.0, frozenset())

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
            self._thread.start()
            threading.Thread(target=self._listen, name="watch-connections", daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        self._again.set()

    def told_since(self, folders: Sequence[Path]) -> float | None:
        """Since when (monotonic) the system tells us of every change in these folders; None where it does not."""
        since, heard = self._heard
        return since if all(_real(one) in heard for one in folders) else None

    def stamp(self, connection_id: str) -> str:
        """Changes whenever a file in the connection's polled folders does; empty where none is polled."""
        if not self.polled:
            return ""
        try:
            folders = [_real(one) for one in self._connections.resolve(connection_id).migrations_dirs]
        except AppError:
            return ""
        return " ".join(_stamp(one) for one in folders if one in self.polled)

    def _listen(self) -> None:
        """A connection that came, went or moved changes what is to be watched."""
        subscription = self._events.subscribe()
        while not self._closing.is_set():
            event = subscription.next(20.0)
            if event is None:
                continue
            name, data = event
            if name == "events:lost" or (name == "connection:changed" and "reachable" not in data):
                self._again.set()
        subscription.close()

    def _watch(self) -> None:
        while not self._closing.is_set():
            self._again.clear()
            self._heard = (0.0, frozenset())
            wanted = self._wanted()
            folders = wanted.folders()
            network = {one for one in folders if is_on_network(one)}
            self.polled = frozenset(network if self._native else folders)
            native = folders - self.polled
            if not native:
                self._again.wait(None if self._native else _TRY_AGAIN_S)
                self._native = True
                continue
            try:
                self._hear(native, wanted)
            except (OSError, RuntimeError) as error:
                # A folder that went away in between, or no watches left (inotify's limit is for the whole user).
                if all(one.is_dir() for one in native):
                    self._native = False
                    _log.warning("Folders cannot be watched; they are looked at instead: %s", error)

    def _hear(self, folders: set[Path], wanted: Wanted) -> None:
        from watchfiles import watch

        listening = False
        for changes in watch(
            *sorted(folders),
            stop_event=self._again,
            debounce=_QUIET_MS,
            step=50,
            recursive=False,
            raise_interrupt=False,
            ignore_permission_denied=True,
            watch_filter=None,
            yield_on_timeout=True,
        ):
            if not listening:
                # The first answer, be it that nothing changed, tells that the system is listening.
                self._heard, listening = (time.monotonic(), frozenset(folders)), True
            paths = [Path(path) for _, path in changes]
            for event, about in wanted.told_by(paths).items():
                for connection_id in sorted(about):
                    if event == "migrations:changed" and len(paths) <= _MOST_NAMED:
                        names = [
                            one.name
                            for one in paths
                            if connection_id in wanted.migrations.get(one.parent, ())
                        ]
                        self._events.publish(event, connection=connection_id, files=names)
                    else:
                        self._events.publish(event, connection=connection_id)
            if any(not one.is_dir() for one in folders):
                return

    def _wanted(self) -> Wanted:
        wanted = Wanted()
        for stored in self._connections.store.all()[0]:
            try:
                wanted.add(self._connections.resolve(stored.id), self._connections.store.folder(stored.id))
            except AppError:
                continue
        return wanted


def is_on_network(folder: Path) -> bool:
    """On a file system whose changes by other machines this one is never told of."""
    text = str(folder)
    if text.startswith("\\\\"):
        return True
    best, kind = "", ""
    try:
        mounted = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return False
    for one in mounted:
        root = one.mountpoint.rstrip("/\\")
        if len(one.mountpoint) >= len(best) and (text == one.mountpoint or text.startswith(root + os.sep)):
            best, kind = one.mountpoint, one.fstype.lower()
    return kind in _NETWORK or kind.startswith("fuse.sshfs")


def _stamp(folder: Path) -> str:
    """Names, sizes and times of the files in a folder, in short."""
    told = hashlib.sha256()
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                about = entry.stat()
                told.update(f"{entry.name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode(errors="replace"))
    except OSError as error:
        return f"errno {error.errno}"
    return told.hexdigest()


def _real(path: Path) -> Path:
    return path.resolve()
