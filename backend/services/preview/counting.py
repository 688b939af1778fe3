"""Asks the database how many rows match: one read-only session for the whole preview, with an end to its patience."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.core.errors import AppError
from backend.engine.forecast.known import Known
from backend.engine.forecast.port import Counted, Counter, EngineForecast, Question
from backend.engine.lint.ops import Name
from backend.engine.target import Target
from backend.models.preview import MatchingRows

from .downcheck import Draft, Lost

if TYPE_CHECKING:
    from .statements import Shown

_log = logging.getLogger(__name__)
_MOST = 30
_PATIENCE_S = 8.0
"""For all questions of a preview together; each has a limit of its own."""
_DOUBTS = {
    "made": "{} is made by an earlier statement of this preview, so there is nothing to count yet.",
    "renamed": "{} gets this name by an earlier statement of this preview, so it cannot be asked under it yet.",
    "altered": "An earlier statement of this preview changes {}, so by then others may match.",
    "rows": "An earlier statement of this preview changes rows of {}, so by then others may match.",
}


class Counts:
    """`target` None: nobody to ask, and `problem` says why."""

    def __init__(self, forecast: EngineForecast, target: Target | None, problem: str | None) -> None:
        self._forecast = forecast
        self._target = target
        self._problem = problem
        self._lost: dict[tuple[str, str, str | None], Counted] = {}

    def lost(self, what: Lost) -> Counted | None:
        kind, table, column = what
        return self._lost.get((kind, str(table), column))

    def ask(self, shown: Sequence[Shown], drafts: Sequence[Draft], known: Known) -> None:
        """Fill `rows` of the statements, and keep what is lost with tables and columns."""
        asked: list[tuple[Shown | Lost, Question]] = []
        for one in shown:
            if one.question is None:
                continue
            one.rows = MatchingRows(query=one.question.query, reason=one.question.reason)
            self._total(one.rows, one.question.table, known)
            if one.doubt and one.question.ask is not None:
                one.rows.reason = _DOUBTS[one.doubt].format(one.question.table)
            if one.question.ask is not None and one.doubt not in ("made", "renamed"):
                asked.append((one, one.question))
        asked += self._losses(drafts, known)
        self._all(asked)

    def _losses(self, drafts: Sequence[Draft], known: Known) -> list[tuple[Lost, Question]]:
        found: list[tuple[Lost, Question]] = []
        for draft in drafts:
            for table in draft.tables_lost:
                if self._is_gone(known, table):
                    self._lost["table", str(table), None] = Counted(0)
                else:
                    found.append((("table", table, None), self._forecast.rows_question(table)))
            for table, column in draft.columns_lost:
                if known.is_read and known.has("column", column, str(table)) is False and known.entry(table):
                    self._lost["column", str(table), column] = Counted(0)
                else:
                    question = self._forecast.values_question(table, column)
                    found.append((("column", table, column), question))
        return found

    @staticmethod
    def _is_gone(known: Known, table: Name) -> bool:
        """Not there now: nothing of it can be lost, unless the files make and fill it first."""
        return known.is_read and known.entry(table) is None

    @staticmethod
    def _total(rows: MatchingRows, table: Name, known: Known) -> None:
        count = known.rows(table)
        if count is not None:
            rows.total, rows.total_is_estimate = count, True

    def _all(self, asked: Sequence[tuple[Shown | Lost, Question]]) -> None:
        if not asked:
            return
        if self._target is None:
            why = (
                f"The database was not read: {self._problem}"
                if self._problem
                else "The database was not read."
            )
            self._refuse(asked, why)
            return
        done = 0
        try:
            with self._forecast.counting(self._target) as count:
                until = time.monotonic() + _PATIENCE_S
                for done, (whose, question) in enumerate(asked):
                    if done >= _MOST or time.monotonic() > until:
                        self._refuse(
                            asked[done:], "Not counted: other statements of this preview were counted first."
                        )
                        return
                    self._keep(whose, question, self._one(count, question))
        except AppError as error:
            self._refuse(asked[done:], f"The database did not answer: {error.message}")

    def _one(self, count: Counter, question: Question) -> Counted:
        return count(question) if question.ask is not None else Counted(reason=question.reason)

    def _keep(self, whose: Shown | Lost, question: Question, found: Counted) -> None:
        if isinstance(whose, tuple):
            self._lost[whose[0], str(whose[1]), whose[2]] = found
            return
        rows = whose.rows
        assert rows is not None
        rows.count, rows.at_least = found.count, found.at_least
        rows.reason = found.reason or rows.reason
        if question.is_whole and found.count is not None and not found.at_least:
            rows.total, rows.total_is_estimate = found.count, False

    def _refuse(self, asked: Sequence[tuple[Shown | Lost, Question]], why: str) -> None:
        for whose, question in asked:
            self._keep(whose, question, Counted(reason=why))
