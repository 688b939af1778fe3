"""What a migration did when it was run on a scratch copy. Every figure was measured, and says by what query."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .base import Model, Moment
from .migration import Direction
from .requests import JobRequest, OfConnection


class RowsWanted(StrEnum):
    NONE = "none"
    SAMPLE = "sample"
    """Rows of every table, with the rows that their foreign keys point at."""
    ALL = "all"


class RehearseRequest(JobRequest):
    """Files of the folder (default: all that are pending), or one text that is not saved yet."""

    versions: list[str] | None = None
    to: str | None = None
    count: int | None = None
    direction: Direction = Direction.UP
    """down: what is applied is rolled back first, then applied again."""
    content: str | None = None
    """The text of a whole file; then `versions` holds its filename, or nothing where it has none yet."""
    scratch: str = "auto"
    """auto, bundled (the app's own PostgreSQL), server (a scratch database beside the target), or a connection's id."""
    rows: RowsWanted = RowsWanted.SAMPLE
    sample_rows: int = Field(default=100, ge=1, le=100_000)
    """Of each table, at most."""
    accept_bytes: int | None = None
    """The size of copy that the user agreed to. A larger one answers confirmation_required with `details.bytes`."""
    time_limit_s: float = Field(default=600, gt=0)
    """Of the whole; what runs then is ended, and the result says so."""


class RehearsalsRequest(OfConnection):
    versions: list[str] | None = None


class ScratchPlace(Model):
    """Where a rehearsal may happen."""

    id: str
    """What `scratch` of a rehearsal takes: bundled, server, file, or a connection's id."""
    label: str
    """`The bundled PostgreSQL 18`, `A scratch database on the server of shop-dev`."""
    available: bool
    reason: str = ""
    """Why not."""
    notes: list[str] = Field(default_factory=list)
    """What is different there: version, extensions, roles."""
    is_default: bool = False


class ScratchPlan(Model):
    """What a rehearsal would copy and where to; nothing is made."""

    places: list[ScratchPlace]
    tables: int | None = None
    rows: int | None = None
    """The catalog's estimate."""
    bytes_all: int | None = None
    """Of all rows with their indexes; null where the engine does not tell."""
    free_bytes: int | None = None
    """Of the disk that the scratch lies on, where it is this machine's."""
    asks_from_bytes: int
    """Copies of this size or more want `accept_bytes`."""
    engine_notes: list[str] = Field(default_factory=list)
    """What cannot be measured on this engine, and why."""


class Verdict(StrEnum):
    REVERSIBLE = "reversible"
    """Down brought the schema and the rows that were there back, and up ran again to the same schema."""
    SCHEMA_ONLY = "schema_only"
    """The schema came back; no rows were there to tell whether they would."""
    LOSSY = "lossy"
    """The schema came back; rows or values did not."""
    BROKEN = "broken"
    """Down failed or left another schema than before, or up could not run again."""
    NO_DOWN = "no_down"
    FAILED = "failed"
    """Up failed."""
    STOPPED = "stopped"
    """Cancelled, or the time limit was reached: nothing is known of the rest."""


class Evidence(Model):
    """Where a figure comes from."""

    fact: Literal["locks", "rewrites", "rows", "bytes", "algorithm", "plan", "commands", "schema", "digest"]
    query: str
    """The query, command or call that was asked."""


class HeldLock(Model):
    object: str
    mode: str
    """In the server's own words."""
    blocks: list[Literal["reads", "writes", "schema changes"]] = Field(default_factory=list)
    new: bool = True
    """False: an earlier statement of the same transaction took it already."""


class Rewrite(Model):
    table: str
    detail: str = ""
    """`relfilenode 16402 → 16410`; `ALGORITHM=COPY`."""


class QueryPlan(Model):
    """How a server finds what a filter asks for."""

    stage: str
    """COLLSCAN, IXSCAN, …"""
    index: str | None = None
    examined: int | None = None
    returned: int | None = None


class RehearsedStatement(Model):
    """One statement as it ran; for MongoDB one command as the driver sent it."""

    index: int
    text: str
    line: int | None = None
    kind: str = ""
    ok: bool = True
    duration_ms: float | None = None
    rows: int | None = None
    """Rows it changed, inserted, deleted, as the server told; null where it does not tell."""
    counts: dict[str, int] = Field(default_factory=dict)
    """The numbers of the server's answer under its own names (n, nModified, nUpserted, written_rows, …)."""
    collection: str | None = None
    """MongoDB: what the command works on."""
    locks: list[HeldLock] | None = None
    """Null: not measured here; `unknown` says why. Empty: measured, none."""
    rewrites: list[Rewrite] | None = None
    bytes_written: int | None = None
    """WAL, or what the engine tells."""
    algorithm: str | None = None
    """MySQL: `INSTANT`, `INPLACE, LOCK=NONE`, `COPY, LOCK=SHARED`."""
    plan: QueryPlan | None = None
    warnings: list[str] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)
    """What could not be measured, and why, in plain sentences."""
    error: dict[str, Any] | None = None
    """An error of the envelope."""


