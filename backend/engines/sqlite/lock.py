"""The run lock of a SQLite database: an operating system lock on `<file>.dbtoolkit-lock`, gone with its process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from backend.core.errors import Busy
from backend.engine.target import Target
from backend.models.base import iso_z

from .connect import database_file
from .errors import translated

SUFFIX = ".dbtoolkit-lock"
_LOCK_BYTE = 1 << 30
"""Where Windows locks: far behind the holder's description, which must stay readable."""


@contextmanager
def run_lock(target: Target, owner: Mapping[str, str]) -> Iterator[None]:
    """Hold the lock beside the database's real file. Raises Busy at once, with `details.holder` where it can be read.

    Without a folder there is nothing to lock. The lock file is removed on release; one left by a crash is harmless,
    because the lock is the operating system's, not the file.
    """
    path = Path(os.path.realpath(database_file(target)))
    if not path.parent.is_dir():
        yield
        return
    lock_path = Path(f"{path}{SUFFIX}")
    with translated(lock_path):
        descriptor = _take(lock_path)
    try:
        holder = {**owner, "since": iso_z(datetime.now(UTC))}
        _describe(descriptor, holder)
        yield
    finally:
        _release(lock_path, descriptor)


def _describe(descriptor: int, holder: Mapping[str, str]) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, json.dumps(holder).encode())


def _take(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _lock(descriptor):
                raise Busy("Another run is under way on this database.", holder=_holder(path))
            if _is_current(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # The former holder removed the file between open and lock: this lock is on a file nobody else can find.
        os.close(descriptor)


def _is_current(path: Path, descriptor: int) -> bool:
    if sys.platform == "win32":
        return True  # an open file cannot be removed there
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)


def _release(path: Path, descriptor: int) -> None:
    if sys.platform == "win32":
        os.close(descriptor)
        return
    try:
        # Removed while still locked, so nobody can hold a lock on a file that is about to go.
        path.unlink(missing_ok=True)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _holder(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCK_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
