"""From one table's text to another's: the clauses of one ALTER TABLE that leave exactly the wanted text. Pure.

Columns keep their rows wherever the server can convert them, and end in the wanted order; keys and checks end in the
order in which the server will print them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from backend.engine.schema.model import Hazard
from backend.engines.mysql.connect import quoted

from . import hazards
from .keys import key_changes
from .lexing import tokens, unquoted
from .options import option_clauses, partition_clause
from .server import Server
from .tabletext import Column, Key, Table

_SPATIAL = frozenset("""
    point linestring polygon geometry multipoint multilinestring multipolygon geometrycollection geomcollection
""".split())  # fmt: skip # noqa: SIM905
_ADDRESSES = frozenset(("uuid", "inet4", "inet6"))
_TEXT = ("char", "text", "blob", "binary")


@dataclass(slots=True)
class Alteration:
    """What makes `old` like `new`, foreign keys aside."""

    first: str = ""
    """What must be done before all else, in a statement of its own."""
    clauses: list[str] = field(default_factory=list)
    partition: str = ""
    """Stands at the end of the statement, without a comma."""
    alone: list[str] = field(default_factory=list)
    """Clauses that the server takes only in a statement of their own, after the others."""
    hazards: list[Hazard] = field(default_factory=list)
    remade: frozenset[str] = frozenset()
    """Columns that are dropped and added again, in small letters."""
    kept_keys: tuple[Key, ...] = ()
    """Keys that are there all the time."""
    keeps_history: bool = False
    """Whether it changes a table while that has versions of its rows, which the server has to be told."""
    is_online: bool = True
    """Whether InnoDB does all of it while others write."""
    left_over: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.first or self.clauses or self.partition or self.alone)


def alter(old: Table, new: Table, server: Server, *, keeps_order: bool = True) -> Alteration:
    """`old` and `new` carry the same names for what was renamed. `keeps_order`: keys that only moved end where the new
    text has them; else they may stay where they are, where the server would have to build them, and `left_over` says so."""
    made = Alteration()
    made.remade = frozenset(
        one.name.lower()
        for one in old.columns
        if (becomes := new.column(one.name)) is not None and must_be_remade(one, becomes)
    )
    if old.is_versioned and not new.is_versioned and "BY SYSTEM_TIME" in old.partition:
        # Partitions of history have to go before the history does.
        made.first = "REMOVE PARTITIONING"
        old = replace(old, partition="")
    elif new.is_versioned and not old.is_versioned and not _rows_of(new) and _has_unversioned(new):
        # A column can only be left out of a history that is there.
        made.first = "ADD SYSTEM VERSIONING"
        old = replace(old, is_versioned=True)
    made.clauses += _dropped_parts(old, new, made.remade)
    columns = list(_columns(old, new, made.remade))
    keys = key_changes(old, new, made.remade, server, keeps_order=keeps_order)
    made.kept_keys = keys.kept
    checks = list(_checks(old, new))
    made.clauses += keys.drops
    made.clauses += columns
    made.clauses += keys.adds
    made.clauses += checks
    made.clauses += _added_parts(old, new)
    options, late_options = option_clauses(old, new)
    made.clauses += options
    made.partition, alone = partition_clause(old, new, is_alone=not made.clauses)
    made.alone += keys.later + alone + late_options
    made.left_over += keys.left_over
    if keys.only_move and len(made.clauses) == len(keys.drops) + len(keys.adds):
        # The server takes a key dropped and added alike for no change at all, and so leaves it where it is, unless there
        # is another change. Naming the comment that the table has is one, and rewrites nothing.
        comment = new.options.get("COMMENT", "''")
        made.clauses.append(f"COMMENT={comment}")
    if old.other != new.other:
        made.left_over.append(f"{new.name}: `{new.other or old.other}` is not known here and stays as it is.")
    made.keeps_history = old.is_versioned and made.clauses != ["DROP SYSTEM VERSIONING"]
    made.hazards = list(hazards.of_table(old, new, made.remade, server))
    made.is_online = hazards.is_online(old, new, made.remade) and not (made.partition or checks)
    return made


def must_be_remade(old: Column, new: Column) -> bool:
    """Whether the server refuses to turn one into the other, whatever the rows."""
    if old.generated != new.generated:
        # A stored column can become a plain one; nothing else goes either way.
        return not (old.generated == "STORED" and not new.generated)
    if old.generated == "ROW":
        return old.text != new.text
    for special in (_SPATIAL, _ADDRESSES):
        was, becomes = old.family in special, new.family in special
        other = new.family if was else old.family
        if was != becomes and not any(word in other for word in _TEXT):
            return True
    return old.family not in _SPATIAL and new.family in _SPATIAL


# -- columns -------------------------------------------------------------------------------------------------------


def _columns(old: Table, new: Table, remade: frozenset[str]) -> Iterator[str]:
    for one in old.columns:
        if new.column(one.name) is None or one.name.lower() in remade:
            yield f"DROP COLUMN {quoted(one.name)}"
    kept = [one for one in new.columns if one.name.lower() not in remade and old.column(one.name) is not None]
    places = {one.name.lower(): number for number, one in enumerate(old.columns)}
    still = {kept[number].name for number in longest_rising([places[one.name.lower()] for one in kept])}
    last_kept = max((number for number, one in enumerate(new.columns) if one in kept), default=-1)
    previous = ""
    for number, one in enumerate(new.columns):
        place = f" AFTER {quoted(previous)}" if previous else " FIRST"
        previous = one.name
        was = old.column(one.name)
        if was is None or one.name.lower() in remade:
            yield f"ADD COLUMN {one.text}{place if number < last_kept else ''}"
        elif one.name not in still:
            yield f"MODIFY COLUMN {one.text}{place}"
        elif was.text != one.text or was.charset != one.charset:
            yield f"MODIFY COLUMN {one.text}"


def longest_rising(numbers: Sequence[int]) -> list[int]:
    """The places of a longest rising run, gaps allowed: what can stay where it is while the rest moves."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        ends[length : length + 1] = [place]
    found = []
    place = ends[-1] if ends else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


