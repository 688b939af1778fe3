"""A folder of another migration tool: what it holds, what it becomes, what its table says; and the way back out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model
from .connection import EngineName
from .migration import Run
from .requests import JobRequest, OfConnection


class SourceTool(Model):
    name: str
    label: str
    evidence: str = ""
    """What in the folder told it."""


class ConversionNote(Model):
    file: str
    """Relative to the folder; empty where the whole folder is meant."""
    message: str
    line: int | None = None


class ConvertedFile(Model):
    key: str
    """What their table knows it by; `choices` of `convert:run` are by it."""
    files: list[str]
    """Of the other tool, relative to the folder."""
    filename: str
    """What it becomes."""
    version: str
    content: str | None
    """The whole file; null where it is too large to show or cannot be converted."""
    up: str | None
    down: str | None
    transaction: bool
    transaction_down: bool
    down_source: Literal["taken", "generated", "none"]
    down_complete: bool = True
    """False where a generated down leaves something undone; its text says what."""
    status: Literal["applied", "pending", "failed", "unknown"]
    """By the other tool's table; `unknown` where it was not read."""
    state: Literal["new", "same", "taken"]
    """`same`: the very file is in the target folder already; `taken`: another file there has the name or the version."""
    notes: list[ConversionNote] = Field(default_factory=list)
    problems: list[ConversionNote] = Field(default_factory=list)
    """What stands against converting it; it can be left out."""


class AppliedThere(Model):
    """What the other tool's table in the database says."""

    table: str
    found: bool
    applied: int = 0
    failed: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)
    """Applied there, and no file of it in the folder."""
    notes: list[str] = Field(default_factory=list)
    problem: str | None = None
    """Why it was not read."""


class ConvertSource(Model):
    path: str
    """The folder of the other tool's migrations."""
    connection: str | None = None
    engine: EngineName | None = None
    """Where there is no connection."""
    tool: str | None = None
    """Instead of the one that is recognised."""
    table: str | None = None
    """Their table, where it has another name."""
    placeholders: dict[str, str] = Field(default_factory=dict)
    """Values of `${names}`."""
    generate_downs: bool = True
    """Write a down from the up where they have none."""


class Conversion(Model):
    """What converting would do; nothing is written."""

    sha256: str
    """Of what was read: `convert:run` wants it back."""
    path: str
    tool: SourceTool
    others: list[SourceTool] = Field(default_factory=list)
    """Tools it could be too, the likeliest first."""
    tools: list[SourceTool] = Field(default_factory=list)
    """Every tool that can be named instead."""
    files: list[ConvertedFile]
    left_out: list[ConversionNote] = Field(default_factory=list)
    """What could not be carried over."""
    notes: list[ConversionNote] = Field(default_factory=list)
    there: AppliedThere | None = None
    migrations_table: str | None = None
    """The one the connection will use: another where the other tool's has its name."""
    target_folder: str | None = None


class ConvertRunRequest(OfConnection):
    path: str
    tool: str | None = None
    table: str | None = None
    placeholders: dict[str, str] = Field(default_factory=dict)
    generate_downs: bool = True
    sha256: str
    leave_out: list[str] = Field(default_factory=list)
    """Keys of those that are not converted."""
    baseline: bool = True
    """Mark what is applied there as applied here, without running it."""
    failed_as: Literal["applied", "pending"] | None = None
    """What those are that failed there; has to be said where there are any."""
    confirm: str | None = None


class Converted(Model):
    files: list[str]
    """Written."""
    same: list[str] = Field(default_factory=list)
    """There already."""
    marked: list[str] = Field(default_factory=list)
    """Recorded as applied, without running."""
    pending: list[str] = Field(default_factory=list)
    left_out: list[ConversionNote] = Field(default_factory=list)
    notes: list[ConversionNote] = Field(default_factory=list)
    migrations_table: str
    folder: str
    says: str


class ConvertExportRequest(OfConnection):
    tool: Literal["flyway", "golang-migrate"]
    path: str
    """An empty folder, or one that is not there yet."""
    versions: list[str] | None = None


class ConvertExported(Model):
    path: str
    files: list[str]
    notes: list[ConversionNote] = Field(default_factory=list)
    says: str


class BaselineFromDatabaseRequest(JobRequest):
    name: str = "baseline"
    preview: bool = False
    """Only answer what would be written."""
    sha256: str | None = None
    """Of the preview's content: `conflict` where the schema changed since."""
    confirm: str | None = None


class BaselineFromDatabase(Model):
    filename: str | None
    """Null for a preview."""
    content: str
    sha256: str
    objects: int
    proven: bool
    """Run on a scratch database, it made the same schema."""
    proof: str
    """What the proof said, or why there is none."""
    not_expressed: list[str] = Field(default_factory=list)
    """What of the schema the migration does not make."""
    notes: list[str] = Field(default_factory=list)
    run: Run | None = None
