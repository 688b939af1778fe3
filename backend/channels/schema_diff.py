"""schema:snapshot, compare, generate, prove, export, drift – schemas, and the migrations between them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.models.base import Model
from backend.models.schema_diff import (
    Comparison,
    Drift,
    ExportedSchema,
    Generated,
    GeneratedFile,
    Proof,
    SchemaSnapshot,
    SchemaSource,
    Seen,
)
from backend.rpc.registry import channel
from backend.services import Services


class SnapshotRequest(Model):
    source: SchemaSource
    scratch: str | None = None
    job_id: str | None = None


class CompareRequest(Model):
    source: SchemaSource = Field(alias="from")
    """What is there."""
    target: SchemaSource = Field(alias="to")
    """What it shall become."""
    renames: dict[str, str] = Field(default_factory=dict)
    """Confirmed renames, old id → new id, as `compare` offered them."""
    scratch: str | None = None
    """A connection whose server may hold scratch databases; chosen where absent."""
    seen: Seen | None = None
    """The sides as they were when the caller looked; `conflict` where one is another now."""
    job_id: str | None = None


class ChosenRequest(CompareRequest):
    style: Literal["plain", "online"] = "plain"
    include: list[str] | None = None
    """Ids of the changes to write, as `compare` gave them; all where absent. What they need comes along."""


class GenerateRequest(ChosenRequest):
    prove: bool = True


class ProveRequest(ChosenRequest):
    files: list[GeneratedFile]
    """The migration as it stands now, its files in order."""


class ExportRequest(CompareRequest):
    format: Literal["html", "markdown", "json"]
    path: str | None = None
    """Where to write it; answered as text where absent."""
    overwrite: bool = False


class DriftRequest(Model):
    connection: str
    known: bool = False
    """Only the last known answer; nothing is looked at."""
    job_id: str | None = None


@channel("schema:snapshot", job=True)
def snapshot(services: Services, request: SnapshotRequest) -> SchemaSnapshot:
    """One schema as its engine prints it: every object with its text, and a sha256 of the whole."""
    return services.schemas.snapshot(request.source, scratch=request.scratch)


@channel("schema:compare", job=True)
def compare(services: Services, request: CompareRequest) -> Comparison:
    """What has to change in `from` so that it becomes `to`, object by object."""
    return services.schemas.compare(
        request.source,
        request.target,
        renames=request.renames,
        scratch=request.scratch,
        seen=request.seen,
    )


@channel("schema:generate", job=True)
def generate(services: Services, request: GenerateRequest) -> Generated:
    """The migration from `from` to `to`, up and down, proven on a scratch database."""
    return services.schemas.generate(
        request.source,
        request.target,
        style=request.style,
        include=request.include,
        renames=request.renames,
        prove=request.prove,
        scratch=request.scratch,
        seen=request.seen,
    )


@channel("schema:prove", job=True)
def prove(services: Services, request: ProveRequest) -> Proof:
    """Whether these files take `from` to `to` and back, run by the real tool on a scratch database with rows."""
    return services.schemas.prove(
        request.source,
        request.target,
        request.files,
        style=request.style,
        include=request.include,
        renames=request.renames,
        scratch=request.scratch,
        seen=request.seen,
    )


@channel("schema:export", job=True)
def export(services: Services, request: ExportRequest) -> ExportedSchema:
    """A comparison as HTML, Markdown or JSON, as text or written to a file."""
    return services.schemas.export(
        request.source,
        request.target,
        request.format,
        path=request.path,
        overwrite=request.overwrite,
        renames=request.renames,
        scratch=request.scratch,
        seen=request.seen,
    )


@channel("schema:drift", job=True)
def drift(services: Services, request: DriftRequest) -> Drift:
    """Whether a database still is what its applied migrations make: the replay of them on a scratch database compared."""
    return (
        services.drift.known(request.connection)
        if request.known
        else services.drift.check(request.connection)
    )
