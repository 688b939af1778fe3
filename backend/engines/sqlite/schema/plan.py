"""The statements from one SQLite schema to another. What ALTER TABLE cannot write exactly is rebuilt, rows and all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
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
from backend.engines.sqlite.connect import quoted

from . import inplace, rebuild
from .memory import Table, Understood, names_taken, opened, understand
from .references import framed
from .standins import execute


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan. Where altering in place does not work along with the rest, those tables are rebuilt too."""
    work = _Work(old, new, options)
    made = work.plan()
    if not work.altered or _works(old, made, [work.old_meaning.tables[one] for one in work.altered]):
        return made
    return _Work(old, new, options, may_alter=False).plan()


def _works(old: Snapshot, made: Plan, tables: list[Table]) -> bool:
    with closing(opened(old)) as connection:
        connection.execute("PRAGMA legacy_alter_table = OFF")
        for table in tables:
            inplace.put_a_row(connection, table)
        try:
            for step in made.steps:
                execute(connection, step.sql, set())
        except sqlite3.Error:
            return False
    return True


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    may_alter: bool = True
    altered: list[str] = field(default_factory=list)
    """Ids of the tables changed in place."""
    steps: list[Step] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = self.old.by_id()
        self.after = self.new.by_id()
        self.renamed = self.options.renamed(self.before, self.after)
        self.old_meaning: Understood = understand(self.old)
        self.new_meaning: Understood = understand(self.new)
        self.taken = names_taken(self.old, self.new)
        self.chosen = self._chosen()

    # -- what to do ----------------------------------------------------------------------------------------------

    def _chosen(self) -> set[str]:
        """The ids that differ and are wanted, with what they need."""
        differ = {
            one
            for one in self.before.keys() | self.after.keys()
            if _text(self.before, one) != _text(self.after, one)
        }
        for one in sorted(differ):
            reason = self.old_meaning.failed.get(one) or self.new_meaning.failed.get(one)
            if reason is not None:
                self.left_out.append(
                    f"{one} stays as it is, since it cannot be made or removed here: {reason}."
                )
                differ.discard(one)
        if self.options.include is None:
            return differ
        wanted = {one for one in self.options.include if one in differ}
        for old, new in self.renamed.items():
            if old in wanted or new in wanted:
                wanted |= {old, new}
        grown = True
        while grown:
            grown = False
            for one in list(wanted):
                for needed in self.after[one].needs if one in self.after else ():
                    if needed in differ and needed not in wanted and needed not in self.before:
                        wanted.add(needed)
                        grown = True
            for one in differ - wanted:
                # What belongs to a table that goes away goes with it.
                parent = self.before[one].parent if one in self.before else None
                if parent in wanted and parent not in self.after:
                    wanted.add(one)
                    grown = True
        return wanted

    def plan(self) -> Plan:
        removed = [one for one in self.old.objects if one.id in self.chosen and one.id not in self.after]
        changed = [one for one in self.new.objects if one.id in self.chosen and one.id in self.before]
        sources = {new: old for old, new in self.renamed.items() if new in self.chosen}

        in_place: dict[str, list[Step]] = {}
        rebuilt: dict[str, str] = {}
        for one in changed:
            if one.kind == "table":
                altered = self._in_place(one)
                if altered is not None:
                    in_place[one.id] = altered
                elif self._can_be_copied(one.id):
                    rebuilt[one.id] = one.id
        rebuilt.update({new: old for new, old in sources.items() if self.after[new].kind == "table"})
        dropped_tables = {
            one.id for one in removed if one.kind == "table" and one.id not in sources.values()
        } | {one.id for one in changed if one.kind == "table" and one.id not in {*in_place, *rebuilt}}

        gone = dropped_tables | set(rebuilt.values())
        dropped_views = {one.id for one in removed + changed if one.kind == "view"}
        for one in reversed(self.old.objects):
            if one.kind != "table" and one.id in self.chosen and one.parent not in gone | dropped_views:
                self.steps.append(_drop(one))
        self.steps += [_drop(one) for one in reversed(self.old.objects) if one.id in dropped_tables]
        for one in self.new.objects:
            if one.id in in_place:
                self.steps += in_place[one.id]
            elif one.id in rebuilt:
                self.steps += self._rebuilt(self.before[rebuilt[one.id]], one)
            elif one.kind == "table" and one.id in self.chosen:
                self.steps.append(_make(one))
        for one in self.new.objects:
            if one.kind != "table" and (
                one.id in self.chosen or self._goes_with(one, gone, rebuilt, dropped_views)
            ):
                self.steps.append(_make(one))
        self.steps += self._filled_indexes()
        steps = framed(self.steps, self.old_meaning, self.new_meaning) if gone else self.steps
        not_expressed = (*self.old.problems, *self.new.problems, *self.left_out)
        return Plan(tuple(self._warned(steps)), frozenset(self.chosen), not_expressed)

    def _goes_with(
        self, one: SchemaObject, gone: set[str], rebuilt: Mapping[str, str], dropped_views: set[str]
    ) -> bool:
        """An object nobody chose that its table or view takes along; it comes back where it was there before."""
        if one.id not in self.before or one.id in self.new_meaning.failed:
            return False
        return one.parent in rebuilt or one.parent in gone or one.parent in dropped_views

    def _can_be_copied(self, table: str) -> bool:
        """Tables of both sides hold rows, in the same way where they are virtual."""
        old, new = self.old_meaning.tables[table], self.new_meaning.tables[table]
        return (old.holds_rows and new.holds_rows) or not (old.virtual or new.virtual)

    def _filled_indexes(self) -> Iterator[Step]:
        """Full-text indexes over another table's rows are empty when they are new, or their table was made anew."""
        made = [one for one in self.new.objects if one.kind == "table" and one.id in self.chosen]
        wanted = [one for one in made if self.new_meaning.tables[one.id].rebuilds_from is not None]
        if not wanted:
            return
        with closing(opened(self.new)) as connection:
            for one in wanted:
                name = quoted(one.name)
                with suppress(sqlite3.Error):
                    connection.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")
                    yield Step(f"INSERT INTO {name} ({name}) VALUES ('rebuild')", (one.id,))

    def _in_place(self, wanted: SchemaObject) -> list[Step] | None:
        old, new = self.old_meaning.tables[wanted.id], self.new_meaning.tables[wanted.id]
        if old.virtual or new.virtual or not self.may_alter:
            return None
        names = rebuild.kept_columns(self.options.renames, wanted.id, wanted.id, old, new)
        steps = inplace.statements(wanted, old, new, names)
        layout_counts = self.options.style is not Style.ONLINE
        if steps is None or not inplace.arrives(
            self.old, self.after, wanted, old, steps, layout_counts=layout_counts
        ):
            return None
        self.altered.append(wanted.id)
        return steps

    def _rebuilt(self, source: SchemaObject, wanted: SchemaObject) -> Iterator[Step]:
        old, new = self.old_meaning.tables[source.id], self.new_meaning.tables[wanted.id]
        names = rebuild.kept_columns(self.options.renames, source.id, wanted.id, old, new)
        return rebuild.steps(source, wanted, old, new, names, self.taken)

    def _warned(self, steps: Iterator[Step] | list[Step]) -> Iterator[Step]:
        """What needs a function or collation that only the application brings says so."""
        missing = self.old_meaning.missing | self.new_meaning.missing
        for step in steps:
            needed = [one for one in sorted(missing) if one.partition(" ")[2].lower() in step.sql.lower()]
            if needed and step.objects:
                said = f"It needs the {' and the '.join(needed)}, which the tool that runs it may lack."
                step = replace(step, hazards=(*step.hazards, Hazard(HazardKind.UNTRACKABLE, said)))
            yield step


