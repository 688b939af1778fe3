"""What an engine gives the planner: what each statement changes, and how its SQL (or JavaScript) looks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from backend.engine.lint.ops import Name
from backend.engine.lint.source import Half, Stmt
from backend.engine.target import Target
from backend.models.connection import EngineName

from .model import AnyChange, Piece


class Live(ABC):
    """The database as it is before the up, asked while the planner works. Raises AppError where it cannot answer."""

    default_schema: str | None = None

    @abstractmethod
    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        """Is there a thing of this kind? None where this cannot be told."""


class Dialect(ABC):
    """One engine's particulars for one up. `live` is None where there is no database to look at."""

    dialect: ClassVar[str | None] = None
    """As `sqltext` names it; None for JavaScript."""
    comment: ClassVar[str] = "--"
    delimiter: ClassVar[str] = ";"
    is_case_sensitive: ClassVar[bool] = True
    joins_actions: ClassVar[bool] = False
    """Several actions of ALTER TABLE may stand in one statement."""
    joins_all: ClassVar[bool] = False
    """Even actions that begin with different words."""
    needs_statement: ClassVar[bool] = False
    """A block of comments alone is refused."""
    spaces: ClassVar[dict[str, str]] = {}
    """Kinds that share their names with another kind: `{"view": "table"}`."""

    labels: ClassVar[dict[str, str]] = {}
    """What kinds are called here: MongoDB's tables are collections."""

    def __init__(self, live: Any = None) -> None:
        self.live = live

    @property
    def default_schema(self) -> str | None:
        return self.live.default_schema if self.live else None

    @abstractmethod
    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        """What the statement changes, in its order."""

    def begin(self, statements: Sequence[Stmt]) -> None:  # noqa: B027 (most need nothing of it)
        """Called once with all of them."""

    def has(self, kind: str, name: Name, table: Name | None) -> bool | None:
        return self.live.has(kind, name, table) if self.live else None

    def copy_rows(
        self, to: Name, to_columns: Sequence[str], source: Name, columns: Sequence[str]
    ) -> Piece | None:
        """Rows from one table into another; None where the engine has no such statement."""
        return None

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return None

    def put_aside(self, old: Name, new: Name) -> list[Piece]:
        """A table out of the way of the one that comes back; what refers to it goes on meaning the old name."""
        piece = self.rename_table(old, new)
        return [] if piece is None else [piece]

    def transaction(self, pieces: Sequence[Piece], wanted: bool) -> tuple[list[Piece], bool]:
        """The statements as they may stand together, and whether in a transaction."""
        return list(pieces), wanted

    def wrapped(self, text: str, pieces: Sequence[Piece]) -> str:
        """The whole down, with what must stand before and after it."""
        return text


@dataclass(frozen=True, slots=True)
class EngineUndo:
    """`UNDO` of `backend/engines/<name>/undo.py`."""

    engine: EngineName
    read: Callable[[str], tuple[Half, list[Stmt]]]
    """The up's text to its half with the statements read. Never raises on bad input."""
    dialect: Callable[[Any], Dialect]
    live: Callable[[Target], AbstractContextManager[Live]]
