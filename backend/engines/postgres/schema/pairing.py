"""Which index of a partition PostgreSQL takes for which of the whole's, where it attaches the partition. Pure.

ATTACH PARTITION goes through the whole's indexes, the oldest first, and takes for each the partition's oldest index that
is free and alike; directions and storage options do not count for it. Where several are alike, they have to be made in the
order in which it will ask for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from backend.engine.schema.model import SchemaObject

from .dropping import index_names


@dataclass
class Pairing:
    """What has to be made in another order, or anew, so that every index of a partition is attached to its own."""

    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    remade: Set[str]
    """What is dropped and made anew anyhow."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Old id → new one, of whole objects."""
    again: set[str] = field(default_factory=set)
    """What stays and has to be made anew to be younger than the others."""
    moved: dict[str, str] = field(default_factory=dict)
    """In whose place of the new order which one is made."""

    def attached(self, attach: SchemaObject) -> None:
        """`attach`: a partition that this plan attaches to a table that was there."""
        wanted = self._wanted
        whole, part = (self._indexes(attach.facts[side]) for side in ("parent", "child"))
        if all(pair in wanted for pair in _taken(whole, part)):
            return
        turn = {child: number for number, one in enumerate(whole) for child in self._parts_of(one, wanted)}
        for several in _alike(part):
            self._put_in_order(sorted(several, key=lambda one: turn.get(one.id, len(whole))))

    def root_stays(self, table: str) -> bool:
        """Whether a table, or one that it is a part of, was there before: one that is new has no index yet when its
        parts are attached, and nothing has to be paired."""
        while table not in self._old_tables and table in self._parents:
            table = self._parents[table]
        return table in self._old_tables

    def in_order(self, objects: Sequence[SchemaObject]) -> Iterator[SchemaObject]:
        for one in objects:
            yield self.after[self.moved.get(one.id, one.id)]

    # -- inside --------------------------------------------------------------------------------------------------

    def _put_in_order(self, ordered: Sequence[SchemaObject]) -> None:
        """From the first that stays and is younger than one that has to come after it, all are made anew."""
        for number, one in enumerate(ordered):
            if not self._is_made(one) and any(
                self._age(other) > self._age(one) for other in ordered[:number]
            ):
                self.again.add(one.id)
        made = [one for one in ordered if self._is_made(one)]
        names = {one.id for one in made}
        for place, one in zip((other for other in self.after if other in names), made, strict=True):
            self.moved[place] = one.id

    def _is_made(self, one: SchemaObject) -> bool:
        return one.id not in self.before or one.id in self.remade or one.id in self.again

    def _age(self, one: SchemaObject) -> tuple[bool, int]:
        """Rises with the time at which it was made; what the plan makes comes last, in the new order."""
        if self._is_made(one):
            return True, 0
        return False, int(self.before[one.id].facts.get("oid", 0))

    def _indexes(self, table: str) -> list[SchemaObject]:
        """A table's indexes when the partition is attached, the oldest first."""
        return sorted(self._by_table.get(table, ()), key=self._age)

    @cached_property
    def _by_table(self) -> dict[str, list[SchemaObject]]:
        found: dict[str, list[SchemaObject]] = defaultdict(list)
        for one in self.after.values():
            if "alike" in one.facts and one.parent is not None and one.parent in self.after:
                found[self.after[one.parent].facts["identity"]].append(one)
        return found

    @cached_property
    def _wanted(self) -> set[tuple[str, str]]:
        """(index of a whole, index of a partition), by id"""
        called = {
            name: one.id
            for several in self._by_table.values()
            for one in several
            for name in index_names(one)
        }
        return {
            (called[one.facts["parent"]], called[one.facts["child"]])
            for one in self.after.values()
            if one.kind == "index attach" and {one.facts["parent"], one.facts["child"]} <= called.keys()
        }

    @cached_property
    def _old_tables(self) -> set[str]:
        return {
            one.facts.get("identity", "")
            for one in self.after.values()
            if one.kind == "table"
            and one.id not in self.remade
            and (one.id in self.before or one.id in self.renames.values())
        }

    @cached_property
    def _parents(self) -> dict[str, str]:
        return {
            one.facts["child"]: one.facts["parent"]
            for one in self.after.values()
            if one.kind == "table attach"
        }

    def _parts_of(self, one: SchemaObject, wanted: Set[tuple[str, str]]) -> Iterator[str]:
        return (child for whole, child in wanted if whole == one.id)


def paired_anew(
    before: Mapping[str, SchemaObject], after: Mapping[str, SchemaObject], chosen: Set[str]
) -> Iterator[str]:
    """Ids of the attachments of partitions that have to be undone and made again: an index that stays leaves the whole's
    index that stays, for another one, and there is no statement that lets an index go."""
    leaving = [one for one in before.values() if one.kind == "index attach" and one.id in chosen]
    if not leaving:
        return
    called = {name: one for one in before.values() if "alike" in one.facts for name in index_names(one)}
    after_called = {name: one for one in after.values() if "alike" in one.facts for name in index_names(one)}
    busy: set[tuple[str, str | None]] = set()
    for one in after.values():
        if one.kind == "index attach" and one.facts["child"] in after_called:
            busy.add((one.facts["child"], None))
            busy.add((one.facts["parent"], after_called[one.facts["child"]].parent))
    attached = {one.facts["child"]: one.id for one in before.values() if one.kind == "table attach"}
    for one in leaving:
        whole, part = (called.get(one.facts[side]) for side in ("parent", "child"))
        if whole is None or part is None or not {whole.id, part.id} <= after.keys():
            continue
        if not busy & {(one.facts["child"], None), (one.facts["parent"], part.parent)}:
            # Nothing comes in its place; what is undone step by step lets the index itself go later.
            continue
        table = before[part.parent].facts["identity"] if part.parent else ""
        attach = attached.get(table)
        if attach is not None and attach in after:
            yield attach


def _alike(part: Sequence[SchemaObject]) -> Iterator[list[SchemaObject]]:
    for text in dict.fromkeys(one.facts["alike"] for one in part):
        yield [one for one in part if one.facts["alike"] == text]


def _taken(whole: Sequence[SchemaObject], part: Sequence[SchemaObject]) -> Iterator[tuple[str, str]]:
    """The pairs PostgreSQL makes: a key of the whole takes keys only."""
    free = list(part)
    for one in whole:
        for other in free:
            if other.facts["alike"] == one.facts["alike"] and (
                one.kind == "index" or other.kind == "constraint"
            ):
                free.remove(other)
                yield one.id, other.id
                break
