"""What a migration is going to do, as far as reading it and the database's own catalog tells. Nothing here was run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model, Moment
from .connection import EnvironmentKind
from .finding import Finding, Severity
from .migration import Direction, FileProblem
from .rehearsal import RehearsalNote
from .requests import OfConnection


class PreviewRequest(OfConnection):
    """Files of the folder, chosen as `migration:up` and `migration:down` choose them, or one text that is not saved yet."""

    direction: Direction = Direction.UP
    versions: list[str] | None = None
    to: str | None = None
    count: int | None = None
    allow_out_of_order: bool = False
    content: str | None = None
    """The text of a whole file, saved or not; then `versions` holds its filename, or nothing where it has none yet."""


class AffectedObject(Model):
    change: Literal["add", "remove", "change", "rows"]
    """+, −, ~, or only rows of it."""
    kind: str
    """table, column, index, constraint, view, function, trigger, type, sequence, collection, document, …"""
    name: str
    parent: str | None = None
    """The table or collection that a column, an index, a trigger belongs to."""
    detail: str = ""
    """`integer → bigint`, `renamed to customers`."""
    exists: bool | None = None
    """Whether the database has it now; null where that is not known."""


class ObjectCount(Model):
    kind: str
    added: int = 0
    removed: int = 0
    changed: int = 0


class Estimate(Model):
    """A range, never a point; both ends null where nothing tells."""

    low_ms: float | None = None
    high_ms: float | None = None
    source: Literal["history", "size", "constant", "unknown"] = "unknown"
    """Past runs of this kind on this database; rows and bytes of the catalog; work that depends on no size."""
    basis: str = ""
    """In a sentence: `12 index builds here took 0.8–2.1 s a GB; orders has 3.2 GB`."""


class ExpectedLock(Model):
    object: str
    mode: str
    """In the server's own words: `ACCESS EXCLUSIVE`, `SHARED_NO_WRITE`, `intent exclusive`."""
    blocks: list[Literal["reads", "writes", "schema changes"]] = Field(default_factory=list)
    held: str = ""
    """`until the transaction ends`, `while it works`, `for a moment at its start and end`."""
    because: str = ""
    """Where it is documented, or what decides it."""
    certain: bool = True
    """False where the server decides at run time, or the documentation leaves it open."""


class MatchingRows(Model):
    """The rows that a DELETE or UPDATE matches now."""

    count: int | None = None
    """Null where it was not counted; `reason` says why."""
    at_least: bool = False
    """Counting stopped at a limit; there are this many or more."""
    total: int | None = None
    """Rows of the whole table; an estimate where `total_is_estimate`."""
    total_is_estimate: bool = False
    query: str = ""
    """What was asked."""
    reason: str = ""


class PreviewStatement(Model):
    index: int
    text: str
    line: int
    """In the file, from 1."""
    end_line: int
    kind: str
    """`CREATE TABLE`, `ALTER TABLE … ADD COLUMN`, `db.orders.createIndex`."""
    summary: str
    """In plain words: `Adds the column note to orders`."""
    objects: list[AffectedObject] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)
    risk: Severity | None = None
    """The worst finding; null where there is none, which is no promise: see `understood`."""
    estimate: Estimate = Field(default_factory=Estimate)
    locks: list[ExpectedLock] = Field(default_factory=list)
    locks_unknown: str = ""
    """Why not all locks can be told; no locks and nothing here means that none are expected."""
    rows: MatchingRows | None = None
    understood: bool = True
    """False: the parser did not understand it, so nothing here speaks of what it does."""
    statements: int = 1
    """How many neighbours this one stands for: INSERTs of written-out rows into the same table are shown together."""


class DownCheck(Model):
    """What the other half restores."""

    verdict: Literal["restores", "schema_only", "partly", "missing", "invalid", "unknown"]
    """restores: everything that up does is undone, nothing is lost. schema_only: the objects come back, rows or values do
    not. partly: something is not undone. missing: there is no down. unknown: not every statement was understood."""
    restores: list[str] = Field(default_factory=list)
    lost: list[str] = Field(default_factory=list)
    """What it cannot bring back, with numbers where they were counted."""
    not_undone: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)


class PreviewFile(Model):
    version: str
    filename: str
    name: str
    sha256: str | None = None
    direction: Direction
    transaction: bool | None = None
    statements: list[PreviewStatement] = Field(default_factory=list)
    left_out: int = 0
    """Statements after the first thousand: they count in the sums and in `down`, and are not shown one by one."""
    findings: list[Finding] = Field(default_factory=list)
    """Those about the file rather than one statement."""
    problems: list[FileProblem] = Field(default_factory=list)
    estimate: Estimate = Field(default_factory=Estimate)
    down: DownCheck
    rehearsal: RehearsalNote | None = None
    """The last rehearsal of this very file name, with whether it is stale."""


class Preview(Model):
    connection: str
    connection_name: str
    engine: str
    environment: EnvironmentKind
    direction: Direction
    files: list[PreviewFile]
    counts: list[ObjectCount] = Field(default_factory=list)
    risk: Severity | None = None
    not_understood: int = 0
    """Statements that no parser understood."""
    estimate: Estimate = Field(default_factory=Estimate)
    losses: list[str] = Field(default_factory=list)
    """What running it loses, as consent will say it."""
    needs_confirmation: bool = False
    confirm: str | None = None
    problems: list[dict[str, object]] = Field(default_factory=list)
    """Why a run of these would be refused: errors of the envelope."""
    warnings: list[str] = Field(default_factory=list)
    database_read: bool = True
    """False: the database could not be read, `database_problem` says why; sizes, rows and existence are unknown."""
    database_problem: str | None = None
    read_at: Moment | None = None
