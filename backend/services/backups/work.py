"""Progress and cancel of a backup's work: what the job of this thread hears, not oftener than it can be seen."""

from __future__ import annotations

import time

from backend.core.context import current_job
from backend.engine.target import CancelToken

_EVERY_S = 0.2
_UNIT = 1_000_000


class Work:
    """Counts one step after the other. Bytes are told in MB, as the job's numbers."""

    def __init__(self) -> None:
        self._job = current_job.get()
        self.cancel: CancelToken = self._job.cancel_token if self._job is not None else CancelToken()
        self._told = 0.0
        self._read = 0

    def says(self, message: str) -> None:
        """A step begins."""
        self._read = 0
        self._told = 0.0
        self.heard(0, None, message)

    def heard(self, done: int, total: int | None, message: str) -> None:
        """What an engine reports. Raises Cancelled."""
        if self._job is None:
            return
        self._job.check_cancelled()
        now = time.monotonic()
        if now - self._told >= _EVERY_S:
            self._told = now
            self._job.progress(done, total or 0, message)

    def reading(self, message: str, total: int) -> Reading:
        return Reading(self, message, total)


class Reading:
    """For loops that read files: called with the bytes of each chunk."""

    def __init__(self, work: Work, message: str, total: int) -> None:
        self._work, self._message, self._total, self._done = work, message, total, 0

    def __call__(self, count: int) -> None:
        self._done += count
        self._work.heard(self._done, self._total, self._message)


__all__ = ["Reading", "Work"]
