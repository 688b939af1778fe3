"""schema:compare, schema:generate – two schemas and the migration between them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.models.base import Model
from backend.models.schema_diff import Comparison, Generated, SchemaSource
from backend.rpc.registry import channel
from backend.services import Services


class CompareRequest(Model):
    source: SchemaSource = Field(alias="from")
    """What is there."""
    target: SchemaSource = Field(alias="to")
    """What it shall become."""
    renames: dict[str, str] = Field(default_factory=dict)
    """Confirmed renames, old id → new id, as `compare` offered them."""
    scratch: str | None = None
    """A connection whose server may hold scratch databases; chosen where absent."""
    job_id: str | None = None


class GenerateRequest(CompareRequest):
    style: Literal["plain", "online"] = "plain"
    include: list[str] | None = None
    """Ids of the changes to write, as `compare` gave them; all where absent. What they need comes along."""
    prove: bool = True


@channel("schema:compare", job=True)
def compare(services: Services, request: CompareRequest) -> Comparison:
    """What has to change in `from` so that it becomes `to`, object by object."""
    return services.schemas.compare(
        request.source, request.target, renames=request.renames, scratch=request.scratch
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
    )
