"""Tables, columns, indexes, functions and types from pg_catalog, in a handful of set-wise queries. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import VersionsTable, versions_table
from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

from .truth import quoted

if TYPE_CHECKING:
    from psycopg import Connection

# Names that begin with pg_ are the server's own.
USER_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_KINDS = {"v": "view", "m": "materialized_view"}

_TABLES = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.reltuples::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {USER_SCHEMAS}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname <> coalesce(current_schema(), 'public'), n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid),
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey)),
       col_description(a.attrelid, a.attnum)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
_INDEXES = """
SELECT i.indrelid, c.relname, i.indisunique,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) AS k)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%s)
ORDER BY c.relname
"""
_FUNCTIONS = f"""
SELECT DISTINCT n.nspname, p.proname
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {USER_SCHEMAS}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
_TYPES = f"""
SELECT n.nspname, t.typname
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE {USER_SCHEMAS} AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
_RESOLVE = """
SELECT asked, c.oid::regclass::text FROM unnest(%s::text[], %s::text[]) AS wanted (asked, spelled)
JOIN pg_class c ON c.oid = to_regclass(spelled) WHERE c.relkind IN ('r', 'p', 'm', 'f')
"""


def catalog(target: Target, url: PgUrl) -> Catalog:
    """What completion and browsing need; without the migrations table and without what extensions brought."""
    with reading(target, url) as connection:
        versions = versions_table(connection, target, url)
        default = rows(connection, "SELECT current_schema()")[0][0]
        tables = _tables(connection, versions)
        return Catalog(
            tables=tables,
            functions=[_named(schema, name, default) for schema, name in rows(connection, _FUNCTIONS)],
            types=[_named(schema, name, default) for schema, name in rows(connection, _TYPES)],
            default_schema=default,
        )


def _tables(connection: Connection[Any], versions: VersionsTable) -> list[CatalogTable]:
    tables: dict[int, CatalogTable] = {
        oid: CatalogTable(
            schema_name=schema,
            name=name,
            kind=_KINDS.get(kind, "table"),
            # -1 (and before 14 also 0 for what was never analysed) means that the server does not know.
            rows=estimate if estimate > 0 and kind != "v" else None,
        )
        for oid, schema, name, kind, estimate in rows(connection, _TABLES)
        if (schema, name) != (versions.schema, versions.name)
    }
    oids = list(tables)
    for oid, name, type_name, not_null, default, is_key, comment in rows(connection, _COLUMNS, (oids,)):
        tables[oid].columns.append(
            CatalogColumn(
                name=name,
                type=type_name,
                nullable=not not_null,
                default=default,
                primary_key=is_key,
                comment=comment,
            )
        )
    for oid, name, is_unique, columns in rows(connection, _INDEXES, (oids,)):
        tables[oid].indexes.append(CatalogIndex(name=name, columns=columns, unique=is_unique))
    return list(tables.values())


def _named(schema: str, name: str, default: str | None) -> str:
    return name if schema == default else f"{schema}.{name}"


def row_counts(target: Target, url: PgUrl, tables: Sequence[str]) -> dict[str, int]:
    """Exact counts, all at one moment. Names may hold a schema (`app.users`) and any case; unknown ones are left out."""
    spellings = [(table, spelled) for table in dict.fromkeys(tables) for spelled in _spellings(table)]
    if not spellings:
        return {}
    with reading(target, url) as connection:
        asked, spelled = [list(column) for column in zip(*spellings, strict=True)]
        found: dict[str, str] = {}
        for table, resolved in rows(connection, _RESOLVE, (asked, spelled)):
            found.setdefault(table, resolved)
        if not found:
            return {}
        counts = ", ".join(f"(SELECT count(*) FROM {resolved})" for resolved in found.values())
        return dict(zip(found, rows(connection, f"SELECT {counts}")[0], strict=True))


def _spellings(table: str) -> list[str]:
    """How the name might be quoted: as one name or as schema and name, as written or folded to lower case."""
    schema, dot, name = table.partition(".")
    ways = [quoted(table), quoted(table.lower())]
    if dot:
        ways += [f"{quoted(schema)}.{quoted(name)}", f"{quoted(schema.lower())}.{quoted(name.lower())}"]
    return list(dict.fromkeys(ways))
