"""What the ledger remembers, as history shows it. Times are as the machine's clock said; an order never comes from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model, Moment
from .migration import Direction, RollbackCheck


class RunKind(StrEnum):
    UP = "up"
    DOWN = "down"
    RETRY = "retry"
    REDO = "redo"
    BASELINE = "baseline"
    RESTORE = "restore"
    """A backup was restored into the database."""
    REMAINDER = "remainder"
    """The statements of a failed file that had not landed."""
    CLEAN_UP = "clean_up"
    """What a failed file left was undone; nothing was recorded."""


class RunOutcome(StrEnum):
    """How a run ended."""

    OK = "ok"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The app or the machine went away in the middle; settled later by the migrations table."""
    RUNNING = "running"


class FileOutcome(StrEnum):
    """How one file of a run ended."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not_run"
    RUNNING = "running"


class Clock(StrEnum):
    """Whether the recorded times can be right."""

    OK = "ok"
    BACKWARDS = "backwards"
    """It ended before it began: the machine's clock was set meanwhile."""
    FUTURE = "future"
    UNKNOWN = "unknown"
    """A time that cannot be read."""


class HistoryFile(Model):
    """One migration of a run."""

    version: str
    filename: str
    direction: Direction
    status: str
    """A FileOutcome; text, so that a newer app's word is shown and not refused."""
    duration_ms: float | None = None
    """As the tool measured it; null where it was not measured."""
    waited_ms: float | None = None
    """How long it was seen waiting for locks, at least; null where nobody looked (the first look is after a second)."""
    sha256: str | None = None
    partial: bool = False
    landed: list[str] = Field(default_factory=list)
    reconciled: bool = False
    """Settled later, by the migrations table."""
    error: dict[str, Any] | None = None


class HistoryRun(Model):
    """One run, as a row of the list."""

    run_id: str
    connection: str
    connection_name: str
    """As it was when it ran."""
    connection_exists: bool = True
    environment: str | None = None
    """As it was when it ran; as it is now where that was not recorded."""
    engine: str
    kind: str
    direction: Direction
    state: str
    """A RunOutcome."""
    started_at: Moment | None = None
    finished_at: Moment | None = None
    clock: Clock = Clock.OK
    duration_ms: float | None = None
    author: str | None = None
    os_user: str | None = None
    host: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    app_version: str | None = None
    git_commit: str | None = None
    backup_id: str | None = None
    files: list[HistoryFile] = Field(default_factory=list)
    """The first of them, in the run's order."""
    file_count: int = 0
    counts: dict[str, int] = Field(default_factory=dict)
    """Files by how they ended."""
    error: dict[str, Any] | None = None


class HistoryList(Model):
    rows: list[HistoryRun]
    total: int


class FileRecord(HistoryFile):
    """One migration of a run with its text."""

    content: str | None = None
    """The file as it was run; null where it is not known, or left out for its size (`content_left_out`)."""
    ran: str | None = None
    """The half of it that ran."""
    ran_line: int | None = None
    """The line of the file, from 1, that `ran` begins after."""
    content_left_out: bool = False
    """Too much for one answer: ask history:content."""
    size: int | None = None
    """Of the content, in characters."""
    language: str = "sql"
    server: dict[str, Any] | None = None
    """What the server was seen doing: looks, states, blockers, row estimates of its tables right after."""


class HistoryRecord(HistoryRun):
    """Everything known of one run."""

    files: list[FileRecord] = Field(default_factory=list)  # type: ignore[assignment]
    output: str = ""
    server: str | None = None
    rollback_check: RollbackCheck | None = None
    """After a rollback: the schema against what it was before the migrations were applied."""


class HistoryContent(Model):
    content: str | None
    ran: str | None = None
    ran_line: int | None = None
    language: str = "sql"


class StoryEvent(Model):
    """One time a migration ran."""

    run: HistoryRun
    """Without its other files."""
    file: HistoryFile
    edited: bool = False
    """Its text was another than the time before."""
    diff: str | None = None
    """From the text of the time before to this one, as a unified diff; null where it was not edited or is too large."""
    diff_left_out: bool = False


class Story(Model):
    """What happened to one migration, newest first."""

    version: str
    filename: str
    name: str
    connections: list[str]
    events: list[StoryEvent]
    total: int


class HistoryConnection(Model):
    """A connection the ledger has runs of."""

    id: str
    name: str
    engine: str
    environment: str | None = None
    exists: bool
    runs: int


class HistoryFacets(Model):
    """What the list can be filtered by."""

    connections: list[HistoryConnection]
    authors: list[str]


class Exported(Model):
    """An export: `text` where no path was given, else the file that was written."""

    format: str
    filename: str
    """A name for the file."""
    text: str | None = None
    path: str | None = None
    rows: int
    size_bytes: int
