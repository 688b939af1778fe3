"""A schema as `sqlite_master` has it: each object's text as SQLite keeps it. Reads only."""

from __future__ import annotations

import sqlite3

from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.sqlite.connect import read

# Names are compared as SQLite compares them: ASCII letters without case.
_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_MASTER = """
    SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid
"""


def fold(name: str) -> str:
    """A name as SQLite tells names apart."""
    return name.translate(_FOLD)


def table_id(name: str) -> str:
    return f"table {fold(name)}"


def snapshot(target: Target) -> Snapshot:
    """The schema of the file, without the migrations table. Raises DatabaseMissing."""
    return read(target, lambda connection: of_connection(connection, target.migrations_table))


def of_connection(connection: sqlite3.Connection, without: str | None = None) -> Snapshot:
    """The schema of an open connection; tables that a virtual table keeps for itself are left out."""
    rows = [
        (str(kind), str(name), str(table), str(sql)) for kind, name, table, sql in connection.execute(_MASTER)
    ]
    own = fold(without) if without else None
    shadows = _shadows(connection)
    views = {fold(name) for kind, name, _, _ in rows if kind == "view"}
    objects = []
    for kind, name, table, sql in rows:
        if own in (fold(name), fold(table)) or fold(table) in shadows:
            continue
        parent = None
        if kind in ("index", "trigger"):
            parent = f"view {fold(table)}" if fold(table) in views else table_id(table)
        objects.append(
            SchemaObject(
                id=f"{kind} {fold(name)}",
                kind=kind,
                name=name,
                sql=sql,
                parent=parent,
                needs=(parent,) if parent else (),
                facts={"virtual": "yes"} if sql[:20].upper().startswith("CREATE VIRTUAL TABLE") else {},
            )
        )
    return Snapshot(engine="sqlite", objects=tuple(objects), server_version=sqlite3.sqlite_version)


def _shadows(connection: sqlite3.Connection) -> set[str]:
    return {
        fold(str(row[1])) for row in connection.execute("PRAGMA main.table_list") if str(row[2]) == "shadow"
    }
