"""A migration that failed or was interrupted: what is true now, and the ways out, each shown before it is taken."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model, Moment
from .migration import Direction, RunStatus
from .requests import OfConnection


class Landed(StrEnum):
    LANDED = "landed"
    """What it was to do is in the database."""
    NOT_LANDED = "not_landed"
    UNKNOWN = "unknown"
    """The database does not tell (an UPDATE of rows that were counted only, say)."""


class FailedStatement(Model):
    """One statement (or MongoDB command) of the half that failed."""

    index: int
    sql: str
    line: int | None = None
    """In the file."""
    state: Landed
    why: str
    """Where this is known from: the schema compared, rows compared, the transaction rolled back, the server's error."""
    failed_here: bool = False


class RowChange(Model):
    table: str
    before: int | None
    after: int | None


class WayCode(StrEnum):
    RETRY = "retry"
    """Run the file again as it is: nothing of it stayed."""
    RUN_REMAINDER = "run_remainder"
    """Run only the statements that did not land, then record it."""
    CLEAN_UP = "clean_up"
    """Undo the statements that landed."""
    DROP_INVALID_INDEXES = "drop_invalid_indexes"
    RESTORE = "restore"
    """Restore the backup that was made before the run."""
    MARK_APPLIED = "mark_applied"
    MARK_NOT_APPLIED = "mark_not_applied"


class Way(Model):
    """A way out."""

    code: WayCode
    title: str
    says: str
    """What it does and what it means for the data."""
    available: bool = True
    reason: str | None = None
    """Why it is not available."""
    recommended: bool = False
    statements: list[str] = Field(default_factory=list)
    """What would be run, in order."""
    losses: list[str] = Field(default_factory=list)
    """What it would lose, in numbers; consent says them again."""
    backup_id: str | None = None


class Failure(Model):
    connection: str
    version: str
    filename: str
    direction: Direction
    run_id: str | None = None
    at: Moment | None = None
    error: dict[str, Any] | None = None
    """The envelope's error of that run."""
    summary: str
    """What is true now, in one or two plain sentences."""
    partial: bool
    statements: list[FailedStatement] = Field(default_factory=list)
    objects: list[str] = Field(default_factory=list)
    """What of the schema changed and is still there: `+ table users`."""
    rows: list[RowChange] = Field(default_factory=list)
    invalid_indexes: list[str] = Field(default_factory=list)
    """PostgreSQL: indexes a failed CONCURRENTLY left."""
    ways: list[Way] = Field(default_factory=list)


class Repaired(Model):
    """What a way out did, by what the database says afterwards."""

    connection: str
    version: str
    way: WayCode
    ok: bool
    run_id: str | None = None
    backup_id: str | None = None
    status: RunStatus | None = None
    statements: list[FailedStatement] = Field(default_factory=list)
    left: list[str] = Field(default_factory=list)
    """What of the failed run is still in the database."""
    says: str


class FailureRequest(OfConnection):
    version: str


class FailureList(Model):
    failures: list[Failure]


class ResolveRequest(FailureRequest):
    way: WayCode
    confirm: str | None = None
    backup: bool | None = None
    """Null: as the settings say for a rollback."""
    job_id: str | None = None
