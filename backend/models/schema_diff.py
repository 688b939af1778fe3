"""Shapes of comparing schemas and of the migrations written from a comparison."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from .base import Model, Moment
from .connection import EngineName


class SchemaSource(Model):
    """One side of a comparison: exactly one of connection, file, text, url, migrations."""

    connection: str | None = None
    """The live database of a connection."""
    file: str | None = None
    """A schema file or dump, run into a scratch database. `engine` tells its dialect; without it, the other side does.
    A SQLite database file is read as the live database it is."""
    text: str | None = None
    """The same as text."""
    engine: EngineName | None = None
    url: str | None = None
    """A live database by its URL."""
    migrations: str | None = None
    """A connection whose migration files are replayed on a scratch database."""
    to: str | None = None
    """With `migrations`: up to and including this version."""
    applied: bool = False
    """With `migrations`: only the files that the connection's migrations table says are applied."""
    revision: str | None = None
    """With `connection` (or `migrations`): the schema file (the files) as in this git revision."""


class SourceInfo(Model):
    label: str
    """`shop`, `schema.sql`, `shop, replayed to 20260117120000`."""
    engine: EngineName
    server_version: str = ""
    sha256: str
    """Of the schema as it is compared."""
    objects: int
    skipped: list[str] = Field(default_factory=list)
    """What could not be loaded or read, and why."""


class SchemaChange(Model):
    id: str
    kind: str
    name: str
    schema_name: str | None = None
    parent: str | None = None
    change: Literal["added", "removed", "changed", "renamed"]
    old_id: str | None = None
    before: str | None = None
    after: str | None = None
    lines_added: int = 0
    lines_removed: int = 0


class Rename(Model):
    """Something that may have been renamed; asked, never assumed."""

    old: str
    new: str
    likeness: float
    reason: str


class Seen(Model):
    """Both sides as they were when they were compared: `sha256` of each. What changed since is refused as a conflict."""

    source: str = Field(alias="from")
    target: str = Field(alias="to")


class SnapshotObject(Model):
    id: str
    kind: str
    name: str
    schema_name: str | None = None
    parent: str | None = None
    sql: str
    """The engine's own text of it."""


class SchemaSnapshot(Model):
    """One schema, object by object, in an order in which they can be made."""

    source: SourceInfo
    counts: dict[str, int]
    """By kind."""
    objects: list[SnapshotObject]


class Comparison(Model):
    engine: EngineName
    equal: bool
    source: SourceInfo
    target: SourceInfo
    changes: list[SchemaChange]
    counts: dict[str, dict[str, int]]
    """By kind of object: added, removed, changed, renamed."""
    renames: list[Rename] = Field(default_factory=list)


class SchemaHazard(Model):
    kind: str
    """data_loss, rewrite, exclusive_lock, share_lock, index_build, index_dropped, correctness, …"""
    message: str
    statement: int
    """Which statement, from 0."""


class PlannedStatement(Model):
    sql: str
    file: int
    """Which of `files`, from 0."""
    objects: list[str]


class GeneratedFile(Model):
    name: str
    """A name for the migration, without version."""
    up: str
    down: str
    transaction: bool = True
    """Of the up."""
    transaction_down: bool = True
    content: str = ""
    """The whole file as the tool reads it. Not looked at in a request: there it follows from the rest."""


class Proof(Model):
    """What was measured on a scratch database; null where it was not. True only after a replay on a fresh one."""

    up: bool | None = None
    down: bool | None = None
    rows: bool | None = None
    """Whether every row and value that should stay was there after up, and after down."""
    rows_seeded: int = 0
    left_up: list[str] = Field(default_factory=list)
    """Ids of objects still different after up."""
    left_down: list[str] = Field(default_factory=list)
    problems: list[str] = Field(default_factory=list)
    """The server's errors, rows that changed, and why something is unknown."""
    scratch: str | None = None
    """Where it was proven."""


class Generated(Model):
    files: list[GeneratedFile]
    statements: list[PlannedStatement]
    hazards: list[SchemaHazard]
    proven: Proof
    not_expressed: list[str]
    """What stays different, with the reason."""
    name: str


class DriftState(StrEnum):
    IN_SYNC = "in_sync"
    """The database is what its applied migrations make of an empty one."""
    DRIFTED = "drifted"
    """It is something else: changed by hand, or by another program."""
    UNKNOWN = "unknown"
    """It could not be found out; `reason` says why."""


class Drift(Model):
    """A live database against the replay of its applied migrations on a scratch database."""

    connection: str
    state: DriftState
    reason: str | None = None
    """Why it is not known."""
    hint: str | None = None
    checked_at: Moment | None = None
    """When the database was read; null where it never was."""
    changes: list[SchemaChange] = Field(default_factory=list)
    """What has to change in the replay so that it becomes the database."""
    total: int = 0
    """How many changes there are; a last known drift keeps the names of the first only."""
    counts: dict[str, dict[str, int]] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)
    """What limits the answer: applied files that were edited since, objects that could not be read."""
    files: int = 0
    """How many migrations were replayed."""
    scratch: str | None = None
    """Where."""
    from_memory: bool = False
    """True where this is the last known answer and nothing was looked at now."""


class ExportedSchema(Model):
    """A comparison as a document: `text` where no path was given, else the file that was written."""

    format: str
    filename: str
    text: str | None = None
    path: str | None = None
    changes: int
    size_bytes: int
