"""Tables and columns that may have been renamed: same shape, similar name. Pure guesses, to be confirmed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from backend.engine.schema.model import RenameGuess, SchemaObject, Snapshot

_LIKE_ENOUGH = 0.6


def guess(old: Snapshot, new: Snapshot) -> list[RenameGuess]:
    """The likeliest partner of each thing that went away, best first; each name is used once."""
    before = {one.id: one for one in old.objects if one.kind == "table"}
    after = {one.id: one for one in new.objects if one.kind == "table"}
    pairs = [
        RenameGuess(was, becomes, round(likeness, 2), "most columns are alike")
        for was in before.keys() - after.keys()
        for becomes in after.keys() - before.keys()
        if (likeness := _alike(before[was], after[becomes])) >= _LIKE_ENOUGH
    ]
    found = _best(pairs)
    for one in sorted(before.keys() & after.keys()):
        if before[one].text != after[one].text:
            found += _best(list(_columns(one, _read(before[one]), _read(after[one]))))
    return found


def _read(table: SchemaObject) -> list[Any]:
    columns: list[Any] = json.loads(table.facts.get("columns", "[]"))
    return columns


def _alike(old: SchemaObject, new: SchemaObject) -> float:
    was = {(column[0], column[2]) for column in _read(old)}
    becomes = {(column[0], column[2]) for column in _read(new)}
    if not was or not becomes or old.schema != new.schema:
        return 0.0
    return (
        0.7 * len(was & becomes) / len(was | becomes)
        + 0.3 * SequenceMatcher(None, old.name, new.name).ratio()
    )


def _columns(table: str, was: list[Any], becomes: list[Any]) -> Iterator[RenameGuess]:
    had, has = {column[0] for column in was}, {column[0] for column in becomes}
    for place, column in enumerate(was):
        for other_place, other in enumerate(becomes):
            if column[0] in has or other[0] in had or column[2] != other[2]:
                continue
            same_place = place == other_place
            likeness = (
                0.4 + 0.4 * SequenceMatcher(None, column[0], other[0]).ratio() + (0.2 if same_place else 0)
            )
            likeness -= 0.1 * (column[3:5] != other[3:5])
            if likeness >= _LIKE_ENOUGH:
                reason = f"both are {column[2]}" + (" in the same place" if same_place else "")
                yield RenameGuess(
                    f"column {table}.{column[0]}", f"column {table}.{other[0]}", round(likeness, 2), reason
                )


def _best(pairs: list[RenameGuess]) -> list[RenameGuess]:
    used: set[str] = set()
    found = []
    for pair in sorted(pairs, key=lambda pair: (-pair.likeness, pair.old, pair.new)):
        if pair.old not in used and pair.new not in used:
            used |= {pair.old, pair.new}
            found.append(pair)
    return found
