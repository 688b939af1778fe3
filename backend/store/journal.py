"""Several files written as one: all of them, or none, also where the app is killed in the middle.

What is to be written, and what was there, is first put aside with a journal; then every file is written. A journal that
an ended process left is carried out at the next start, for whoever wrote it had been told to: files that somebody else
changed meanwhile stay as they are and are named.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from backend.core.errors import AppError, EditedOnDisk
from backend.core.paths import storage_errors, write_atomically

_log = logging.getLogger(__name__)
_NAME = "journal.json"


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one path is to become: `content`, or gone where it is None; `expected_sha256` None: there is no file now."""

    content: bytes | None
    expected_sha256: str | None


def sha256_of(path: Path) -> str | None:
    """None where there is no file. Raises StorageFailed."""
    with storage_errors(path, "read"):
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


class Journal:
    """A folder of the app's home in which changes wait to be carried out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry_out(self, changes: Mapping[Path, FileChange]) -> None:
        """Write them all. Where one cannot be written, those before it become what they were, and its error is raised.

        Raises EditedOnDisk before anything is written where a file is not what was expected.
        """
        for path, change in changes.items():
            if sha256_of(path) != change.expected_sha256:
                raise EditedOnDisk(
                    f"{path.name} changed on disk meanwhile.", hint="Look again.", path=str(path)
                )
        kept = self._folder / uuid.uuid4().hex
        with storage_errors(kept, "create"):
            kept.mkdir(parents=True, mode=0o700)
        try:
            self._put_aside(kept, changes)
            done: list[Path] = []
            try:
                for path, change in changes.items():
                    done.append(path)
                    _become(path, change.content)
            except BaseException:
                self._take_back(kept, done)
                raise
        finally:
            shutil.rmtree(kept, ignore_errors=True)

    def recover(self) -> list[str]:
        """Finish what killed processes of this machine left. Returns a sentence for each file."""
        said: list[str] = []
        if not self._folder.is_dir():
            return said
        for kept in sorted(self._folder.iterdir()):
            try:
                entry = json.loads((kept / _NAME).read_bytes())
            except (OSError, ValueError):
                # Killed before the journal was whole: nothing had been written anywhere.
                entry = {"files": [], **_owner_of(kept)}
            if entry.get("host") != socket.gethostname() or psutil.pid_exists(int(entry.get("pid") or 0)):
                continue
            for one in entry["files"]:
                said += self._finish(kept, one)
            shutil.rmtree(kept, ignore_errors=True)
        return said

    # -- inside --------------------------------------------------------------------------------------------------

    @staticmethod
    def _put_aside(kept: Path, changes: Mapping[Path, FileChange]) -> None:
        write_atomically(kept / "owner", json.dumps(_owner()).encode(), mode=0o600)
        files = []
        for number, (path, change) in enumerate(changes.items()):
            if change.content is not None:
                write_atomically(kept / f"{number}.new", change.content, mode=0o600)
            if change.expected_sha256 is not None:
                with storage_errors(path, "read"):
                    write_atomically(kept / f"{number}.old", path.read_bytes(), mode=0o600)
            files.append({
                "number": number,
                "path": str(path),
                "expected": change.expected_sha256,
                "becomes": None if change.content is None else hashlib.sha256(change.content).hexdigest(),
            })  # fmt: skip
        journal = {**_owner(), "files": files}
        # From here on a crash is carried forward, never back.
        write_atomically(kept / _NAME, json.dumps(journal).encode(), mode=0o600)

    @staticmethod
    def _take_back(kept: Path, done: list[Path]) -> None:
        for number, path in enumerate(done):
            old = kept / f"{number}.old"
            try:
                _become(path, old.read_bytes() if old.exists() else None)
            except (AppError, OSError):
                _log.exception("%s could not be made what it was", path)

    @staticmethod
    def _finish(kept: Path, one: Mapping[str, Any]) -> list[str]:
        path = Path(one["path"])
        try:
            now = sha256_of(path)
            if now == one["becomes"]:
                return []
            if now != one["expected"]:
                return [f"{path} was changed by somebody else and stays as it is."]
            new = kept / f"{one['number']}.new"
            _become(path, new.read_bytes() if one["becomes"] else None)
        except (AppError, OSError) as error:
            return [f"{path} could not be written: {error}"]
        return [f"{path} was written: an import that had been confirmed was interrupted."]


def _become(path: Path, content: bytes | None) -> None:
    if content is None:
        with storage_errors(path, "remove"):
            path.unlink(missing_ok=True)
        return
    with storage_errors(path.parent, "create"):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def _owner() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


def _owner_of(kept: Path) -> dict[str, Any]:
    try:
        found = json.loads((kept / "owner").read_bytes())
    except (OSError, ValueError):
        return {"host": socket.gethostname(), "pid": 0}
    return found if isinstance(found, dict) else {"host": "", "pid": 0}


__all__ = ["FileChange", "Journal", "sha256_of"]
