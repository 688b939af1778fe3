"""Counting rows on PostgreSQL: a read-only session that gives up after two seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.drivers.pgwire.connect import milliseconds, reading, rows
from backend.engine.forecast.port import COUNT_LIMIT, COUNT_TIMEOUT_S, Counted, Counter, Question
from backend.engine.target import Target
from backend.engines.postgres.url import parsed

if TYPE_CHECKING:
    from psycopg import Connection


@contextmanager
def counting(target: Target) -> Iterator[Counter]:
    with reading(target, parsed(target.url)) as connection:
        limit_ms = milliseconds(COUNT_TIMEOUT_S)
        connection.execute(f"SET statement_timeout = {limit_ms}; SET lock_timeout = {limit_ms}".encode())
        yield lambda question: _count(connection, question)


def _count(connection: Connection[object], question: Question) -> Counted:
    import psycopg

    try:
        found = rows(connection, str(question.ask))
    except psycopg.errors.QueryCanceled:
        return Counted(reason=f"Counting took longer than {COUNT_TIMEOUT_S:.0f} seconds and was stopped.")
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        message = error.diag.message_primary or "it was refused"
        return Counted(reason=f"The server did not count: {message}.")
    count = int(found[0][0])
    return Counted(min(count, COUNT_LIMIT), count > COUNT_LIMIT)
