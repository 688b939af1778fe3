"""Two ways for rows to get into a scratch: by the server itself, or fetched here and inserted there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from backend.engines.mysql.connect import quoted, rows, run, unbuffered

from .shape import CopiedTable

if TYPE_CHECKING:
    from pymysql.connections import Connection

_AT_ONCE = 500
_FLOAT = 4
"""FIELD_TYPE.FLOAT: the text the server sends of it has six digits."""


class Mover(Protocol):
    def move(
        self,
        table: CopiedTable,
        limit: int | None = None,
        where: str = "",
        arguments: Sequence[object] = (),
    ) -> int:
        """Copy rows of one table; returns how many. `where` is SQL with %s for the arguments."""
        ...


class SameServer:
    def __init__(self, source: str, connection: Connection[Any]) -> None:
        self._source = quoted(source)
        self._connection = connection

    def move(
        self, table: CopiedTable, limit: int | None = None, where: str = "", arguments: Sequence[object] = ()
    ) -> int:
        names = table.column_list
        sql = (
            f"INSERT INTO {quoted(table.name)} ({names}) SELECT {names} FROM {self._source}.{quoted(table.name)}"
            f"{' WHERE ' + where if where else ''}{f' LIMIT {limit}' if limit is not None else ''}"
        )
        return int(self._connection.query(_filled(self._connection, sql, where, arguments)))


class Elsewhere:
    """Fetched unconverted, in batches, so that what goes in is what came out."""

    def __init__(self, reader: Connection[Any], writer: Connection[Any]) -> None:
        self._reader = reader
        self._writer = writer
        # Every table as it is at this moment.
        run(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT")

    def move(
        self, table: CopiedTable, limit: int | None = None, where: str = "", arguments: Sequence[object] = ()
    ) -> int:

        floats = {
            str(name)
            for (name,) in rows(
                self._writer,
                "SELECT column_name FROM information_schema.columns WHERE table_schema = database() "
                "AND table_name = %s AND data_type = 'float'",
                (table.name,),
            )
        }
        chosen = ", ".join(f"{quoted(one)} + 0e0" if one in floats else quoted(one) for one in table.columns)
        sql = (
            f"SELECT {chosen} FROM {quoted(table.name)}"
            f"{' WHERE ' + where if where else ''}{f' LIMIT {limit}' if limit is not None else ''}"
        )
        into = f"INSERT INTO {quoted(table.name)} ({table.column_list}) VALUES "
        done = 0
        decoders, self._reader.decoders = self._reader.decoders, {}
        try:
            with unbuffered(self._reader) as cursor:
                cursor.execute(_filled(self._reader, sql, where, arguments))
                while batch := cursor.fetchmany(_AT_ONCE):
                    values = ", ".join(
                        f"({', '.join(self._writer.escape(value, self._writer.encoders) for value in row)})"
                        for row in batch
                    )
                    self._writer.query(into + values)
                    done += len(batch)
        finally:
            self._reader.decoders = decoders
        return done


def _filled(connection: Connection[Any], sql: str, where: str, arguments: Sequence[object]) -> str:
    """The arguments in their places, within `where` alone: a column's name may hold a `%`."""
    if not where:
        return sql
    filled = where % tuple(connection.escape(one, connection.encoders) for one in arguments)
    return sql.replace(f" WHERE {where}", f" WHERE {filled}", 1)
