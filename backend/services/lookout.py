"""Looking at databases without waiting for those that do not answer: each is asked in a thread of its own.

A look that comes too late for its asker is kept for the next one, who is called by `dashboard:changed`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import datetime

from backend.core.clock import utc_now
from backend.core.envelope import envelope_error
from backend.core.errors import AppError, InternalError
from backend.core.events import EventBus
from backend.models.dashboard import MigrationCounts
from backend.models.migration import MigrationStatus
from backend.store.looks import LookStore

from .migrations import MigrationService, View

_log = logging.getLogger(__name__)
_AT_ONCE = 16
# How long a late look may wait for the asker that was called.
_KEPT_S = 5.0


@dataclass(frozen=True)
class Look:
    """What one look found. `view` is None where not even the files could be read: `problem` says why."""

    at: datetime
    view: View | None
    problem: AppError | None

    @property
    def counts(self) -> MigrationCounts | None:
        return counts_of(self.view, self.at) if self.view is not None else None


@dataclass
class _Kept:
    """A late look, for each kind of asker once: all were called, and none may begin the next late look for another."""

    look: Look
    since: float
    served: set[str]


class Lookout:
    def __init__(self, migrations: MigrationService, looks: LookStore, events: EventBus) -> None:
        self._migrations = migrations
        self._looks = looks
        self._events = events
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._running: dict[str, Future[Look]] = {}
        self._late: dict[str, _Kept] = {}
        self._last: dict[str, Look] = {}

    def look(self, connections: Sequence[str], wait_s: float, asker: str) -> dict[str, Look | None]:
        """Each database as it is now; None for those that have not answered in `wait_s` seconds altogether.

        For these `dashboard:changed {connection}` comes when they have, and the next time the same
        `asker` (any name of the caller's) asks, it gets that look.
        """
        until = time.monotonic() + wait_s
        begun = {one: self._begin(one, asker) for one in connections}
        return {one: self._wait(one, *found, until) for one, found in begun.items()}

    def last(self, connection: str) -> Look | None:
        """The last look of this process; asks nobody."""
        return self._last.get(connection)

    # -- inside --------------------------------------------------------------------------------------------------

    def _begin(self, connection: str, asker: str | None) -> tuple[Future[Look], bool]:
        """The look under way, or a new one; and whether it had been begun by an earlier asker."""
        with self._lock:
            kept = self._late.get(connection)
            if kept is not None and time.monotonic() - kept.since > _KEPT_S:
                self._late.pop(connection)
                kept = None
            if kept is not None and asker is not None and asker not in kept.served:
                kept.served.add(asker)
                done: Future[Look] = Future()
                done.set_result(kept.look)
                return done, False
            running = self._running.get(connection)
            if running is not None:
                return running, True
            future: Future[Look] = Future()
            self._running[connection] = future
        threading.Thread(target=self._run, args=(connection, future), name="look", daemon=True).start()
        return future, False

    def _wait(self, connection: str, future: Future[Look], is_shared: bool, until: float) -> Look | None:
        try:
            look = future.result(max(0.0, until - time.monotonic()))
            if is_shared and look.problem is None:
                # It may have been taken before the change that this asker is after.
                again, _ = self._begin(connection, None)
                return self._wait(connection, again, False, until)
            return look
        except (NotYet, TimeoutError):
            future.add_done_callback(lambda ended: self._announce(connection, ended))
            return None

    def _announce(self, connection: str, ended: Future[Look]) -> None:
        with self._lock:
            self._late[connection] = _Kept(ended.result(), time.monotonic(), set())
        self._events.publish("dashboard:changed", connection=connection)

    def _run(self, connection: str, future: Future[Look]) -> None:
        with self._room:
            look = self._look(connection)
        with self._lock:
            self._running.pop(connection, None)
            self._last[connection] = look
        if look.problem is None and look.view is not None and look.counts is not None:
            self._looks.put(look.view.resolved.stored, look.counts)
        future.set_result(look)

    def _look(self, connection: str) -> Look:
        try:
            view = self._migrations.view(connection)
            return Look(utc_now(), view, view.problem)
        except AppError as error:
            return Look(utc_now(), None, error)
        except Exception:
            _log.exception("Looking at %s failed", connection)
            return Look(utc_now(), None, InternalError("The connection could not be looked at."))


def counts_of(view: View, at: datetime | None) -> MigrationCounts:
    found = dict.fromkeys(MigrationStatus, 0)
    for one in view.migrations:
        found[one.status] += 1
    return MigrationCounts(
        total=len(view.migrations),
        applied=found[MigrationStatus.APPLIED],
        pending=found[MigrationStatus.PENDING],
        failed=found[MigrationStatus.FAILED],
        at=at,
    )


def problem_of(look: Look | None) -> dict[str, object] | None:
    return envelope_error(look.problem) if look is not None and look.problem is not None else None
