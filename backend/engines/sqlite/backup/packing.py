"""A file compressed to gzip members, several at a time; any gunzip reads them as one."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from backend.core.errors import BackupFailed

_CHUNK = 4 << 20
_LEVEL = 1
"""Database pages compress about as well at 1 as at 6, and five times as fast."""


def pack(source: Path, into: Path, going_on: Callable[[int, int], None]) -> None:
    """Compress `source`. `going_on(done, total)` after each chunk; what it raises ends it."""
    total, done = source.stat().st_size, 0
    workers = max(1, min(4, os.cpu_count() or 1))
    with source.open("rb") as reading, into.open("wb") as writing, ThreadPoolExecutor(workers) as pool:
        waiting = []
        while True:
            chunk = reading.read(_CHUNK)
            if chunk:
                waiting.append((len(chunk), pool.submit(gzip.compress, chunk, _LEVEL, mtime=0)))
            while waiting and (len(waiting) > workers or not chunk):
                size, packed = waiting.pop(0)
                writing.write(packed.result())
                done += size
                going_on(done, total)
            if not chunk:
                break


@contextmanager
def unpacked(source: Path, into: Path, going_on: Callable[[int, int], None]) -> Iterator[Path]:
    """The file again, at `into` while inside. Raises BackupFailed where it is not whole."""
    total = source.stat().st_size
    try:
        with source.open("rb") as raw, gzip.GzipFile(fileobj=raw) as reading, into.open("xb") as writing:
            into.chmod(0o600)
            while chunk := reading.read(_CHUNK):
                writing.write(chunk)
                going_on(raw.tell(), total)
        yield into
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupFailed(f"The backup is damaged: {error}.", reason="damaged", state="untouched") from None
    finally:
        into.unlink(missing_ok=True)
