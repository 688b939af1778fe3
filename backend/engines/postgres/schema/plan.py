"""The order of it all: what is in the way goes first, then changes and creations in the new dump's order, then what is left.

Drops follow the old dump's order reversed, creations the new one's: pg_dump sorts both by what needs what. What depends on
something dropped or retyped is dropped and made anew by name, with its comments and grants; nothing is ever cascaded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backend.engine.schema.model import (
    Plan,
    PlanOptions,
    SchemaObject,
    Snapshot,
    Step,
    Style,
)

from .alter import altered, moved_partition
from .altered import Altered
from .dropping import Dropping
from .eventtriggers import apart, quieted
from .hazards import with_hazards
from .inheriting import handed_down
from .intheway import REMADE, InTheWay, users
from .loosening import Loosening
from .making import Making
from .notnull import taken
from .online import online
from .pairing import Pairing, paired_anew
from .rebuilding import Rebuilding

# These too, while nothing that stays uses them.
_HOLDS_NOTHING = {
    "collation",
    "server",
    "foreign data wrapper",
    "access method",
    "text search parser",
    "text search template",
}
_VALIDATED_LATER = re.compile(r"^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\b")


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan."""
    work = _Work(old, new, options)
    work.run()
    tables = {one.facts.get("identity", "") for one in old.objects if one.kind in ("table", "foreign table")}
    steps = with_hazards(work.steps, tables)
    if options.style is Style.ONLINE and not options.one_file:
        steps = online(steps)
    steps = quieted(steps, work.before, work.after, work.chosen | work.remade, work.going)
    return Plan(tuple(steps), frozenset(work.chosen | work.remade), tuple(work.cannot))


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    steps: list[Step] = field(default_factory=list)
    cannot: list[str] = field(default_factory=list)
    remade: set[str] = field(default_factory=set)
    going: set[str] = field(default_factory=set)
    """What is dropped, also to be made anew."""

    def __post_init__(self) -> None:
        self.before, self.after = self.old.by_id(), self.new.by_id()
        self.place = {one.id: number for number, one in enumerate(self.old.objects)}
        self.needed_by: dict[str, set[str]] = defaultdict(set)
        for one in self.old.objects:
            for other in one.needs:
                self.needed_by[other].add(one.id)
        self.table_renames = self.options.renamed(self.before, self.after)
        names = taken((*self.old.objects, *self.new.objects))
        self.making = Making(self.before, self.after, self.remade, names)
        self.chosen = self._chosen()

    def _differs(self, one: str) -> bool:
        was, becomes = self.before.get(one), self.after.get(one)
        return was is None or becomes is None or was.text != becomes.text

    def _chosen(self) -> set[str]:
        differ = {one for one in self.before.keys() | self.after.keys() if self._differs(one)}
        if self.options.include is None:
            return differ
        wanted = set(self.options.include) & differ
        queue = list(wanted)
        while queue:
            one = queue.pop()
            more = set(self.after[one].needs if one in self.after else ())
            if one not in self.after:
                # What stands on something that goes away goes with it, as far as it goes at all.
                more |= {other for other in self.needed_by[one] if other not in self.after}
            if one not in self.before:
                more |= {other.id for other in self.new.objects if other.parent == one}
            for other in more & differ - wanted:
                wanted.add(other)
                queue.append(other)
        return wanted

    # -- the plan ------------------------------------------------------------------------------------------------

    def run(self) -> None:
        removed = {one for one in self.chosen if one not in self.after}
        changed = [one.id for one in self.new.objects if one.id in self.chosen and one.id in self.before]
        renamed = self._renames(removed)
        texts = [self.after[one].sql for one in self.chosen if one in self.after]
        kept = {
            one.facts.get("identity", ""): self.after[self.table_renames.get(one.id, one.id)].facts.get(
                "identity", ""
            )
            for one in self.old.objects
            if one.kind == "table" and self.table_renames.get(one.id, one.id) in self.after
        }
        rebuilt = Rebuilding(
            self.before, self.after, self.chosen, self.needed_by, REMADE,
            {one: self._column_renames(one) for one in changed},
        )  # fmt: skip
        rebuilt.find()
        self.cannot += rebuilt.cannot
        self.remade |= rebuilt.members
        way = InTheWay(self.before, self.after, self.needed_by)
        alterations: dict[str, Altered] = {}
        for one in changed:
            if one in rebuilt.members or self.after[one].parent in rebuilt.members:
                continue
            others = [text for text in texts if text != self.after[one].sql]
            found = altered(
                self.before[one],
                self.after[one],
                one_file=self.options.one_file,
                quoted_elsewhere=others,
                renamed_columns=self._column_renames(one),
                inherited=handed_down(self.before, self.after, self.chosen, one),
                tables=kept,
            )
            if found is None:
                self.remade.add(one)
            else:
                alterations[one] = found
                self.cannot += found.cannot
        for one in paired_anew(self.before, self.after, self.chosen):
            if one not in rebuilt.members:
                alterations[one] = moved_partition(self.before[one], self.after[one])
        for one, alteration in alterations.items():
            self.remade |= way.of(one, alteration)
        way.spread(self.remade, removed)
        paired = Pairing(self.before, self.after, self.remade, self.table_renames)
        for what in self.new.objects:
            if what.kind == "table attach" and self._attaches_late(what, alterations, paired):
                paired.attached(what)
        if paired.again:
            self.remade |= paired.again
            way.spread(self.remade, removed)
        for one in list(self.remade):
            kind = self.before[one].kind
            if (
                kind not in REMADE
                and one not in rebuilt.members
                and kind not in ("type", "domain")
                and self.before[one].parent not in removed
                and not (kind in _HOLDS_NOTHING and self.needed_by[one] <= removed | self.remade)
            ):
                self.remade.discard(one)
                if one in self.chosen:
                    self.cannot.append(
                        f"{one} would have to be dropped and made anew, which would lose what it holds."
                    )
        alterations = {one: found for one, found in alterations.items() if one not in self.remade}

        drops = Dropping(
            self.before,
            self.after,
            self.place,
            self.needed_by,
            removed - set(renamed),
            self.remade,
            moved={one for one in alterations if self.before[one].kind == "table attach"},
        )
        drops.run()
        self.cannot += drops.cannot
        for alteration in alterations.values():
            self.steps += alteration.early
        early_file = 1 if self.steps else 0
        loose = Loosening(self.before, self.after, self.needed_by)
        swapped = {
            one
            for one, alteration in alterations.items()
            if self.before[one].kind in ("type", "domain") and alteration.before
        }
        loose.made_anew((self.remade & self.before.keys()) | swapped)
        loose.swapped((table, column) for one in swapped for table, column, *_ in users(self.before, one))
        comments = frozenset(loose.comments).union(*(one.comments for one in alterations.values()))
        self.going = removed | self.remade
        first, silenced = apart(drops.first, self.before)
        body = [step for alteration in alterations.values() for step in alteration.loosened]
        body += loose.first
        body += rebuilt.lay_aside()
        body += rebuilt.without_losses(first)
        body += [step for statements in renamed.values() for step in statements]
        for one in sorted(alterations, key=lambda one: self.before[one].kind in ("type", "domain")):
            body += alterations[one].before
        attached: list[Step] = []
        rows_after = rebuilt.put_back_after()
        for what in paired.in_order(self.new.objects):
            if what.kind == "index attach" and attached:
                body += attached
                attached = []
            if what.kind == "table attach" and self._attaches_late(what, alterations, paired):
                # After the partition's own indexes: PostgreSQL would make others for it.
                attached += self.making.made(what)
            elif what.id in alterations:
                body += self._placed(what, alterations[what.id])
            elif what.id in self.table_renames.values():
                continue
            elif (
                what.id in self.remade
                or (what.id in self.chosen and what.id not in self.before)
                or self._lost_with_parent(what)
                or self._lost_with_part(what, alterations, comments)
            ):
                body += self.making.made(what)
            if what.id in rows_after:
                body += rebuilt.put_back(rows_after[what.id])
        body += attached
        if rebuilt.roots:
            # Filled when they were made, before the rows were back.
            body += [
                Step(f"REFRESH MATERIALIZED VIEW {one.facts['identity']}", (one.id,))
                for one in self.new.objects
                if one.kind == "materialized view" and one.id in self.remade
            ]
        body += loose.last
        body += rebuilt.without_losses(drops.last)
        body += [step for alteration in alterations.values() for step in alteration.after]
        # They would see all the rest.
        body, firing = apart(body, self.after)
        body = [*silenced, *body, *firing]
        if any(_VALIDATED_LATER.match(step.sql) for step in body):
            body.insert(
                0,
                Step(
                    "SET LOCAL check_function_bodies = false",
                    note="Bodies may name what is made further down.",
                ),
            )
        self.steps += [replace(step, file=step.file + early_file) for step in body]

    def _attaches_late(self, one: SchemaObject, alterations: Mapping[str, Altered], paired: Pairing) -> bool:
        """A partition attached to a table with indexes. A table that is new has none when its turn comes."""
        if one.id not in alterations and (one.id not in self.chosen or one.id in self.before):
            return False
        return paired.root_stays(one.facts["parent"])

    def _placed(self, one: SchemaObject, alteration: Altered) -> list[Step]:
        parent = one.parent
        if parent in self.remade and parent in self.after:
            return self.making.made(one)
        return alteration.steps

    def _lost_with_parent(self, one: SchemaObject) -> bool:
        """Comments, grants and the like of what is made anew go with it and come back with it."""
        parent = one.parent
        while parent is not None:
            if parent in self.remade:
                return one.id in self.before or one.id in self.chosen
            parent = self.after[parent].parent if parent in self.after else None
        return False

    def _lost_with_part(
        self, one: SchemaObject, alterations: Mapping[str, Altered], comments: frozenset[str]
    ) -> bool:
        """A comment or grant on a column or constraint that is dropped and added again."""
        if one.kind == "comment":
            return one.sql.startswith(tuple(comments))
        if one.kind != "grant" or one.parent is None or one.parent not in alterations:
            return False
        return any(f"({column}) ON " in one.sql for column in alterations[one.parent].recreated)

    def _renames(self, removed: set[str]) -> dict[str, list[Step]]:
        found: dict[str, list[Step]] = {}
        for was, becomes in self.table_renames.items():
            old, new = self.before[was], self.after[becomes]
            if (
                old.kind != new.kind
                or was not in removed
                or old.kind not in ("table", "view", "materialized view", "sequence", "index")
            ):
                continue
            kind = old.kind.upper()
            bare = new.facts["identity"].rpartition(".")[2]
            found[was] = [Step(f"ALTER {kind} {old.facts['identity']} RENAME TO {bare}", (was, becomes))]
        return found

    def _column_renames(self, one: str) -> dict[str, str]:
        start = f"column {one}."
        return {
            was.removeprefix(start): becomes.removeprefix(start)
            for was, becomes in self.options.renames.items()
            if was.startswith(start) and becomes.startswith(start)
        }
