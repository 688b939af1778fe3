"""What is known of the live database when a file is linted. Pure; services fill it from the catalog.

Nothing known is `facts=None`, and a rule that would need them says so: it never takes *unknown* for *safe*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend.models.schema import Catalog, CatalogTable

from .ops import Constraint, Name

Absence = Literal["absent", "not_installed"]
"""Why a module a file asks for is not there; `not_installed` where a package.json asks for it too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a table counts as small or large, and a file as too big. Rows and bytes."""

    small_rows: int = 10_000
    large_rows: int = 1_000_000
    backfill_rows: int = 50_000
    """An UPDATE or DELETE that may touch more than this belongs in batches."""
    file_bytes: int = 1_000_000
    statements: int = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """The catalog with row estimates. `foreign_keys` by table name (casefolded) where they were read."""

    tables: Mapping[str, tuple[CatalogTable, ...]]
    """By casefolded bare name; one a schema."""
    default_schema: str | None = None
    foreign_keys: Mapping[str, tuple[Constraint, ...]] | None = None
    new_tables: frozenset[str] = frozenset()
    """Casefolded names of tables that pending files before this one create: not there yet, and empty."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """An engine's own: settings, versions, collection statistics."""

    @classmethod
    def of_catalog(
        cls,
        catalog: Catalog,
        *,
        foreign_keys: Mapping[str, tuple[Constraint, ...]] | None = None,
        new_tables: Iterable[str] = (),
        extra: Mapping[str, object] | None = None,
    ) -> Facts:
        tables: dict[str, tuple[CatalogTable, ...]] = {}
        for table in catalog.tables:
            key = table.name.casefold()
            tables[key] = (*tables.get(key, ()), table)
        news = frozenset(name.casefold() for name in new_tables)
        return cls(tables, catalog.default_schema, foreign_keys, news, extra or {})

    def table(self, name: Name) -> CatalogTable | None:
        """The table, view or collection of that name; without a schema the default one's, or the only one."""
        found = self.tables.get(name.key, ())
        schema = name.schema or self.default_schema
        for table in found:
            if schema is not None and (table.schema_name or "").casefold() == schema.casefold():
                return table
        if name.schema and any(table.schema_name for table in found):
            return None
        return found[0] if found else None
