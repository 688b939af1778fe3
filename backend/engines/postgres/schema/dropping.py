"""The order in which things go: what needs a thing goes before it. Circles are cut at foreign keys and defaults.

What goes away by itself with another (a table's index, an owned sequence, a partition's attached index) is one unit with it
and gets no statement of its own. Pure.
"""

from __future__ import annotations

import heapq
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from backend.engine.schema.model import SchemaObject, Step

from .drop import dropped

# These can be taken off a table that is about to go, so circles are cut here.
_CUT = {"fk constraint", "default", "check constraint", "rule", "trigger", "policy"}
# What a kept object may still use until it has been changed itself: such things go at the end.
_HELD = {
    "type", "domain", "function", "procedure", "aggregate", "sequence", "collation", "operator", "operator class",
    "operator family", "table", "foreign table", "text search configuration", "text search dictionary", "server",
    "foreign data wrapper",
}  # fmt: skip
_OWNER = re.compile(r" OWNED BY (?P<table>.+)\.(?P<column>\"(?:[^\"]|\"\")+\"|[^.\"]+);")
_ALWAYS_LAST = {"schema", "extension"}


@dataclass
class Dropping:
    """The statements that take `going` away."""

    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    place: Mapping[str, int]
    """By id, where in the old dump."""
    needed_by: Mapping[str, set[str]]
    removed: Set[str]
    remade: Set[str]
    moved: Set[str] = frozenset()
    """Attachments of partitions that are undone before all this, and made another way."""
    first: list[Step] = field(default_factory=list)
    """Before everything else."""
    last: list[Step] = field(default_factory=list)
    """After everything else: something kept uses it until it has been changed."""
    cannot: list[str] = field(default_factory=list)

    def run(self) -> None:
        self._going = {*self.removed, *(one for one in self.remade if one in self.before)}
        self._cut: set[str] = set()
        self._new_names = {
            name
            for one in self.after.values()
            if one.id not in self.before or one.id in self.remade
            for name in _names(one)
        }
        for one in self._ordered():
            what = self.before[one]
            if self._default_stays(what) or self._goes_with_a_column(what):
                continue
            statements = dropped(what)
            if statements is None:
                self.cannot.append(f"{one} cannot be dropped by a statement that is known here.")
            elif self._is_held(what) and not self._frees_a_name(what):
                self.last += statements
            else:
                self.first += statements

    def _is_held(self, one: SchemaObject) -> bool:
        if one.id not in self.removed:
            return False
        if one.kind in _ALWAYS_LAST:
            return True
        return one.kind in _HELD and any(
            # A sequence that stays has been taken from its column by a statement of its own.
            other not in self._going and self.before[other].kind != "sequence"
            for other in self.needed_by.get(one.id, ())
        )

    def _frees_a_name(self, one: SchemaObject) -> bool:
        """Something new is called as it or its indexes are."""
        going = [
            one,
            *(self.before[other] for other in self.needed_by.get(one.id, ()) if other in self._going),
        ]
        return any(_names(each) & self._new_names for each in going)

    def _default_stays(self, one: SchemaObject) -> bool:
        """A default that was an entry of its own and now stands in its table's text (or in another's): it is kept."""
        table = self.after.get(one.parent or "")
        if one.kind != "default" or table is None or one.parent is None or one.parent not in self.before:
            return False
        column = one.name.rpartition(" ")[2]
        was, becomes = (_default(side, column) for side in (self.before[one.parent], table))
        return was is not None and was == becomes

    def _goes_with_a_column(self, one: SchemaObject) -> bool:
        """An owned sequence whose table stays and loses the column."""
        if one.kind != "sequence":
            return False
        for other in self.needed_by.get(one.id, ()):
            what = self.before[other]
            owner = _OWNER.search(what.sql) if what.kind == "sequence owned by" else None
            for need in what.needs if owner else ():
                table = self.after.get(need)
                if owner and table is not None and self.before[need].facts.get("identity") == owner["table"]:
                    quoted = {str(parts[1]) for parts in json.loads(table.facts.get("columns", "[]"))}
                    return owner["column"] not in quoted
        return False

    # -- order ---------------------------------------------------------------------------------------------------

    def _ordered(self) -> list[str]:
        """Units in an order in which nothing that is still needed goes."""
        while True:
            waits_for, unit_of = self._graph()
            ordered, stuck = _sorted(waits_for, self._rank)
            if not stuck:
                return ordered
            more = {
                one
                for one in self._going
                if self.before[one].kind in _CUT
                and one not in self._cut
                and unit_of[one] != one
                and unit_of[one] in stuck
                and any(unit_of.get(other) in stuck - {unit_of[one]} for other in self.before[one].needs)
            }
            if not more:
                return [*ordered, *sorted(stuck, key=lambda one: -self.place[one])]
            self._cut |= more

    def _rank(self, one: str) -> int:
        """The last made goes first; event triggers before all, for they would fire at what follows."""
        return -self.place[one] - (len(self.place) if self.before[one].kind == "event trigger" else 0)

    def _graph(self) -> tuple[dict[str, set[str]], dict[str, str]]:
        """(by unit, the units that have to go before it; by object, its unit)"""
        unit_of = {one: self._unit(one) for one in self._going}
        waits_for: dict[str, set[str]] = {one: set() for one in unit_of.values()}
        for one in self._going:
            for other in self.before[one].needs:
                if other in unit_of and unit_of[other] != unit_of[one]:
                    waits_for[unit_of[other]].add(unit_of[one])
            for attach in self._detached(self.before[one]) if unit_of[one] == one else ():
                # Until then the index belongs to the whole's.
                waits_for[one].add(unit_of[attach])
        return waits_for, unit_of

    def _detached(self, one: SchemaObject) -> Iterator[str]:
        """What takes an index's or key's table out of its partitioned table."""
        if one.kind in ("index", "constraint") and one.parent is not None:
            table = self.before[one.parent].facts.get("identity")
            for other in self.needed_by.get(one.parent, ()):
                what = self.before[other]
                if what.kind == "table attach" and what.facts.get("child") == table and other in self._going:
                    yield other

    def _unit(self, one: str) -> str:
        seen = {one}
        while (owner := self._owner(one)) is not None and owner not in seen:
            seen.add(owner)
            one = owner
        return one

    def _owner(self, one: str) -> str | None:
        """What takes it along; None where it needs a statement of its own."""
        if one in self._cut:
            return None
        what = self.before[one]
        if what.kind in ("index", "constraint"):
            whole = self._index_of_the_whole(what)
            if whole is not None:
                return whole
        if what.kind == "sequence":
            table = self._owning_table(what)
            if table is not None:
                return table
        if what.kind == "table attach" and any(
            other not in self._going for other in what.needs if other != what.parent
        ):
            # The partition stays, and would be lost with the whole.
            return None
        return what.parent if what.parent in self._going else None

    def _index_of_the_whole(self, one: SchemaObject) -> str | None:
        """The index of the partitioned table that this partition's index is attached to and goes with."""
        if one.parent is not None and one.parent not in self._going and self._is_let_go(one.parent):
            return None
        for other in self.needed_by.get(one.id, ()):
            what = self.before[other]
            if what.kind != "index attach" or what.facts.get("child") not in index_names(one):
                continue
            for need in what.needs:
                if (
                    need != one.id
                    and need in self._going
                    and what.facts.get("parent") in index_names(self.before[need])
                ):
                    return need
        return None

    def _is_let_go(self, table: str) -> bool:
        """Whether a partition is taken out of its table before the table's indexes go."""
        identity = self.before[table].facts.get("identity")
        return any(
            what.kind == "table attach"
            and what.facts.get("child") == identity
            and (what.id in self._going or what.id in self.moved)
            for what in (self.before[other] for other in self.needed_by.get(table, ()))
        )

    def _owning_table(self, sequence: SchemaObject) -> str | None:
        for other in self.needed_by.get(sequence.id, ()):
            if self.before[other].kind == "sequence owned by":
                for need in self.before[other].needs:
                    if (
                        need in self._going
                        and self.before[need].kind in ("table", "foreign table")
                        and need not in self.remade
                    ):
                        return need
        return None


