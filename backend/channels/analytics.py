"""analytics:* – what the ledger's numbers say, and the report of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from backend.models.analytics import DatabaseState, Overview, Report
from backend.models.base import Model
from backend.rpc.registry import channel
from backend.services import Services


class AnalyticsRequest(Model):
    """Which migrations: of one connection, of those that share a migrations folder, or (neither given) of all."""

    model_config = ConfigDict(populate_by_name=True)

    connection: str | None = None
    folder: str | None = None
    """A migrations folder: every connection that has it first."""
    since: datetime | None = Field(None, alias="from")
    """The first moment, by the recorded start."""
    until: datetime | None = Field(None, alias="to")
    """The first moment that does not count any more."""

    @field_validator("since", "until")
    @classmethod
    def _utc(cls, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class OverviewRequest(AnalyticsRequest):
    states: bool = True
    """Also ask the databases what is applied, pending and failed now; without it the ledger alone answers, at once."""


class StatesRequest(Model):
    connection: str | None = None
    folder: str | None = None


class States(Model):
    states: list[DatabaseState]


class ReportRequest(AnalyticsRequest):
    format: Literal["html", "markdown", "csv"] = "html"
    path: str | None = None
    """The file to write; absent: the text is the answer."""
    overwrite: bool = False


@channel("analytics:overview")
def overview(services: Services, request: OverviewRequest) -> Overview:
    """Rates, times, trend, frequency, outliers with their reasons, comparisons and suggestions."""
    asked = services.analytics.asked(request.connection, request.folder, request.since, request.until)
    return services.analytics.overview(asked, states=request.states)


@channel("analytics:states")
def states(services: Services, request: StatesRequest) -> States:
    """What is applied, pending and failed now, by connection; a database that does not answer says so."""
    asked = services.analytics.asked(request.connection, request.folder, None, None)
    return States(states=services.analytics.states(asked))


@channel("analytics:report")
def report(services: Services, request: ReportRequest) -> Report:
    """The performance report: slowest, outliers, trend, comparison, suggestions."""
    asked = services.analytics.asked(request.connection, request.folder, request.since, request.until)
    return services.reports.write(asked, request.format, request.path, overwrite=request.overwrite)
