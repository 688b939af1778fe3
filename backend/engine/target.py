"""What an engine is given to work with. Holds secrets in memory; never prints them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """One database, resolved: every `${NAME}` filled in.

    `url` is the full URL with its secret. `env` holds the connection's variables, for the tool's process.
    `working_dir` is where relative paths (sqlite:rel.db, unix sockets) start and where the tool runs.
    """

    engine: str
    url: str = field(repr=False)
    working_dir: Path
    migrations_table: str
    read_only: bool = False
    application_name: str = "db-toolkit"
    connect_timeout_s: float = 10.0
    lock_timeout_s: float | None = None
    """How long a statement of a run may wait for a lock; None leaves the server's default."""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: bool = False
    """The app's own server, where nobody else works: roles and stand-ins for missing extensions may be made on it."""


@dataclass(frozen=True, slots=True)
class ToolSetup:
    """How the tool is told about a target: environment (URL, PG variables) and flags; never a secret in the flags."""

    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    flags: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    """What the migrate-mongo runner takes besides the URL (database name, client options, changelog)."""


@dataclass(frozen=True, slots=True)
class ServerSession:
    """A session on the server that belongs to a run of ours. `id` is the server's own id."""

    id: str
    state: str = ""
    query: str = ""
    since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Blocker:
    """Who holds what our run waits for."""

    session_id: str
    user: str | None = None
    application: str | None = None
    query: str | None = None
    """What it runs; where it runs nothing, what it ran last."""
    since_s: float | None = None
    """How long its transaction (or, where it has none, its statement) has been going on."""
    object: str | None = None
    host: str | None = None
    state: str | None = None
    """A plain clause: `has a transaction open and does nothing in it`."""
    mode: str | None = None
    """The lock it holds on the object, in the server's words."""
    waits_for: tuple[str, ...] = ()
    """The sessions that it waits for itself: then those are the ones to look at."""
    is_certain: bool = True
    """False where the server does not tell and this is the likeliest of those that could be."""
    end_statement: str | None = None
    """What whoever may do so would run to end it. Never run by us."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the server is doing for our run now. `state` is a plain sentence that stays the same while nothing changes;
    `progress` 0..1 where the server reports one, `done` of `total` in `unit` (blocks, rows, lockers, documents, …)."""

    session_id: str
    state: str
    query: str = ""
    waiting: bool = False
    blockers: tuple[Blocker, ...] = ()
    progress: float | None = None
    since_s: float | None = None
    """How long it has waited; where it does not wait, how long the statement has run. By the server's clock."""
    object: str | None = None
    """What it waits for, or works on."""
    phase: str | None = None
    """The step of a longer work, in the server's words."""
    done: float | None = None
    total: float | None = None
    unit: str | None = None
    note: str | None = None
    """What the server cannot tell here."""


@dataclass(frozen=True, slots=True)
class OtherTable:
    """A table that is another tool's: names of columns in lower case, values as text."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class InvalidIndex:
    """An index the server keeps up and does not use: what a failed CREATE INDEX or REINDEX CONCURRENTLY left."""

    name: str
    """As the fingerprint names it, without `index`."""
    table: str
    drop: str
    """The statement that drops it, to be run outside of a transaction."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a block. `line` counts from 1 in the text that was split; `start`/`end` are offsets in it."""

    text: str
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FailedBlock:
    """What the engine gets to explain a failure: the tool's own error text and the SQL of the block that ran.

    `block` is the text from its directive line on (the directive is line 1, as dbmate counts).
    """

    tool_text: str
    block: str = ""
    filename: str = ""


class CancelToken:
    """Set once; whoever waits is told. Callbacks run on the thread that cancels, each guarded from the others."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []

    @property
    def is_cancelled(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout_s: float) -> bool:
        return self._event.wait(timeout_s)

    def on_cancel(self, callback: Callable[[], object]) -> None:
        """Call `callback()` on cancel; at once where it is cancelled already."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def cancel(self) -> None:
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                # One failing listener must not keep the others from hearing.
                _log.exception("A cancel listener failed")
