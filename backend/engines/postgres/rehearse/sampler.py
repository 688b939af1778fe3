"""A second session that looks at another one's locks while that one works."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from backend.core.errors import AppError
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Target

from . import locks

_EVERY_S = 0.002


class Sampler:
    """Looks as often as it can until the end of the block. `found`: every lock that was seen, once."""

    def __init__(self, scratch: Target, url: PgUrl, pid: int) -> None:
        self._scratch, self._url, self._pid = scratch, url, pid
        self._over, self._ready = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._seen: dict[tuple[int, str], Any] = {}
        self.looks = 0

    @property
    def found(self) -> list[Any]:
        return list(self._seen.values())

    def __enter__(self) -> Sampler:
        self._thread.start()
        # The statement may take a millisecond: the looks begin before it.
        self._ready.wait(5)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(5)

    def _look(self) -> None:
        try:
            with suppress(AppError), session(self._scratch, self._url) as connection:
                while not self._over.is_set():
                    for row in rows(connection, locks.OF_OTHER, (self._pid,)):
                        self._seen.setdefault((row[0], row[1]), row)
                    self.looks += 1
                    self._ready.set()
                    self._over.wait(_EVERY_S)
        finally:
            self._ready.set()
