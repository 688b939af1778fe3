"""Tables, columns and indexes from information_schema, which Spanner has where much of pg_catalog is missing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import VersionsTable
from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

_OURS = "table_schema NOT IN ('pg_catalog', 'information_schema', 'spanner_sys')"
_TABLES = f"SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE {_OURS}"
_COLUMNS = f"""
SELECT table_schema, table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE {_OURS} ORDER BY table_schema, table_name, ordinal_position
"""
_CONSTRAINTS = f"""
SELECT k.table_schema, k.table_name, k.constraint_name, c.constraint_type, k.column_name
FROM information_schema.key_column_usage k
JOIN information_schema.table_constraints c
  ON c.constraint_schema = k.constraint_schema AND c.constraint_name = k.constraint_name
 AND c.table_schema = k.table_schema AND c.table_name = k.table_name
WHERE k.{_OURS} ORDER BY k.table_schema, k.table_name, k.constraint_name, k.ordinal_position
"""
_VIEWS = f"SELECT table_schema, table_name, view_definition FROM information_schema.views WHERE {_OURS}"
# Only Spanner has this one; PostgreSQL keeps its indexes elsewhere.
_HAS_INDEXES = """
SELECT 1 FROM information_schema.tables WHERE table_schema = 'information_schema' AND table_name = 'index_columns'
"""
_INDEXES = f"""
SELECT table_schema, table_name, index_name, column_name, column_ordering
FROM information_schema.index_columns WHERE {_OURS} AND index_type = 'INDEX'
ORDER BY table_schema, index_name, ordinal_position
"""


def catalog(target: Target, url: PgUrl) -> Catalog:
    """Tables and views with their columns; without the migrations table."""
    with session(target, url, plain=True) as connection:
        versions = _versions(target, url)
        tables: dict[tuple[str, str], CatalogTable] = {
            (schema, name): CatalogTable(
                schema_name=schema, name=name, kind="view" if kind == "VIEW" else "table"
            )
            for schema, name, kind in rows(connection, _TABLES)
            if (schema, name) != (versions.schema, versions.name)
        }
        keys = {
            (schema, name, column)
            for schema, name, _, kind, column in rows(connection, _CONSTRAINTS)
            if kind == "PRIMARY KEY"
        }
        for schema, name, column, type_name, length, nullable, default in rows(connection, _COLUMNS):
            table = tables.get((schema, name))
            if table is not None:
                table.columns.append(
                    CatalogColumn(
                        name=column,
                        type=_type(type_name, length),
                        nullable=nullable == "YES",
                        default=default,
                        primary_key=(schema, name, column) in keys,
                    )
                )
        return Catalog(tables=sorted(tables.values(), key=_by_name), default_schema=versions.schema)


def fingerprint(target: Target, url: PgUrl) -> dict[str, str]:
    """Tables, columns, keys, views and indexes by readable key."""
    with session(target, url, plain=True) as connection:
        versions = _versions(target, url)
        found: dict[str, list[str]] = defaultdict(list)

        def add(kind: str, schema: str, table: str, part: str, text: str) -> None:
            if (schema, table) != (versions.schema, versions.name):
                prefix = "" if schema == versions.schema else f"{schema}."
                found[f"{kind} {prefix}{part or table}"].append(text)

        for schema, name, kind in rows(connection, _TABLES):
            if kind != "VIEW":
                add("table", schema, name, "", str(kind))
        for schema, name, column, *described in rows(connection, _COLUMNS):
            add("column", schema, name, f"{name}.{column}", str(described))
        for schema, name, constraint, kind, column in rows(connection, _CONSTRAINTS):
            add("constraint", schema, name, f"{name}.{constraint}", f"{kind} {column}")
        for schema, name, definition in rows(connection, _VIEWS):
            add("view", schema, name, "", str(definition))
        if rows(connection, _HAS_INDEXES):
            for schema, name, index, column, order in rows(connection, _INDEXES):
                add("index", schema, name, index, f"{name} {column} {order}")
    return {key: "; ".join(parts) for key, parts in found.items()}


def _versions(target: Target, url: PgUrl) -> VersionsTable:
    schema, dot, name = target.migrations_table.partition(".")
    if dot:
        return VersionsTable(schema, name)
    return VersionsTable(url.search_path.split(",")[0].strip() or "public", schema)


def _type(name: str, length: Any) -> str:
    return f"{name}({length})" if length else str(name)


def _by_name(table: CatalogTable) -> tuple[str, str]:
    return table.schema_name or "", table.name
