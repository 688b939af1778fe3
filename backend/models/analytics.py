"""What the ledger's numbers say. Times in milliseconds, rates 0 to 1; null is *not known*, never zero."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Model, Moment
from .finding import Severity


class Rate(Model):
    """How many tries ended well."""

    ok: int
    tried: int
    rate: float | None = None
    """null where nothing was tried."""


class ErrorKind(Model):
    """Tries that ended with one error code."""

    code: str
    title: str
    files: int
    rate: float
    """Of all tries."""


class Times(Model):
    """How long files took that ran to their end."""

    files: int
    """How many were measured."""
    mean_ms: float | None = None
    median_ms: float | None = None
    p95_ms: float | None = None
    slowest_ms: float | None = None


class FileRef(Model):
    """One file of one run."""

    run_id: str
    connection: str
    connection_name: str
    environment: str | None = None
    version: str
    filename: str
    direction: str
    duration_ms: float
    started_at: Moment | None = None
    kind: str | None = None
    """What its heaviest statement does; null where it has not been read yet."""


class OutlierEvidence(Model):
    """What speaks for a reason."""

    kind: str
    """lock_wait, index_build, rewrite, rows, edited, tool."""
    text: str
    source: str
    """Where it was read: the server's activity while it ran, the rule's code, the server's statistics, the ledger."""


class Outlier(Model):
    file: FileRef
    compared_with: str
    """`own`: its own earlier runs; `kind`: other files of its kind."""
    others: int
    """How many it was compared with."""
    median_ms: float
    score: float
    """The modified z-score of the time's logarithm; more than 3.5 is an outlier."""
    times_slower: float
    """Than the median."""
    reason: str
    """In plain words; `Reason unknown.` where nothing speaks for one."""
    evidence: list[OutlierEvidence] = Field(default_factory=list)


class TrendPoint(Model):
    """One stretch of time. `start` is its first day (UTC)."""

    start: str
    files: int
    median_ms: float | None = None
    p95_ms: float | None = None


class FrequencyPoint(Model):
    start: str
    applied: int = 0
    rolled_back: int = 0
    failed: int = 0
    """Interrupted ones among them."""


class EnvironmentTime(Model):
    connection: str
    connection_name: str
    environment: str | None = None
    duration_ms: float
    median_share: float | None = None


class VersionComparison(Model):
    """One migration on the connections that share its folder."""

    version: str
    filename: str
    times: list[EnvironmentTime]
    """The last time it was applied on each."""
    ratio: float
    """The longest to the shortest."""


class EnvironmentSummary(Model):
    """A connection beside the others of its folder, over the migrations that ran on all of them."""

    connection: str
    connection_name: str
    environment: str | None = None
    files: int
    median_ms: float | None = None
    total_ms: float | None = None


class ContentComparison(Model):
    """One migration before and after its text changed."""

    version: str
    filename: str
    before_sha256: str
    after_sha256: str
    before_ms: float
    after_ms: float
    before_files: int
    after_files: int


class ToolSummary(Model):
    tool: str
    version: str
    files: int
    median_ms: float | None = None
    p95_ms: float | None = None
    same_files: int = 0
    """Migrations that also ran with the version of the tool with most files."""
    same_files_ratio: float | None = None
    """Over those: the median of its time to that version's."""


class Comparison(Model):
    sampled: int
    """Over the last so many files that ran to their end."""
    connections: list[EnvironmentSummary] = Field(default_factory=list)
    versions: list[VersionComparison] = Field(default_factory=list)
    contents: list[ContentComparison] = Field(default_factory=list)
    tools: list[ToolSummary] = Field(default_factory=list)


class BlockerSeen(Model):
    by: str
    """The session's application, else its user."""
    object: str | None = None
    waited_ms: float
    files: int


class Resources(Model):
    """What the server told while files ran."""

    files: int
    """Files that ran long enough (a second) to be looked at, on servers that tell."""
    waited_ms: float | None = None
    waiting_files: int = 0
    blockers: list[BlockerSeen] = Field(default_factory=list)
    not_told: list[str] = Field(default_factory=list)
    """What is not known, in plain words."""


class Suggestion(Model):
    """A rule that speaks of the slow or failed migrations, with the safe form made for one of them."""

    code: str
    title: str
    severity: Severity
    message: str
    """Of the worst case."""
    harm: str
    advice: str
    safe_form: str | None = None
    statement: str = ""
    docs: str
    engine: str
    files: list[FileRef]
    """Where it was found, the slowest first."""
    why: str
    """`slow`, `outlier` or `failed`: why these were looked at."""
    line: int
    """In the first file."""


class KindTimes(Model):
    kind: str
    files: int
    median_ms: float
    p95_ms: float


class Reading(Model):
    """How far the texts have been read: what a file does is read from its statements, once."""

    known: int
    total: int


class DatabaseState(Model):
    """One connection's migrations as files, table and ledger together say."""

    connection: str
    connection_name: str
    environment: str | None = None
    total: int | None = None
    applied: int | None = None
    pending: int | None = None
    failed: int | None = None
    problem: dict[str, Any] | None = None
    """Why the database could not be read; the counts are then as last known, or null."""


class LastRun(Model):
    run_id: str
    connection: str
    connection_name: str
    kind: str
    direction: str
    state: str
    started_at: Moment | None = None
    duration_ms: float | None = None


class LastMigration(Model):
    run_id: str
    connection: str
    connection_name: str
    version: str
    filename: str
    started_at: Moment | None = None
    duration_ms: float | None = None


class Overview(Model):
    connections: list[str]
    """Those it speaks of."""
    since: Moment | None = None
    until: Moment | None = None
    states: list[DatabaseState] = Field(default_factory=list)
    """Empty where they were not asked for."""
    files: int
    """Tries in the range."""
    last_run: LastRun | None = None
    last_migration: LastMigration | None = None
    migrations: Rate
    rollbacks: Rate
    restores: Rate | None = None
    """null until backups are made and restored."""
    errors: list[ErrorKind]
    times: Times
    """Of migrations that were applied."""
    rollback_times: Times
    distribution: dict[str, int]
    """Files by how they ended: applied, rolled_back, failed, interrupted, not_run."""
    bucket: str
    """How long a point of trend and frequency is: day, week, month or year."""
    trend: list[TrendPoint]
    frequency: list[FrequencyPoint]
    per_day: float | None = None
    """Tries a day, over the days from the first to the last in the range."""
    per_week: float | None = None
    undated: int = 0
    """Files whose recorded time cannot be right (before 2020, or after tomorrow): counted, but in no chart over time."""
    slowest: list[FileRef]
    kinds: list[KindTimes]
    outliers: list[Outlier]
    comparison: Comparison
    resources: Resources
    suggestions: list[Suggestion]
    reading: Reading
    method: str
    """How outliers are told, with the smallest samples."""


class Report(Model):
    format: str
    filename: str
    text: str | None = None
    path: str | None = None
    size_bytes: int
