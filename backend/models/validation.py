"""What validating migrations found: the file's form, and the risk rules' findings."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .base import Model
from .connection import EngineName
from .finding import Finding, Severity, Suppressed
from .migration import FileProblem, MigrationStatus


class FileReport(Model):
    """One file. `problems` are of its form (what the tool would refuse or misread), `findings` of its statements."""

    version: str
    filename: str
    path: str
    status: MigrationStatus | None = None
    """Null for a file of a folder without a connection."""
    problems: list[FileProblem] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    suppressed: list[Suppressed] = Field(default_factory=list)
    statements: int = 0
    unparsed: int = 0
    """Statements nobody here understands: their risk is unknown."""
    left_out: int = 0
    """Findings over the first thousand, at least: they are not listed."""
    parser: str = ""
    """Who judged the statements' form; see `Finding.source`."""
    parser_unknown: str | None = None
    """Why some of it could not be judged, in a sentence; null where all was."""


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class Check(Model):
    """One thing a run needs, looked at now. `problem` would stop a run, `warning` would not."""

    code: str
    """`connection`, `database`, `read_only`, `pending`, `out_of_order`, `down_missing`, `duplicate_version`,
    `invalid_files`, `disk_space`, `backup`, `tool`."""
    title: str
    state: CheckState
    message: str


class Validation(Model):
    """`worst` is null where nothing was found: that is *nothing found*, not *safe*."""

    engine: EngineName | None
    files: list[FileReport]
    counts: dict[Severity, int]
    worst: Severity | None = None
    facts: bool = False
    """True where the live schema and its row estimates were looked at."""
    notes: list[str] = Field(default_factory=list)
    """What could not be looked at, and why."""
    checks: list[Check] = Field(default_factory=list)
    """Connection, files, disk, backup and tool; only where `checks` was asked for."""
