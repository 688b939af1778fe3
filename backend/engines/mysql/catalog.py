"""Tables, columns, indexes and routines by a few queries on information_schema; reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.core.errors import DatabaseMissing
from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

from . import url as urls
from .connect import quoted, reading, rows

if TYPE_CHECKING:
    from pymysql.connections import Connection

_COUNTS_AT_ONCE = 200


def catalog(target: Target) -> Catalog:
    """Everything of the database; row numbers are the server's estimates."""
    database = urls.parse(target.url).database
    try:
        with reading(target) as connection:
            return _catalog(connection, database, target.migrations_table)
    except DatabaseMissing:
        return Catalog(default_schema=database)


def _catalog(connection: Connection[Any], database: str, migrations_table: str) -> Catalog:
    columns = _columns(connection, database)
    indexes = _indexes(connection, database)
    tables = [
        CatalogTable(
            name=name,
            kind="view" if "VIEW" in kind else "table",
            columns=columns.get(name, []),
            indexes=list(indexes.get(name, {}).values()),
            rows=int(count) if count is not None and "VIEW" not in kind else None,
        )
        for name, kind, count in rows(
            connection,
            "SELECT table_name, table_type, table_rows FROM information_schema.tables "
            "WHERE table_schema = %s AND table_type <> 'SEQUENCE' ORDER BY table_name",
            (database,),
        )
        if name.lower() != migrations_table.lower()
    ]
    functions = rows(
        connection,
        "SELECT routine_name FROM information_schema.routines WHERE routine_schema = %s ORDER BY routine_name",
        (database,),
    )
    return Catalog(tables=tables, functions=[str(name) for (name,) in functions], default_schema=database)


def _columns(connection: Connection[Any], database: str) -> dict[str, list[CatalogColumn]]:
    found: dict[str, list[CatalogColumn]] = defaultdict(list)
    for table, name, type_, nullable, default, key, comment in rows(
        connection,
        "SELECT table_name, column_name, column_type, is_nullable, column_default, column_key, column_comment "
        "FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position",
        (database,),
    ):
        # MariaDB writes NULL as a word here, MySQL as nothing.
        shown = None if default is None or _text(default) == "NULL" else _text(default)
        found[table].append(
            CatalogColumn(
                name=name,
                type=_text(type_),
                nullable=nullable == "YES",
                default=shown,
                primary_key=key == "PRI",
                comment=_text(comment) or None,
            )
        )
    return found


def _indexes(connection: Connection[Any], database: str) -> dict[str, dict[str, CatalogIndex]]:
    found: dict[str, dict[str, CatalogIndex]] = defaultdict(dict)
    for table, name, non_unique, column in rows(
        connection,
        "SELECT table_name, index_name, non_unique, column_name FROM information_schema.statistics "
        "WHERE table_schema = %s ORDER BY table_name, index_name, seq_in_index",
        (database,),
    ):
        index = found[table].setdefault(name, CatalogIndex(name=name, unique=not int(non_unique)))
        index.columns.append(column if column is not None else "(expression)")
    return found


def row_counts(target: Target, tables: Sequence[str]) -> dict[str, int]:
    """Exact counts; tables that are missing are left out. Names may be written `shop.users`."""
    database = urls.parse(target.url).database
    try:
        with reading(target) as connection:
            there = {
                str(name)
                for (name,) in rows(
                    connection,
                    "SELECT table_name FROM information_schema.tables "
                    "WHERE table_schema = %s AND table_type LIKE '%%TABLE%%'",
                    (database,),
                )
            }
            by_lower = {name.lower(): name for name in there}
            wanted: list[tuple[str, str]] = []
            for asked in tables:
                name = asked.removeprefix(f"{database}.")
                real = name if name in there else by_lower.get(name.lower())
                if real is not None:
                    wanted.append((asked, real))
            counts: dict[str, int] = {}
            for start in range(0, len(wanted), _COUNTS_AT_ONCE):
                part = wanted[start : start + _COUNTS_AT_ONCE]
                query = " UNION ALL ".join(
                    f"SELECT {i}, count(*) FROM {quoted(name)}" for i, (_, name) in enumerate(part)
                )
                counts.update({part[int(i)][0]: int(count) for i, count in rows(connection, query)})
            return counts
    except DatabaseMissing:
        return {}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
