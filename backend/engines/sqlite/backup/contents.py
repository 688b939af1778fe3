"""The rows of every table of an open SQLite database, counted and digested; their order does not count."""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
from collections.abc import Callable

from backend.engines.sqlite.connect import quoted
from backend.models.backup import TableContent

_MARSHAL = 2
"""A version without references, so that equal rows are equal bytes."""
_MOST = 1 << 128


def of(
    connection: sqlite3.Connection, going_on: Callable[[int, int | None, str], None], *, digest: bool
) -> list[TableContent]:
    """Storage classes count: 1, 1.0, '1' and x'31' are four values."""
    # A blob comes as bytes, a text as a tuple around its bytes.
    connection.text_factory = lambda data: ("t", data)
    found = []
    for name, sql in _tables(connection):
        table = name.decode("utf-8", "replace")
        if not digest:
            rows = _counted(connection, table)
            if rows is not None:
                found.append(TableContent(table=table, rows=rows))
            continue
        try:
            cursor = connection.execute(f"SELECT * FROM {quoted(table)}")
        except sqlite3.OperationalError:
            if not sql.lstrip().upper().startswith(b"CREATE VIRTUAL"):
                raise
            # A virtual table of a module that is not here: its rows are in its shadow tables.
            continue
        rows, total = 0, 0
        while chunk := cursor.fetchmany(2000):
            for row in chunk:
                packed = marshal.dumps(row, _MARSHAL)
                total = (
                    total + int.from_bytes(hashlib.blake2b(packed, digest_size=16).digest(), "big")
                ) % _MOST
            rows += len(chunk)
            going_on(rows, None, f"Comparing {table}")
        found.append(TableContent(table=table, rows=rows, digest=f"{total:032x}"))
    return found


def _tables(connection: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
    rows = connection.execute(
        "SELECT CAST(name AS BLOB), CAST(coalesce(sql, '') AS BLOB) FROM sqlite_master WHERE type = 'table'"
        " AND (name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR name = 'sqlite_sequence') ORDER BY name"
    )
    return [(name, sql) for name, sql in rows]


def _counted(connection: sqlite3.Connection, table: str) -> int | None:
    try:
        return int(connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])
    except sqlite3.OperationalError:
        return None
