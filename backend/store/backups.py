"""Backups on disk: one folder each, with a manifest that is written last. The folders are the truth; there is no index.

    <backups>/<id>/manifest.json   a Backup, without its path
    <backups>/<id>/…               what the engine wrote

A backup is made in `.partial-<host>-<pid>-<id>` and renamed when it is whole, so that a folder with a manifest is a backup
and anything else is told and never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from pydantic import ValidationError

from backend.core.errors import InvalidRequest, NotFound
from backend.core.paths import inside, storage_errors, write_atomically
from backend.models.backup import Backup, BackupFile, BackupState

MANIFEST = "manifest.json"
_PARTIAL = ".partial-"
_MOST_MANIFEST_BYTES = 64 << 20
_CHUNK = 1 << 20


class Unreadable(Exception):
    """A folder that is no whole backup; the text says why, in a plain sentence."""


class Shelf:
    """The backups in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[list[Backup], list[str]]:
        """Every backup that can be read, newest first, and a sentence for each folder that is none."""
        found: list[Backup] = []
        problems: list[str] = []
        if not self.folder.is_dir():
            return found, problems
        with storage_errors(self.folder, "read"):
            entries = sorted(self.folder.iterdir(), reverse=True)
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_dir():
                continue
            try:
                found.append(self._read(entry))
            except Unreadable as error:
                problems.append(f"{entry}: {error}")
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True), problems

    def one(self, backup_id: str) -> Backup:
        """Raises NotFound, InvalidRequest for what is no name."""
        folder = inside(self.folder, backup_id)
        if backup_id.startswith(".") or not folder.is_dir():
            raise NotFound(f"There is no backup {backup_id}.", hint="It may have been removed by hand.")
        try:
            return self._read(folder)
        except Unreadable as error:
            raise NotFound(f"The backup {backup_id} cannot be used: {error}") from None

    def has(self, backup_id: str) -> bool:
        return (inside(self.folder, backup_id) / MANIFEST).exists()

    def begin(self, backup_id: str) -> Path:
        """An empty folder for its files, readable by the owner alone."""
        with storage_errors(self.folder, "create the backups' folder"):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = self.folder / f"{_PARTIAL}{_host()}-{os.getpid()}-{backup_id}"
            partial.mkdir(mode=0o700)
        return partial

    def seal(self, partial: Path, backup: Backup) -> Backup:
        """Everything on disk, the manifest last, then the name: from here on it is a backup."""
        for path in sorted(partial.rglob("*")):
            with storage_errors(path, "write"):
                path.chmod(0o700 if path.is_dir() else 0o600)
                _sync(path)
        save_manifest(partial, backup)
        folder = inside(self.folder, backup.id)
        with storage_errors(folder, "rename the backup"):
            _sync(partial)
            partial.rename(folder)
            _sync(self.folder)
        return backup.model_copy(update={"path": str(folder)})

    def remove(self, backup_id: str) -> None:
        """Out of the list at once, and then off the disk: a kill in between leaves only what `sweep` removes."""
        folder = inside(self.folder, backup_id)
        dying = self.folder / f"{_PARTIAL}{_host()}-{os.getpid()}-removed-{backup_id}"
        with storage_errors(folder, "remove"):
            folder.rename(dying)
            shutil.rmtree(dying)

    def sweep(self) -> list[Path]:
        """Remove what killed processes of this machine left half written."""
        swept: list[Path] = []
        if not self.folder.is_dir():
            return swept
        with suppress(OSError):
            for entry in self.folder.iterdir():
                host, pid = _maker(entry.name)
                if host == _host() and pid is not None and not psutil.pid_exists(pid):
                    shutil.rmtree(entry, ignore_errors=True)
                    swept.append(entry)
        return swept

    def _read(self, folder: Path) -> Backup:
        if folder.is_symlink():
            raise Unreadable("it is a link.")
        path = folder / MANIFEST
        try:
            if not stat.S_ISREG(path.lstat().st_mode) or path.stat().st_size > _MOST_MANIFEST_BYTES:
                raise Unreadable(f"its {MANIFEST} is no plain file.")
            backup = Backup.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise Unreadable(f"there is no {MANIFEST} in it.") from None
        except OSError as error:
            raise Unreadable(f"{error.strerror}.") from None
        except ValidationError:
            raise Unreadable(f"its {MANIFEST} is damaged, or of another version of DB Toolkit.") from None
        if backup.id != folder.name:
            raise Unreadable(f"it was renamed: its {MANIFEST} says {backup.id[:200]!r}.")
        problem = missing(folder, backup)
        update = {"path": str(folder), "size_bytes": sum(one.size_bytes for one in backup.files)}
        if problem is not None:
            return backup.model_copy(update={**update, "state": BackupState.DAMAGED, "problem": problem})
        return backup.model_copy(update=update)


def payload(folder: Path, name: str) -> Path:
    """The path of a file of a backup. Raises InvalidRequest for a name that leaves the folder."""
    path = folder
    for part in name.split("/"):
        path = inside(path, part)
    return path


def missing(folder: Path, backup: Backup) -> str | None:
    """What is not there as it was written, by names and sizes; None where all is."""
    for one in backup.files:
        try:
            found = payload(folder, one.name)
            state = found.lstat()
        except (OSError, InvalidRequest):
            return f"{one.name[:200]} is missing."
        if not stat.S_ISREG(state.st_mode) or found.resolve().parent != found.parent.resolve():
            return f"{one.name[:200]} is no plain file."
        if state.st_size != one.size_bytes:
            return f"{one.name[:200]} has {state.st_size:,} bytes instead of {one.size_bytes:,}."
    return None if backup.files else "there are no files in it."


def changed(folder: Path, backup: Backup, going_on: Callable[[int], None]) -> str | None:
    """What is not there as it was written, by sha256. `going_on` is told the bytes read."""
    problem = missing(folder, backup)
    if problem is not None:
        return problem
    for one in backup.files:
        if hashed(payload(folder, one.name), going_on) != one.sha256:
            return f"{one.name} is not what was written."
    return None


def files_of(folder: Path, going_on: Callable[[int], None]) -> list[BackupFile]:
    """Every file below, by its name with `/`, with its hash."""
    return [
        BackupFile(
            name=path.relative_to(folder).as_posix(),
            size_bytes=path.stat().st_size,
            sha256=hashed(path, going_on),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    ]


def hashed(path: Path, going_on: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    with storage_errors(path, "read"):
        for chunk in _chunks(path):
            digest.update(chunk)
            going_on(len(chunk))
    return digest.hexdigest()


def save_manifest(folder: Path, backup: Backup) -> None:
    text = json.dumps(backup.model_dump(mode="json", exclude={"path"}), indent=1, ensure_ascii=False)
    write_atomically(folder / MANIFEST, text.encode(), mode=0o600)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _sync(path: Path) -> None:
    """To the disk; folders cannot be synced everywhere."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _maker(name: str) -> tuple[str | None, int | None]:
    if not name.startswith(_PARTIAL):
        return None, None
    host, _, rest = name.removeprefix(_PARTIAL).partition("-")
    pid, _, _ = rest.partition("-")
    return host, int(pid) if pid.isdigit() else None


__all__ = ["MANIFEST", "Shelf", "changed", "files_of", "missing", "payload", "save_manifest"]
