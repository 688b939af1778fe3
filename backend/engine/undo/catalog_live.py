"""A live schema from the light catalog alone, for engines whose server writes no CREATE statements."""

from __future__ import annotations

from collections.abc import Callable

from backend.engine.lint.ops import Name
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

from .createtext import Item, TableText
from .sql import SqlLive


class CatalogLive(SqlLive):
    """Columns, keys and indexes; it lists no foreign keys, checks or generated columns."""

    def __init__(self, catalog: Catalog, quote: Callable[[str], str], key_tail: str = "") -> None:
        self.catalog = catalog
        self.default_schema = catalog.default_schema
        self._quote = quote
        self._key_tail = key_tail

    def entry(self, name: Name) -> CatalogTable | None:
        for one in self.catalog.tables:
            if one.name == name.name and (name.schema is None or one.schema_name in (None, name.schema)):
                return one
        return None

    def column_text(self, column: CatalogColumn) -> str:
        text = f"{self._quote(column.name)} {column.type}"
        if column.default is not None:
            text += f" DEFAULT {column.default}"
        return text if column.nullable else f"{text} NOT NULL"

    def sql(self, name: Name) -> str:
        return (
            f"{self._quote(name.schema)}.{self._quote(name.name)}" if name.schema else self._quote(name.name)
        )

    def table(self, name: Name) -> TableText | None:
        found = self.entry(name)
        if found is None or "view" in found.kind:
            return None
        items = [Item("column", one.name, self.column_text(one)) for one in found.columns]
        keys = [one.name for one in found.columns if one.primary_key]
        if keys:
            listed = ", ".join(self._quote(one) for one in keys)
            items.append(Item("primary_key", "", f"PRIMARY KEY ({listed}){self._key_tail}", tuple(keys)))
        body = ",\n  ".join(one.text for one in items)
        return TableText(f"CREATE TABLE {self.sql(name)} (\n  {body}\n)", tuple(items))

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind in ("table", "view", "materialized_view"):
            return self.entry(name) is not None
        if kind == "column" and table is not None:
            found = self.entry(table)
            return any(one.name.casefold() == name.key for one in found.columns) if found else None
        return None

    def belongings(self, name: Name) -> list[str]:
        found = self.entry(name)
        if found is None:
            return []
        keys = {one.name for one in found.columns if one.primary_key}
        return [
            text for one in found.indexes
            if set(one.columns) != keys and (text := self.index_text(one.name, name)) is not None
        ]  # fmt: skip

    def index_text(self, index: str, table: Name | None = None) -> str | None:
        for one in self.catalog.tables:
            if table is not None and one is not self.entry(table):
                continue
            for found in one.indexes:
                if found.name == index and found.columns and "(expression)" not in found.columns:
                    columns = ", ".join(self._quote(name) for name in found.columns)
                    unique = "UNIQUE " if found.unique else ""
                    schema = one.schema_name if one.schema_name != self.default_schema else None
                    return f"CREATE {unique}INDEX {self._quote(index)} ON {self.sql(Name(one.name, schema))} ({columns})"
        return None
