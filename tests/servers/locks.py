"""A lock between the processes of one run; it falls open by itself when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fasteners  # type: ignore[import-untyped]


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold the lock named by that file, waiting for it as long as it takes."""
    lock = fasteners.InterProcessLock(str(path))
    lock.acquire()
    try:
        yield
    finally:
        lock.release()
