"""database:* – the database as a whole."""

from __future__ import annotations

from pydantic import Field

from backend.models.base import Model
from backend.models.connection import ServerInfo
from backend.models.requests import JobRequest
from backend.rpc.registry import channel
from backend.services import Services


class CreateRequest(JobRequest):
    confirm: str | None = None


class DropRequest(JobRequest):
    confirm: str | None = None


class WaitRequest(JobRequest):
    timeout_s: float = Field(60.0, gt=0, le=3600)


class DatabaseState(Model):
    database_exists: bool


@channel("database:create", job=True)
def create(services: Services, request: CreateRequest) -> DatabaseState:
    """Create the connection's database."""
    return DatabaseState(
        database_exists=services.databases.create(request.connection, confirm=request.confirm)
    )


@channel("database:drop", job=True)
def drop(services: Services, request: DropRequest) -> DatabaseState:
    """Drop the connection's database with everything in it. Always asks."""
    return DatabaseState(database_exists=services.databases.drop(request.connection, confirm=request.confirm))


@channel("database:wait", job=True)
def wait(services: Services, request: WaitRequest) -> ServerInfo:
    """Wait until the server answers."""
    return services.databases.wait(request.connection, timeout_s=request.timeout_s)
