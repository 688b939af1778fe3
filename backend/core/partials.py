"""Folders that are being filled, and what becomes of them when whoever filled them is gone."""

from __future__ import annotations

import os
import re
import shutil
import socket
import zlib
from contextlib import suppress
from pathlib import Path

import psutil

from .paths import inside, storage_errors

PREFIX = ".partial-"
_NAME = re.compile(r"^\.partial-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-")


def partial_folder(parent: Path, label: str) -> Path:
    """A new empty folder in `parent`, its owner's alone, that `sweep_partials` finds once this process is gone."""
    path = inside(parent, f"{PREFIX}{_host()}-{os.getpid()}-{label}")
    with storage_errors(path, "create"):
        path.mkdir(mode=0o700)
    return path


def remove_partial(path: Path) -> None:
    """Take away a folder that did not become whole; nothing happens where it is gone."""
    if path.name.startswith(PREFIX):
        shutil.rmtree(path, ignore_errors=True)


def sweep_partials(parent: Path) -> list[Path]:
    """Remove what dead processes of this machine left; a folder of another machine may still become whole."""
    swept: list[Path] = []
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            found = _NAME.match(entry.name)
            if found is None or found["host"] != _host() or _lives(int(found["pid"])):
                continue
            if entry.is_symlink() or not entry.is_dir(follow_symlinks=False):
                continue
            shutil.rmtree(entry.path, ignore_errors=True)
            swept.append(Path(entry.path))
    return swept


def _lives(pid: int) -> bool:
    # A number this system cannot have is nobody's.
    return pid < 1 << 31 and psutil.pid_exists(pid)


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"
