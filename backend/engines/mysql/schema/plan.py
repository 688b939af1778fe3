"""The order of it all. Every statement commits, so each must stand by itself and nothing may need a later one.

Foreign keys in the way go first and come last. What is dropped goes before what is made; each table is changed by one
ALTER TABLE; code comes after the tables it speaks of, views after the views they read.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
from backend.engines.mysql.connect import quoted

from .alter import Alteration, alter
from .code import dropped, made, sequence_changed, triggers_to_make
from .options import not_altered
from .references import cannot_be_checked, children_first, parents_first, standing_in_the_way
from .renamed import Renamed
from .server import Server
from .tabletext import ForeignKey, parse

_ROUTINES = ("function", "procedure", "package", "package body")
_ZERO_DATE = re.compile(r"DEFAULT '(?:0000-\d\d-\d\d|\d{4}-00-\d\d|\d{4}-\d\d-00)")
_SAVED_CHECKS = "@dbtoolkit_foreign_key_checks"


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan."""
    return _Work(old, new, options).run()


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    steps: list[Step] = field(default_factory=list)
    cannot: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = Server.from_facts(self.old.facts or self.new.facts)
        self.renamed = Renamed(self.old, self.new, self.options.renames)
        self.before = self.renamed.objects()
        """By the new ids: what was renamed already carries its new name."""
        self.after = self.new.by_id()
        self.chosen = self._chosen()
        self.tables_before = {one.name: parse(one.sql) for one in self.before.values() if one.kind == "table"}
        tables = {one.name: parse(one.sql) for one in self.new.objects if one.kind == "table"}
        self.tables_after = {
            name: table for name, table in tables.items()
            if f"table {name}" in self.chosen or name not in self.tables_before
        }  # fmt: skip
        self.tables_after = {**{name: one for name, one in self.tables_before.items()
                                if f"table {name}" not in self.chosen}, **self.tables_after}  # fmt: skip
        self.cannot += [*self.old.problems, *self.new.problems]

    # -- what is chosen --------------------------------------------------------------------------------------------

    def _differs(self, one: str) -> bool:
        was, becomes = self.before.get(one), self.after.get(one)
        return was is None or becomes is None or was.text != becomes.text

    def _chosen(self) -> set[str]:
        differ = {one for one in self.before.keys() | self.after.keys() if self._differs(one)}
        differ |= {*self.renamed.tables.values(), *self.renamed.columns}
        if self.options.include is None:
            return differ
        wanted = {self.renamed.tables.get(one, one) for one in self.options.include} & differ
        needed_by: dict[str, set[str]] = defaultdict(set)
        for was in self.before.values():
            for need in was.needs:
                needed_by[need].add(was.id)
        queue = list(wanted)
        while queue:
            one = queue.pop()
            more = set(self.after[one].needs) if one in self.after else set()
            if one not in self.after:
                # What stands on something that goes away goes, or changes, with it.
                more |= needed_by[one]
            for other in more & differ - wanted:
                wanted.add(other)
                queue.append(other)
        return wanted

    def _removed(self, *kinds: str) -> list[SchemaObject]:
        return [
            one for one in reversed(self.before.values())
            if one.kind in kinds and one.id in self.chosen and one.id not in self.after
        ]  # fmt: skip

    def _made(self, *kinds: str) -> list[SchemaObject]:
        return [one for one in self.new.objects if one.kind in kinds and one.id in self.chosen]

    # -- the plan --------------------------------------------------------------------------------------------------

    def run(self) -> Plan:
        gone = [one.name for one in self._removed("table")]
        changed = [one.name for one in self._made("table") if one.name in self.tables_before]
        added = [one.name for one in self._made("table") if one.name not in self.tables_before]
        alterations = {name: self._alteration(name) for name in changed}
        keys_out, keys_in = self._foreign_keys(changed, gone, alterations)

        self.steps += self.renamed.steps(self.server)
        self.steps += self._default()
        self.steps += self._keys_dropped(keys_out)
        self.steps += self._code_dropped()
        self.steps += self._tables_dropped(gone)
        self.steps += self._sequences_dropped(early=True)
        self.steps += self._sequences()
        for name in changed:
            self.steps += self._altered(name, alterations[name])
        self.steps += self._tables_made(added, keys_in)
        self.steps += self._keys_added(keys_in)
        self.steps += self._code_made()
        self.steps += self._sequences_dropped(early=False)
        steps = [*self._lax(self.steps)]
        old_ids = {was for was, becomes in self.renamed.tables.items() if becomes in self.chosen}
        return Plan(tuple(steps), frozenset(self.chosen | old_ids), tuple(dict.fromkeys(self.cannot)))

    def _default(self) -> Iterator[Step]:
        for one in self._made("database"):
            yield Step(one.sql, (one.id,), note="For tables made without a character set of their own.")

    # -- tables ----------------------------------------------------------------------------------------------------

    def _alteration(self, name: str) -> Alteration:
        old, new = self.tables_before[name], self.tables_after[name]
        found = alter(old, new, self.server, keeps_order=self.options.style is Style.PLAIN)
        self.cannot += found.left_over
        self.cannot += [
            f"{name}: {what} is decided when a table is made and stays as it is." for what in not_altered(old, new)
        ]  # fmt: skip
        return found

    def _altered(self, name: str, change: Alteration) -> Iterator[Step]:
        if change.is_empty:
            return
        ids = (f"table {name}",)
        if change.first:
            yield Step(f"ALTER TABLE {quoted(name)} {change.first}", ids)
        if change.keeps_history:
            yield Step(
                "SET SESSION system_versioning_alter_history = KEEP", ids,
                note=f"{name} keeps the history of its rows; the server asks for this word before it changes them.",
            )  # fmt: skip
        if change.clauses or change.partition:
            clauses = list(change.clauses)
            if self.options.style is Style.ONLINE and change.is_online and not self.options.one_file:
                clauses += ["ALGORITHM=INPLACE", "LOCK=NONE"]
            text = ",\n  ".join(clauses)
            separator = "\n  " if "\n" in text or len(clauses) > 1 else " "
            partition = f"\n{change.partition}" if change.partition else ""
            sql = (
                f"ALTER TABLE {quoted(name)}{separator}{text}{partition}"
                if clauses
                else f"ALTER TABLE {quoted(name)}{partition}"
            )
            yield Step(sql, ids, tuple(change.hazards))
        for clause in change.alone:
            yield Step(f"ALTER TABLE {quoted(name)} {clause}", ids)
        if change.keeps_history:
            yield Step("SET SESSION system_versioning_alter_history = DEFAULT", ids)

    def _tables_dropped(self, gone: list[str]) -> Iterator[Step]:
        ordered, cuts = children_first(gone, self.tables_before)
        for table, key in cuts:
            yield Step(f"ALTER TABLE {quoted(table)} DROP FOREIGN KEY {quoted(key)}", (f"table {table}",))
        for name in ordered:
            lost = Hazard(HazardKind.DATA_LOSS, f"The rows of {name} are lost.")
            yield Step(f"DROP TABLE {quoted(name)}", (f"table {name}",), (lost,))

    def _tables_made(self, added: list[str], keys_in: dict[str, list[ForeignKey]]) -> Iterator[Step]:
        ordered, later = parents_first(added, self.tables_after)
        for name in ordered:
            table = self.tables_after[name]
            sql = self.after[f"table {name}"].sql
            for key in table.foreign_keys:
                if (name, key.name) in later or cannot_be_checked(key, self.tables_after):
                    sql = sql.replace(f",\n  {key.text}", "", 1)
                    keys_in.setdefault(name, []).append(key)
            yield Step(sql, (f"table {name}",))

    # -- foreign keys ----------------------------------------------------------------------------------------------

    def _foreign_keys(
        self, changed: list[str], gone: list[str], alterations: dict[str, Alteration]
    ) -> tuple[dict[str, list[str]], dict[str, list[ForeignKey]]]:
        out: dict[str, list[str]] = {}
        into: dict[str, list[ForeignKey]] = {}
        for name, table in self.tables_before.items():
            if name in gone:
                continue
            wanted = self.tables_after[name]
            new = {one.name: one for one in wanted.foreign_keys}
            old = {one.name: one for one in table.foreign_keys}
            differ = {one for one in old if one not in new or new[one].text != old[one].text}
            blocked = standing_in_the_way(table, self.tables_before, self.tables_after, alterations)
            names = [one for one in old if one in differ or one in blocked]
            if names:
                out[name] = names
            back = [key for one, key in new.items() if one not in old or one in names]
            if back:
                into[name] = back
        return out, into

    def _keys_dropped(self, out: dict[str, list[str]]) -> Iterator[Step]:
        for name, keys in out.items():
            clauses = ", ".join(f"DROP FOREIGN KEY {quoted(key)}" for key in keys)
            yield Step(f"ALTER TABLE {quoted(name)} {clauses}", (f"table {name}",))

    def _keys_added(self, into: dict[str, list[ForeignKey]]) -> Iterator[Step]:
        unchecked: list[Step] = []
        for name, keys in into.items():
            for checked in (True, False):
                some = [key for key in keys if cannot_be_checked(key, self.tables_after) is not checked]
                if not some:
                    continue
                clauses = ",\n  ".join(f"ADD {key.text}" for key in some)
                separator = "\n  " if len(some) > 1 else " "
                sql = f"ALTER TABLE {quoted(name)}{separator}{clauses}"
                if not checked:
                    said = f"Rows of {name} are not checked against {', '.join(key.name for key in some)}."
                    hazard = Hazard(HazardKind.CORRECTNESS, said)
                    unchecked.append(Step(sql, (f"table {name}",), (hazard,)))
                    continue
                hazards = tuple(self._key_hazards(name, some))
                yield Step(sql, (f"table {name}",), hazards)
        if unchecked:
            off = f"SET {_SAVED_CHECKS} = @@foreign_key_checks"
            yield Step(
                off, note="What these foreign keys refer to is not in this schema, or has no index there."
            )
            yield Step("SET foreign_key_checks = 0")
            yield from unchecked
            yield Step(f"SET foreign_key_checks = {_SAVED_CHECKS}")

    def _key_hazards(self, name: str, keys: Iterable[ForeignKey]) -> Iterator[Hazard]:
        if name in self.tables_before:
            words = ", ".join(key.name for key in keys)
            yield Hazard(
                HazardKind.SHARE_LOCK, f"Rows of {name} are checked against {words}; nobody writes it meanwhile."
            )  # fmt: skip

    # -- sequences and code ----------------------------------------------------------------------------------------

    def _sequences(self) -> Iterator[Step]:
        for one in self._made("sequence"):
            was = self.before.get(one.id)
            if was is None:
                yield Step(one.sql, (one.id,))
                continue
            changed = sequence_changed(was, one)
            if changed is None:
                hazard = Hazard(HazardKind.DATA_LOSS, f"{one.name} starts again.")
                yield Step(
                    re.sub("^CREATE SEQUENCE", "CREATE OR REPLACE SEQUENCE", one.sql), (one.id,), (hazard,)
                )
            else:
                yield from changed

    def _sequences_dropped(self, *, early: bool) -> Iterator[Step]:
        """At the end, when no default draws from them; before that only where a table or view takes the name."""
        taken = {one.name.lower() for one in self._made("table", "view")}
        for one in self._removed("sequence"):
            if (one.name.lower() in taken) is early:
                lost = Hazard(HazardKind.DATA_LOSS, f"Where {one.name} had come to is lost.")
                yield from (replace(step, hazards=(lost,)) for step in dropped(one))

    def _triggers(self) -> tuple[list[SchemaObject], list[str]]:
        old = [one for one in self.before.values() if one.kind == "trigger"]
        new = [one for one in self.new.objects if one.kind == "trigger"]
        return old, triggers_to_make(old, new, self.chosen)

    def _code_dropped(self) -> Iterator[Step]:
        """Events and triggers before the tables they would write meanwhile; views before tables of their names."""
        gone_tables = {one.id for one in self._removed("table")}
        old, again = self._triggers()
        for one in self._removed("event"):
            yield from dropped(one)
        for one in reversed(old):
            is_removed = one.id in self.chosen and one.id not in self.after and one.parent not in gone_tables
            if is_removed or (one.id in again and one.parent not in gone_tables):
                yield from dropped(one)
        broken = set(json.loads(self.new.facts.get("broken_views", "[]")))
        for one in self._removed("view"):
            if one.name not in broken:
                yield from dropped(one)
        for one in self._removed("package body", *_ROUTINES):
            yield from dropped(one)

    def _code_made(self) -> Iterator[Step]:
        for kinds in (("function",), ("procedure", "package"), ("package body",)):
            for one in self._made(*kinds):
                yield from made(one, self.server, was=self.before.get(one.id))
        broken = set(json.loads(self.old.facts.get("broken_views", "[]")))
        for one in self._made("view"):
            # A broken one is there, though it is in no snapshot.
            yield from made(one, self.server, was=one if one.name in broken else self.before.get(one.id))
        _, again = self._triggers()
        for name in again:
            yield from made(self.after[name], self.server)
        for one in self._made("event"):
            yield from made(one, self.server, was=self.before.get(one.id))

    # -- modes -----------------------------------------------------------------------------------------------------

    def _lax(self, steps: list[Step]) -> Iterator[Step]:
        """Dates such as 0000-00-00, which old schemas have as defaults, are refused in the mode MySQL starts in."""
        if not self.server.refuses_zero_dates or not any(_ZERO_DATE.search(step.sql) for step in steps):
            yield from steps
            return
        saved = "@dbtoolkit_date_mode"
        yield Step(f"SET {saved} = @@sql_mode", note="0000-00-00 stands as a default below.")
        yield Step("SET sql_mode = REPLACE(REPLACE(@@sql_mode, 'NO_ZERO_IN_DATE', ''), 'NO_ZERO_DATE', '')")
        yield from steps
        yield Step(f"SET sql_mode = {saved}")