def _names(one: SchemaObject) -> set[tuple[str | None, str]]:
    """What it is called among the relations and types (a key: its index) or the routines of its schema."""
    if one.kind in ("index", "constraint"):
        return {(one.schema, name) for name in index_names(one)}
    return {(one.schema, one.name)} if one.parent is None or one.kind == "identity" else set()


def _default(table: SchemaObject, column: str) -> str | None:
    for parts in json.loads(table.facts.get("columns", "[]")):
        if parts[0] == column:
            return str(parts[4]) if parts[4] is not None else None
    return None


def index_names(one: SchemaObject) -> set[str]:
    """How an index, or a key's index, is named in statements."""
    identity = one.facts.get("identity", "")
    name, on, table = identity.rpartition(" on ")
    return {identity, f"{table.rpartition('.')[0]}.{name}"} if on else {identity}


def _sorted(waits_for: Mapping[str, Iterable[str]], rank: Callable[[str], int]) -> tuple[list[str], set[str]]:
    """(those whose turn came, those that wait for each other); among the free ones the lowest rank first."""
    left = {one: len(set(others)) for one, others in waits_for.items()}
    frees: dict[str, list[str]] = defaultdict(list)
    for one, others in waits_for.items():
        for other in set(others):
            frees[other].append(one)
    free = [(rank(one), one) for one, number in left.items() if not number]
    heapq.heapify(free)
    ordered: list[str] = []
    while free:
        _, one = heapq.heappop(free)
        ordered.append(one)
        for other in frees[one]:
            left[other] -= 1
            if not left[other]:
                heapq.heappush(free, (rank(other), other))
    return ordered, left.keys() - set(ordered)
