"""Tables and columns that may have been renamed: same shape, similar name. Pure guesses, to be confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from backend.engine.schema.model import RenameGuess, Snapshot

from .tabletext import Column, Table, parse

_LIKE_ENOUGH = 0.6


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """The likeliest partner of each thing that went away, best first; each name is used once."""
    texts = {one.id: one.sql for one in old.objects if one.kind == "table"}
    wanted = {one.id: one.sql for one in new.objects if one.kind == "table"}
    gone = {one: parse(sql) for one, sql in texts.items() if one not in wanted}
    came = {one: parse(sql) for one, sql in wanted.items() if one not in texts}
    pairs = [
        RenameGuess(was, becomes, round(likeness, 2), "most columns are alike")
        for was in gone
        for becomes in came
        if (likeness := _tables_alike(gone[was], came[becomes])) >= _LIKE_ENOUGH
    ]
    found = _best(pairs)
    both = {one: one for one in texts if one in wanted and texts[one] != wanted[one]}
    both.update({one.old: one.new for one in found})
    for was, becomes in both.items():
        found += _best(list(_columns(was, becomes, parse(texts[was]), parse(wanted[becomes]))))
    return found


def _tables_alike(old: Table, new: Table) -> float:
    was = {(one.name.lower(), one.type) for one in old.columns}
    becomes = {(one.name.lower(), one.type) for one in new.columns}
    shape = 0.7 * len(was & becomes) / len(was | becomes)
    # Names are slow to compare, and the best of them could not make it likely.
    return shape if shape + 0.3 < _LIKE_ENOUGH else shape + 0.3 * _names_alike(old.name, new.name)


def _columns(old_id: str, new_id: str, old: Table, new: Table) -> Iterator[RenameGuess]:
    gone = [(place, one) for place, one in enumerate(old.columns) if new.column(one.name) is None]
    came = [(place, one) for place, one in enumerate(new.columns) if old.column(one.name) is None]
    for place, was in gone:
        for other, becomes in came:
            if was.type != becomes.type or was.generated != becomes.generated:
                continue
            likeness = 0.4 + 0.4 * _names_alike(was.name, becomes.name) + (0.2 if place == other else 0.0)
            likeness -= 0.1 * (not _same_rules(was, becomes))
            if likeness >= _LIKE_ENOUGH:
                reason = f"both are {becomes.type}" + (" in the same place" if place == other else "")
                yield RenameGuess(
                    f"column {old_id}.{was.name}", f"column {new_id}.{becomes.name}", round(likeness, 2), reason
                )  # fmt: skip


def _same_rules(was: Column, becomes: Column) -> bool:
    return was.text.partition("` ")[2] == becomes.text.partition("` ")[2]


def _names_alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def _best(pairs: list[RenameGuess]) -> list[RenameGuess]:
    used: set[str] = set()
    found = []
    for pair in sorted(pairs, key=lambda pair: (-pair.likeness, pair.old, pair.new)):
        if pair.old not in used and pair.new not in used:
            used |= {pair.old, pair.new}
            found.append(pair)
    return found
