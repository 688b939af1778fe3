"""Statements run on a real PostgreSQL database."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.context import stop_if_cancelled
from backend.drivers.pgwire.connect import writing
from backend.drivers.pgwire.url import PgUrl
from backend.engine.schema.model import Step
from backend.engine.schema.port import Applied
from backend.engine.target import Target

from .standins import words


def repair(target: Target, url: PgUrl, steps: Sequence[Step]) -> Applied:
    """All or nothing, unless a step cannot stand in a transaction: then one by one, up to the first that fails."""
    import psycopg

    in_one = all(step.transaction for step in steps)
    with writing(target, url) as connection:
        number = 0
        try:
            if in_one:
                connection.execute(b"BEGIN")
            for number, step in enumerate(steps):  # noqa: B007 (the failing one is told)
                stop_if_cancelled()
                connection.execute(step.sql.encode())
            if in_one:
                connection.execute(b"COMMIT")
        except psycopg.Error as error:
            stop_if_cancelled()
            if in_one and not connection.closed:
                connection.execute(b"ROLLBACK")
            return Applied(False, 0 if in_one else number, words(error), number)
    return Applied(True, len(steps), order=tuple(range(len(steps))))
