"""The catalog and the fingerprint of one dataset, from its information schema: one query a kind of object."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

from .connect import Api, session
from .errors import ApiError
from .lock import LOCK_TABLE
from .text import information, literal

_KINDS = {"VIEW": "view", "MATERIALIZED VIEW": "materialized_view"}


def catalog(target: Target) -> Catalog:
    """Tables and views with their columns, and routines; without the migrations table. Empty where there is no dataset."""
    with session(target) as api:
        mine = _mine(target)
        try:
            tables = api.query(
                f"SELECT table_name, table_type FROM {information(api.url, 'TABLES')} WHERE {mine} ORDER BY table_name"
            )
            columns = api.query(
                # All of its columns: column_default is not known to every emulator.
                f"SELECT * FROM {information(api.url, 'COLUMNS')} WHERE {mine} ORDER BY table_name, ordinal_position"
            )
            routines = api.query(
                f"SELECT routine_name FROM {information(api.url, 'ROUTINES')} ORDER BY routine_name"
            )
        except ApiError as error:
            if error.is_missing:
                return Catalog(default_schema=api.url.dataset)
            raise
        rows = _estimates(api)
        keys = _keys(api)
        dataset = api.url.dataset
    columns_of: dict[str, list[CatalogColumn]] = defaultdict(list)
    for row in columns:
        default = row.get("column_default")
        columns_of[row["table_name"]].append(
            CatalogColumn(
                name=row["column_name"],
                type=row["data_type"],
                nullable=row["is_nullable"] == "YES",
                default=None if default in (None, "NULL") else default,
                primary_key=(row["table_name"], row["column_name"]) in keys,
            )
        )
    return Catalog(
        tables=[
            CatalogTable(
                schema_name=dataset,
                name=row["table_name"],
                kind=_KINDS.get(row["table_type"], "table"),
                columns=columns_of[row["table_name"]],
                rows=rows.get(row["table_name"]),
            )
            for row in tables
        ],
        functions=[row["routine_name"] for row in routines],
        default_schema=dataset,
    )


def fingerprint(target: Target) -> dict[str, str]:
    """Keys as `table users`, `column users.email`, `view v`, `materialized view m`, `function f`.

    A table's text is the server's own DDL of it: partitions, clusters, options and constraints are in it.
    """
    found: dict[str, str] = {}
    with session(target) as api:
        try:
            tables = _tables_with_text(api, _mine(target))
            columns = api.query(f"SELECT * FROM {information(api.url, 'COLUMNS')} WHERE {_mine(target)}")
            routines = api.query(f"SELECT * FROM {information(api.url, 'ROUTINES')}")
        except ApiError as error:
            if error.is_missing:
                return {}
            raise
    for row in tables:
        kind = _KINDS.get(row["table_type"], "table").replace("_", " ")
        found[f"{kind} {row['table_name']}"] = str(row["text"] or "")
    for row in columns:
        parts = [row["data_type"], "" if row["is_nullable"] == "YES" else "NOT NULL", _default(row)]
        found[f"column {row['table_name']}.{row['column_name']}"] = " ".join(part for part in parts if part)
    for row in routines:
        kind = "procedure" if "PROCEDURE" in str(row["routine_type"]) else "function"
        found[f"{kind} {row['routine_name']}"] = str(row.get("ddl") or row.get("routine_definition") or "")
    return found


def _default(row: dict[str, Any]) -> str:
    default = row.get("column_default")
    return "" if default in (None, "NULL") else f"DEFAULT {default}"


def _tables_with_text(api: Api, mine: str) -> list[dict[str, Any]]:
    """name, type and DDL of each; where the information schema has no DDL (an emulator), view definitions and options."""
    source = information(api.url, "TABLES")
    try:
        return api.query(f"SELECT table_name, table_type, ddl AS text FROM {source} WHERE {mine}")
    except ApiError as error:
        if error.reason != "invalidQuery":
            raise
    mine = mine.replace("table_name", "t.table_name")
    return api.query(
        f"SELECT t.table_name, t.table_type, v.view_definition AS text FROM {source} t "
        f"LEFT JOIN {information(api.url, 'VIEWS')} v ON v.table_name = t.table_name WHERE {mine}"
    )


def _mine(target: Target) -> str:
    return f"table_name NOT IN ({literal(target.migrations_table)}, {literal(LOCK_TABLE)})"


def _estimates(api: Api) -> dict[str, int]:
    """Row counts from the dataset's statistics; none where it keeps none."""
    sql = f"SELECT table_id, row_count FROM `{api.url.project}.{api.url.dataset}.__TABLES__` WHERE type = 1"
    return {row["table_id"]: int(row["row_count"]) for row in _if_known(api, sql)}


def _keys(api: Api) -> set[tuple[str, str]]:
    """(table, column) of every primary key."""
    sql = (
        f"SELECT k.table_name, k.column_name FROM {information(api.url, 'KEY_COLUMN_USAGE')} k "
        f"JOIN {information(api.url, 'TABLE_CONSTRAINTS')} c ON c.constraint_name = k.constraint_name "
        "AND c.table_name = k.table_name WHERE c.constraint_type = 'PRIMARY KEY'"
    )
    return {(row["table_name"], row["column_name"]) for row in _if_known(api, sql)}


def _if_known(api: Api, sql: str) -> list[dict[str, Any]]:
    """The rows, or none where the service does not know the view (emulators) or may not show it."""
    try:
        return api.query(sql)
    except ApiError as error:
        if error.status in (400, 403, 404):
            return []
        raise
