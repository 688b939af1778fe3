"""Counting rows on MySQL and MariaDB: a read-only session that gives up after two seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.engine.forecast.port import COUNT_LIMIT, COUNT_TIMEOUT_S, Counted, Counter, Question
from backend.engine.target import Target
from backend.engines.mysql.connect import reading, rows, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

_TOO_LONG = (1969, 3024)
"""max_statement_time (MariaDB), max_execution_time (MySQL)."""


@contextmanager
def counting(target: Target) -> Iterator[Counter]:
    with reading(target) as connection:
        limits = (
            f"SET SESSION max_statement_time = {COUNT_TIMEOUT_S:g}",
            f"SET SESSION max_execution_time = {int(COUNT_TIMEOUT_S * 1000)}",
        )
        is_maria = "mariadb" in str(rows(connection, "SELECT version()")[0][0]).lower()
        run(connection, limits[0 if is_maria else 1])
        run(connection, f"SET SESSION lock_wait_timeout = {max(1, int(COUNT_TIMEOUT_S))}")
        yield lambda question: _count(connection, question)


def _count(connection: Connection[Any], question: Question) -> Counted:
    import pymysql

    try:
        found = rows(connection, str(question.ask))
    except (pymysql.err.ProgrammingError, pymysql.err.OperationalError, pymysql.err.InternalError) as error:
        code, message = (*error.args, "it was refused")[:2]
        if code in _TOO_LONG:
            return Counted(reason=f"Counting took longer than {COUNT_TIMEOUT_S:.0f} seconds and was stopped.")
        if isinstance(code, int) and 2000 <= code < 3000:
            raise
        return Counted(reason=f"The server did not count: {message}.")
    count = int(found[0][0])
    return Counted(min(count, COUNT_LIMIT), count > COUNT_LIMIT)
