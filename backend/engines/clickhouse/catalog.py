"""The catalog of one database, from the system tables: one query a kind of object, however many there are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

from . import url
from .connect import Connection, session
from .errors import ServerSaid
from .text import literal

# 46, 47: an older server lacks the column; 60: the whole table; 497: the user may not look.
_ABSENT = {46, 47, 60, 497}


def catalog(target: Target) -> Catalog:
    """Tables, views, dictionaries with their columns and indexes; without the migrations table."""
    database = url.parse(target.url).database
    with session(target) as server:
        tables = server.query(
            f"SELECT name, engine, {optional(server, 'tables', 'total_rows', 'NULL')} FROM system.tables "
            f"WHERE {mine(target, 'name', database)} ORDER BY name"
        )
        columns = server.query(
            "SELECT table, name, type, default_kind, default_expression, is_in_primary_key FROM system.columns "
            f"WHERE {mine(target, 'table', database)} ORDER BY table, {optional(server, 'columns', 'position', '1')}"
        )
        indexes = optional_rows(
            server,
            "SELECT table, name, expr FROM system.data_skipping_indices "
            f"WHERE {mine(target, 'table', database)} ORDER BY table, name",
        )
        functions = optional_rows(
            server, "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined' ORDER BY name"
        )
    columns_of, indexes_of = defaultdict(list), defaultdict(list)
    for table, name, type_, kind, expression, in_key in columns:
        columns_of[table].append(_column(name, type_, kind, expression, in_key))
    for table, name, expression in indexes:
        indexes_of[table].append(CatalogIndex(name=name, columns=[expression]))
    return Catalog(
        tables=[
            CatalogTable(
                schema_name=database,
                name=name,
                kind=_kind(engine),
                columns=columns_of[name],
                indexes=indexes_of[name],
                rows=None if rows is None else int(rows),
            )
            for name, engine, rows in tables
        ],
        functions=[str(row[0]) for row in functions],
        default_schema=database,
    )


def _column(name: str, type_: str, kind: str, expression: str, in_key: Any) -> CatalogColumn:
    default = expression or None
    if default and kind != "DEFAULT":
        default = f"{kind} {default}"
    nullable = type_.startswith(("Nullable(", "LowCardinality(Nullable("))
    return CatalogColumn(
        name=name, type=type_, nullable=nullable, default=default, primary_key=bool(int(in_key))
    )


def _kind(engine: str) -> str:
    return {
        "View": "view",
        "LiveView": "view",
        "WindowView": "view",
        "MaterializedView": "materialized_view",
    }.get(engine, "table")


def mine(target: Target, column: str, database: str) -> str:
    """This database, without the migrations table and the hidden tables behind materialized views."""
    return (
        f"database = {literal(database)} AND {column} != {literal(target.migrations_table)} "
        f"AND NOT startsWith({column}, '.inner')"
    )


def optional(server: Connection, table: str, column: str, instead: str) -> str:
    """The column, or the replacement where this version of the server has none."""
    found = server.query(
        "SELECT 1 FROM system.columns WHERE database = 'system' "
        f"AND table = {literal(table)} AND name = {literal(column)}"
    )
    return column if found else instead


def optional_rows(server: Connection, sql: str) -> list[list[Any]]:
    """The rows, or none where this version of the server does not know the table or column."""
    try:
        return server.query(sql)
    except ServerSaid as error:
        if error.code in _ABSENT:
            return []
        raise
