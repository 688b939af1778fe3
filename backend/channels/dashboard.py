"""dashboard:* – how one connection stands, and all of them at a glance."""

from __future__ import annotations

from pydantic import Field

from backend.models.base import Model
from backend.models.dashboard import AllConnections, DashboardReport, Risks
from backend.models.requests import OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class ShowRequest(OfConnection):
    wait_s: float = Field(20.0, ge=0, le=60)
    """How long the database may take to answer. After that the answer is what was last seen, marked `looking`, and
    `dashboard:changed` tells when it has answered."""


class AllRequest(Model):
    only: list[str] | None = None
    """These connections; absent: all."""
    wait_s: float = Field(20.0, ge=0, le=60)
    """How long all of them together may take; see `dashboard:show`."""


@channel("dashboard:show")
def show(services: Services, request: ShowRequest) -> DashboardReport:
    """A connection's figures, what needs attention, and what happened last."""
    return services.dashboard.show(request.connection, request.wait_s)


@channel("dashboard:all")
def all_(services: Services, request: AllRequest) -> AllConnections:
    """Every connection in a row, by project. The databases are asked at the same time; none holds up the others."""
    return services.dashboard.all(request.only, request.wait_s)


@channel("dashboard:risks")
def risks(services: Services, request: OfConnection) -> Risks:
    """What the risk rules say of the pending files."""
    return services.dashboard.risks(request.connection)
