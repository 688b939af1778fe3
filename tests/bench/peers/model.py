"""What is measured, and what a field of play and a peer must be able to do."""

from __future__ import annotations

import statistics
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    CONVERGED = "converged"
    FAILED = "failed"
    """An error while writing or while running, or a word that something stays different."""
    SILENT = "silent"
    """No word of it, and the result is another schema."""


class PeerMissing(Exception):
    """This machine cannot have that peer; the message says why, and how it could."""


class StatementsFailed(Exception):
    """What was written does not run, or nothing could be written; the message is the engine's or the peer's own."""


@dataclass(frozen=True)
class Pair:
    """Two schemas as scripts of the engine, to be loaded by its `Field`."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Written:
    """What a peer wrote: a script, how long that took, and what it says it leaves different."""

    script: str
    took_ms: float
    admitted: Sequence[str] = ()


@dataclass(frozen=True)
class Verdict:
    pair: str
    outcome: Outcome
    why: str = ""
    took_ms: float | None = None
    """None where nothing was written."""


class Field(ABC):
    """One engine's pairs, and databases for them. Databases are named by URL (SQLite: by path)."""

    engine: str
    label: str

    @abstractmethod
    def pairs(self) -> Sequence[Pair]:
        """Every pair, in the order of the fixtures."""

    @abstractmethod
    def made(self, text: str) -> str:
        """A database of its own with that schema. Raises StatementsFailed."""

    @abstractmethod
    def run(self, database: str, script: str) -> None:
        """Statement by statement, stopping at the first that fails. Raises StatementsFailed."""

    @abstractmethod
    def dump(self, database: str) -> Counter[str]:
        """The engine's own text of the schema, as lines that count without their order."""

    @abstractmethod
    def drop(self, database: str) -> None: ...


class Peer(ABC):
    """A program that writes the statements from one database's schema to another's."""

    name: str

    @abstractmethod
    def prepare(self) -> None:
        """Fetch and start what it needs. Raises PeerMissing."""

    @abstractmethod
    def write(self, old: str, new: str) -> Written:
        """Raises StatementsFailed where it gives up."""

    def run(self, field: Field, database: str, script: str) -> None:
        field.run(database, script)

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """End what `prepare` started."""


@dataclass
class Row:
    """One line of the table: a peer on an engine's pairs, or why there is none."""

    engine: str
    peer: str
    verdicts: list[Verdict] = field(default_factory=list)
    missing: str = ""

    def share(self, outcome: Outcome) -> float:
        """In percent of all pairs."""
        return 100 * sum(one.outcome == outcome for one in self.verdicts) / len(self.verdicts)

    @property
    def median_ms(self) -> float | None:
        times = [one.took_ms for one in self.verdicts if one.took_ms is not None]
        return statistics.median(times) if times else None
