"""Tables that get another partition key: no statement changes one, so the rows are laid aside, the table and its partitions
are dropped and made anew, and the rows are put back. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .altersequence import continued
from .casting import cast, zero
from .createtable import parse
from .facts import Column, columns_of

_BY = re.compile(r"^PARTITION BY .*$", re.MULTILINE)
# Once stored as text they can be read back, whatever becomes of the type meanwhile.
_USER_KINDS = ("e", "d", "c", "r")


def key_changes(was: SchemaObject, becomes: SchemaObject) -> bool:
    """Whether a table is partitioned in another way than it was, or only one of the two is."""
    if was.kind != "table" or becomes.kind != "table" or "PARTITION BY " not in was.sql + becomes.sql:
        return False
    return _key(was) != _key(becomes)


def _key(table: SchemaObject) -> str:
    match = _BY.search(parse(table.sql).tail)
    return match[0] if match else ""


class Partitions:
    """Who is a part of whom in one schema, by id."""

    def __init__(self, side: Mapping[str, SchemaObject]) -> None:
        tables = {
            one.facts.get("identity", ""): one.id
            for one in side.values()
            if one.kind in ("table", "foreign table")
        }
        self.attaches: dict[str, str] = {}
        """By a partition, what attaches it."""
        self._parts: dict[str, list[str]] = defaultdict(list)
        for one in side.values():
            if one.kind == "table attach" and {one.facts["child"], one.facts["parent"]} <= tables.keys():
                child = tables[one.facts["child"]]
                self.attaches[child] = one.id
                self._parts[tables[one.facts["parent"]]].append(child)

    def below(self, table: str) -> Iterator[str]:
        """Its partitions, and theirs."""
        for part in self._parts.get(table, ()):
            yield part
            yield from self.below(part)


def new_keys(
    before: Mapping[str, SchemaObject], after: Mapping[str, SchemaObject]
) -> tuple[set[str], set[str]]:
    """(tables with another key, whose rows stay; partitions between which these rows move)"""
    anew = {one for one in before.keys() & after.keys() if key_changes(before[one], after[one])}
    return anew, {part for one in anew for part in Partitions(before).below(one)}


@dataclass
class Rebuilding:
    """The tables of a plan whose key changes, with all their partitions."""

    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    chosen: Set[str]
    needed_by: Mapping[str, Set[str]]
    follows: Collection[str]
    """Kinds of objects that can be made anew with what they stand on."""
    renames: Mapping[str, Mapping[str, str]]
    """By table, confirmed renames of columns."""
    roots: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    """Tables that are dropped and made anew, and the attachments of those that are partitions."""
    saved: set[str] = field(default_factory=set)
    """Tables that are dropped while their rows are laid aside."""
    cannot: list[str] = field(default_factory=list)

    def find(self) -> None:
        changed = self.chosen & self.before.keys() & self.after.keys()
        # The whole before its parts.
        for one in sorted(changed, key=lambda one: (one in self._old.attaches, one)):
            if one in self.members or not key_changes(self.before[one], self.after[one]):
                continue
            old, new = set(self._old.below(one)), set(self._new.below(one))
            why = self._obstacle(one, old, new)
            if why:
                self.cannot.append(f"{one} cannot be partitioned in another way by this plan: {why}")
                continue
            self.roots.append(one)
            tables = {one, *(old & new)}
            self.members |= tables | {self._old.attaches[part] for part in old & new}
            self.members.update(self._hanging_on_parts_of(tables))
            self.saved |= {one, *old}

    def _hanging_on_parts_of(self, tables: set[str]) -> Iterator[str]:
        """What uses an index or key of theirs, and goes and comes with it."""
        for table in tables:
            for part in self._children.get(table, ()):
                for other in self.needed_by.get(part, ()):
                    if self.before[other].kind in self.follows and other in self.after:
                        yield other

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.before.values():
            if one.parent is not None:
                found[one.parent].append(one.id)
        return found

    def _obstacle(self, one: str, old: set[str], new: set[str]) -> str | None:
        """A sentence, where its rows could not be kept or something else would be torn."""
        if one in self._old.attaches or one in self._new.attaches:
            return "it is a partition itself. Detach it first, in a migration of its own."
        strangers = {part for part in old ^ new if part in self.before and part in self.after}
        if strangers:
            return f"{', '.join(sorted(strangers))} stays and is its partition on one side only. Attach or detach it first."
        foreign = sorted(part for part in old | new if "foreign table" in part)
        if foreign:
            return f"{', '.join(foreign)} holds rows elsewhere."
        family = {one, *old}
        attaches = {self._old.attaches[part] for part in old} | {self._new.attaches[part] for part in new}
        left_out = sorted(
            other
            for other in (old | new | attaches)
            if other not in self.chosen and self._text(self.before, other) != self._text(self.after, other)
        )
        if left_out:
            return f"{', '.join(left_out)} belongs to the same change and was not chosen."
        users = {other for table in family for other in self.needed_by.get(table, ())} - family - attaches
        torn = sorted(
            other
            for other in users
            # An owned sequence is set free meanwhile.
            if self.before[other].kind not in {*self.follows, "sequence"} and other in self.after
        )
        return f"{', '.join(torn)} uses it and cannot be made anew without a loss." if torn else None

    @staticmethod
    def _text(side: Mapping[str, SchemaObject], one: str) -> str | None:
        return side[one].text if one in side else None

    @cached_property
    def _old(self) -> Partitions:
        return Partitions(self.before)

    @cached_property
    def _new(self) -> Partitions:
        return Partitions(self.after)

    # -- statements ----------------------------------------------------------------------------------------------

    def lay_aside(self) -> Iterator[Step]:
        for one in self.roots:
            table = self.before[one]
            kept = ", ".join(
                f"{column.quoted}::text AS {column.quoted}" if _as_text(column) else column.quoted
                for column, _ in self._kept(one)
            )
            hazard = Hazard(
                HazardKind.EXCLUSIVE_LOCK, f"Nobody reads or writes {table.facts['identity']} meanwhile."
            )
            yield Step(f"LOCK TABLE {table.facts['identity']} IN ACCESS EXCLUSIVE MODE", (one,), (hazard,))
            yield Step(
                f"CREATE TEMPORARY TABLE {self._aside(one)} AS SELECT {kept} FROM {table.facts['identity']}",
                (one,),
                note="A partition key cannot be changed: the rows are laid aside while the table is made anew.",
            )
            for other in self.before.values():
                if other.kind == "sequence owned by" and f" OWNED BY {table.facts['identity']}." in other.sql:
                    # With the table it would go.
                    free = re.sub(r" OWNED BY .*$", " OWNED BY NONE", other.sql.strip(), flags=re.DOTALL)
                    yield Step(free, (other.id,))

    def without_losses(self, steps: list[Step]) -> list[Step]:
        """Drops of tables whose rows are laid aside lose none."""
        return [
            replace(step, hazards=tuple(one for one in step.hazards if one.kind is not HazardKind.DATA_LOSS))
            if self.saved.intersection(step.objects)
            else step
            for step in steps
        ]

    def put_back_after(self) -> dict[str, str]:
        """By the last object that has to be there before the rows are: the table."""
        found = {}
        for one in self.roots:
            parts = set(self._new.below(one))
            waits_for = {one, *parts, *(self._new.attaches[part] for part in parts)}
            waits_for |= {
                other.id for other in self.after.values() if other.kind == "identity" and other.parent == one
            }
            found[next(other for other in reversed(list(self.after)) if other in waits_for)] = one
        return found

    def put_back(self, one: str) -> Iterator[Step]:
        table = self.after[one]
        name = table.facts["identity"]
        kept = list(self._kept(one))
        names = [becomes.quoted for _, becomes in kept]
        values = [_read_back(was, becomes) for was, becomes in kept]
        for column in columns_of(table.facts):
            if column.quoted in names or column.generated or column.identity:
                continue
            value = (
                column.default if column.default is not None else zero(column) if column.not_null else None
            )
            if value is not None:
                names.append(column.quoted)
                values.append(value)
        hazards = [Hazard(HazardKind.REWRITE, f"{name} is written anew.")]
        if _key(table):
            hazards.append(
                Hazard(HazardKind.CORRECTNESS, f"It fails where a row of {name} fits no partition.")
            )
        if names:
            yield Step(
                f"INSERT INTO {name} ({', '.join(names)}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)}"
                f" FROM {self._aside(one)}",
                (one,),
                tuple(hazards),
            )
        yield Step(f"DROP TABLE {self._aside(one)}", (one,))
        for other in self.after.values():
            if other.kind == "identity" and other.parent == one:
                yield from continued(other)

    def _aside(self, one: str) -> str:
        return f"pg_temp.dbtoolkit_rows_{self.roots.index(one) + 1}"

    def _kept(self, one: str) -> Iterator[tuple[Column, Column]]:
        renamed = self.renames.get(one, {})
        becomes = {column.name: column for column in columns_of(self.after[one].facts)}
        for column in columns_of(self.before[one].facts):
            other = becomes.get(renamed.get(column.name, column.name))
            if other is not None and not other.generated:
                yield column, other


def _as_text(column: Column) -> bool:
    return column.kind in _USER_KINDS or column.category == "A"


def _read_back(was: Column, becomes: Column) -> str:
    if _as_text(was):
        return f"{was.quoted}::{becomes.type}"
    return was.quoted if was.type == becomes.type else cast(was.quoted, was, becomes)
