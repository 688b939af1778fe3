"""The engine's own parser asked about statements, without executing them on the target: what it refuses, and where.

`backend/engines/<name>/syntax.py` holds one `open_checker`; an engine without it is judged by the reader of its risk
rules alone. What nobody could tell is `unknown`, never *right*.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from backend.models.connection import EngineName
from backend.models.migration import Direction

from .target import Statement, Target

READERS: dict[EngineName, str] = {
    EngineName.POSTGRES: "postgresql parser",
    EngineName.MYSQL: "statement reader",
    EngineName.SQLITE: "statement reader",
    EngineName.CLICKHOUSE: "statement reader",
    EngineName.BIGQUERY: "statement reader",
    EngineName.SPANNER: "statement reader",
    EngineName.MONGODB: "tree-sitter",
}
"""Who reads the statements where no server, scratch or sqlglot is asked."""


@dataclass(frozen=True, slots=True)
class Block:
    """The statements of one half, their places in its body."""

    direction: Direction
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement the parser refuses. `start` is the statement's place in its body, `offset` the error's in its text.

    `certain` is False where the parser is not the server's own.
    """

    direction: Direction
    start: int
    message: str
    offset: int | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked of one file. `unknown`: why some of it could not be judged, in a sentence; None where all was."""

    source: str
    refusals: tuple[Refusal, ...] = ()
    unknown: str | None = None
    asked: int = 0
    """Statements the parser has judged."""


class Checker(Protocol):
    """Asked about the files of one folder, oldest first. Closed by its context."""

    def check(self, blocks: Sequence[Block], *, pending: bool) -> Answer:
        """Judge one file. A pending one is taken to have run (as far as the checker can) for those after it.

        Of an applied one (`pending=False`) only the form is judged: what it makes is there already.
        """
        ...


Opener = Callable[[Target | None], AbstractContextManager[Checker]]


@cache
def opener_of(engine: EngineName) -> Opener | None:
    """How the engine's parser is opened; None where it has none besides the rules' reader."""
    name = f"backend.engines.{engine.value}.syntax"
    if importlib.util.find_spec(name) is None:
        return None
    found: Opener = importlib.import_module(name).open_checker
    return found


@dataclass(slots=True)
class Budget:
    """So much time a file may take: typing must not wait for a server. Seconds."""

    seconds: float
    _ends: float = field(default=0.0)

    def start(self) -> None:
        self._ends = time.monotonic() + self.seconds

    @property
    def spent(self) -> bool:
        return time.monotonic() > self._ends


def left_out(count: int) -> str | None:
    """The sentence on statements that were not asked about."""
    if not count:
        return None
    were = "statement was" if count == 1 else "statements were"
    return f"{count} {were} not judged by the parser: they take too long, or it does not take them."


__all__ = ["READERS", "Answer", "Block", "Budget", "Checker", "Opener", "Refusal", "left_out", "opener_of"]
