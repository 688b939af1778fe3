"""Tables and columns that may have been renamed: same shape, similar name. Pure guesses, to be confirmed by the user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from .model import RenameGuess

_LIKE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as far as likeness goes."""

    name: str
    type: str
    rules: object = None
    """Default, nullability …: whatever compares equal where nothing else of it changed."""
    folded: str = ""
    """The name as the engine compares it, where upper and lower case are one to it."""

    @property
    def key(self) -> str:
        return self.folded or self.name


@dataclass(frozen=True, slots=True)
class TableShape:
    name: str
    columns: tuple[ColumnShape, ...]
    place: object = None
    """What a rename cannot change (its schema)."""


def guess(
    before: Mapping[str, TableShape], after: Mapping[str, TableShape], *, within_renamed: bool = True
) -> list[RenameGuess]:
    """The likeliest partner of each table and column that went away, best first; each name is used once.

    By object id. `within_renamed`: also the columns of a table that may have been renamed itself.
    """
    gone = {one: table for one, table in before.items() if one not in after}
    came = {one: table for one, table in after.items() if one not in before}
    found = _best(
        [
            RenameGuess(was, becomes, round(likeness, 2), "most columns are alike")
            for was in gone
            for becomes in came
            if (likeness := _tables_alike(gone[was], came[becomes])) >= _LIKE_ENOUGH
        ]
    )
    both = {one: one for one in before if one in after and before[one] != after[one]}
    if within_renamed:
        both.update({one.old: one.new for one in found})
    for was, becomes in both.items():
        found += _best(list(_columns(was, becomes, before[was], after[becomes])))
    return found


def _tables_alike(old: TableShape, new: TableShape) -> float:
    was = {(one.key, one.type) for one in old.columns}
    becomes = {(one.key, one.type) for one in new.columns}
    if not was or not becomes or old.place != new.place:
        return 0.0
    shape = 0.7 * len(was & becomes) / len(was | becomes)
    # Names are slow to compare, and the best of them could not make it likely.
    return shape if shape + 0.3 < _LIKE_ENOUGH else shape + 0.3 * names_alike(old.name, new.name)


def _columns(old_id: str, new_id: str, old: TableShape, new: TableShape) -> Iterator[RenameGuess]:
    had, has = {one.key for one in old.columns}, {one.key for one in new.columns}
    gone = [(place, one) for place, one in enumerate(old.columns) if one.key not in has]
    came = [(place, one) for place, one in enumerate(new.columns) if one.key not in had]
    for place, was in gone:
        for other, becomes in came:
            if was.type != becomes.type:
                continue
            likeness = 0.4 + 0.4 * names_alike(was.name, becomes.name) + (0.2 if place == other else 0.0)
            likeness -= 0.1 * (was.rules != becomes.rules)
            if likeness >= _LIKE_ENOUGH:
                reason = f"both are {becomes.type or 'untyped'}"
                yield RenameGuess(
                    f"column {old_id}.{was.name}",
                    f"column {new_id}.{becomes.name}",
                    round(likeness, 2),
                    reason + (" in the same place" if place == other else ""),
                )


def names_alike(one: str, other: str) -> float:
    """0..1"""
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def _best(pairs: list[RenameGuess]) -> list[RenameGuess]:
    used: set[str] = set()
    found = []
    for pair in sorted(pairs, key=lambda pair: (-pair.likeness, pair.old, pair.new)):
        if pair.old not in used and pair.new not in used:
            used |= {pair.old, pair.new}
            found.append(pair)
    return found
