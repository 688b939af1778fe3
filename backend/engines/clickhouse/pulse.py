"""The cheap look at dbmate's table in ClickHouse: one query on a kept connection."""

from __future__ import annotations

from contextlib import suppress

from backend.core.errors import AppError
from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

from . import errors, url
from .connect import Connection, open_connection
from .errors import UNKNOWN_DATABASE, UNKNOWN_TABLE, ServerSaid, Unreachable
from .text import identifier

_PATIENCE_S = 5.0


class ClickHousePulse(Pulse):
    """Rows are only ever added to the table until they are merged, so the newest row of each version counts."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._parsed = url.parse(target.url)
        table = f"{identifier(self._parsed.database)}.{identifier(target.migrations_table)}"
        self._query = (
            f"SELECT count(), max(version), sum(cityHash64(version)) FROM {table} FINAL WHERE applied"
        )
        self._connection: Connection | None = None

    def look(self) -> Look:
        try:
            if self._connection is None:
                self._connection = open_connection(self._target, self._parsed)
            found = self._connection.query(self._query, timeout_s=_PATIENCE_S)
        except (ServerSaid, Unreachable) as error:
            if isinstance(error, ServerSaid) and error.code in (UNKNOWN_TABLE, UNKNOWN_DATABASE):
                return Look("no table")
            raise errors.translate(error, self._target.read_only, self._parsed.database) from None
        return Look(" ".join(map(str, found[0])))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(AppError, OSError, ServerSaid, Unreachable):
                connection.close()
