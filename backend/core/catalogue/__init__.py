"""The error catalogue: what each code and each finer reason means, why it comes about, and what mends it.

One entry a code (codes.toml) or reason (the other files); a new one is a copy of an entry. Pure data, read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from backend.core.errors import AppError

_FOLDER = Path(__file__).parent
_CODES, _ACTIONS = "codes", "actions"
_Error = TypeVar("_Error", bound=AppError)


@dataclass(frozen=True)
class Action:
    """A fix as a button: a stable code, its label, what it does."""

    code: str
    label: str
    does: str


@dataclass(frozen=True)
class Entry:
    """A code, or a reason: `details.reason` of an error, finer than its code."""

    key: str
    group: str
    """`codes`, or the file the reason stands in."""
    title: str
    means: str
    causes: tuple[str, ...]
    advice: str
    fixes: tuple[str, ...]
    """Codes of actions, the likeliest first."""
    data: str | None = None
    """What it means for the data; a reason without one has that of the error's code."""
    engines: Mapping[str, str] = field(default_factory=dict)
    """What more there is to say for one engine, by its name."""

    @property
    def is_code(self) -> bool:
        return self.group == _CODES

    def advice_for(self, engine: str) -> str:
        """What to do, in this engine's own words where it has some."""
        more = self.engines.get(engine)
        return f"{self.advice} {more}" if more else self.advice


@cache
def actions() -> Mapping[str, Action]:
    """Every action by code, in the order of the file."""
    return {code: Action(code=code, **table) for code, table in _read(_FOLDER / f"{_ACTIONS}.toml")}


@cache
def entries() -> Mapping[str, Entry]:
    """Every entry by key: the codes, then the reasons by group."""
    titles = {one.code: one.title for one in reversed(list(error_classes()))}
    files = sorted(_FOLDER.glob("*.toml"), key=lambda path: (path.stem != _CODES, path.stem))
    found: dict[str, Entry] = {}
    for path in files:
        if path.stem == _ACTIONS:
            continue
        for key, table in _read(path):
            if key in found:
                raise ValueError(f"{path.name}: {key!r} is in the catalogue already.")
            if path.stem == _CODES:
                table.setdefault("title", titles.get(key, key))
            table.update(causes=tuple(table["causes"]), fixes=tuple(table["fixes"]))
            found[key] = Entry(key=key, group=path.stem, **table)
    return found


def error_classes() -> Iterator[type[AppError]]:
    """The error classes that bring a code of their own, the tree's own before those that only refine one."""
    known, left = [], [AppError]
    while left:
        one = left.pop(0)
        known.append(one)
        left.extend(one.__subclasses__())
    return (one for one in known if "code" in vars(one))


def entry_of(code: str, reason: object = None) -> Entry | None:
    """What is said of an error: of its reason where it has a known one, else of its code."""
    if isinstance(reason, str) and (found := entries().get(reason)) and not found.is_code:
        return found
    return entries().get(code)


def because(error: _Error, reason: str | None, engine: str) -> _Error:
    """The error with its reason, and with the catalogue's advice where nobody knew a better hint."""
    if reason is None:
        return error
    error.details["reason"] = reason
    if error.hint is None or error.hint == error.default_hint:
        error.hint = entries()[reason].advice_for(engine)
    return error


def _read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from tomllib.loads(path.read_text(encoding="utf-8")).items()
