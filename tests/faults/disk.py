"""A disk of its own that can be filled, and folders that nobody may write to any more."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE_MB = 160
"""More than a backup wants to be left free."""
_FILLER = "filler"


class CannotMount(Exception):
    """This user, or this machine, may not mount a small disk."""


@contextmanager
def small_disk(at: Path) -> Iterator[Path]:
    at.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", at], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise CannotMount(done.stderr.strip())
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=True)


def fill(disk: Path) -> None:
    """To the last byte."""
    with (disk / _FILLER).open("ab", buffering=0) as filler:
        for size in (1 << 20, 4096, 1):
            with suppress(OSError):
                while filler.write(b"x" * size) == size:
                    pass


def make_room(disk: Path) -> None:
    (disk / _FILLER).unlink(missing_ok=True)


def forbid(folder: Path) -> dict[Path, int]:
    """Take the right to write from everything below; returns the modes that were."""
    modes = {}
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            if not path.is_symlink():
                modes[path] = path.stat().st_mode & 0o777
                path.chmod(modes[path] & 0o555)
    return modes


def allow(modes: dict[Path, int]) -> None:
    for path, mode in modes.items():
        with suppress(FileNotFoundError):
            path.chmod(mode)


def without_privilege() -> list[str]:
    """What to put before a command so that permissions count for it: root passes them by."""
    if os.geteuid() != 0:
        return []
    drop = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}"]
