"""The port of forecasts: what an engine tells of a statement before it runs. One `forecast/` package an engine.

`backend/engines/<name>/forecast/__init__.py` has a module-level `FORECAST` that implements this; `forecast_of` finds it.
Everything but `count` reads only what it is given. What is not known is said to be unknown, never taken for harmless.
"""

from __future__ import annotations

import importlib
import importlib.util
from abc import ABC
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal, Protocol

from backend.engine.lint.ops import Name, Op
from backend.engine.lint.scene import Scene
from backend.engine.lint.source import Half, Stmt
from backend.engine.target import Target
from backend.models.connection import EngineName
from backend.models.preview import AffectedObject, ExpectedLock

from .known import NOTHING_KNOWN, Known

WorkKind = Literal["catalog", "scan", "rewrite", "index", "index_online", "rows", "rows_in", "unknown"]
"""What decides how long it takes: nothing that grows, reading a table, writing it anew, building an index (while others
write), changing the rows that match, adding the rows that are written out."""

COUNT_TIMEOUT_S = 2.0
COUNT_LIMIT = 1_000_000
"""Counting stops here: more than this is all one needs to know before a change of that many rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A statement where it stands: `scene` is what the statements before it have made."""

    statement: Stmt
    half: Half
    scene: Scene
    known: Known = NOTHING_KNOWN

    @property
    def is_alone(self) -> bool:
        return len(self.half.statements) == 1


@dataclass(frozen=True, slots=True)
class Described:
    kind: str
    summary: str
    objects: tuple[AffectedObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Locks:
    """`unknown`: why no more can be told; with no lock expected and nothing unknown, it takes none that matter."""

    expected: tuple[ExpectedLock, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    kind: WorkKind
    table: Name | None = None
    why: str = ""
    """In a few words, for the estimate's basis: `builds an index over orders`."""
    rows: int | None = None
    """Rows that are written out, for `rows_in`."""


@dataclass(frozen=True, slots=True)
class Question:
    """How many rows match. `ask` is what `Counter` gets; None where it is not to be asked, and `reason` says why."""

    table: Name
    query: str = ""
    """For people: what is asked."""
    reason: str = ""
    ask: object = None
    is_whole: bool = False
    """Every row of the table."""


@dataclass(frozen=True, slots=True)
class Counted:
    count: int | None = None
    at_least: bool = False
    reason: str = ""


class Counter(Protocol):
    """An open, read-only session that counts. Raises AppError where the server refuses."""

    def __call__(self, question: Question) -> Counted: ...


class EngineForecast(ABC):
    """Stateless and thread-safe. The defaults know nothing and say so."""

    engine: ClassVar[EngineName]
    dialect: ClassVar[str | None] = None
    """As `sqltext` names it."""

    def describe(self, place: Place) -> Described:
        from .describe import described

        return described(place.statement, self.dialect or "")

    def locks(self, place: Place) -> Locks:
        return Locks(unknown="What this engine locks is not known here.")

    def work(self, place: Place) -> Sequence[Work]:
        from .work import SqlWork

        return SqlWork(place).all()

    def question(self, place: Place) -> Question | None:
        """None for a statement that changes no rows by a condition."""
        from .count import question_of

        return question_of(place.statement, self.dialect or "")

    def lost_question(self, place: Place) -> Question | None:
        """Of what `question` matches, that of which something is lost: MongoDB's documents that have an unset field."""
        return self.question(place)

    def rows_question(self, table: Name) -> Question:
        """All rows of a table."""
        from .count import rows_question

        return rows_question(table, self.dialect or "")

    def values_question(self, table: Name, column: str) -> Question:
        """The rows of a table with a value in this column."""
        from .count import values_question

        return values_question(table, column, self.dialect or "")

    def meant(self, half: Half, statement: Stmt) -> Sequence[Op]:
        """The statement's operations in the words that every engine shares."""
        return statement.ops

    def counting(self, target: Target) -> AbstractContextManager[Counter]:
        """A read-only session for `question`s, each with a time limit of COUNT_TIMEOUT_S."""
        return _cannot_count()


@contextmanager
def _cannot_count() -> Iterator[Counter]:
    yield lambda question: Counted(reason="Rows are not counted on this engine.")


class _Generic(EngineForecast):
    """Of an engine without a forecast of its own: what the statement's words tell."""


@cache
def forecast_of(engine: EngineName | str) -> EngineForecast:
    """The engine's forecast; one that reads no more than the words where it has none of its own."""
    name = EngineName(engine)
    module = f"backend.engines.{name.value}.forecast"
    if importlib.util.find_spec(module) is None:
        from backend.engine.lint.registry import lint_of

        lint = lint_of(name)
        generic = type("Generic", (_Generic,), {"engine": name, "dialect": lint.dialect if lint else None})
        made: EngineForecast = generic()
        return made
    found: EngineForecast = importlib.import_module(module).FORECAST
    return found
