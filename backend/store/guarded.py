"""A connection to toolkit.db whose reads and writes alike tell what is wrong with the file in the app's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

_OURS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError)
"""Mistakes of the caller: no word about the file."""


class GuardedCursor(sqlite3.Cursor):
    """Errors may come with any row, not only with the statement."""

    def _raise(self, error: sqlite3.DatabaseError) -> None:
        connection = self.connection
        if isinstance(connection, GuardedConnection):
            connection.tell(error)
        raise error

    def execute(self, *arguments: Any) -> GuardedCursor:
        try:
            return super().execute(*arguments)
        except sqlite3.DatabaseError as error:
            self._raise(error)
            raise

    def executemany(self, *arguments: Any) -> GuardedCursor:
        try:
            return super().executemany(*arguments)
        except sqlite3.DatabaseError as error:
            self._raise(error)
            raise

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as error:
            self._raise(error)
            raise

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as error:
            self._raise(error)
            raise

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as error:
            self._raise(error)
            raise


class GuardedConnection(sqlite3.Connection):
    """`on_error` is given what SQLite says of the file, and raises it as the app's own error."""

    on_error: Callable[[sqlite3.DatabaseError], None] | None = None

    def tell(self, error: sqlite3.DatabaseError) -> None:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if self.on_error is not None and not isinstance(error, _OURS) and code != sqlite3.SQLITE_ERROR:
            self.on_error(error)

    def cursor(self, *_: Any) -> GuardedCursor:  # type: ignore[override]
        return super().cursor(GuardedCursor)

    def execute(self, *arguments: Any) -> GuardedCursor:
        # The inherited ones make a cursor of the plain kind.
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> GuardedCursor:
        return self.cursor().executemany(*arguments)
