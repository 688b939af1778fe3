"""migration:definition and migration:search – finding things in all files of a connection."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.models.lookup import Definition, SearchResult
from backend.models.requests import OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class DefinitionRequest(OfConnection):
    name: str
    """A table, view, collection, index, type or function, without quotes."""
    schema_name: str | None = None
    column: str | None = None
    """A column of the table; a MongoDB field with its path, `address.city`."""


class SearchRequest(OfConnection):
    query: str
    regex: bool = False
    """`query` is a regular expression (Rust's: no look-around, no back references), matched line by line."""
    case: bool = False
    """Capitals matter."""
    whole_word: bool = False
    half: Literal["up", "down"] | None = None
    limit: int = Field(200, ge=1, le=5_000)


@channel("migration:definition")
def definition(services: Services, request: DefinitionRequest) -> Definition:
    """The statements that made and changed a table, column or collection, what created it first."""
    return services.lookup.definition(**request.model_dump())


@channel("migration:search")
def search(services: Services, request: SearchRequest) -> SearchResult:
    """Where a text stands in all migrations, newest file first."""
    return services.lookup.search(**request.model_dump())
