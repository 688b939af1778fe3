"""What an engine gives the linter: how its text is read and what rules it adds. Pure.

`backend/engines/<name>/lint/__init__.py` holds one, named `LINT`; `registry` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.engine.handed import handed_on
from backend.models.connection import EngineName

from .ops import Op
from .rule import Rule
from .source import Half, Source, Stmt

Reader = Callable[[Half], list[Stmt]]
"""Reads a half's body into statements. Never raises on bad input: `Stmt.problem` says what was not understood."""


@dataclass(frozen=True, slots=True)
class EngineLint:
    engine: EngineName
    dialect: str | None
    """As `sqltext` names it; None for JavaScript."""
    read: Reader
    rules: Sequence[Rule] = ()
    """The engine's own; the shared SQL rules come from `sqlrules`."""
    quote: Callable[[str], str] = lambda name: '"' + name.replace('"', '""') + '"'
    """A name as SQL, quoted only where it must be."""
    shared: bool = True
    """False leaves the shared SQL rules out (MongoDB)."""
    without: frozenset[str] = frozenset()
    """Shared rules that make no sense here, by code."""
    comments: Callable[[str], Iterator[tuple[int, int]]] | None = None
    """The comments of a whole file, for `dbtoolkit:ignore`; None: by the SQL dialect."""
    prepare: Callable[[Source], None] | None = None
    """Called with the file before its halves are read: where the tool shows a body otherwise than it stands in the file
    (JavaScript, without its indentation), it puts halves in place whose text is the file's own."""
    meaning: Callable[[Half, Stmt], Iterator[Op]] | None = None
    """A statement in the shared words (CreateTable, AddColumn, Rename, …) where the reader's own operations say it
    otherwise; spans are of the statement. For finding what made an object. None: `Stmt.ops` says it."""

    def statements(self, half: Half) -> list[Stmt]:
        """`read`, each statement numbered; within `one_reading` a text is read once, however many ask."""
        if self.dialect is None:
            # JavaScript is read with the file around it.
            return self._numbered(half)
        return handed_on(("read", self.engine, half.body), lambda: self._numbered(half), size=len(half.body))

    def _numbered(self, half: Half) -> list[Stmt]:
        found = self.read(half)
        for index, statement in enumerate(found):
            statement.index = index
        return found
