"""history:* – every run there was, from the ledger: listed, shown in full, followed file by file, exported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from backend.models.base import Model
from backend.models.connection import EnvironmentKind
from backend.models.history import (
    Exported,
    FileOutcome,
    HistoryContent,
    HistoryFacets,
    HistoryList,
    HistoryRecord,
    RunKind,
    RunOutcome,
    Story,
)
from backend.models.migration import Direction
from backend.rpc.registry import channel
from backend.services import Services
from backend.store.ledger_queries import RunFilter


class HistoryFilters(Model):
    """What to look for. Absent fields ask nothing."""

    model_config = ConfigDict(populate_by_name=True)

    connection: str | None = None
    """Absent: every connection, those that were deleted included."""
    query: str | None = None
    """Every word must be in a filename or an error of the run, or be its id."""
    direction: Direction | None = None
    kind: list[RunKind] | RunKind | None = None
    state: list[RunOutcome] | RunOutcome | None = None
    """How the run ended."""
    outcome: FileOutcome | None = None
    """Runs with a file that ended so."""
    author: str | None = None
    version: str | None = None
    """Runs of this version or filename."""
    environment: EnvironmentKind | None = None
    """Runs on connections that are of this environment now."""
    since: datetime | None = Field(None, alias="from")
    """The first moment, by the recorded start."""
    until: datetime | None = Field(None, alias="to")
    """The first moment that does not count any more."""
    order: Literal["newest", "oldest"] = "newest"
    """The order in which they were recorded, whatever the clock said."""

    @field_validator("since", "until")
    @classmethod
    def _utc(cls, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class HistoryListRequest(HistoryFilters):
    offset: int = Field(0, ge=0, le=1_000_000_000)
    limit: int = Field(100, ge=1, le=500)


class HistoryExportRequest(HistoryFilters):
    format: Literal["csv", "json"] = "csv"
    path: str | None = None
    """The file to write; absent: the text is the answer (at most 8 MB)."""
    overwrite: bool = False


class RunRequest(Model):
    run_id: str


class RunFileRequest(Model):
    run_id: str
    version: str
    """The version or the filename."""


class StoryRequest(Model):
    connection: str
    version: str
    """The version or the filename."""
    shared: bool = False
    """Also on the other connections that share its migrations folder."""


class FacetsRequest(Model):
    connection: str | None = None


@channel("history:list")
def list_(services: Services, request: HistoryListRequest) -> HistoryList:
    """A page of runs with their files, newest first, searched and filtered."""
    rows, total = services.history.list(
        _filter(services, request), request.offset, request.limit, newest_first=request.order == "newest"
    )
    return HistoryList.model_construct(rows=rows, total=total)


@channel("history:facets")
def facets(services: Services, request: FacetsRequest) -> HistoryFacets:
    """The connections and authors that history can be filtered by."""
    return services.history.facets([request.connection] if request.connection else None)


@channel("history:get")
def get(services: Services, request: RunRequest) -> HistoryRecord:
    """Everything known of one run: each file's text as it was run, output, error, who, where and with what."""
    return services.history.get(request.run_id)


@channel("history:content")
def content(services: Services, request: RunFileRequest) -> HistoryContent:
    """One file of a run as it was run, for texts that history:get leaves out for their size."""
    return services.history.content(request.run_id, request.version)


@channel("history:file")
def file(services: Services, request: StoryRequest) -> Story:
    """Everything that happened to one migration: its runs, and how its text changed between them."""
    services.connections.get(request.connection)
    return services.history.story(request.connection, request.version, shared=request.shared)


@channel("history:export")
def export(services: Services, request: HistoryExportRequest) -> Exported:
    """History as CSV (RFC 4180, safe from formulas) or JSON, as text or written to a file."""
    return services.history_export.export(
        _filter(services, request),
        request.format,
        request.path,
        newest_first=request.order == "newest",
        overwrite=request.overwrite,
    )


def _filter(services: Services, request: HistoryFilters) -> RunFilter:
    connections: tuple[str, ...] | None = None if request.connection is None else (request.connection,)
    if request.environment is not None:
        stored, _ = services.connections.store.all()
        there = {one.id for one in stored if str(one.environment) == str(request.environment)}
        connections = tuple(sorted(there if connections is None else there & set(connections)))
    return RunFilter(
        connections=connections,
        words=tuple((request.query or "").split()),
        direction=request.direction,
        kinds=_several(request.kind),
        states=_several(request.state),
        outcome=request.outcome,
        author=request.author,
        version=request.version,
        since=request.since,
        until=request.until,
    )


def _several(chosen: list[RunKind] | list[RunOutcome] | RunKind | RunOutcome | None) -> tuple[str, ...]:
    if chosen is None:
        return ()
    return tuple(str(one) for one in chosen) if isinstance(chosen, list) else (str(chosen),)
