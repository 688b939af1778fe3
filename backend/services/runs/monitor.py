"""What the server does while a run is under way: activity once a second, and the end of its sessions on cancel."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
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
_LATER_S = 3.0
_LATER_AFTER_S = 300.0
"""What has worked for minutes is looked at less often; what waits, always every second."""


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
        if not self._engine.capabilities()["activity"].supported or self._job is None:
            return
        waits = _Waits()
        shown = False
        began = time.monotonic()
        pause_s = _FIRST_LOOK_S
        while not self._done.wait(pause_s):
            pause_s = _LATER_S if time.monotonic() - began > _LATER_AFTER_S and not waits else _EVERY_S
            try:
                seen = self._engine.activity(self._target, self._run_tag, tool_pid=self._follower.pid)
            except AppError:
                _log.debug("The server's activity cannot be read", exc_info=True)
                continue
            seen = waits.measured(seen)
            self._follower.noted.saw(seen)
            if seen or shown:
                self._job.activity([_as_json(one) for one in seen])
            shown = bool(seen)


class _Waits:
    """How long each session has been seen waiting, for servers that do not tell."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._since)

    def measured(self, seen: list[Activity]) -> list[Activity]:
        now = time.monotonic()
        self._since = {one.session_id: self._since.get(one.session_id, now) for one in seen if one.waiting}
        return [
            dataclasses.replace(one, since_s=now - self._since[one.session_id])
            if one.waiting and one.since_s is None
            else one
            for one in seen
        ]


def _as_json(activity: Activity) -> dict[str, object]:
    shown = dataclasses.asdict(activity)
    shown["query"] = redact(activity.query)
    for blocker in shown["blockers"]:
        blocker["query"] = redact(blocker["query"]) if blocker["query"] else None
    return shown
