"""A schema as `sqlite_master` has it: each object's text as SQLite keeps it. Reads only."""

from __future__ import annotations

import sqlite3

from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.sqllex import Kind, Words, lexer
from backend.engine.target import Target
from backend.engines.sqlite.connect import read
from backend.engines.sqlite.load import without_columns_comment

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
                compared=_compared(kind, sql),
                parent=parent,
                needs=(parent,) if parent else (),
                facts={"virtual": "yes"} if sql[:20].upper().startswith("CREATE VIRTUAL TABLE") else {},
            )
        )
    return Snapshot(engine="sqlite", objects=tuple(objects), server_version=sqlite3.sqlite_version)


def _compared(kind: str, sql: str) -> str | None:
    """A dump names a view's columns in a comment behind it: loaded again it is part of the text, and says nothing."""
    text = without_columns_comment(sql) if kind == "view" else sql
    if ends_in_comment(text):
        text = text.rstrip()
    return None if text == sql else text


def ends_in_comment(sql: str) -> bool:
    """Whether the text ends in a `--` comment, which would swallow a semicolon: one was made without any. Only what
    white space comes after it then cannot be written again to the letter, and is not compared."""
    if "--" not in sql[sql.rfind("\n", 0, len(sql.rstrip())) + 1 :]:
        return False
    scan = lexer("sqlite", words=Words.NONE, delimiter=";").match
    position, last = 0, 0
    while position < len(sql) and (match := scan(sql, position)) is not None:
        if match.lastindex != Kind.RUN or not match.group().isspace():
            last = Kind.COMMENT if match.group().startswith("--") else 0
        position = match.end()
    return last == Kind.COMMENT


def _shadows(connection: sqlite3.Connection) -> set[str]:
    return {
        fold(str(row[1])) for row in connection.execute("PRAGMA main.table_list") if str(row[2]) == "shadow"
    }
