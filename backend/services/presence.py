"""Who is looking: databases are asked whether others changed them only while a page of theirs is on a screen.

A page says what it shows, again every few seconds; what it said counts for `LEASE_S`, so a page that crashed is
forgotten. A connection that somebody looks at has one thread and one kept session; the last page to go ends both.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    InvalidRequest,
    InvalidUrl,
    LockTimeout,
    NotFound,
    PasswordNeeded,
    PermissionDenied,
    TimedOut,
    ToolMissing,
)
from backend.core.events import EventBus
from backend.engine.pulse import Look, Pulse

from .connections import Connections
from .ledger_health import LedgerHealth
from .watch import Watch

_log = logging.getLogger(__name__)
LEASE_S = 10.0
_CONNECT_S = 5.0
_MOST_BACKOFF_S = 30.0
_MOST_WATCHED = 40
_PASSING = (LockTimeout, TimedOut)
"""The table is locked for now: nothing can be said, nothing is wrong."""
_HOPELESS = (
    AuthenticationFailed,
    PasswordNeeded,
    PermissionDenied,
    InvalidUrl,
    InvalidRequest,
    NotFound,
    ToolMissing,
)
"""Trying again by itself would change nothing, and may lock the account."""


@dataclass
class Watched:
    """One connection that somebody looks at. `state`: watching, unreachable, waiting (for a password or a change)."""

    connection: str
    leases: dict[str, float] = field(default_factory=dict)
    state: str = "watching"
    problem: str | None = None
    looks: int = 0
    """How often the database was asked since the first page came."""
    changed: bool = False
    """The connection itself was changed: the kept session is of yesterday."""
    wake: threading.Condition = field(default_factory=threading.Condition)

    def is_wanted(self) -> bool:
        now = time.monotonic()
        return any(until > now for until in self.leases.values())


class Presence:
    """Watches what pages show. Nothing runs while no page is visible."""

    def __init__(
        self, connections: Connections, events: EventBus, watch: Watch, ledger: LedgerHealth
    ) -> None:
        self._connections = connections
        self._events = events
        self._watch = watch
        self._ledger = ledger
        self._lock = threading.Lock()
        self._watched: dict[str, Watched] = {}
        self._last: dict[str, tuple[Look, str]] = {}
        self._reachable: dict[str, bool] = {}
        self._closing = False
        self._listens = False

    def watch(self, page: str, connections: Sequence[str], *, visible: bool) -> list[Watched]:
        """Page `page` shows these connections (none, where it is not visible) for the next `LEASE_S` seconds."""
        wanted = set(connections[:_MOST_WATCHED]) if visible and not self._closing else set()
        with self._lock:
            for one in self._watched.values():
                if one.connection not in wanted and page in one.leases:
                    self._let_go(one, page)
            for connection_id in wanted:
                self._hold(connection_id, page)
            self._listen()
            return [self._watched[one] for one in connections if one in self._watched]

    def close(self) -> None:
        self._closing = True
        with self._lock:
            for one in self._watched.values():
                with one.wake:
                    one.leases.clear()
                    one.wake.notify_all()

    # -- inside, under the lock ----------------------------------------------------------------------------------

    def _hold(self, connection_id: str, page: str) -> None:
        one = self._watched.get(connection_id)
        if one is None:
            one = self._watched[connection_id] = Watched(connection_id)
            threading.Thread(
                target=self._run, args=(one,), name=f"presence-{connection_id}", daemon=True
            ).start()
        with one.wake:
            is_new = page not in one.leases
            one.leases[page] = time.monotonic() + LEASE_S
            if is_new:
                one.wake.notify_all()

    @staticmethod
    def _let_go(one: Watched, page: str) -> None:
        with one.wake:
            del one.leases[page]
            one.wake.notify_all()

    def _listen(self) -> None:
        if not self._listens and self._watched:
            self._listens = True
            threading.Thread(target=self._hear, name="presence-connections", daemon=True).start()

    def _hear(self) -> None:
        """A connection that was changed is looked at anew, at once."""
        subscription = self._events.subscribe()
        while not self._closing:
            event = subscription.next(20.0)
            if event is None or event[0] != "connection:changed" or "reachable" in event[1]:
                continue
            with self._lock:
                one = self._watched.get(str(event[1].get("connection")))
            if one is not None:
                with one.wake:
                    one.changed = True
                    one.wake.notify_all()
        subscription.close()

    # -- the thread of one connection ----------------------------------------------------------------------------

    def _run(self, one: Watched) -> None:
        heart = _Heart(self._connections, one)
        failures = 0
        while True:
            with self._lock:
                if self._closing or not one.is_wanted():
                    self._watched.pop(one.connection, None)
                    break
            try:
                self._tell(one, heart.look(), self._nearby(one.connection))
                self._turned(one, True)
                failures, pause_s = 0, heart.every_s
            except _PASSING:
                pause_s = heart.every_s
            except _HOPELESS as error:
                heart.close()
                one.state, one.problem = "waiting", error.message
                pause_s = LEASE_S * 100
            except Exception as error:
                heart.close()
                if not isinstance(error, AppError):
                    _log.exception("Looking at %s broke off", one.connection)
                failures += 1
                pause_s = 0.0 if failures == 1 else min(heart.every_s * 2 ** (failures - 1), _MOST_BACKOFF_S)
                # A kept session may have been ended from the other side: only the second refusal counts.
                if failures > 1:
                    self._turned(one, False, error.message if isinstance(error, AppError) else str(error))
            self._pause(one, heart, pause_s)
        heart.close()

    def _pause(self, one: Watched, heart: _Heart, seconds: float) -> None:
        """Until the next look is due; earlier where a page came or went, or the connection was changed."""
        until = time.monotonic() + seconds
        with one.wake:
            pages = set(one.leases)
            while (left := until - time.monotonic()) > 0 and one.is_wanted() and not one.changed:
                one.wake.wait(min(left, LEASE_S))
                if set(one.leases) - pages:
                    break
            if one.changed:
                one.changed = False
                heart.close()

    def _nearby(self, connection_id: str) -> str:
        """What changed on this computer that nobody tells of: polled folders, and runs of another process of ours."""
        return f"{self._watch.stamp(connection_id)} {self._ledger.mark(connection_id)}"

    def _tell(self, one: Watched, look: Look, nearby: str) -> None:
        before = self._last.get(one.connection)
        self._last[one.connection] = (look, nearby)
        if before == (look, nearby):
            return
        # The first look ever tells too: what changed between the page's own reading and it would be lost.
        self._events.publish("migrations:changed", connection=one.connection)
        if (
            before is not None
            and (look.schema is None or look.schema != before[0].schema)
            and look != before[0]
        ):
            self._events.publish("database:changed", connection=one.connection)

    def _turned(self, one: Watched, reachable: bool, problem: str | None = None) -> None:
        one.state, one.problem = "watching" if reachable else "unreachable", problem
        before = self._reachable.get(one.connection)
        self._reachable[one.connection] = reachable
        if before is not None and before != reachable:
            self._events.publish("connection:changed", connection=one.connection, reachable=reachable)


class _Heart:
    """The kept session of one connection, opened when it is first looked through. For one thread."""

    def __init__(self, connections: Connections, one: Watched) -> None:
        self._connections = connections
        self._one = one
        self._pulse: Pulse | None = None

    @property
    def every_s(self) -> float:
        return self._pulse.every_s if self._pulse is not None else Pulse.every_s

    def look(self) -> Look:
        if self._pulse is None:
            resolved = self._connections.resolve(self._one.connection)
            target = self._connections.target(resolved)
            self._pulse = resolved.engine.pulse(
                replace(
                    target,
                    read_only=True,
                    application_name=f"{target.application_name} (watching)",
                    connect_timeout_s=min(target.connect_timeout_s, _CONNECT_S),
                )
            )
        self._one.looks += 1
        return self._pulse.look()

    def close(self) -> None:
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.close()
