"""Counting rows in a SQLite file, opened read-only, given up after two seconds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from backend.engine.forecast.port import COUNT_LIMIT, COUNT_TIMEOUT_S, Counted, Counter, Question
from backend.engine.target import Target
from backend.engines.sqlite.connect import read

_STEPS = 10_000
"""Of SQLite's machine, between two looks at the clock."""


@contextmanager
def counting(target: Target) -> Iterator[Counter]:
    yield lambda question: read(target, lambda connection: _count(connection, question))


def _count(connection: sqlite3.Connection, question: Question) -> Counted:
    until = time.monotonic() + COUNT_TIMEOUT_S
    connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
    try:
        (count,) = connection.execute(str(question.ask)).fetchone()
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
            return Counted(reason=f"Counting took longer than {COUNT_TIMEOUT_S:.0f} seconds and was stopped.")
        return Counted(reason=f"SQLite did not count: {error}.")
    finally:
        connection.set_progress_handler(None, 0)
    return Counted(min(count, COUNT_LIMIT), count > COUNT_LIMIT)
