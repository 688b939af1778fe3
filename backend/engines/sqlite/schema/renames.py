"""Tables and columns that may have been renamed: same shape, similar name. Pure guesses, to be confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from backend.engine.schema.model import RenameGuess, Snapshot

from .memory import Column, Table, understand
from .snapshot import fold

_LIKE_ENOUGH = 0.6


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """The likeliest partner of each thing that went away, best first; each name is used once."""
    before, after = understand(old).tables, understand(new).tables
    gone = {one: table for one, table in before.items() if one not in after and not table.virtual}
    came = {one: table for one, table in after.items() if one not in before and not table.virtual}
    pairs = [
        RenameGuess(was, becomes, likeness, f"{len(came[becomes].columns)} columns are alike")
        for was in gone
        for becomes in came
        if (likeness := _tables_alike(gone[was], came[becomes])) >= _LIKE_ENOUGH
    ]
    found = _best(pairs)
    both = {one: one for one in before if one in after}
    both.update({one.old: one.new for one in found})
    for was, becomes in both.items():
        found += _best(list(_columns(was, becomes, before[was], after[becomes])))
    return found


def _tables_alike(old: Table, new: Table) -> float:
    shape_old = {(fold(one.name), one.type.upper()) for one in old.columns}
    shape_new = {(fold(one.name), one.type.upper()) for one in new.columns}
    if not shape_old or not shape_new:
        return 0.0
    shape = len(shape_old & shape_new) / len(shape_old | shape_new)
    return 0.7 * shape + 0.3 * _names_alike(old.name, new.name)


def _columns(old_id: str, new_id: str, old: Table, new: Table) -> Iterator[RenameGuess]:
    gone = [(place, one) for place, one in enumerate(old.columns) if new.column(one.name) is None]
    came = [(place, one) for place, one in enumerate(new.columns) if old.column(one.name) is None]
    for place, was in gone:
        for other, becomes in came:
            if was.type.upper() != becomes.type.upper():
                continue
            likeness = 0.4 + 0.4 * _names_alike(was.name, becomes.name) + (0.2 if place == other else 0.0)
            likeness -= 0.1 * (not _same_rules(was, becomes))
            if likeness >= _LIKE_ENOUGH:
                yield RenameGuess(
                    f"column {old_id}.{was.name}",
                    f"column {new_id}.{becomes.name}",
                    round(likeness, 2),
                    f"both are {becomes.type or 'untyped'}"
                    + (" in the same place" if place == other else ""),
                )


def _same_rules(was: Column, becomes: Column) -> bool:
    return (was.not_null, was.default, was.key) == (becomes.not_null, becomes.default, becomes.key)


def _names_alike(one: str, other: str) -> float:
    return SequenceMatcher(None, fold(one), fold(other)).ratio()


def _best(pairs: list[RenameGuess]) -> list[RenameGuess]:
    used: set[str] = set()
    found = []
    for pair in sorted(pairs, key=lambda pair: (-pair.likeness, pair.old, pair.new)):
        if pair.old not in used and pair.new not in used:
            used |= {pair.old, pair.new}
            found.append(pair)
    return found
