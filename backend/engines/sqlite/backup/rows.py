"""The rows of every table of a SQLite file: how many, and a digest in which their order does not count."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable

from backend.core.errors import Cancelled
from backend.engine.target import CancelToken
from backend.engines.sqlite.connect import quoted
from backend.models.backup import TableContent

_AT_ONCE = 1000
_MODULUS = 1 << 128


def tables_of(
    connection: sqlite3.Connection,
    told: Callable[[int, str], None],
    cancel: CancelToken,
    *,
    digest: bool,
) -> list[TableContent]:
    """Every table in the file by name, those in which a virtual table keeps its rows included; no views.

    The digest tells NULL, '', 0, 0.0 and x'' apart.
    """
    before = connection.text_factory
    connection.text_factory = _text
    try:
        found, done = [], 0
        for name in _names(connection):
            told(done, name)
            rows, value = _digest(connection, name, cancel) if digest else (_count(connection, name), None)
            if cancel.is_cancelled:
                raise Cancelled("Reading the rows was cancelled.")
            done += rows
            found.append(TableContent(table=name, rows=rows, digest=value))
        return found
    finally:
        connection.text_factory = before


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _names(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND (rootpage > 0)"
        " AND (name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR name = 'sqlite_sequence') ORDER BY name"
    )
    return [str(name) for (name,) in rows]


def _count(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0])


def _digest(connection: sqlite3.Connection, name: str, cancel: CancelToken) -> tuple[int, str]:
    # NOT INDEXED: the rows themselves are read, not what an index says of them.
    cursor = connection.execute(f"SELECT * FROM {quoted(name)} NOT INDEXED")
    rows, total = 0, 0
    while batch := cursor.fetchmany(_AT_ONCE):
        if cancel.is_cancelled:
            raise Cancelled("Reading the rows was cancelled.")
        for row in batch:
            # repr tells every type SQLite knows apart, and gives a float back to its last bit.
            data = repr(row).encode("utf-8", "surrogatepass")
            total += int.from_bytes(hashlib.blake2b(data, digest_size=16).digest(), "big")
        rows += len(batch)
    return rows, f"{total % _MODULUS:032x}"
