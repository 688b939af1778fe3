"""Migrations and runs as the channels speak of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .base import Model, Moment


class MigrationStatus(StrEnum):
    APPLIED = "applied"
    PENDING = "pending"
    FAILED = "failed"


class MigrationFlag(StrEnum):
    EDITED = "edited"
    """Applied, and the file is no longer what was run."""
    MISSING_FILE = "missing_file"
    """In the migrations table, but there is no file."""
    OUT_OF_ORDER = "out_of_order"
    """Pending, and older than the newest applied one."""
    DUPLICATE_VERSION = "duplicate_version"
    INVALID = "invalid"
    PARTIAL = "partial"
    """It failed or was interrupted and some of its statements stayed."""


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class FileProblem(Model):
    """What is wrong with a file's form. `line` counts from 1 in the file."""

    code: str
    message: str
    line: int | None = None
    column: int | None = None
    severity: str = "error"


class Migration(Model):
    version: str
    name: str
    filename: str
    path: str
    status: MigrationStatus
    flags: list[MigrationFlag] = Field(default_factory=list)
    applied_at: Moment | None = None
    duration_ms: float | None = None
    author: str | None = None
    """Who wrote the file, as git has it; else who ran it, as the ledger has it. `author_source` says which."""
    author_source: Literal["git", "ledger"] | None = None
    has_down: bool = True
    tables: list[str] = Field(default_factory=list)
    sha256: str | None = None
    error: str | None = None
    transaction: bool | None = None
    size_bytes: int | None = None
    modified_at: Moment | None = None
    problems: list[FileProblem] = Field(default_factory=list)


class MigrationContent(Model):
    migration: Migration
    content: str
    up: str
    down: str
    sha256: str
    encoding: str = "utf-8"
    newline: str = "\n"
    ran: str | None = None
    """The content as it was run, where it is applied and differs from the file."""


class MigrationList(Model):
    migrations: list[Migration]
    total: int


class StatusReport(Model):
    engine: str
    database_exists: bool
    total: int
    applied: int
    pending: int
    failed: int
    migrations: list[Migration]
    reachable: bool = True
    problem: dict[str, Any] | None = None
    """Where the database cannot be read: the error of the envelope; statuses then come from the ledger alone."""


class RunStatus(StrEnum):
    APPLIED = "applied"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    NOT_RUN = "not_run"


class RunMigration(Model):
    version: str
    filename: str
    status: RunStatus
    duration_ms: float | None = None
    error: dict[str, Any] | None = None
    """An error of the envelope: code, title, message, hint, details (line, column of the file)."""
    partial: bool = False
    landed: list[str] = Field(default_factory=list)
    """After a failure without rollback: the objects that changed, e.g. `+ table users`."""


class RollbackCheck(Model):
    """After a rollback: whether the schema is what it was before the migrations were applied."""

    known: bool
    """False where no snapshot of that state was ever taken."""
    equal: bool | None = None
    taken_at: Moment | None = None
    differences: list[str] = Field(default_factory=list)


class Run(Model):
    run_id: str
    connection: str
    direction: Direction
    ok: bool
    migrations: list[RunMigration] = Field(default_factory=list)
    backup_id: str | None = None
    rollback_check: RollbackCheck | None = None
    """After a rollback: the schema against what it was before."""
    warnings: list[str] = Field(default_factory=list)
    """What is worth knowing beside it: why no backup was made, a tool that reported an error for what is in the table."""
    schema_dumped: bool = False
    schema_problem: str | None = None
    """Why schema.sql was not written, where it was not."""
    cancelled: bool = False
    started_at: Moment | None = None
    finished_at: Moment | None = None
    duration_ms: float | None = None
    output: str = ""
    """The tool's own output, redacted."""


class Resumable(Model):
    """A batch that stopped before its end."""

    run_id: str
    kind: str
    """up, down, retry, redo, baseline."""
    direction: Direction
    state: str
    """failed, cancelled or interrupted (the app went away)."""
    started_at: Moment | None = None
    planned: int
    done: list[str] = Field(default_factory=list)
    """Filenames that ran, in order."""
    failed: list[str] = Field(default_factory=list)
    left: list[str] = Field(default_factory=list)
    """Filenames still to be run, by what the database says now; the failed one is among them."""
    gone: list[str] = Field(default_factory=list)
    """Filenames that were planned and not run, of which there is no file any more."""


class LastBatch(Model):
    batch: Resumable | None = None
    """None where the last batch got to its end."""