class SchemaDifference(Model):
    id: str
    kind: str
    change: Literal["added", "removed", "changed"]
    before: str | None = None
    after: str | None = None


class RowDifference(Model):
    """Values that were there before up and are others, or none, after down."""

    table: str
    column: str | None = None
    """Null: rows themselves."""
    before: int | None = None
    after: int | None = None
    """Numbers of rows, where they are known."""
    detail: str = ""


class RehearsalPass(Model):
    step: Literal["up", "down", "again"]
    by: Literal["driver", "tool"]
    """Statement by statement by the app, or whole by the real tool."""
    ok: bool
    duration_ms: float | None = None
    statements: list[RehearsedStatement] = Field(default_factory=list)
    error: dict[str, Any] | None = None
    output: str = ""


class RehearsedFile(Model):
    version: str
    filename: str
    sha256: str
    verdict: Verdict
    reasons: list[str] = Field(default_factory=list)
    """Why this verdict, in plain sentences."""
    passes: list[RehearsalPass] = Field(default_factory=list)
    changed: list[SchemaDifference] = Field(default_factory=list)
    """S0 → S1: what up does to the schema."""
    left: list[SchemaDifference] = Field(default_factory=list)
    """S0 → S2: what down did not bring back."""
    again: list[SchemaDifference] = Field(default_factory=list)
    """S1 → S3: where the second up ended elsewhere."""
    rows_lost: list[RowDifference] = Field(default_factory=list)
    rows_tried: int = 0
    """Rows that were in the scratch before up, in the tables that the schema before and after have in common."""


class Scratch(Model):
    """Where it happened, and how that differs from the target."""

    id: str
    label: str
    server_version: str = ""
    database: str = ""
    missing: list[str] = Field(default_factory=list)
    """What of the target could not be had there (extensions, roles, objects), and why."""
    notes: list[str] = Field(default_factory=list)
    tables: int = 0
    rows: int = 0
    bytes: int | None = None
    dropped: bool = True
    """Whether it is gone by now; false only where the server did not answer any more, and the next start drops it."""


class Rehearsal(Model):
    id: str
    connection: str
    engine: str
    direction: Direction
    verdict: Verdict
    """The worst of the files'."""
    files: list[RehearsedFile]
    scratch: Scratch
    rows: RowsWanted
    schema_sha256: str
    """Of the target's schema when it was copied."""
    started_at: Moment
    finished_at: Moment
    duration_ms: float
    stale: bool = False
    stale_reasons: list[str] = Field(default_factory=list)
    """The file or the schema changed since."""
    problems: list[str] = Field(default_factory=list)


class RehearsalNote(Model):
    """What is remembered of a file's last rehearsal."""

    rehearsal_id: str
    filename: str
    sha256: str
    verdict: Verdict
    reasons: list[str] = Field(default_factory=list)
    rows: RowsWanted
    finished_at: Moment
    scratch_label: str
    duration_ms: float | None = None
    """Of the first up."""
    stale: bool = False
    stale_reasons: list[str] = Field(default_factory=list)


class RehearsalNotes(Model):
    notes: list[RehearsalNote]
