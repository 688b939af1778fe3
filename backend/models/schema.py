"""The light catalog: what completion, browsing and forms need. Never used to decide whether two schemas are equal."""

from __future__ import annotations

from pydantic import Field

from .base import Model


class CatalogColumn(Model):
    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    primary_key: bool = False
    comment: str | None = None
    """As the database keeps it; null where it has none or the engine keeps none."""


class CatalogIndex(Model):
    name: str
    columns: list[str] = Field(default_factory=list)
    unique: bool = False


class CatalogTable(Model):
    """A table, view or collection. `rows` is an estimate from the server's statistics, null where it has none."""

    schema_name: str | None = None
    name: str
    kind: str = "table"
    """table, view, materialized_view, collection."""
    columns: list[CatalogColumn] = Field(default_factory=list)
    indexes: list[CatalogIndex] = Field(default_factory=list)
    rows: int | None = None


class Catalog(Model):
    tables: list[CatalogTable] = Field(default_factory=list)
    functions: list[str] = Field(default_factory=list)
    types: list[str] = Field(default_factory=list)
    default_schema: str | None = None
