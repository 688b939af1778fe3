"""Says what one statement takes: a lock with what it blocks, how long it is held and where that is documented. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from backend.engine.forecast.locks import expected
from backend.engine.forecast.port import Place
from backend.engine.lint.ops import Name
from backend.models.preview import ExpectedLock

from .modes import AS, BLOCKS, EXPLICIT_LOCKING
from .tables import held, ranges_in


class Taking:
    """Says what a statement takes."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.known = place.known

    def __call__(
        self, table: Name, mode: str, because: str = EXPLICIT_LOCKING, *, certain: bool = True, how: str = ""
    ) -> ExpectedLock:
        return expected(
            self.place, table, mode, BLOCKS[mode], how or held(self.place), because, certain=certain
        )

    def all(
        self, tables: Iterable[Name], mode: str, because: str = EXPLICIT_LOCKING
    ) -> Iterator[ExpectedLock]:
        for table in tables:
            yield self(table, mode, because)

    def with_children(
        self, table: Name, mode: str, because: str = EXPLICIT_LOCKING
    ) -> Iterator[ExpectedLock]:
        """A table with its partitions, and theirs."""
        pending, seen = [table], set[str]()
        while pending:
            one = pending.pop(0)
            if one.key in seen:
                continue
            seen.add(one.key)
            yield self(one, mode, because)
            pending += self.known.children(one)

    def reads(self, node: Any, *, certain: bool = True) -> Iterator[ExpectedLock]:
        for table in ranges_in(node):
            yield self(table, AS, certain=certain)
