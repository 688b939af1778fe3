"""What was read of the live database for a forecast. Pure: services fill it; nothing known is `NOTHING_KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from backend.engine.lint.ops import Name
from backend.engine.tableids import parse_table_id
from backend.models.schema import Catalog, CatalogTable
from backend.models.schema_detail import DetailTable, Relation

T = TypeVar("T", CatalogTable, DetailTable)


@dataclass(frozen=True, slots=True)
class Known:
    """`catalog` None: the database was not read. `details` hold only the tables that the files name."""

    catalog: Catalog | None = None
    details: Mapping[str, tuple[DetailTable, ...]] = field(default_factory=dict)
    """By casefolded bare name."""
    relations: tuple[Relation, ...] = ()
    version: tuple[int, ...] | None = None
    most_bytes: int | None = None
    """Of the whole database, where its file is known: no table is larger."""
    server: str = ""
    """The server's own words for its version, which tell MariaDB from MySQL."""

    @property
    def is_read(self) -> bool:
        return self.catalog is not None

    def entry(self, name: Name) -> CatalogTable | None:
        """The table, view or collection as the light catalog has it."""
        if self.catalog is None:
            return None
        found = [one for one in self.catalog.tables if one.name.casefold() == name.key]
        return _of_schema(found, name.schema or self.catalog.default_schema, written=bool(name.schema))

    def detail(self, name: Name) -> DetailTable | None:
        default = self.catalog.default_schema if self.catalog else None
        return _of_schema(self.details.get(name.key, ()), name.schema or default, written=bool(name.schema))

    def rows(self, name: Name) -> int | None:
        detail, entry = self.detail(name), self.entry(name)
        if detail is not None and detail.rows is not None:
            return detail.rows
        return entry.rows if entry is not None else None

    def size_bytes(self, name: Name) -> int | None:
        detail = self.detail(name)
        return detail.size_bytes if detail is not None else None

    def column_type(self, table: Name, column: str) -> str | None:
        entry = self.entry(table)
        found = (
            [one.type for one in entry.columns if one.name.casefold() == column.casefold()] if entry else []
        )
        return found[0].lower() if found else None

    def references(self, table: Name) -> list[tuple[Name, Relation]]:
        """The tables that its foreign keys point at."""
        return [(_name(one.to_table), one) for one in self.relations if self._same(one.table, table)]

    def referenced_by(self, table: Name) -> list[tuple[Name, Relation]]:
        """The tables whose foreign keys point at it."""
        return [(_name(one.table), one) for one in self.relations if self._same(one.to_table, table)]

    def children(self, table: Name) -> list[Name]:
        """Its partitions, or the tables that inherit from it."""
        detail = self.detail(table)
        return [_name(one) for one in detail.children] if detail is not None else []

    def index_table(self, index: Name) -> Name | None:
        """The table an index belongs to; None where that is not known."""
        for one in self.catalog.tables if self.catalog else ():
            if index.schema and one.schema_name and one.schema_name.casefold() != index.schema.casefold():
                continue
            if any(found.name.casefold() == index.key for found in one.indexes):
                default = self.catalog.default_schema if self.catalog else None
                return Name(one.name, None if one.schema_name == default else one.schema_name)
        return None

    def _same(self, table_id: str, name: Name) -> bool:
        found = _name(table_id)
        default = self.catalog.default_schema if self.catalog else None
        if found.key != name.key:
            return False
        wanted = name.schema or default
        return not (found.schema and wanted) or found.schema.casefold() == wanted.casefold()

    # -- is it there? --------------------------------------------------------------------------------------------

    def has(self, kind: str, name: str, parent: str | None) -> bool | None:
        """Whether the database has it now. None where the catalog does not list this kind, or nothing was read."""
        if self.catalog is None:
            return None
        schema, bare = parse_table_id(name) if kind in _WITH_SCHEMA else (None, name)
        if kind in _TABLES:
            return self.entry(Name(bare, schema)) is not None
        if kind in ("type", "domain"):
            return (
                any(one.rpartition(".")[2].casefold() == bare.casefold() for one in self.catalog.types)
                or None
            )
        if kind in ("function", "procedure"):
            named = {one.partition("(")[0].rpartition(".")[2].casefold() for one in self.catalog.functions}
            return True if bare.casefold() in named else (False if kind == "function" else None)
        if kind == "index" and parent is None:
            return self.index_table(Name(bare, schema)) is not None
        if parent is None:
            return None
        return self._has_part(kind, bare, _name(parent))

    def _has_part(self, kind: str, name: str, table: Name) -> bool | None:
        entry, key = self.entry(table), name.casefold()
        if entry is None:
            return False
        if kind == "column":
            return any(one.name.casefold() == key for one in entry.columns)
        detail = self.detail(table)
        if kind == "index":
            listed = [*entry.indexes, *(detail.indexes if detail else ())]
            return any(one.name.casefold() == key for one in listed)
        if detail is None:
            return None
        if kind == "trigger":
            return any(one.name.casefold() == key for one in detail.triggers)
        if kind == "constraint":
            keys = [detail.primary_key, *detail.uniques, *detail.checks, *detail.foreign_keys]
            names = {one.name.casefold() for one in keys if one is not None and one.name}
            return True if key in names or any(one.name.casefold() == key for one in detail.indexes) else None
        return None


_TABLES = frozenset(
    {"table", "view", "materialized view", "foreign table", "dictionary", "collection", "materialized_view"}
)
_WITH_SCHEMA = _TABLES | {"type", "domain", "function", "procedure", "index", "sequence"}


def _name(table_id: str) -> Name:
    schema, bare = parse_table_id(table_id)
    return Name(bare, schema)


def _of_schema(listed: Sequence[T], schema: str | None, *, written: bool) -> T | None:
    """Without a written schema the default one's, or the only one there is."""
    for one in listed:
        if schema is not None and (one.schema_name or "").casefold() == schema.casefold():
            return one
    if written and any(one.schema_name for one in listed):
        return None
    return listed[0] if listed else None


NOTHING_KNOWN = Known()
