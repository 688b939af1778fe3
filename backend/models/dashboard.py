"""What is where, at a glance: one connection's dashboard, and a row for each of all."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model, Moment
from .connection import EngineName, EnvironmentKind
from .finding import Severity
from .migration import Migration
from .schema_diff import Drift


class AttentionKind(StrEnum):
    """What may need a person, in order of gravity."""

    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    OUT_OF_ORDER = "out_of_order"
    MISSING_FILE = "missing_file"
    EDITED = "edited"
    DRIFT = "drift"
    STALE_BACKUP = "stale_backup"
    RISKY_PENDING = "risky_pending"
    NO_DOWN = "no_down"
    READ_ONLY = "read_only"


class AttentionAction(StrEnum):
    """What the screen offers to do about it."""

    RETRY = "retry"
    """Run the failed ones again."""
    OPEN = "open"
    """Open the (first) file."""
    SHOW = "show"
    """Show them in the list of migrations."""
    BASELINE = "baseline"
    """Mark as applied without running."""
    CONNECTION = "connection"
    """The connection's own page."""
    BACKUP = "backup"
    DRIFT = "drift"
    """Compare with what the applied migrations make."""


class Attention(Model):
    kind: AttentionKind
    severity: Severity
    count: int
    versions: list[str] = Field(default_factory=list)
    """The first five, oldest first."""
    filenames: list[str] = Field(default_factory=list)
    """Of the same five."""
    message: str
    """One plain sentence with the count in it."""
    detail: str | None = None
    """The first one's own words: the error, the finding."""
    at: Moment | None = None
    """When it was found, where it was not looked for now."""
    action: AttentionAction


class RunSummary(Model):
    """One run as the ledger has it."""

    run_id: str
    connection: str
    kind: str
    """up, down, retry, redo, baseline."""
    direction: str
    state: str
    """ok, failed, cancelled, interrupted, running."""
    started_at: Moment
    finished_at: Moment | None = None
    duration_ms: float | None = None
    author: str | None = None
    os_user: str | None = None
    host: str | None = None
    files: int = 0
    done: int = 0
    """How many of them were applied or rolled back."""
    names: list[str] = Field(default_factory=list)
    """The first three filenames."""
    problem: str | None = None
    """The file that failed and why, in one line."""
    backup_id: str | None = None


class MigrationCounts(Model):
    """How many migrations."""

    total: int
    applied: int
    pending: int
    failed: int
    at: Moment | None = None
    """When the database was asked; null where the files and the ledger are all that is known."""


class ConnectionSummary(Model):
    """One connection in a row."""

    connection: str
    name: str
    engine: EngineName
    environment: EnvironmentKind
    color: str | None = None
    read_only: bool = False
    reachable: bool | None = None
    """Null while the database has not answered yet."""
    problem: dict[str, Any] | None = None
    """Why it could not be read: an error of the envelope."""
    database_exists: bool | None = None
    counts: MigrationCounts | None = None
    """Null where nothing is known: never seen, and not reachable now."""
    stale: bool = False
    """True where `counts` are from an earlier look, or from the ledger alone."""
    looking: bool = False
    """True while the database is still being asked: `dashboard:changed` tells when it has answered."""
    last_run: RunSummary | None = None
    last_applied: Migration | None = None
    next_pending: Migration | None = None
    attention: list[Attention] = Field(default_factory=list)


class ProjectSummary(Model):
    """Connections that share a migrations folder, development first and production last."""

    key: str
    """The shared folder."""
    name: str
    connections: list[ConnectionSummary]


class AllConnections(Model):
    projects: list[ProjectSummary]
    problems: list[str] = Field(default_factory=list)
    """A sentence for each connection that cannot be read at all."""


class SuccessRate(Model):
    """How many of how many went well. There is no rate of nothing: then the whole is null."""

    good: int
    total: int


class DayFigures(Model):
    """What happened on one day (this machine's time)."""

    day: str
    """YYYY-MM-DD."""
    applied: int = 0
    rolled_back: int = 0
    failed: int = 0


class DashboardReport(Model):
    summary: ConnectionSummary
    drift: Drift | None = None
    """The last known drift, without its texts; null where it was never checked."""
    pending: list[Migration] = Field(default_factory=list)
    """The next ten that would run, in order; the failed ones among them."""
    migrations_rate: SuccessRate | None = None
    """Files applied, of those tried."""
    rollbacks_rate: SuccessRate | None = None
    restores_rate: SuccessRate | None = None
    """Backups that were put back, of those tried; null where none was."""
    average_ms: float | None = None
    """The mean time of a file that was applied; null where none was measured."""
    slowest_ms: float | None = None
    recent: list[RunSummary] = Field(default_factory=list)
    """The last ten runs, newest first."""
    days: list[DayFigures] = Field(default_factory=list)
    """The last 30 days, oldest first, each of them."""


class FileRisk(Model):
    filename: str
    version: str
    worst: Severity | None = None
    findings: int = 0


class Risks(Model):
    """What the risk rules say of the pending files."""

    files: list[FileRisk] = Field(default_factory=list)
    worst: Severity | None = None
    attention: Attention | None = None
    checked: int = 0
    unchecked: int = 0
    """Pending files beyond the first hundred, which were not read."""
    notes: list[str] = Field(default_factory=list)
