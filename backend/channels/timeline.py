"""timeline:* – what happened to one database or to all, by day."""

from __future__ import annotations

from pydantic import Field

from backend.models.base import Model
from backend.models.timeline import EventDetails, EventStatus, TimelineOverview, TimelinePage
from backend.rpc.registry import channel
from backend.services import Services


class Which(Model):
    connection: str | None = None
    """Absent: all connections."""
    from_day: str | None = None
    """YYYY-MM-DD by this machine's time."""
    to_day: str | None = None
    """The last day, itself included."""
    statuses: list[EventStatus] = Field(default_factory=list)
    authors: list[str] = Field(default_factory=list)
    query: str | None = None
    """Must be in one of the filenames."""
    wait_s: float = Field(10.0, ge=0, le=60)
    """How long the database may take to answer; after that what other tools did is as it was last seen, and
    `dashboard:changed` tells when it has answered. All connections together are always as they were last seen."""


class ShowRequest(Which):
    offset: int = Field(0, ge=0, le=1_000_000_000)
    limit: int = Field(100, ge=1, le=1000)


class EventRequest(Model):
    id: str
    """As `timeline:show` gave it."""


@channel("timeline:overview")
def overview(services: Services, request: Which) -> TimelineOverview:
    """How much happened on which day: what the timeline is laid out by."""
    return services.timeline.overview(**request.model_dump())


@channel("timeline:show")
def show(services: Services, request: ShowRequest) -> TimelinePage:
    """A page of events, newest first: runs with their files, and what other tools applied."""
    return services.timeline.show(**request.model_dump())


@channel("timeline:event")
def event(services: Services, request: EventRequest) -> EventDetails:
    """One event with all its files, its errors and its output."""
    return services.timeline.event(request.id)
