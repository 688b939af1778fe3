"""The timeline: what happened to databases, as events by day."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model, Moment
from .migration import MigrationStatus


class EventStatus(StrEnum):
    """What became of an event; the word the timeline shows."""

    APPLIED = "applied"
    ROLLED_BACK = "rolled_back"
    MARKED = "marked"
    """The migrations table was written without running anything."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    RUNNING = "running"
    ELSEWHERE = "elsewhere"
    """In the migrations table, and DB Toolkit did not run it."""


class EventFile(Model):
    """One file of an event."""

    version: str
    filename: str
    status: str
    """applied, rolled_back, failed, interrupted, not_run, running."""
    duration_ms: float | None = None
    error: dict[str, Any] | None = None
    partial: bool = False
    landed: list[str] = Field(default_factory=list)
    reconciled: bool = False
    """What became of it was read from the database later, not seen."""
    now: MigrationStatus | None = None
    """What it is today; null where the database was not read, or knows nothing of it."""


class TimelineEvent(Model):
    """One run with its files, or files another tool applied."""

    id: str
    connection: str
    day: str | None = None
    """YYYY-MM-DD by this machine's time; null where no time is known."""
    at: Moment | None = None
    status: EventStatus
    kind: str
    """up, down, retry, redo, baseline, elsewhere."""
    direction: str
    files_total: int
    files_done: int
    """Of them applied or rolled back."""
    files: list[EventFile] = Field(default_factory=list)
    """The first twelve; `timeline:event` has all."""
    duration_ms: float | None = None
    author: str | None = None
    os_user: str | None = None
    host: str | None = None
    problem: EventFile | None = None
    """The file that failed, whether or not it is among the first."""
    rollback_point: str | None = None
    """The file that stays when everything after this event is rolled back; null where that cannot be done."""
    rollback_count: int = 0
    """How many migrations that would roll back."""
    backup_id: str | None = None


class EventDetails(Model):
    """One event with everything that is known of it."""

    event: TimelineEvent
    finished_at: Moment | None = None
    error: dict[str, Any] | None = None
    output: str = ""
    tool: str | None = None
    tool_version: str | None = None
    app_version: str | None = None
    git_commit: str | None = None
    redo: str | None = None
    """The file that could be rolled back and run again: the only one of the event, applied and with a down."""


class TimelinePage(Model):
    events: list[TimelineEvent]
    total: int


class TimelineDay(Model):
    day: str | None
    """Null for what has no time: it stands last."""
    count: int
    """Events of this day that match."""
    failed: int
    """Events of it that failed or were interrupted."""


class TimelineOverview(Model):
    """The whole of what matches, by day: enough to lay out the page and draw where it is dense."""

    total: int
    days: list[TimelineDay]
    """Newest first; days without events are left out."""
    authors: list[str] = Field(default_factory=list)
    """Everybody who ran something, whatever the filters."""
    first_day: str | None = None
    last_day: str | None = None
    """The whole span, whatever the filters."""
    longest_ms: float | None = None
    """The longest event that matches: what the time bars are scaled by."""
    problem: dict[str, Any] | None = None
    """Why the database could not be read: then what other tools did is not shown."""
