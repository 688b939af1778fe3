"""While a session of ours works, a cancel ends it on the server too, and what then fails is Cancelled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Cancelled
from backend.engine.target import CancelToken, Target
from backend.engines.mysql.connect import rows
from backend.engines.mysql.sessions import end_connection

if TYPE_CHECKING:
    from pymysql.connections import Connection


@contextmanager
def ending(target: Target, connection: Connection[Any], cancel: CancelToken) -> Iterator[None]:
    import pymysql

    number = int(rows(connection, "SELECT connection_id()")[0][0])
    inside = threading.Event()
    inside.set()

    def end() -> None:
        if inside.is_set():
            with suppress(AppError):
                end_connection(target, number)

    cancel.on_cancel(end)
    try:
        yield
    except (AppError, pymysql.err.MySQLError, OSError, RuntimeError):
        if cancel.is_cancelled:
            raise Cancelled("It was cancelled.") from None
        raise
    finally:
        inside.clear()
