"""Takes everything out of a database and leaves the database: its rights and settings are the server's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import quoted, rows, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

_ROUTINES = "SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = %s"
_EVENTS = "SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = %s"
_TRIGGERS = "SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = %s"
_VIEWS = (
    "SELECT 'VIEW', table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'VIEW'"
)
_TABLES = """
SELECT CASE table_type WHEN 'SEQUENCE' THEN 'SEQUENCE' ELSE 'TABLE' END, table_name FROM information_schema.tables
WHERE table_schema = %s AND table_type <> 'VIEW'
"""


def anything(connection: Connection[Any], database: str) -> bool:
    return any(rows(connection, query, (database,)) for query in (_TABLES, _VIEWS, _ROUTINES, _EVENTS))


def drop_code(connection: Connection[Any], database: str) -> None:
    """Events first, that none fires on what is going; then triggers, views and routines."""
    for query in (_EVENTS, _TRIGGERS, _VIEWS, _ROUTINES):
        for kind, name in rows(connection, query, (database,)):
            if str(kind).upper() != "PACKAGE BODY":
                run(connection, f"DROP {kind} IF EXISTS {quoted(database)}.{quoted(name)}")


def tables(connection: Connection[Any], database: str) -> list[str]:
    """Tables and sequences: what RENAME TABLE moves."""
    return [str(name) for _, name in rows(connection, _TABLES, (database,))]


def wipe(connection: Connection[Any], database: str) -> None:
    drop_code(connection, database)
    run(connection, "SET SESSION foreign_key_checks = 0")
    for kind, name in rows(connection, _TABLES + " ORDER BY table_type = 'SEQUENCE'", (database,)):
        run(connection, f"DROP {kind} IF EXISTS {quoted(database)}.{quoted(name)}")
