"""schema:outline, describe, ddl, diagram, docs, picture – looking at the live schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Base64Bytes, Field

from backend.models.requests import OfConnection
from backend.models.schema_detail import (
    Diagram,
    SavedPicture,
    SchemaDdl,
    SchemaDetail,
    SchemaDocument,
    SchemaOutline,
)
from backend.rpc.registry import channel
from backend.services import Services


class DescribeRequest(OfConnection):
    tables: list[str] | None = Field(None, max_length=2_000)
    """Ids as `schema:outline` gave them; everything, other objects too, where absent, and these alone where empty."""


class DdlRequest(OfConnection):
    table: str
    """Its id."""


class DiagramRequest(OfConnection):
    tables: list[str] | None = Field(None, max_length=2_000)
    """Ids of the tables to show; everything, or a part where that is too much, where absent."""
    depth: int = Field(0, ge=0, le=20)
    """Tables within so many relations of the named ones are shown too."""


class DocsRequest(OfConnection):
    format: Literal["html", "markdown"] = "html"
    path: str | None = None
    """Where to write it; answered as text where absent."""
    overwrite: bool = False


class PictureRequest(OfConnection):
    data: Base64Bytes
    """An SVG or PNG file."""
    path: str
    overwrite: bool = False


@channel("schema:outline")
def outline(services: Services, request: OfConnection) -> SchemaOutline:
    """Every table of the live database by name, kind and estimated rows, and the foreign keys between them."""
    return services.browse.outline(request.connection)


@channel("schema:describe")
def describe(services: Services, request: DescribeRequest) -> SchemaDetail:
    """Tables with their columns, keys, indexes, constraints, triggers and options, as the live database has them."""
    return services.browse.describe(request.connection, request.tables)


@channel("schema:ddl")
def ddl(services: Services, request: DdlRequest) -> SchemaDdl:
    """The statements that make one table, as the engine prints them."""
    return services.browse.ddl(request.connection, request.table)


@channel("schema:diagram")
def diagram(services: Services, request: DiagramRequest) -> Diagram:
    """Boxes and lines of an entity-relationship diagram, without positions."""
    return services.browse.diagram(request.connection, request.tables, request.depth)


@channel("schema:docs")
def docs(services: Services, request: DocsRequest) -> SchemaDocument:
    """The live schema as one self-contained HTML or Markdown file."""
    return services.browse.document(
        request.connection, request.format, request.path, overwrite=request.overwrite
    )


@channel("schema:picture")
def picture(services: Services, request: PictureRequest) -> SavedPicture:
    """Write the diagram as the window drew it to a file."""
    return services.browse.save_picture(request.data, request.path, overwrite=request.overwrite)
