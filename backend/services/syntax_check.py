"""Asks the engine's own parser about migration files, and falls back on the rules' reader where it cannot be had.

A parser that cannot be reached is a sentence in the answer, never an error: the rest of a validation goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from backend.core.errors import AppError
from backend.engine.glot_syntax import GlotChecker
from backend.engine.port import Engine
from backend.engine.syntax import READERS, Answer, Block, Checker, opener_of
from backend.engine.target import Statement, Target
from backend.engine.tool import ParsedFile
from backend.models.connection import EngineName
from backend.models.migration import Direction

_log = logging.getLogger(__name__)
# Their parser needs no server: a scratch in memory will do.
_WITHOUT_TARGET = frozenset({EngineName.SQLITE})
# Where no server is asked, sqlglot is the second best: it knows these well enough to be worth hearing.
_BY_SQLGLOT = frozenset({EngineName.MYSQL, EngineName.BIGQUERY, EngineName.SPANNER})


class SyntaxCheck:
    """Files are given oldest first; `answer` tells of one, `pass_by` only lets a pending one take effect."""

    def __init__(self, engine: Engine, checker: Checker | None, why_not: str | None) -> None:
        self._engine = engine
        self._checker = checker
        self._why_not = why_not
        self._second = GlotChecker(engine.dialect) if engine.name in _BY_SQLGLOT and engine.dialect else None

    def answer(self, parsed: ParsedFile, *, pending: bool) -> Answer | None:
        """None where no parser was asked besides the reader; `describe` then says why."""
        if self._checker is None:
            return self._from_second(parsed, pending=pending)
        try:
            return self._checker.check(self._blocks(parsed), pending=pending)
        except AppError as error:
            self._lose(error.message)
        except Exception as error:
            # A driver's own error, or a parser that breaks on this text: the risk rules still have their say.
            _log.exception("The parser of %s failed on %s", self._engine.name, parsed.filename)
            self._lose(f"{self._engine.label}'s parser stopped ({type(error).__name__}).")
        return self._from_second(parsed, pending=pending)

    def _from_second(self, parsed: ParsedFile, *, pending: bool) -> Answer | None:
        if self._second is None:
            return None
        found = self._second.check(self._blocks(parsed), pending=pending)
        unknown = " ".join(one for one in (self._why_not, found.unknown) if one) or None
        return replace(found, unknown=unknown)

    def pass_by(self, parsed: ParsedFile) -> None:
        """Let a pending file that is not asked about take effect for those after it."""
        if self._engine.name in _WITHOUT_TARGET:
            self.answer(parsed, pending=True)

    def describe(self, answer: Answer | None) -> tuple[str, str | None]:
        """(who judged the form, why not all of it)."""
        if answer is not None:
            return answer.source, answer.unknown
        return READERS[self._engine.name], self._why_not

    def _blocks(self, parsed: ParsedFile) -> list[Block]:
        blocks = []
        for direction, block in ((Direction.UP, parsed.up), (Direction.DOWN, parsed.down)):
            if block is not None:
                statements: list[Statement] = self._engine.split_statements(block.body)
                blocks.append(Block(direction, statements))
        return blocks

    def _lose(self, why: str) -> None:
        self._checker, self._why_not = None, f"{self._engine.label}'s own parser was not asked: {why}"


@contextmanager
def syntax_check(engine: Engine, target: Target | None, why_no_target: str | None) -> Iterator[SyntaxCheck]:
    """A check over one connection's files. `why_no_target`: why the database cannot be asked, where it cannot."""
    opener = opener_of(engine.name)
    if opener is None:
        yield SyntaxCheck(engine, None, None)
        return
    if target is None and engine.name not in _WITHOUT_TARGET:
        why = why_no_target or "there is no database to ask."
        yield SyntaxCheck(engine, None, f"{engine.label}'s own parser was not asked: {why}")
        return
    with ExitStack() as stack:
        checker, why_not = None, None
        try:
            checker = stack.enter_context(opener(target))
        except AppError as error:
            why_not = f"{engine.label}'s own parser was not asked: {error.message}"
        except Exception as error:
            _log.exception("The parser of %s cannot be opened", engine.name)
            why_not = f"{engine.label}'s own parser was not asked ({type(error).__name__})."
        yield SyntaxCheck(engine, checker, why_not)
