"""What the server does while a run is under way: activity once a second, and the end of its sessions on cancel."""

from __future__ import annotations

import dataclasses
import logging
import threading
from types import TracebackType
from typing import TYPE_CHECKING

from backend.core.context import current_job
from backend.core.errors import AppError
from backend.core.redaction import redact
from backend.engine.port import Engine
from backend.engine.target import Activity, Target

if TYPE_CHECKING:
    from .pipeline import _Follower

_log = logging.getLogger(__name__)
_FIRST_LOOK_S = 1.0
_EVERY_S = 1.0


class Monitor:
    """Watches from a thread of its own, first after a second: short runs never pay for it."""

    def __init__(self, engine: Engine, target: Target, run_tag: str, follower: _Follower) -> None:
        self._engine = engine
        self._target = target
        self._run_tag = run_tag
        self._follower = follower
        self._job = current_job.get()
        self._done = threading.Event()
        self._ending = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="monitor", daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(timeout=10)

    def cancelled(self) -> None:
        """Called when the user cancels: the server's session ends too, else it would go on working, unrecorded.

        On a thread of its own, so that the tool is ended at the same time and not after a server that is slow to answer.
        """
        if not self._done.is_set():
            threading.Thread(target=self.end_sessions, name="end-sessions", daemon=True).start()

    def end_sessions(self) -> None:
        if not self._engine.capabilities()["end_session"].supported:
            return
        with self._ending:
            try:
                ended = self._engine.end_sessions(self._target, self._run_tag, tool_pid=self._follower.pid)
            except AppError:
                _log.warning("The run's sessions could not be ended", exc_info=True)
                return
        if ended and self._job is not None:
            self._job.log(f"Ended {ended} session{'s' if ended != 1 else ''} on the server.", "console")

    def _watch(self) -> None:
        supported = self._engine.capabilities()["activity"].supported
        waited = self._done.wait(_FIRST_LOOK_S)
        while not waited:
            try:
                if supported and self._job is not None:
                    seen = self._engine.activity(self._target, self._run_tag, tool_pid=self._follower.pid)
                    self._job.activity([_as_json(one) for one in seen])
            except AppError:
                _log.debug("The server's activity cannot be read", exc_info=True)
            waited = self._done.wait(_EVERY_S)


def _as_json(activity: Activity) -> dict[str, object]:
    shown = dataclasses.asdict(activity)
    shown["query"] = redact(activity.query)
    return shown
