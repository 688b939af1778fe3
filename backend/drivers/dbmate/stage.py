"""Puts exactly the files of a run into a private temporary folder: dbmate runs whatever it finds in the folder it gets.

Files are copied, so what is edited meanwhile does not change the run. Folders of crashed runs are found by the
process id in their name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backend.core.errors import DiskFull, InvalidRequest, MigrationInvalid, MigrationNotFound, StorageFailed

from .names import is_migration, sort_key

PREFIX = "db-toolkit-run-"
# Hundreds of small files cost a disk more than dbmate needs to run them; memory takes them in no time.
_MEMORY_FOLDERS = (Path("/dev/shm"),) if sys.platform == "linux" else ()
_MOST_IN_MEMORY = 16 << 20
_NAME = re.compile(re.escape(PREFIX) + r"([0-9]+)-")


@dataclass(frozen=True, slots=True)
class Staged:
    """A folder for each process of the run, in order, with the names it holds; `sha256` of each file as it will run."""

    steps: tuple[tuple[Path, tuple[str, ...]], ...]
    sha256: dict[str, str] = field(default_factory=dict)


@contextmanager
def staged(files: Sequence[Path], *, one_by_one: bool, content: bytes | None = None) -> Iterator[Staged]:
    """The files, or `content` under their names, ready to run; gone afterwards.

    `one_by_one`: each file in a folder of its own (a rollback takes the highest name it finds). Otherwise as few
    folders as keep the order given: dbmate goes by filename. Raises InvalidRequest for two files of one name,
    MigrationInvalid for a name dbmate would pass over, MigrationNotFound, StorageFailed, DiskFull.
    """
    _check_names([path.name for path in files])
    contents = [_read(path) if content is None else content for path in files]
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_parent(sum(map(len, contents)))))
    try:
        data = dict(zip((path.name for path in files), contents, strict=True))
        steps = []
        for index, names in enumerate(_groups([path.name for path in files], one_by_one)):
            folder = root / f"{index:05d}"
            folder.mkdir()
            for name in names:
                _put(folder / name, data[name])
            steps.append((folder, tuple(names)))
        yield Staged(tuple(steps), {name: hashlib.sha256(text).hexdigest() for name, text in data.items()})
    finally:
        shutil.rmtree(root, ignore_errors=True)


def clean_stale() -> int:
    """Remove the folders of runs whose process is gone. Returns how many; never raises."""
    return sum(_clean(folder) for folder in dict.fromkeys((*_MEMORY_FOLDERS, *_disk_folders())))


def _clean(parent: Path) -> int:
    removed = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            match = _NAME.match(entry.name)
            if match and entry.is_dir(follow_symlinks=False) and _is_stale(entry, int(match[1])):
                shutil.rmtree(entry.path, ignore_errors=True)
                removed += not Path(entry.path).exists()
    return removed


def _groups(names: Sequence[str], one_by_one: bool) -> list[list[str]]:
    groups: list[list[str]] = []
    for name in names:
        if groups and not one_by_one and sort_key(groups[-1][-1]) < sort_key(name):
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not is_migration(name):
            raise MigrationInvalid(
                f"dbmate does not run {name}: a name starts with digits and ends in .sql.", filename=name
            )
    # On macOS and Windows two names that differ in case alone are one file.
    for name, count in Counter(name.casefold() for name in names).items():
        if count > 1:
            raise InvalidRequest(f"Two files named {name} cannot be in one run.", filename=name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MigrationNotFound(f"{path.name} is no longer there.", path=str(path)) from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}.", path=str(path)) from error


def _put(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageFailed
        raise kind(
            f"The temporary folder cannot take {path.name}: {error.strerror}.", path=str(path)
        ) from error


def _parent(size_bytes: int) -> Path:
    """Where to stage. Never a path with a comma, which dbmate takes for the border of two folders."""
    for folder in _MEMORY_FOLDERS:
        if size_bytes < _MOST_IN_MEMORY and _has_room(folder, 2 * _MOST_IN_MEMORY):
            return folder
    for folder in _disk_folders():
        if "," not in str(folder) and folder.is_dir():
            return folder
    raise StorageFailed("No temporary folder without a comma in its path could be found.", hint="Set TMPDIR.")


def _has_room(folder: Path, size_bytes: int) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free > size_bytes


def _disk_folders() -> tuple[Path, ...]:
    return (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path.home())


def _is_stale(entry: os.DirEntry[str], pid: int) -> bool:
    import psutil

    try:
        info = entry.stat(follow_symlinks=False)
        if hasattr(os, "getuid") and info.st_uid != os.getuid():
            return False
        # A later process that got the same id did not make this folder.
        return psutil.Process(pid).create_time() > info.st_mtime + 1
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):
        return False