def survivors(old: Snapshot, new: Snapshot, options: PlanOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """See SchemaTools.survivors: columns of one type on both sides keep every value; tables keep their rows."""
    work = _Work(old, new, options)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in old.objects:
        wanted = work.renamed.get(one.id, one.id)
        if one.kind != "table" or wanted not in work.after:
            continue
        before, after = work.old_meaning.tables[one.id], work.new_meaning.tables[wanted]
        names = rebuild.kept_columns(options.renames, one.id, wanted, before, after)
        if not before.holds_rows or not rebuild.keeps_rows(after, names):
            continue
        found[(one.id, "*")] = (wanted, "*")
        for source, target in names.items():
            was, becomes = before.column(source), after.column(target)
            if was is None or becomes is None or becomes.is_generated:
                continue
            takes_null = not becomes.not_null or was.not_null
            if was.type.upper() == becomes.type.upper() and takes_null:
                found[(one.id, was.name)] = (wanted, becomes.name)
    return found


def _text(side: Mapping[str, SchemaObject], one: str) -> str | None:
    return side[one].text if one in side else None


def _make(one: SchemaObject) -> Step:
    return Step(one.sql, (one.id,))


def _drop(one: SchemaObject) -> Step:
    hazards: tuple[Hazard, ...] = ()
    if one.kind == "table":
        hazards = (Hazard(HazardKind.DATA_LOSS, f"The rows of {one.name} are lost."),)
    elif one.kind == "index":
        hazards = (Hazard(HazardKind.INDEX_DROPPED, f"Queries that used {one.name} read whole tables."),)
    return Step(f"DROP {one.kind.upper()} {quoted(one.name)}", (one.id,), hazards)
