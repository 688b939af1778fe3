"""The cheap look at dbmate's table in MySQL and MariaDB: one query on a kept, read-only session."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, DatabaseMissing
from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

from . import url as urls
from .connect import quoted, reading, rows, run
from .errors import translated

if TYPE_CHECKING:
    from pymysql.connections import Connection

_NO_SUCH_TABLE = 1146
_SILENCE_S = 10


class MysqlPulse(Pulse):
    """Autocommit: between two looks no lock is held, so nobody ever waits for this session."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stack = ExitStack()
        self._connection: Connection[Any] | None = None
        table = quoted(target.migrations_table)
        self._query = f"SELECT count(*), max(version), sum(crc32(version)) FROM {table}"

    def look(self) -> Look:
        try:
            with translated(urls.parse(self._target.url)):
                found = rows(self._connection or self._open(), self._query)
        except DatabaseMissing:
            self.close()
            return Look("no database")
        except AppError as error:
            if error.details.get("errno") == _NO_SUCH_TABLE:
                return Look("no table")
            raise
        return Look(" ".join(map(str, found[0])))

    def close(self) -> None:
        self._connection = None
        with suppress(AppError):
            self._stack.close()

    def _open(self) -> Connection[Any]:
        connection = self._stack.enter_context(reading(self._target))
        run(connection, "SET SESSION lock_wait_timeout = 1")
        # The pulse never waits long for one row; a network that swallows everything must not hold it for ever.
        vars(connection)["_read_timeout"] = _SILENCE_S
        self._connection = connection
        return connection
