"""preview:rehearse, scratch, rehearsals, rehearsal – migrations run on a scratch copy and measured."""

from __future__ import annotations

from backend.models.base import Model
from backend.models.rehearsal import (
    Rehearsal,
    RehearsalNotes,
    RehearsalsRequest,
    RehearseRequest,
    ScratchPlan,
)
from backend.models.requests import OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class ResultRequest(Model):
    rehearsal_id: str


@channel("preview:rehearse", job=True)
def rehearse(services: Services, request: RehearseRequest) -> Rehearsal:
    """Run migrations on a scratch copy, up, down and up again: what they did, measured, and whether they can be undone."""
    return services.rehearsals.rehearse(request)


@channel("preview:scratch")
def scratch(services: Services, request: OfConnection) -> ScratchPlan:
    """Where a rehearsal may happen and what it would copy; nothing is made."""
    return services.rehearsals.plan(request.connection)


@channel("preview:rehearsals")
def rehearsals(services: Services, request: RehearsalsRequest) -> RehearsalNotes:
    """What is remembered of each file's last rehearsal, and whether it still holds."""
    return services.rehearsals.remembered(request.connection, request.versions)


@channel("preview:rehearsal")
def rehearsal(services: Services, request: ResultRequest) -> Rehearsal:
    """A whole result again, by the id that a note or a run gave."""
    return services.rehearsals.result(request.rehearsal_id)
