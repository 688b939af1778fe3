"""The order of it all: what is in the way goes first, then changes and creations in the new dump's order, then what is left.

Drops follow the old dump's order reversed, creations the new one's: pg_dump sorts both by what needs what. What depends on
something dropped or retyped is dropped and made anew by name, with its comments and grants; nothing is ever cascaded.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from backend.engine.schema.model import (
    Hazard,
    HazardKind,
    Plan,
    PlanOptions,
    SchemaObject,
    Snapshot,
    Step,
    Style,
)

from .alter import altered, moved_partition
from .altered import Altered
from .altersequence import continued
from .createtable import parse
from .dropping import Dropping
from .eventtriggers import quieted
from .hazards import with_hazards
from .loosening import Loosening
from .notnull import named, taken
from .online import online
from .pairing import Pairing, paired_anew
from .rebuilding import Rebuilding

# These can be made anew without losing anything but time (and, for materialized views, what can be computed again).
_REMADE = {
    "view", "materialized view", "index", "constraint", "fk constraint", "check constraint", "trigger", "rule", "policy",
    "function",
    "procedure", "aggregate", "statistics", "publication table", "cast", "operator", "event trigger", "index attach", "default",
    "operator class", "operator family", "transform", "conversion", "comment", "grant", "row security", "sequence owned by",
    "text search configuration", "text search dictionary", "shell type", "identity",
    "publication", "publication tables in schema",
}  # fmt: skip
# These too, while nothing that stays uses them.
_HOLDS_NOTHING = {
    "collation",
    "server",
    "foreign data wrapper",
    "access method",
    "text search parser",
    "text search template",
}
# What stands on a column's type and stops its change.
_STANDS_ON_A_COLUMN = {"view", "materialized view", "trigger", "policy", "rule", "statistics", "publication table", "function",
                       "procedure"}  # fmt: skip
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
        self.children: dict[str, list[str]] = defaultdict(list)
        for one in self.old.objects:
            if one.parent:
                self.children[one.parent].append(one.id)
        self.table_renames = self.options.renamed(self.before, self.after)
        self.not_null_names = taken((*self.old.objects, *self.new.objects))
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
            self.before, self.after, self.chosen, self.needed_by, _REMADE,
            {one: self._column_renames(one) for one in changed},
        )  # fmt: skip
        rebuilt.find()
        self.cannot += rebuilt.cannot
        self.remade |= rebuilt.members
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
                inherited=self._handed_down(one),
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
            self.remade |= self._in_the_way(one, alteration)
        self._spread(removed)
        paired = Pairing(self.before, self.after, self.remade, self.table_renames)
        for what in self.new.objects:
            if what.kind == "table attach" and self._attaches_late(what, alterations, paired):
                paired.attached(what)
        if paired.again:
            self.remade |= paired.again
            self._spread(removed)
        for one in list(self.remade):
            kind = self.before[one].kind
            if (
                kind not in _REMADE
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
        loose.swapped((table, column) for one in swapped for table, column, *_ in self._users(one))
        comments = frozenset(loose.comments).union(*(one.comments for one in alterations.values()))
        self.going = removed | self.remade
        first, silenced = _apart(drops.first, self.before)
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
                attached += self._made(what)
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
                body += self._made(what)
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
        body, firing = _apart(body, self.after)
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
            return self._made(one)
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

    def _users(self, one: str) -> list[list[str]]:
        """Of a type: [table as SQL, column, …] for each column that has it."""
        users: list[list[str]] = json.loads(self.before[one].facts.get("users", "[]"))
        return users

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

    def _handed_down(self, one: str) -> frozenset[str]:
        """What changes in a table because it changes in its parents, while it is their partition or child."""
        found: set[str] = set()
        for parent in self._parents(self.before, one) & self._parents(self.after, one) & self.chosen:
            if parent not in self.before or parent not in self.after:
                continue
            was, becomes = parse(self.before[parent].sql), parse(self.after[parent].sql)
            for old, new in ((was.columns, becomes.columns), (was.constraints, becomes.constraints)):
                found |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            found |= self._handed_down(parent)
        return frozenset(found)

    @staticmethod
    def _parents(side: Mapping[str, SchemaObject], one: str) -> set[str]:
        if one not in side or side[one].kind not in ("table", "foreign table"):
            return set()
        identity = side[one].facts.get("identity")
        names = {
            what.facts.get("parent")
            for what in side.values()
            if what.kind == "table attach" and what.facts.get("child") == identity
        }
        names |= (
            set(re.findall(r"[^,\s(][^,()]*", match[1]))
            if (match := re.search(r"\nINHERITS \((.*)\)", side[one].sql))
            else set()
        )
        return {
            what.id for what in side.values() if what.kind == "table" and what.facts.get("identity") in names
        }

    # -- what is in the way --------------------------------------------------------------------------------------

    def _in_the_way(self, one: str, alteration: Altered) -> set[str]:
        """What uses a column that is dropped or retyped, or a type that is swapped."""
        found: set[str] = set()
        for other in self.needed_by[one]:
            what = self.before[other]
            used = {column for owner, column in json.loads(what.facts.get("uses", "[]")) if owner == one}
            if used & alteration.columns and (what.kind in _STANDS_ON_A_COLUMN or self._has_expression(what)):
                found.add(other)
            if used & alteration.readded and what.kind in _REMADE and what.kind not in ("comment", "grant"):
                found.add(other)
            if what.kind == "fk constraint" and (used & alteration.converted or alteration.persistence):
                found.add(other)
        if self.before[one].kind in ("type", "domain") and alteration.before:
            tables = {name for name, *_ in self._users(one)}
            found |= {other for other in self.needed_by[one] if self.before[other].kind in _REMADE}
            columns = {(table, column) for table, column, *_ in self._users(one)}
            for table in self.old.objects:
                if table.facts.get("identity") not in tables:
                    continue
                for other in self.needed_by[table.id]:
                    what = self.before[other]
                    used = {
                        column
                        for owner, column in json.loads(what.facts.get("uses", "[]"))
                        if owner == table.id
                    }
                    on = {column for name, column in columns if name == table.facts.get("identity")}
                    if used & on and what.kind in (
                        _STANDS_ON_A_COLUMN | {"index", "constraint", "check constraint"}
                    ):
                        found.add(other)
        return found

    @staticmethod
    def _has_expression(one: SchemaObject) -> bool:
        """An index or constraint whose expression may not survive a new type by itself."""
        if one.kind == "index":
            return " WHERE " in one.sql or "((" in one.sql or "_ops" in one.sql
        return one.kind == "constraint" and " EXCLUDE " in one.sql

    def _spread(self, removed: set[str]) -> None:
        """Everything that needs something dropped is dropped as well, and made anew where it stays."""
        queue = [*self.remade, *removed]
        while queue:
            one = queue.pop()
            for other in self.needed_by[one]:
                if other in self.remade or other in removed:
                    continue
                if (
                    self.before[other].kind in _REMADE
                    and other in self.after
                    and self.before[other].parent != one
                ):
                    self.remade.add(other)
                    queue.append(other)

    # -- creations -----------------------------------------------------------------------------------------------

    def _made(self, one: SchemaObject) -> list[Step]:
        text = (named(one, self.not_null_names) if one.kind == "table" else one.sql).rstrip()
        hazards: tuple[Hazard, ...] = ()
        is_used = one.parent in self.before and one.parent not in self.remade
        if one.kind == "materialized view":
            text = re.sub(r"\n\s*WITH NO DATA;", ";", text)
        if one.kind == "index" and is_used:
            hazards = (
                Hazard(
                    HazardKind.INDEX_BUILD,
                    f"{one.name} is built; nobody writes {self._owner(one)} meanwhile.",
                ),
            )
        if one.kind == "fk constraint" and is_used:
            hazards = (
                Hazard(
                    HazardKind.SHARE_ROW_EXCLUSIVE_LOCK,
                    f"Rows of {self._owner(one)} are checked; nobody writes them meanwhile.",
                ),
            )
        if one.kind in ("constraint", "check constraint") and is_used:
            hazards = (
                Hazard(
                    HazardKind.CORRECTNESS, f"It fails where rows of {self._owner(one)} break {one.name}."
                ),
            )
        steps = [
            Step(part, (one.id,), hazards if number == 0 else ())
            for number, part in enumerate(_statements(text))
        ]
        if one.kind == "identity" and one.parent in self.before:
            steps += list(continued(one))
        return steps

    def _owner(self, one: SchemaObject) -> str:
        return (
            self.after[one.parent].facts.get("identity", one.parent) if one.parent in self.after else one.name
        )


def _apart(steps: list[Step], side: Mapping[str, SchemaObject]) -> tuple[list[Step], list[Step]]:
    """(all others, those about event triggers of one side)"""
    firing = [
        step
        for step in steps
        if step.objects and step.objects[0] in side and _is_event_trigger(side[step.objects[0]], side)
    ]
    return [step for step in steps if step not in firing], firing


def _is_event_trigger(one: SchemaObject, side: Mapping[str, SchemaObject]) -> bool:
    parent = side.get(one.parent or "")
    return one.kind == "event trigger" or (parent is not None and parent.kind == "event trigger")


def _statements(sql: str) -> Iterator[str]:
    from backend.engine.sqltext import split

    found = [one.text.rstrip().removesuffix(";") for one in split(sql, "postgres")]
    yield from found or [sql.removesuffix(";")]