# -- the rest ------------------------------------------------------------------------------------------------------


def _checks(old: Table, new: Table) -> Iterator[str]:
    kept = _leading([one.text for one in old.checks], [one.text for one in new.checks])
    for was in old.checks:
        if was.text not in kept:
            yield f"DROP CONSTRAINT {quoted(was.name)}"
    for one in new.checks:
        if one.text not in kept:
            yield f"ADD {one.text}"


def _leading(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The longest beginning of `new` whose parts are in `old` in that order: what is added later comes after them."""
    kept: set[str] = set()
    last = -1
    for one in new:
        if one not in old or old.index(one) <= last:
            break
        kept.add(one)
        last = old.index(one)
    return kept


def _dropped_parts(old: Table, new: Table, remade: frozenset[str]) -> Iterator[str]:
    if old.is_versioned and (not new.is_versioned or _rows_of(old) != _rows_of(new)):
        yield "DROP SYSTEM VERSIONING"
    for period in old.periods:
        if period not in new.periods or any(name.lower() in remade for name in _names_in(period)):
            yield f"DROP {period.partition('(')[0].strip()}"


def _added_parts(old: Table, new: Table) -> Iterator[str]:
    yield from (f"ADD {period}" for period in new.periods if period not in old.periods)
    if new.is_versioned and (not old.is_versioned or _rows_of(old) != _rows_of(new)):
        yield "ADD SYSTEM VERSIONING"


def _rows_of(table: Table) -> list[str]:
    """The columns that tell a version's life."""
    return [one.name for one in table.columns if one.generated == "ROW"]


def _has_unversioned(table: Table) -> bool:
    return any("WITHOUT SYSTEM VERSIONING" in one.text for one in table.columns)


def _names_in(text: str) -> Iterator[str]:
    return (unquoted(token.text) for token in tokens(text) if token.kind == "name")
