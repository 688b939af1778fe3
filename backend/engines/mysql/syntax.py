"""The MySQL or MariaDB server's own parser over a migration: each statement is prepared and forgotten, never executed.

PREPARE parses every statement; of INSERT, UPDATE, DELETE and SELECT it also looks the names up. What it does not take
(error 1295: routines, LOCK TABLES, … on older servers) is *unknown*. The session waits for no lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.engine.syntax import Answer, Block, Budget, Refusal, left_out
from backend.engine.target import Statement, Target
from backend.models.migration import Direction

from .connect import reading, run

if TYPE_CHECKING:
    from pymysql.connections import Connection

SOURCE = "mysql server"
_FILE_BUDGET_S = 1.0
_MOST_REFUSALS = 200
_LONGEST = 100_000
_SYNTAX = frozenset({1064, 1149})
_NAMES = frozenset({1051, 1054, 1109, 1146})
_ALWAYS_ASKED = 5
"""Statements that are asked about however slow the server is."""
_READ_ONLY = 1792
_READS_ROWS = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "VALUES", "SET"})
_NEAR = re.compile(r"near '(?P<text>.*)' at line (?P<line>\d+)\s*$", re.DOTALL)
# One row: what it begins with is what all rows after it are inserted into.
_HEAD = re.compile(r"(?:[^'()]*+\([^'()]*+\))?[^'()]*?\bVALUES\s*+(?=\()", re.IGNORECASE)


@contextmanager
def open_checker(target: Target | None) -> Iterator[MysqlChecker]:
    """A checker on the target's server, in its database where that exists."""
    from backend.core.errors import DatabaseMissing

    if target is None:
        raise ValueError("MySQL's parser is the server's: there is no target")
    try:
        session = reading(target)
        connection = session.__enter__()
        has_database = True
    except DatabaseMissing:
        session = reading(target, database=False)
        connection = session.__enter__()
        has_database = False
    try:
        run(connection, "SET SESSION lock_wait_timeout = 1")
        if not target.read_only:
            # PREPARE executes nothing, and a read-only session would refuse writes before it looks their names up.
            run(connection, "SET SESSION TRANSACTION READ WRITE")
        yield MysqlChecker(connection, knows_names=has_database)
    finally:
        session.__exit__(None, None, None)


class MysqlChecker:
    def __init__(self, connection: Connection[Any], *, knows_names: bool) -> None:
        self._connection = connection
        self._knows_names = knows_names
        """False after the first pending statement that may make or change a table."""
        self._budget = Budget(_FILE_BUDGET_S)

    def check(self, blocks: Sequence[Block], *, pending: bool) -> Answer:
        self._budget.start()
        refusals: list[Refusal] = []
        unknown = asked = 0
        heads: set[str] = set()
        for block in blocks:
            knows = self._knows_names and pending and block.direction == Direction.UP
            for statement in block.statements:
                word = statement.text.split(None, 1)[0].upper().rstrip(";(") if statement.text.split() else ""
                head = _HEAD.match(statement.text) if word in ("INSERT", "REPLACE") else None
                if head is not None and head[0] in heads:
                    asked += 1
                    continue
                is_late = asked >= _ALWAYS_ASKED and self._budget.spent
                if is_late or len(refusals) >= _MOST_REFUSALS or len(statement.text) > _LONGEST:
                    unknown += 1
                    continue
                number, said = self._prepare(statement.text)
                if number == 0:
                    asked += 1
                    if head is not None:
                        heads.add(head[0])
                elif number in _SYNTAX or (number in _NAMES and knows and word in _READS_ROWS):
                    asked += 1
                    refusals.append(_refusal(block.direction, statement, said))
                elif number in _NAMES or number == _READ_ONLY:
                    asked += 1  # the form is right; the names are not known here
                else:
                    unknown += 1
                if word not in _READS_ROWS:
                    knows = False
                    self._knows_names = self._knows_names and not (
                        pending and block.direction == Direction.UP
                    )
        return Answer(SOURCE, tuple(refusals), left_out(unknown), asked)

    def _prepare(self, text: str) -> tuple[int, str]:
        """(0, "") where the server takes it, else its number and words."""
        import pymysql

        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SET @db_toolkit_text = %s", (text,))
                cursor.execute("PREPARE db_toolkit_check FROM @db_toolkit_text")
                cursor.execute("DEALLOCATE PREPARE db_toolkit_check")
        except (
            pymysql.err.OperationalError,
            pymysql.err.ProgrammingError,
            pymysql.err.InternalError,
            pymysql.err.NotSupportedError,
            pymysql.err.IntegrityError,
            pymysql.err.DataError,
        ) as error:
            number = int(error.args[0]) if error.args and isinstance(error.args[0], int) else -1
            if number in (2006, 2013, 0):
                raise
            return number, str(error.args[1]) if len(error.args) > 1 else str(error)  # fmt: skip
        return 0, ""


def _refusal(direction: Direction, statement: Statement, said: str) -> Refusal:
    """With the place of the text the server quotes, in the line of the statement that it names."""
    near = _NEAR.search(said)
    if near is None:
        return Refusal(direction, statement.start, said.rstrip("."))
    quoted = near["text"].removesuffix("...")
    lines = statement.text.split("\n")
    line = min(int(near["line"]), len(lines))
    begin = sum(len(one) + 1 for one in lines[: line - 1])
    offset = statement.text.find(quoted, begin) if quoted else len(statement.text.rstrip("; \n"))
    words = " ".join(quoted.split())[:60]
    what = f"Syntax error near {words!r}" if quoted else "The statement ends too early"
    return Refusal(direction, statement.start, what, offset if 0 <= offset < len(statement.text) else None)
