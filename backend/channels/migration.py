"""migration:* – the files, their status, and running them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend.models.base import Model
from backend.models.connection import EngineName, ToolName
from backend.models.migration import (
    Direction,
    LastBatch,
    Migration,
    MigrationContent,
    MigrationFlag,
    MigrationList,
    MigrationStatus,
    Run,
    StatusReport,
)
from backend.models.requests import Done, JobRequest, OfConnection
from backend.models.validation import Validation
from backend.rpc.registry import channel
from backend.services import Services
from backend.services.listing import Criteria


class DetectRequest(Model):
    url: str | None = None
    path: str | None = None
    connection: str | None = None


class DetectedType(Model):
    engine: EngineName | None
    tool: ToolName | None
    reason: str
    """What it was told by: the URL's scheme, a file's header, a folder's contents."""


class NewRequest(Model):
    connection: str
    name: str
    up: str | None = None
    down: str | None = None
    transaction: bool = True
    transaction_down: bool | None = None
    """Of the down; as the up's where absent."""
    template: str | None = None
    values: dict[str, object] = Field(default_factory=dict)
    content: str | None = None
    """The whole file instead of up and down."""


class ListRequest(Model):
    connection: str
    query: str | None = None
    """Every word must be in the name, the version or the text; `"a phrase"`, `-word`, and `status:pending`,
    `flag:edited`, `table:users`, `author:ann`, `name:…`, `version:2026`, `after:2026-01-31`, `before:7d` are understood."""
    status: list[MigrationStatus] | MigrationStatus | None = None
    flags: list[MigrationFlag] | None = None
    """One of these."""
    applied_from: datetime | None = None
    applied_to: datetime | None = None
    name: str | None = None
    author: list[str] | str | None = None
    """A part of the name of who wrote the file (by git), or else of who ran it."""
    table: list[str] | str | None = None
    """The exact name: `users` also of `app.users`."""
    offset: int = Field(0, ge=0)
    limit: int = Field(200, ge=1, le=20_000)
    order: Literal["newest", "oldest"] = "oldest"


class FindRequest(Model):
    connection: str
    query: str | None = None
    status: list[MigrationStatus] | MigrationStatus | None = None
    flags: list[MigrationFlag] | None = None
    applied_from: datetime | None = None
    applied_to: datetime | None = None
    name: str | None = None
    author: list[str] | str | None = None
    table: list[str] | str | None = None


class Found(Model):
    filenames: list[str]
    """Oldest first."""


class VersionRequest(Model):
    connection: str
    version: str
    """The version or the filename."""


class UpdateRequest(Model):
    connection: str
    version: str
    content: str | None = None
    up: str | None = None
    down: str | None = None
    transaction: bool | None = None
    expected_sha256: str | None = None
    """The file's sha256 as it was read; `edited_on_disk` where it is another now."""
    name: str | None = None
    """A new name for the file (only while it is not applied)."""
    confirm: str | None = None


class Deleted(Done):
    token: str
    """For `migration:undelete`, good until the app ends."""


class UndeleteRequest(OfConnection):
    token: str


class Created(Migration):
    others: list[Migration] = Field(default_factory=list)
    """The further files of a template that makes several, in the order they run."""


class DeleteRequest(Model):
    connection: str
    version: str
    confirm: str | None = None


class UpRequest(JobRequest):
    versions: list[str] | None = None
    to: str | None = None
    """Up to and including this version."""
    count: int | None = Field(None, ge=1)
    confirm: str | None = None
    backup: bool | None = None
    allow_out_of_order: bool = False


class DownRequest(JobRequest):
    count: int | None = Field(None, ge=1)
    """How many of the newest applied ones; 1 where nothing is given."""
    to: str | None = None
    """This version stays applied, all after it go."""
    versions: list[str] | None = None
    confirm: str | None = None
    backup: bool | None = None
    allow_out_of_order: bool = False
    """Also where the order is not the reverse of how they were applied, or one between stays."""


class RetryRequest(JobRequest):
    versions: list[str] | None = None
    """Absent: every failed one."""
    confirm: str | None = None
    backup: bool | None = None
    allow_out_of_order: bool = False


class RedoRequest(JobRequest):
    version: str | None = None
    """Absent: the newest applied one. It is rolled back and run again."""
    confirm: str | None = None
    backup: bool | None = None
    allow_out_of_order: bool = False


class ResumeRequest(JobRequest):
    run_id: str
    confirm: str | None = None
    backup: bool | None = None
    allow_out_of_order: bool = False


class BaselineRequest(JobRequest):
    versions: list[str] | None = None
    to: str | None = None
    mark: Literal["applied", "not_applied"] = "applied"
    confirm: str | None = None


class PlanRequest(JobRequest):
    direction: Direction = Direction.UP
    versions: list[str] | None = None
    to: str | None = None
    count: int | None = Field(None, ge=1)
    allow_out_of_order: bool = False


class ValidateRequest(OfConnection):
    scope: Literal["pending", "all"] = "pending"
    versions: list[str] | None = None
    version: str | None = None
    """With `content`: the file whose place the text takes; absent for a new file."""
    content: str | None = None
    """An editor's unsaved text, instead of the file on disk."""
    checks: bool = False
    """Also look at connection, order, disk, backup and tool: `checks` of the answer."""
    columns: Literal["characters", "utf16"] = "characters"
    """How columns are counted: `utf16` as editors in a browser do (an emoji is two)."""


