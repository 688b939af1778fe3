"""dbmate's migrations table: where it is, and what it holds. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, DatabaseMissing
from backend.engine.target import Target
from backend.models.connection import Applied

from .connect import reading, rows
from .url import PgUrl

if TYPE_CHECKING:
    from psycopg import Connection

_NO_TABLE = ("42P01", "3F000")


@dataclass(frozen=True, slots=True)
class VersionsTable:
    """Schema and name, as they are, and quoted only where that is needed, as the server itself would."""

    schema: str
    name: str
    quoted: str = ""


def versions_table(
    connection: Connection[Any], target: Target, url: PgUrl, *, plain: bool = False
) -> VersionsTable:
    """Where dbmate keeps its versions: in the schema before the dot, else in the first one of `search_path`, else in
    the current schema, else in public. `plain` quotes here, as dbmate does for Spanner, instead of asking."""
    schema, dot, name = target.migrations_table.partition(".")
    if not dot:
        schema, name = url.search_path.split(",")[0].strip(), schema
    if not schema:
        schema = rows(connection, "SELECT current_schema()")[0][0] or "public"
    if plain:
        return VersionsTable(schema, name, f"{_quoted(schema)}.{_quoted(name)}")
    quoted = rows(connection, "SELECT quote_ident(%s) || '.' || quote_ident(%s)", (schema, name))[0][0]
    return VersionsTable(schema, name, quoted)


def applied(target: Target, url: PgUrl, *, plain: bool = False) -> list[Applied]:
    """The versions in byte order; empty where database, schema or table is missing. Creates nothing."""
    try:
        with reading(target, url, plain=plain) as connection:
            return [Applied(version=version) for version in _read(connection, target, url, plain)]
    except DatabaseMissing:
        return []
    except AppError as error:
        if error.details.get("sqlstate") in _NO_TABLE:
            return []
        raise


def _read(connection: Connection[Any], target: Target, url: PgUrl, plain: bool) -> list[str]:
    table = versions_table(connection, target, url, plain=plain)
    found = rows(connection, f"SELECT version FROM {table.quoted}")
    return sorted(str(version) for (version,) in found if version is not None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
