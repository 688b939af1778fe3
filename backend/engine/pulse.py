"""The pulse: a cheap look at one database, repeated only while somebody watches a page of it.

A look costs one small query at most. It answers with marks: texts that change whenever what they stand for does, and
mean nothing else. What changed is read by whoever is told.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from .port import Engine
    from .target import Target


@dataclass(frozen=True, slots=True)
class Look:
    """One look. `versions` stands for the migrations table; `schema` for the schema, None where that is not told."""

    versions: str
    schema: str | None = None


class Pulse(ABC):
    """Looks at one database over one kept connection. For one thread; whoever opened it closes it."""

    every_s: ClassVar[float] = 1.5
    """How long to wait between two looks: what changes is to appear within two seconds."""

    @abstractmethod
    def look(self) -> Look:
        """Raises ConnectionFailed and the other errors of the port; LockTimeout where the table is locked for now."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back; the next look opens another. Never raises."""


class TablePulse(Pulse):
    """For engines without a cheaper way: reads the whole table, and so less often."""

    every_s = 20.0

    def __init__(self, engine: Engine, target: Target) -> None:
        self._engine = engine
        self._target = target

    def look(self) -> Look:
        text = "\n".join(f"{row.version}\t{row.applied_at}" for row in self._engine.applied(self._target))
        return Look(hashlib.sha256(text.encode()).hexdigest())

    def close(self) -> None:
        """Nothing is kept."""
