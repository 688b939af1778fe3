"""Stand-ins for what this SQLite lacks: an application's own functions and collations, modules of extensions.

A schema may name them all the same. With a stand-in its text can be kept, compared and moved; what a stand-in was
needed for is told, since the tool that runs the migration lacks it as well.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from backend.engine.schema.model import SchemaObject

_FUNCTION = re.compile(r"no such function: (.+)")
_COLLATION = re.compile(r"no such collation sequence: (.+)")
_MODULE = re.compile(r"no such module|tokenizer", re.IGNORECASE)


def execute(connection: sqlite3.Connection, sql: str, missing: set[str]) -> sqlite3.Cursor:
    """Run one statement; a function or collation nobody knows here gets a stand-in and is added to `missing`."""
    while True:
        try:
            return connection.execute(sql)
        except sqlite3.Error as error:
            if not _stands_in(connection, str(error), missing):
                raise


def _stands_in(connection: sqlite3.Connection, said: str, missing: set[str]) -> bool:
    if found := _FUNCTION.search(said):
        # Deterministic, or an index would refuse it; NULL passes every CHECK and every UNIQUE.
        connection.create_function(found[1], -1, lambda *arguments: None, deterministic=True)
    elif found := _COLLATION.search(said):
        connection.create_collation(found[1], lambda one, other: (one > other) - (one < other))
    else:
        return False
    kind = "function" if found.re is _FUNCTION else "collation"
    if f"{kind} {found[1]}" in missing:
        return False
    missing.add(f"{kind} {found[1]}")
    return True


def is_unknown_module(error: sqlite3.Error) -> bool:
    """Whether a virtual table cannot be made because its module (or a tokenizer) is not in this SQLite."""
    return _MODULE.search(str(error)) is not None


def keep_as_written(connection: sqlite3.Connection, name: str, sql: str) -> None:
    """Write a virtual table of an unknown module into the schema, as `.dump` does with all of them."""
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("INSERT INTO sqlite_master VALUES ('table', ?, ?, 0, ?)", (name, name, sql))
    connection.execute("PRAGMA writable_schema = OFF")


def make(
    connection: sqlite3.Connection, objects: Iterable[SchemaObject], missing: set[str]
) -> dict[str, str]:
    """Make the objects from their own texts, to the letter. Returns by id why one could not be made.

    A virtual table of an unknown module is kept in the schema and named too.
    """
    waiting, failed = list(objects), dict[str, str]()
    while waiting:
        again = []
        for one in waiting:
            try:
                execute(connection, one.sql, missing)
                failed.pop(one.id, None)
            except sqlite3.Error as error:
                failed[one.id] = str(error)
                if one.kind == "table" and is_unknown_module(error):
                    keep_as_written(connection, one.name, one.sql)
                else:
                    again.append(one)
        if len(again) == len(waiting):
            break
        waiting = again
    return failed


def told(missing: Iterable[str]) -> list[str]:
    """One sentence for each stand-in."""
    return [
        f"The {one} is not in this SQLite (an application or extension brings it); a stand-in took its place."
        for one in sorted(missing)
    ]
