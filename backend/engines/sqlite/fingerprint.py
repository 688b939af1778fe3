"""One text for every object of a SQLite schema, so that a difference names what changed; reads only."""

from __future__ import annotations

import sqlite3

from backend.core.errors import DatabaseMissing
from backend.engine.target import Target

from .catalog import Schema, schema_of
from .connect import read


def fingerprint(target: Target) -> dict[str, str]:
    """`table users`, `column users.email`, `index users_email`, `view v`, `trigger t` → a text that changes with it."""
    try:
        return read(target, lambda connection: of_connection(connection, target.migrations_table))
    except DatabaseMissing:
        return {}


def of_connection(connection: sqlite3.Connection, migrations_table: str) -> dict[str, str]:
    schema = schema_of(connection)
    own = migrations_table.lower()
    found: dict[str, str] = {}
    for kind, name, table, sql in schema.objects:
        if table.lower() == own or name.lower() == own or sql is None:
            continue
        found[f"{kind} {name}"] = sql if kind in ("table", "view") else f"on {table}: {sql}"
    found.update(_columns(schema, own))
    for name in ("user_version", "application_id"):
        value = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if value:
            found[f"pragma {name}"] = str(value)
    return found


def _columns(schema: Schema, own: str) -> dict[str, str]:
    views = {name for kind, name, _, _ in schema.objects if kind == "view"}
    return {
        f"column {column.table}.{column.name}": (
            f"{column.type}{' NOT NULL' if column.not_null else ''}"
            f"{f' DEFAULT {column.default}' if column.default is not None else ''}"
            f"{f' KEY {column.key_position}' if column.key_position else ''}"
            f"{f' HIDDEN {column.hidden}' if column.hidden else ''}"
        )
        for column in schema.columns
        if column.table.lower() != own and column.table not in views and column.table not in schema.shadows
    }
