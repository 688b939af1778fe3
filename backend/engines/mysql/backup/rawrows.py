"""Rows as the server sends them, undecoded and unbuffered, in the session settings that mysqldump uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import quoted, records, rows, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

Row = tuple[bytes | None, ...]
_AT_ONCE = 500
_BINARY = 63
_BLOBS, _TEXTS, _BIT, _GEOMETRY = (249, 250, 251, 252), (15, 253, 254), 16, 255
_NUMBERS = frozenset((0, 1, 2, 3, 4, 5, 8, 9, 13, 246))


def snapshot(connection: Connection[Any]) -> None:
    """From here on the session sees every transactional table as it is now, and prints as mysqldump does."""
    run(connection, "SET SESSION sql_mode = '', time_zone = '+00:00'")
    run(connection, "SET NAMES utf8mb4")
    run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT")


def stored_columns(connection: Connection[Any], database: str) -> dict[str, list[str]]:
    """By table its columns in order, without the generated ones."""
    found: dict[str, list[str]] = {}
    query = "SELECT * FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position"
    for row in records(connection, query, (database,)):
        columns = found.setdefault(str(row["table_name"]), [])
        if not row.get("generation_expression"):
            columns.append(str(row["column_name"]))
    return found


def select(table: str, columns: list[str]) -> str:
    return f"SELECT {', '.join(map(quoted, columns)) or '1'} FROM {quoted(table)}"


@contextmanager
def raw(connection: Connection[Any], query: str) -> Iterator[tuple[list[str], Iterator[list[Row]]]]:
    """How each column is written (`number`, `hex`, `text`), and the rows in batches."""
    from pymysql.cursors import SSCursor

    kept = connection.use_unicode, connection.decoders
    settings = vars(connection)
    settings["use_unicode"], settings["decoders"] = False, {}
    try:
        cursor = connection.cursor(SSCursor)
        try:
            cursor.execute(query)
            fields = vars(cursor)["_result"].fields
            yield [_kind(field) for field in fields], _batches(cursor)
        finally:
            result = vars(cursor).get("_result")
            if result is not None and not connection.open:
                # PyMySQL closes a cursor by reading on, from a connection that is lost too.
                result.unbuffered_active = False
            cursor.close()
    finally:
        settings["use_unicode"], settings["decoders"] = kept


def _batches(cursor: Any) -> Iterator[list[Row]]:
    while batch := cursor.fetchmany(_AT_ONCE):
        yield list(batch)


def _kind(field: Any) -> str:
    if field.type_code in _NUMBERS:
        return "number"
    is_binary = field.charsetnr == _BINARY and field.type_code in (*_BLOBS, *_TEXTS)
    return "hex" if is_binary or field.type_code in (_BIT, _GEOMETRY) else "text"


def sequence_values(connection: Connection[Any], names: list[str]) -> list[tuple[str, int]]:
    return [
        (name, int(rows(connection, f"SELECT next_not_cached_value FROM {quoted(name)}")[0][0]))
        for name in names
    ]
