"""Runs a dump's statements in a session, as the mysql client would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from backend.engine import sqltext
from backend.engines.mysql.errors import from_driver

from . import code
from .code import Of, Piece
from .sqlstream import Insert, Text

if TYPE_CHECKING:
    from pymysql.connections import Connection

_NO_RIGHT_TO_DEFINER = (1227, 1698)


class Runner:
    """Runs what it is given; `pieces` keeps the code's statements for running them again elsewhere."""

    def __init__(self, connection: Connection[Any], *, passes: Callable[[Of], bool] = lambda _: True) -> None:
        self._connection = connection
        self._passes = passes
        self._database: str | None = None
        self.pieces: list[Piece] = []
        self.strange_definers: set[str] = set()
        self.rows_of: str = ""

    def part(self, part: Text | Insert) -> None:
        if isinstance(part, Insert):
            self.rows_of = part.table.decode("utf-8", "replace")
            self._run(part.sql)
            return
        text = part.sql.decode("utf-8", "surrogateescape")
        self._database = self._database or code.own_database(text)
        for statement in sqltext.split(text, "mysql"):
            kind = code.of(statement.text)
            if kind is not Of.TABLES:
                self.pieces.append(Piece(kind, statement.text))
            if self._passes(kind):
                self.statement(kind, statement.text)

    def replay(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            self.statement(piece.kind, piece.sql)

    def statement(self, kind: Of, sql: str) -> None:
        import pymysql

        if kind is Of.TABLES and self._database:
            sql = code.unqualified(sql, self._database)
        try:
            self._run(sql.encode("utf-8", "surrogateescape"))
        except pymysql.err.MySQLError as error:
            own, definer = code.without_definer(sql)
            if definer is None or not error.args or error.args[0] not in _NO_RIGHT_TO_DEFINER:
                raise
            self.strange_definers.add(definer)
            self._run(own.encode("utf-8", "surrogateescape"))

    def _run(self, sql: bytes) -> None:
        # As it stands: the driver would read % as a place for an argument.
        self._connection.query(sql)
        while vars(self._connection)["_result"].has_next:
            self._connection.next_result()

    def notes(self) -> list[str]:
        if not self.strange_definers:
            return []
        whose = ", ".join(sorted(self.strange_definers))
        return [
            f"Views, triggers and routines of {whose} run as you now: making them for others needs SUPER or SET USER."
        ]


def said(error: Exception) -> str:
    """The server's words."""
    return from_driver(error).message