class Plan(Model):
    """What a run would do, in order, and what stands against it. Nothing has run."""

    direction: Direction
    migrations: list[Migration]
    problems: list[dict[str, object]] = Field(default_factory=list)
    """Errors of the envelope that would refuse the run."""
    warnings: list[str] = Field(default_factory=list)
    losses: list[str] = Field(default_factory=list)
    """What would be lost, in plain words; consent is needed where not empty or on production."""
    needs_confirmation: bool = False
    confirm: str | None = None
    """The text to type."""


@channel("migration:detect-type")
def detect_type(services: Services, request: DetectRequest) -> DetectedType:
    """Which engine and tool a URL, file or folder belongs to."""
    return DetectedType(**services.adoption.detect(**request.model_dump()))


@channel("migration:new")
def new(services: Services, request: NewRequest) -> Created:
    """Create a migration file named as the tool expects."""
    if request.template is not None and request.content is request.up is request.down is None:
        first, *others = services.migrations.new_files(
            request.connection, request.name, request.template, request.values
        )
    else:
        first, others = services.migrations.new(**request.model_dump()), []
    return Created(**first.model_dump(), others=others)


@channel("migration:list")
def list_(services: Services, request: ListRequest) -> MigrationList:
    """A page of migrations, searched and filtered."""
    criteria = Criteria(**request.model_dump(exclude={"connection", "offset", "limit", "order"}))
    migrations, total = services.listing.page(
        request.connection, criteria, offset=request.offset, limit=request.limit, order=request.order
    )
    return MigrationList.model_construct(migrations=migrations, total=total)


@channel("migration:find")
def find(services: Services, request: FindRequest) -> Found:
    """The filenames of all migrations that match, for a screen that has the migrations already."""
    criteria = Criteria(**request.model_dump(exclude={"connection"}))
    return Found.model_construct(filenames=services.listing.find(request.connection, criteria))


@channel("migration:status")
def status(services: Services, request: OfConnection) -> StatusReport:
    """Every migration with its status, from the files, the migrations table and the ledger."""
    return services.migrations.status(request.connection)


@channel("migration:read")
def read(services: Services, request: VersionRequest) -> MigrationContent:
    """A file's content, whole and by halves."""
    return services.migrations.read(request.connection, request.version)


@channel("migration:update")
def update(services: Services, request: UpdateRequest) -> Migration:
    """Save a file, if it is still the one that was read."""
    return services.migrations.update(**request.model_dump())


@channel("migration:delete")
def delete(services: Services, request: DeleteRequest) -> Deleted:
    """Delete a file that is not applied; it goes to the app's trash."""
    token = services.migrations.delete(request.connection, request.version, confirm=request.confirm)
    return Deleted(token=token)


@channel("migration:undelete")
def undelete(services: Services, request: UndeleteRequest) -> Migration:
    """Bring a deleted file back to where it was."""
    return services.migrations.undelete(request.connection, request.token)


@channel("migration:restore")
def restore(services: Services, request: VersionRequest) -> Migration:
    """Write the missing file of an applied migration again, as it was run."""
    return services.migrations.restore(request.connection, request.version)


@channel("migration:validate")
def validate(services: Services, request: ValidateRequest) -> Validation:
    """The files' form and the risk rules' findings, with places, safe forms and fixes. Nothing runs."""
    return services.validation.validate(**request.model_dump())


@channel("migration:plan")
def plan(services: Services, request: PlanRequest) -> Plan:
    """What up or down would do, without doing it."""
    return Plan(**services.runs.plan(**request.model_dump(exclude={"job_id"})))


@channel("migration:up", job=True)
def up(services: Services, request: UpRequest) -> Run:
    """Apply pending migrations, oldest first; stops at the first that fails."""
    return services.runs.up(**request.model_dump(exclude={"job_id"}))


@channel("migration:down", job=True)
def down(services: Services, request: DownRequest) -> Run:
    """Roll applied migrations back, newest first; stops at the first that fails."""
    return services.runs.down(**request.model_dump(exclude={"job_id"}))


@channel("migration:retry", job=True)
def retry(services: Services, request: RetryRequest) -> Run:
    """Run failed migrations again."""
    return services.runs.retry(**request.model_dump(exclude={"job_id"}))


@channel("migration:redo", job=True)
def redo(services: Services, request: RedoRequest) -> Run:
    """Roll one migration back and apply it again."""
    return services.runs.redo(**request.model_dump(exclude={"job_id"}))


@channel("migration:baseline", job=True)
def baseline(services: Services, request: BaselineRequest) -> Run:
    """Mark migrations as applied (or not applied) without running anything."""
    return services.runs.baseline(**request.model_dump(exclude={"job_id"}))


@channel("migration:last-batch")
def last_batch(services: Services, request: OfConnection) -> LastBatch:
    """The last batch where it stopped before its end: what ran, and what is left by what the database says now."""
    return LastBatch(batch=services.resume.last(request.connection))


@channel("migration:resume", job=True)
def resume(services: Services, request: ResumeRequest) -> Run:
    """Run what a failed, cancelled or interrupted batch left over, planned anew."""
    return services.resume.resume(**request.model_dump(exclude={"job_id"}))
