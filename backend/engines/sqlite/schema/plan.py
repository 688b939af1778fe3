"""The statements from one SQLite schema to another. What ALTER TABLE cannot write exactly is rebuilt, rows and all.

The rebuild is SQLite's own recipe (https://www.sqlite.org/lang_altertable.html#otheralter), with the old table renamed
away instead of the new one renamed in, so that the new text stays as it was written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

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

from .definitions import definitions
from .memory import Column, Table, Understood, free_name, names_taken, opened, tokens, understand
from .snapshot import fold


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan."""
    work = _Work(old, new, options)
    return work.plan()


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    steps: list[Step] = field(default_factory=list)
    needs_rebuild: bool = False

    def __post_init__(self) -> None:
        self.before = self.old.by_id()
        self.after = self.new.by_id()
        self.renamed = {
            old: new
            for old, new in self.options.renames.items()
            if old in self.before and new in self.after and old not in self.after and new not in self.before
        }
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
        added = [one for one in self.new.objects if one.id in self.chosen and one.id not in self.before]
        sources = {new: old for old, new in self.renamed.items() if new in self.chosen}

        in_place: dict[str, list[Step]] = {}
        rebuilt: dict[str, str] = {}
        for one in changed:
            if one.kind == "table" and one.id not in sources.values():
                altered = self._in_place(one)
                if altered is not None:
                    in_place[one.id] = altered
                elif self._is_virtual(one.id):
                    continue
                else:
                    rebuilt[one.id] = one.id
        rebuilt.update({new: old for new, old in sources.items() if self.after[new].kind == "table"})
        dropped_tables = {
            one.id for one in removed if one.kind == "table" and one.id not in sources.values()
        } | {one.id for one in changed if one.kind == "table" and self._is_virtual(one.id)}

        gone = dropped_tables | set(rebuilt.values())
        dropped_views = {one.id for one in removed + changed if one.kind == "view"}
        lost_with_parent = gone | dropped_views
        self.needs_rebuild = bool(gone)

        for one in reversed(self.old.objects):
            if one.kind != "table" and one.id in self.chosen and one.parent not in lost_with_parent:
                self.steps.append(self._drop(one))
        for one in reversed(self.old.objects):
            if one.id in dropped_tables:
                self.steps.append(self._drop(one))
        for one in self.new.objects:
            if one.id in in_place:
                self.steps += in_place[one.id]
            elif one.id in rebuilt:
                self.steps += self._rebuild(self.before[rebuilt[one.id]], one)
            elif one.kind == "table" and one.id in self.chosen:
                self.steps.append(_make(one))
        made = {one.id for one in added + changed}
        for one in self.new.objects:
            if one.kind == "table":
                continue
            again = one.id in made and one.id in self.chosen
            again = (
                again
                or (one.parent in rebuilt)
                or (one.parent in dropped_tables and one.parent in self.after)
            )
            again = again or one.parent in dropped_views
            if again and self._can_stand(one):
                self.steps.append(_make(one))
        return Plan(tuple(self._framed()), frozenset(self.chosen), tuple(self._not_expressed()))

    def _can_stand(self, one: SchemaObject) -> bool:
        """An object that was not chosen comes back with its table only where it was there before."""
        return one.id in self.chosen or one.id in self.before

    def _is_virtual(self, table: str) -> bool:
        return any(
            meaning.tables[table].virtual
            for meaning in (self.old_meaning, self.new_meaning)
            if table in meaning.tables
        )

    def _not_expressed(self) -> Iterator[str]:
        yield from self.old.problems + self.new.problems

    # -- steps ---------------------------------------------------------------------------------------------------

    def _drop(self, one: SchemaObject) -> Step:
        hazards: tuple[Hazard, ...] = ()
        if one.kind == "table":
            hazards = (Hazard(HazardKind.DATA_LOSS, f"The rows of {one.name} are lost."),)
        elif one.kind == "index":
            hazards = (Hazard(HazardKind.INDEX_DROPPED, f"Queries that used {one.name} read whole tables."),)
        return Step(f"DROP {one.kind.upper()} {quoted(one.name)}", (one.id,), hazards)

    def _in_place(self, wanted: SchemaObject) -> list[Step] | None:
        """ALTER TABLE statements, where SQLite's own text after them is the wanted one; layout is left to SQLite in the
        online style. None: rebuild."""
        old, new = self.old_meaning.tables[wanted.id], self.new_meaning.tables[wanted.id]
        if old.virtual or new.virtual:
            return None
        names = self._column_names(wanted.id, wanted.id, old, new)
        kept = [one.name for one in old.columns if fold(one.name) in names]
        dropped = [one.name for one in old.columns if fold(one.name) not in names]
        came_from = {fold(new_name) for new_name in names.values()}
        texts = dict(definitions(wanted.sql))
        added = [one for one in new.columns if fold(one.name) not in came_from]
        statements: list[Step] = []
        table = quoted(wanted.name)
        for name in kept:
            if names[fold(name)] != name:
                statements.append(
                    Step(
                        f"ALTER TABLE {table} RENAME COLUMN {quoted(name)} TO {quoted(names[fold(name)])}",
                        (wanted.id,),
                    )
                )
        for name in dropped:
            lost = Hazard(HazardKind.DATA_LOSS, f"What the column {wanted.name}.{name} holds is lost.")
            statements.append(Step(f"ALTER TABLE {table} DROP COLUMN {quoted(name)}", (wanted.id,), (lost,)))
        for one in added:
            text = texts.get(fold(one.name))
            if text is None or (names and _filler(one, new) is not None):
                # ADD COLUMN gives rows that are there no value, and NOT NULL without one is refused.
                return None
            statements.append(Step(f"ALTER TABLE {table} ADD COLUMN {text}", (wanted.id,)))
        return statements if statements and self._arrives(wanted, statements) else None

    def _arrives(self, wanted: SchemaObject, statements: list[Step]) -> bool:
        connection = opened(self.old)
        try:
            connection.execute("PRAGMA legacy_alter_table = OFF")
            self._put_a_row(connection, wanted)
            for step in statements:
                connection.execute(step.sql)
            rows = {
                f"{kind} {fold(name)}": str(sql)
                for kind, name, sql in connection.execute(
                    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
                )
            }
        except sqlite3.Error:
            return False
        finally:
            connection.close()
        found = rows.get(wanted.id, "")
        if found != wanted.sql and not (
            self.options.style is Style.ONLINE and tokens(found) == tokens(wanted.sql)
        ):
            return False
        # RENAME COLUMN also rewrites what refers to the column: none of that may come out other than wanted.
        return all(
            rows.get(one.id) in (one.sql, _text(self.after, one.id))
            for one in self.old.objects
            if one.id != wanted.id and one.id in self.after
        )

    def _put_a_row(self, connection: sqlite3.Connection, wanted: SchemaObject) -> None:
        """SQLite refuses some ALTERs only where there are rows."""
        columns = [one for one in self.old_meaning.tables[wanted.id].columns if not one.is_generated]
        names = ", ".join(quoted(one.name) for one in columns)
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA ignore_check_constraints = ON")
            values = ", ".join("1" for _ in columns)
            connection.execute(f"INSERT INTO {quoted(wanted.name)} ({names}) VALUES ({values})")

    def _column_names(self, old_id: str, new_id: str, old: Table, new: Table) -> dict[str, str]:
        """Folded old name → new name, of the columns that stay."""
        renames = {
            source.removeprefix(f"column {old_id}."): target.removeprefix(f"column {new_id}.")
            for source, target in self.options.renames.items()
            if source.startswith(f"column {old_id}.") and target.startswith(f"column {new_id}.")
        }
        found: dict[str, str] = {}
        for one in old.columns:
            renamed = next((to for name, to in renames.items() if fold(name) == fold(one.name)), None)
            stays = new.column(renamed or one.name)
            if stays is not None:
                found[fold(one.name)] = stays.name
        return found

    def _rebuild(self, source: SchemaObject, wanted: SchemaObject) -> Iterator[Step]:
        old, new = self.old_meaning.tables[source.id], self.new_meaning.tables[wanted.id]
        names = self._column_names(source.id, wanted.id, old, new)
        old_name = source.name
        ids = (source.id, wanted.id)
        if fold(source.name) == fold(wanted.name):
            old_name = free_name(f"{source.name}__old", self.taken)
            self.taken.add(fold(old_name))
            rename = f"ALTER TABLE {quoted(source.name)} RENAME TO {quoted(old_name)}"
            yield Step(rename, ids, note=f"{source.name} is made anew: SQLite cannot change it in place.")
        yield Step(wanted.sql, ids, tuple(self._rebuild_hazards(wanted.name, old, new, names)))
        copied = list(self._copies(old, new, names))
        if copied and _keeps_rows(new, names):
            into = ", ".join(quoted(name) for name, _ in copied)
            values = ", ".join(value for _, value in copied)
            yield Step(
                f"INSERT INTO {quoted(wanted.name)} ({into}) SELECT {values} FROM {quoted(old_name)}", ids
            )
        if old.autoincrement and new.autoincrement:
            named, kept = _literal(wanted.name), _literal(old_name)
            yield Step(f"DELETE FROM sqlite_sequence WHERE name = {named}", ids)
            yield Step(f"UPDATE sqlite_sequence SET name = {named} WHERE name = {kept}", ids)
        yield Step(f"DROP TABLE {quoted(old_name)}", ids)

    def _rebuild_hazards(
        self, table: str, old: Table, new: Table, names: Mapping[str, str]
    ) -> Iterator[Hazard]:
        yield Hazard(
            HazardKind.REWRITE, f"Every row of {table} is written anew; nobody else can write meanwhile."
        )
        if not _keeps_rows(new, names):
            yield Hazard(HazardKind.DATA_LOSS, f"The rows of {table} are lost: no column stays.")
            return
        for one in old.columns:
            if fold(one.name) not in names and not one.is_generated:
                yield Hazard(HazardKind.DATA_LOSS, f"What the column {table}.{one.name} holds is lost.")
        came_from = {fold(name) for name in names.values()}
        for column in new.columns:
            if fold(column.name) not in came_from and _filler(column, new) is not None:
                message = f"Rows that are there get {_filler(column, new)} as {table}.{column.name}: it takes no NULL."
                yield Hazard(HazardKind.CORRECTNESS, message)
        for source, target in names.items():
            before, after = old.column(source), new.column(target)
            if before is None or after is None:
                continue
            if after.not_null and not before.not_null and not after.is_generated:
                yield Hazard(HazardKind.CORRECTNESS, f"It fails where {table}.{after.name} holds NULL.")
            if before.type.upper() != after.type.upper():
                message = f"{table}.{after.name} becomes {after.type or 'untyped'}: values that look like it are converted."
                yield Hazard(HazardKind.CORRECTNESS, message)

    def _copies(self, old: Table, new: Table, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """(column of the new table, expression over the old one)."""
        by_target = {fold(target): source for source, target in names.items()}
        for column in new.columns:
            if column.is_generated:
                continue
            source = by_target.get(fold(column.name))
            if source is not None:
                found = old.column(source)
                if found is not None:
                    yield column.name, quoted(found.name)
            else:
                filler = _filler(column, new)
                if filler is not None:
                    yield column.name, filler

    def _framed(self) -> Iterator[Step]:
        """Around rebuilds and dropped tables: foreign keys off, which works outside a transaction only, one transaction
        of its own, and a check that no reference was broken."""
        if not self.needs_rebuild:
            yield from self.steps
            return
        checked = self.old_meaning.references_can_be_checked and self.new_meaning.references_can_be_checked
        has_keys = any(
            table.foreign_keys
            for meaning in (self.old_meaning, self.new_meaning)
            for table in meaning.tables.values()
        )
        frame = [
            "PRAGMA foreign_keys = OFF",
            "PRAGMA legacy_alter_table = ON",
            "BEGIN",
        ]
        closing: list[str] = []
        if checked and has_keys:
            frame.append(
                "CREATE TEMP TABLE broken_before AS SELECT count(*) AS number FROM pragma_foreign_key_check"
            )
            closing += [
                "CREATE TEMP TABLE broken_references (number INTEGER CHECK (number <= 0))",
                "INSERT INTO broken_references SELECT count(*) - (SELECT number FROM broken_before)"
                " FROM pragma_foreign_key_check",
                "DROP TABLE temp.broken_references",
                "DROP TABLE temp.broken_before",
            ]
        for sql in frame:
            yield Step(sql, transaction=False)
        for step in self.steps:
            yield Step(step.sql, step.objects, step.hazards, step.file, False, step.note)
        for number, sql in enumerate(closing):
            note = (
                "Fails, and so undoes everything, where a row now refers to nothing." if number == 0 else None
            )
            yield Step(sql, transaction=False, note=note)
        yield Step("COMMIT", transaction=False)
        yield Step("PRAGMA legacy_alter_table = OFF", transaction=False)


def survivors(old: Snapshot, new: Snapshot, options: PlanOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """See SchemaTools.survivors: columns of one type on both sides keep every value; tables keep their rows."""
    work = _Work(old, new, options)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in old.objects:
        wanted = work.renamed.get(one.id, one.id)
        if one.kind != "table" or wanted not in work.after:
            continue
        before, after = work.old_meaning.tables[one.id], work.new_meaning.tables[wanted]
        if before.virtual or after.virtual:
            continue
        names = work._column_names(one.id, wanted, before, after)
        if _keeps_rows(after, names):
            found[(one.id, "*")] = (wanted, "*")
        else:
            continue
        for source, target in names.items():
            was, becomes = before.column(source), after.column(target)
            if was and becomes and was.type.upper() == becomes.type.upper() and not becomes.is_generated:
                found[(one.id, was.name)] = (wanted, becomes.name)
    return found


def _keeps_rows(new: Table, names: Mapping[str, str]) -> bool:
    """Whether some column that holds values stays; without one there is nothing to tell the rows by."""
    return any(
        (column := new.column(name)) is not None and not column.is_generated for name in names.values()
    )


def _text(side: Mapping[str, SchemaObject], one: str) -> str | None:
    return side[one].sql if one in side else None


def _make(one: SchemaObject) -> Step:
    return Step(one.sql, (one.id,))


def _filler(column: Column, table: Table) -> str | None:
    """What existing rows get in a new column that takes no NULL and has no default; None where nothing is needed."""
    if column.is_generated or column.default is not None or not column.not_null:
        return None
    kind = column.type.upper()
    if column.key and kind == "INTEGER" and sum(bool(one.key) for one in table.columns) == 1:
        return None
    if "INT" in kind or any(word in kind for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL")):
        return "0"
    return "x''" if "BLOB" in kind or not kind else "''"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
