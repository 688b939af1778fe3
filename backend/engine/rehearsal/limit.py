"""Ends what runs on a server when someone cancels or the time is up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from backend.core.errors import AppError, Cancelled, TimedOut
from backend.engine.target import CancelToken

_log = logging.getLogger(__name__)


class Limit:
    """While it is open: on cancel, or after `time_limit_s`, `end()` is called once, on a thread of its own.

    `stopped` tells whether that happened. Leaving waits for an `end()` under way, so that nothing is left behind.
    """

    def __init__(self, cancel: CancelToken, time_limit_s: float | None, end: Callable[[], object]) -> None:
        self._cancel = cancel
        self._time_limit_s = time_limit_s
        self._end = end
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="rehearsal-limit", daemon=True)
        self.stopped = False

    def __enter__(self) -> Limit:
        self._ends_at = None if self._time_limit_s is None else time.monotonic() + self._time_limit_s
        self._cancel.on_cancel(self._wake.set)
        self._is_over = False
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        self._wake.set()
        self._thread.join()

    def error(self) -> AppError:
        """Why it was ended, where it `stopped`."""
        if self._cancel.is_cancelled:
            return Cancelled("The rehearsal was cancelled.")
        return TimedOut(
            f"The migration had not ended after {self._time_limit_s:g} s, so it was ended on the server.",
            hint="Give it more time, or fewer rows.",
        )

    def _wait(self) -> None:
        self._wake.wait(None if self._ends_at is None else max(0.0, self._ends_at - time.monotonic()))
        if self._is_over and not self._cancel.is_cancelled:
            return
        self.stopped = True
        try:
            self._end()
        except Exception:
            # Whoever waits for the server hears of it there.
            _log.exception("What runs on the server could not be ended")
