"""What a folder of another tool holds, read: the same shape for every tool. Pure, no I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

Row = Mapping[str, str | None]
"""A row of the other tool's table: names in lower case, values as text."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know of a file; `line` from 1 where one line is meant."""

    file: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of their folder. `path` is relative to it, with `/`; `problem` says why `text` is not what it holds."""

    path: str
    text: str
    problem: str | None = None
    line: int | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(slots=True)
class Found:
    """One migration of theirs. `key` is what their table knows it by; `version` its number as written ("" for none)."""

    key: str
    version: str
    name: str
    files: list[str]
    up: str
    down: str | None = None
    transaction: bool = True
    transaction_down: bool = True
    notes: list[Note] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    """What stands against converting it."""


@dataclass(slots=True)
class Reading:
    """Their migrations in the order they run, and what could not be carried over."""

    migrations: list[Found] = field(default_factory=list)
    left_out: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    table: str | None = None
    """Their table where a configuration names another."""
    dialect: str | None = None


@dataclass(slots=True)
class There:
    """What their table says. Keys are those of `Found`."""

    table: str
    applied: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    """Begun and not ended, or marked dirty: nobody but a person knows what of them is there."""
    unknown: list[str] = field(default_factory=list)
    """Applied there, and no file."""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Options:
    placeholders: Mapping[str, str] = field(default_factory=dict)


class Source(ABC):
    """Another tool: how its folder is told, read, and what its table says."""

    name: ClassVar[str]
    label: ClassVar[str]
    table: ClassVar[str | None] = None
    """Its table, where it has one by default."""
    beside: ClassVar[str | None] = None
    """A second table that has to be there too, where the first one's name is not the tool's alone."""
    leaves_transaction: ClassVar[bool] = False
    """It runs by itself outside of a transaction what the server refuses inside one."""

    @abstractmethod
    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        """(how sure from 0 to 100, what it was told by)."""

    @abstractmethod
    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        """Never raises for what is in the files: that is in notes and problems."""

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """What the rows of its table mean for these migrations."""
        return There(table, notes=[f"{self.label} keeps no table that could be read."])


def is_true(value: str | None) -> bool:
    return (value or "").strip().lower() in {"1", "true", "t", "yes", "\x01"}


def with_keys(there: There, keys: Sequence[str], migrations: Sequence[Found]) -> There:
    """`keys` are applied; those without a file are unknown."""
    known = {one.key for one in migrations}
    there.applied |= set(keys) & known
    there.unknown += [key for key in dict.fromkeys(keys) if key not in known]
    return there


def lines_with(text: str, words: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if words in line]
