"""schema:* – the schema file and the live catalog."""

from __future__ import annotations

from backend.models.base import Model
from backend.models.requests import JobRequest, OfConnection
from backend.models.schema import Catalog
from backend.rpc.registry import channel
from backend.services import Services


class LoadRequest(JobRequest):
    path: str | None = None
    """Another file than the connection's schema file."""
    confirm: str | None = None


class SchemaFile(Model):
    path: str
    exists: bool
    content: str = ""
    size_bytes: int = 0
    sha256: str | None = None


@channel("schema:dump", job=True)
def dump(services: Services, request: JobRequest) -> SchemaFile:
    """Write the schema file from the database."""
    return SchemaFile(**services.databases.dump_schema(request.connection))


@channel("schema:load", job=True)
def load(services: Services, request: LoadRequest) -> SchemaFile:
    """Run the schema file into the database."""
    return SchemaFile(
        **services.databases.load_schema(request.connection, path=request.path, confirm=request.confirm)
    )


@channel("schema:read")
def read(services: Services, request: OfConnection) -> SchemaFile:
    """The schema file as it is on disk."""
    return SchemaFile(**services.databases.read_schema(request.connection))


@channel("schema:catalog")
def catalog(services: Services, request: OfConnection) -> Catalog:
    """Tables, columns, indexes, types of the live database, for completion and browsing."""
    return services.databases.catalog(request.connection)
