"""How long a rehearsal may take, and that it was cancelled: one token for everything that runs in it."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from backend.core.context import current_job
from backend.core.errors import Cancelled, TimedOut
from backend.engine.target import CancelToken


class Limit:
    """Its `token` is cancelled when the job is, or when the time is up."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.token = CancelToken()
        self.timed_out = False
        self._deadline = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._time_is_up)
        self._timer.daemon = True

    def __enter__(self) -> Limit:
        job = current_job.get()
        if job is not None:
            job.cancel_token.on_cancel(self.token.cancel)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    @property
    def left_s(self) -> float:
        return max(0.05, self._deadline - time.monotonic())

    @property
    def is_over(self) -> bool:
        return self.token.is_cancelled

    def check(self) -> None:
        """Raise Cancelled or TimedOut where it is over."""
        if self.is_over:
            raise self.error()

    def error(self) -> Cancelled | TimedOut:
        if self.token.is_cancelled and not self.timed_out:
            return Cancelled("The rehearsal was cancelled.")
        # Also where an engine that counts the same seconds was a moment earlier.
        return TimedOut(
            f"The rehearsal was stopped after {self.seconds:g} s, its time limit.",
            hint="Give it more time, or copy fewer rows.",
        )

    def _time_is_up(self) -> None:
        self.timed_out = not self.token.is_cancelled
        self.token.cancel()
