"""What an up does to things (tables, columns, documents' fields, …), and what undoes it. Data only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from backend.engine.lint.ops import Name

Source = Literal["text", "schema", "none"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement of a down, without its delimiter. `head` + `action` is the same statement in two parts, where
    several actions on one head may be joined (`ALTER TABLE a` + `DROP COLUMN b`)."""

    text: str
    head: str = ""
    action: str = ""
    may_repeat: bool = False
    """Part of a recipe: it stands where it must, even if the same has been written before."""


def action(head: str, what: str) -> Piece:
    return Piece(f"{head} {what}", head, what)


@dataclass(frozen=True, slots=True)
class Undone:
    """How one change is undone. Nothing in `pieces` and no `problem`: there is nothing to do."""

    pieces: tuple[Piece, ...] = ()
    late: tuple[Piece, ...] = ()
    """To run after everything else: indexes and keys of a table that is made again."""
    source: Source = "text"
    note: str | None = None
    """Stands as a comment above the statements."""
    problem: str | None = None
    """Why it cannot be undone; `pieces` may still undo a part."""
    as_before: bool = False
    """The pieces name things as they are called before the up, so they wait until every name is back."""
    quiet: bool = False
    """The note is for the list of steps only."""


def undone(*pieces: str | Piece, source: Source = "text", note: str | None = None) -> Undone:
    return Undone(
        tuple(one if isinstance(one, Piece) else Piece(one) for one in pieces), source=source, note=note
    )


def cannot(why: str) -> Undone:
    """A plain comment, with this sentence."""
    return Undone(source="none", problem=why)


def nothing(why: str | None = None) -> Undone:
    """It leaves nothing behind that would have to be undone."""
    return Undone(note=why, quiet=True)


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing by the name it has where the statement stands."""

    kind: str
    name: Name
    parent: Ref | None = None


@dataclass(slots=True, eq=False)
class Thing:
    """A thing through the whole up. `origin` is its name before the up, None for what the up makes."""

    kind: str
    name: Name
    parent: Thing | None = None
    origin: Name | None = None
    owner: Thing | None = None
    """The table of a thing whose name stands by itself (an index, a trigger)."""
    made_at: int | None = None
    dropped_at: int | None = None
    renames: list[Renaming] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    """What of it an earlier statement has changed."""
    now: Name = field(default_factory=lambda: Name(""))
    """What it is called when the change at hand is undone; set by the planner."""
    moved_to: Name | None = None
    """The name it was given, while undoing, to make way for a thing that comes back."""

    @property
    def is_made_here(self) -> bool:
        return self.origin is None

    @property
    def chain(self) -> list[Thing]:
        """Itself and what it belongs to."""
        above = self.parent or self.owner
        return [self, *(above.chain if above else [])]

    @property
    def before(self) -> Name:
        """Its name before the up, for asking the live schema."""
        return self.origin or self.name

    @property
    def table(self) -> Thing:
        """What it belongs to, or itself."""
        return self.parent or self.owner or self


@dataclass(slots=True)
class Renaming:
    at: int
    old: Name
    new: Name
    is_kept: bool = True
    """False where nothing needs the old name again."""


Undoing = Callable[[Thing], Undone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    ref: Ref
    undo: Undoing
    owner: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Change):
    """`undo` drops it; with `or_replace` and an older one there, `replaced` brings that back."""

    if_not_exists: bool = False
    or_replace: bool = False
    replaced: Undoing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Change):
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Change):
    """`undo` is called with `thing.now` its name after the rename; `old` is what to go back to."""

    new: Name
    undo_to: Callable[[Thing, Name], Undone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alter(Change):
    """Changes one property of a thing. Where an earlier statement has changed the same, that one's undo is enough."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Change):
    """Writes rows of a table. They go with a table that is made here; so do values of columns made here."""

    columns: tuple[str, ...] = ()
    """The columns an UPDATE sets; empty: whole rows."""
    copied: tuple[Name, tuple[str, ...], tuple[str, ...]] | None = None
    """INSERT … SELECT of plain columns: (from, columns here, columns there)."""


@dataclass(frozen=True, slots=True)
class Free:
    """A statement that belongs to nothing the planner follows."""

    undone: Undone


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the up and what undoes it."""

    up: str
    line: int
    down: str | None
    source: Source
    note: str | None
    is_undone: bool = True


@dataclass(frozen=True, slots=True)
class Down:
    text: str
    transaction: bool
    steps: tuple[Step, ...]
    complete: bool
    stale: str | None = None
    """Set where the live schema cannot be the one before this up."""


AnyChange = Create | Drop | Rename | Alter | Rows | Free
