"""Statements run on a real SQLite file: none of the short cuts that a scratch may take."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from backend.core.context import stop_if_cancelled
from backend.engine.schema.model import Step
from backend.engine.schema.port import Applied
from backend.engine.target import Target
from backend.engines.sqlite.connect import writing


def repair(target: Target, steps: Sequence[Step]) -> Applied:
    """All or nothing, unless a step cannot stand in a transaction."""
    with writing(target) as connection:
        in_one = all(step.transaction for step in steps)
        if in_one:
            connection.execute("BEGIN IMMEDIATE")
        for number, step in enumerate(steps):
            stop_if_cancelled()
            try:
                connection.execute(step.sql)
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return Applied(False, 0 if in_one else number, str(error), number)
        if connection.in_transaction:
            connection.execute("COMMIT")
    return Applied(True, len(steps), order=tuple(range(len(steps))))
