"""The ClickHouse server's own parser over a migration, executing nothing: it formats the statements as text.

`formatQueryOrNull` (23.x) takes any number of them in one request and parses without looking anything up; what it
gives NULL for is asked again by EXPLAIN AST, which parses too and says what is wrong and where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from backend.engine.syntax import Answer, Block, Budget, Refusal, left_out
from backend.engine.target import Statement, Target
from backend.models.migration import Direction

from . import connect
from .errors import ServerSaid
from .text import literal

SOURCE = "clickhouse server"
_FILE_BUDGET_S = 1.0
_REQUEST_BYTES = 200_000
_LONGEST = 100_000
"""A statement over this is not asked about; of an INSERT only what stands before its rows is."""
_MOST_REFUSALS = 50
_SYNTAX_ERROR = 62
_UNKNOWN_FUNCTION = 46
_POSITION = re.compile(r"failed at position (\d+)")
_ROWS = re.compile(r"\bVALUES\b(?=\s*\()", re.IGNORECASE)
_MESSAGE = re.compile(r"(?s)Syntax error.*?failed at position \d+\s*(?P<what>.*)")
_SETTINGS = {"max_query_size": "1000000", "max_parser_depth": "1000"}


@contextmanager
def open_checker(target: Target | None) -> Iterator[ClickHouseChecker]:
    """A checker on the target's server; the session may only read."""
    if target is None:
        raise ValueError("ClickHouse's parser is the server's: there is no target")
    with connect.session(replace(target, read_only=True)) as connection:
        yield ClickHouseChecker(connection)


class ClickHouseChecker:
    def __init__(self, connection: connect.Connection) -> None:
        self._connection = connection
        self._budget = Budget(_FILE_BUDGET_S)
        self._knows_format = True
        self._judged: dict[str, str | None] = {}
        """Text → what the server says against it, None where it takes it; heads of INSERTs come again and again."""

    def check(self, blocks: Sequence[Block], *, pending: bool) -> Answer:
        self._budget.start()
        wanted = [(block.direction, one, _asked(one.text)) for block in blocks for one in block.statements]
        texts = list(dict.fromkeys(text for _, _, text in wanted if text and text not in self._judged))
        self._ask(texts)
        refusals: list[Refusal] = []
        unknown = 0
        for direction, statement, text in wanted:
            if text not in self._judged:
                unknown += 1
            elif (said := self._judged[text]) is not None:
                refusals.append(_refusal(direction, statement, said))
        return Answer(SOURCE, tuple(refusals), left_out(unknown), len(wanted) - unknown)

    def _ask(self, texts: Sequence[str]) -> None:
        part: list[str] = []
        size = 0
        for text in texts:
            if size and size + len(text) > _REQUEST_BYTES:
                self._ask_part(part)
                if self._budget.spent:
                    return
                part, size = [], 0
            part.append(text)
            size += len(text)
        if part:
            self._ask_part(part)

    def _ask_part(self, texts: Sequence[str]) -> None:
        doubtful = list(texts)
        if self._knows_format:
            listed = ", ".join(literal(text) for text in texts)
            try:
                rows = self._connection.query(
                    f"SELECT formatQueryOrNull(arrayJoin([{listed}])) IS NULL", settings=_SETTINGS
                )
            except ServerSaid as error:
                # An older server, or one that does not let this user call it: each statement by itself then.
                self._knows_format = error.code != _UNKNOWN_FUNCTION
                rows = []
            if len(rows) == len(texts):
                doubtful = []
                for text, (is_null,) in zip(texts, rows, strict=True):
                    if int(is_null):
                        doubtful.append(text)
                    else:
                        self._judged[text] = None
        for number, text in enumerate(doubtful[:_MOST_REFUSALS]):
            if number and self._budget.spent:
                return  # the first is named however slow the server is
            self._judged[text] = self._explain(text)

    def _explain(self, text: str) -> str | None:
        try:
            self._connection.query(f"EXPLAIN AST {text}", settings=_SETTINGS)
        except ServerSaid as error:
            # Only the form is judged: a missing right or setting says nothing about it.
            return str(error) if error.code == _SYNTAX_ERROR else None
        return None


def _asked(text: str) -> str:
    """The statement as it is asked about; empty where it is too long."""
    if text[:6].upper() == "INSERT" and (rows := _ROWS.search(text, 0, 4_000)) is not None:
        return text[: rows.end()]
    return text if len(text) <= _LONGEST else ""


def _refusal(direction: Direction, statement: Statement, said: str) -> Refusal:
    place = _POSITION.search(said)
    # Positions are bytes of the query that was sent, from 1, `EXPLAIN AST ` among them.
    offset = None
    if place is not None:
        before = statement.text.encode()[: max(0, int(place[1]) - 1 - len("EXPLAIN AST "))]
        offset = min(len(before.decode(errors="ignore")), max(0, len(statement.text) - 1))
    found = _MESSAGE.search(said)
    what = " ".join((found["what"] if found else said).split())[:300].strip(" :")
    what = re.sub(r"^\([^)]*\)\s*(?:\(line \d+, col \d+\))?:?\s*", "", what)
    return Refusal(direction, statement.start, f"Syntax error at {what}" if what else "Syntax error", offset)
