"""The statements from one ClickHouse schema to another; each stands in a file of its own, since the tool's driver refuses
several at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from backend.engine.schema.model import (
    Hazard,
    HazardKind,
    Plan,
    PlanOptions,
    SchemaObject,
    Snapshot,
    Step,
)
from backend.engines.clickhouse.text import identifier, literal

from .alter import NotInPlace, alter, statement
from .createtext import Table, parse, query_of
from .scratch import HOLDS_ROWS, MERGES_ROWS


def plan(old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
    """See SchemaTools.plan."""
    return _Work(old, new, options).plan()


@dataclass
class _Work:
    old: Snapshot
    new: Snapshot
    options: PlanOptions
    first: list[Step] = field(default_factory=list)
    """What goes away, or is made anew, before tables change."""
    tables: list[Step] = field(default_factory=list)
    queries: list[Step] = field(default_factory=list)
    """Materialized views read new columns before old ones go."""
    last: list[Step] = field(default_factory=list)
    made: list[Step] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before, self.after = self.old.by_id(), self.new.by_id()
        self.renamed = self.options.renamed(self.before, self.after)
        self.chosen = self._chosen()

    def _chosen(self) -> set[str]:
        ids = self.before.keys() | self.after.keys()
        differ = {one for one in ids if self._text(self.before, one) != self._text(self.after, one)}
        for one in sorted(differ):
            if one in self.after and "[HIDDEN]" in self.after[one].sql:
                self.left_out.append(f"{one} stays as it is: the server does not show the password it needs.")
                differ.discard(one)
        if self.options.include is None:
            return differ
        wanted = {one for one in self.options.include if one in differ}
        for was, becomes in self.renamed.items():
            if {was, becomes} & wanted:
                wanted |= {was, becomes}
        while more := {
            needed
            for one in wanted
            if one in self.after
            for needed in self.after[one].needs
            if needed in differ and needed not in wanted and needed not in self.before
        }:
            wanted |= more
        return wanted

    @staticmethod
    def _text(side: dict[str, SchemaObject], one: str) -> str | None:
        return side[one].text if one in side else None

    def plan(self) -> Plan:
        if self._swapped():
            return Plan(tuple(_filed(self.tables)), frozenset(self.chosen), ())
        sources = {becomes: was for was, becomes in self.renamed.items() if becomes in self.chosen}
        for one in reversed(self.old.objects):
            if one.id in self.chosen and one.id not in self.after and one.id not in sources.values():
                self.first.append(self._drop(one))
        for becomes, was in sources.items():
            names = f"{identifier(self.before[was].name)} TO {identifier(self.after[becomes].name)}"
            self.tables.append(Step(f"RENAME {_word(self.before[was])} {names}", (was, becomes)))
        for one in self.new.objects:
            if one.id in sources:
                source = self.before[sources[one.id]]
                if self._renamed_text(source, one) != one.text:
                    self._change(replace(source, name=one.name), one)
            elif one.id in self.chosen and one.id in self.before:
                self._change(self.before[one.id], one)
            elif one.id in self.chosen:
                self.made.append(self._beside(one))
        places = {one.id: place for place, one in enumerate(self.old.objects)}
        self.first.sort(key=lambda step: -places[step.objects[0]])
        steps = [*self.first, *self.tables, *self.queries, *self.last, *self.made]
        return Plan(tuple(_filed(steps)), frozenset(self.chosen), (*self.new.problems, *self.left_out))

    def _renamed_text(self, source: SchemaObject, wanted: SchemaObject) -> str:
        return source.text.replace(_quoted_as_written(source), _quoted_as_written(wanted), 1)

    def _swapped(self) -> bool:
        """Two tables that have each other's text have changed places."""
        differ = [one for one in self.chosen if one in self.before and one in self.after]
        if (
            len(differ) != 2
            or len(self.chosen) != 2
            or any(self.before[one].kind != "table" for one in differ)
        ):
            return False
        one, other = (self.before[name] for name in sorted(differ))
        if self._renamed_text(one, other) != self.after[other.id].text:
            return False
        if self._renamed_text(other, one) != self.after[one.id].text:
            return False
        names = f"{identifier(one.name)} AND {identifier(other.name)}"
        self.tables.append(Step(f"EXCHANGE TABLES {names}", (one.id, other.id)))
        return True

    # -- steps ---------------------------------------------------------------------------------------------------

    def _drop(self, one: SchemaObject) -> Step:
        hazards: tuple[Hazard, ...] = ()
        if one.kind == "table" and HOLDS_ROWS.fullmatch(one.facts.get("engine", "")):
            hazards = (Hazard(HazardKind.DATA_LOSS, f"The rows of {one.name} are lost."),)
        elif _has_inner_table(one):
            hazards = (Hazard(HazardKind.DATA_LOSS, f"What {one.name} has gathered is lost."),)
        return Step(f"DROP {_word(one)} {identifier(one.name)}", (one.id,), hazards)

    def _change(self, was: SchemaObject, wanted: SchemaObject) -> None:
        if wanted.kind == "table":
            self._table(was, wanted)
        elif wanted.kind == "materialized view" and query_of(was.sql)[0] == query_of(wanted.sql)[0]:
            query = query_of(wanted.sql)[1]
            sql = f"ALTER TABLE {identifier(wanted.name)} MODIFY QUERY {query}"
            self.queries.append(Step(sql, (wanted.id,)))
        elif wanted.kind in ("view", "dictionary"):
            self.made.append(Step(wanted.sql.replace("CREATE ", "CREATE OR REPLACE ", 1), (wanted.id,)))
        else:
            self.first.append(self._drop(was))
            self.made.append(Step(wanted.sql, (wanted.id,)))

    def _table(self, was: SchemaObject, wanted: SchemaObject) -> None:
        name = wanted.name
        try:
            old, new = parse(was.sql), parse(wanted.sql)
        except ValueError:
            self.first.append(self._drop(was))
            self.tables.append(Step(wanted.sql, (wanted.id,)))
            return
        renames = self._column_renames(was, wanted)
        try:
            found = alter(name, old, new, renames)
        except NotInPlace as reason:
            if _holds_rows(was, wanted):
                self.tables += self._rebuilt(was, wanted, old, new, renames, str(reason))
            else:
                self.first.append(self._drop(was))
                self.tables.append(Step(wanted.sql, (wanted.id,)))
            return
        apart = bool(found.dropped) and self._is_read(wanted)
        commands = found.commands if apart else [*found.commands, *found.dropped]
        hazards = found.hazards if apart else [*found.hazards, *found.drop_hazards]
        if commands:
            self.tables.append(Step(statement(name, commands), (wanted.id,), tuple(hazards)))
        if apart:
            self.last.append(Step(statement(name, found.dropped), (wanted.id,), tuple(found.drop_hazards)))

    def _is_read(self, table: SchemaObject) -> bool:
        return any(
            one.kind == "materialized view" and table.id in one.needs and one.id in self.chosen
            for one in self.old.objects
        )

    def _column_renames(self, was: SchemaObject, wanted: SchemaObject) -> dict[str, str]:
        return {
            source.removeprefix(f"column {was.id}."): target.removeprefix(f"column {wanted.id}.")
            for source, target in self.options.renames.items()
            if source.startswith(f"column {was.id}.") and target.startswith(f"column {wanted.id}.")
        }

    def _rebuilt(
        self,
        was: SchemaObject,
        wanted: SchemaObject,
        old: Table,
        new: Table,
        renames: dict[str, str],
        reason: str,
    ) -> Iterator[Step]:
        """A new table beside the old one, its rows, the two exchanged, the old one gone."""
        name = f"{wanted.name}{_BESIDE}"
        if any(one.name == name for one in (*self.old.objects, *self.new.objects)):
            self.left_out.append(f"table {wanted.name} is not made anew ({reason}): {name} is there already.")
            return
        ids = (wanted.id,)
        sql = wanted.sql.replace(_quoted_as_written(wanted), identifier(name), 1)
        hazards: tuple[Hazard, ...] = (
            Hazard(HazardKind.REWRITE, f"Every row of {wanted.name} is written anew."),
            Hazard(
                HazardKind.CORRECTNESS,
                f"Stop what writes to {wanted.name}: rows that come meanwhile are lost.",
            ),
        )
        if _merges(was, wanted, old, new):
            said = (
                f"Rows of {wanted.name} that belong together become one as {new.engine} has it; that stays."
            )
            hazards = (*hazards, Hazard(HazardKind.DATA_LOSS, said))
        filled = f"{sql}\nAS SELECT {_values(old, new, renames)} FROM {identifier(wanted.name)}"
        yield Step(filled, ids, hazards, note=f"{wanted.name} is made anew: {reason}.")
        yield Step(f"EXCHANGE TABLES {identifier(wanted.name)} AND {identifier(name)}", ids)
        kept = {renames.get(one.name, one.name) for one in old.columns} & {one.name for one in new.columns}
        lost = tuple(
            Hazard(
                HazardKind.DATA_LOSS, f"What the column {wanted.name}.{one.name.strip('`')} holds is lost."
            )
            for one in old.columns
            if renames.get(one.name, one.name) not in kept and one.default_kind in _INSERTED
        )
        yield Step(f"DROP TABLE {identifier(name)}", ids, lost)

    def _beside(self, one: SchemaObject) -> Step:
        """A new table; where it is the old self of one that was made anew, it gets its rows back."""
        source = self.before.get(one.id.removesuffix(_BESIDE))
        if (
            one.kind == "table"
            and one.name.endswith(_BESIDE)
            and source is not None
            and _holds_rows(one, source)
        ):
            values = _values(parse(source.sql), parse(one.sql), {})
            return Step(f"{one.sql}\nAS SELECT {values} FROM {identifier(source.name)}", (one.id,))
        return Step(one.sql, (one.id,))


_BESIDE = "__new"
_INSERTED = (None, "DEFAULT")


def _values(old: Table, new: Table, renames: dict[str, str]) -> str:
    """What the new table's columns get from the old one's, in their order."""
    source = {renames.get(one.name, one.name): one for one in old.columns}
    found = []
    for one in new.columns:
        if one.default_kind not in _INSERTED:
            continue
        was = source.get(one.name)
        empty = f"defaultValueOfTypeName({literal(one.type)})"
        if was is None or was.default_kind == "EPHEMERAL":
            found.append(f"{one.get('DEFAULT') or empty} AS {one.name}")
        elif was.type.startswith("Nullable(") and not one.type.startswith("Nullable("):
            found.append(f"ifNull({was.name}, {one.get('DEFAULT') or empty}) AS {one.name}")
        else:
            found.append(was.name if was.name == one.name else f"{was.name} AS {one.name}")
    return ", ".join(found)


def _holds_rows(*tables: SchemaObject) -> bool:
    return all(HOLDS_ROWS.fullmatch(one.facts.get("engine", "")) for one in tables)


def survivors(old: Snapshot, new: Snapshot, options: PlanOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """See SchemaTools.survivors: columns of one type on both sides keep every value."""
    work = _Work(old, new, options)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in old.objects:
        wanted = work.after.get(work.renamed.get(one.id, one.id))
        if one.kind != "table" or wanted is None:
            continue
        if not _holds_rows(one, wanted):
            continue
        try:
            before, after = parse(one.sql), parse(wanted.sql)
        except ValueError:
            continue
        renames = work._column_renames(one, wanted)
        columns = {column.name: column for column in after.columns}
        if before.clauses.get("TTL") != after.clauses.get("TTL") or _merges(one, wanted, before, after):
            # Rows past their time go away as soon as the rule is there; rows of one key become one.
            continue
        found[(one.id, "*")] = (wanted.id, "*")
        for was in before.columns:
            becomes = columns.get(renames.get(was.name, was.name))
            kinds = (None, "DEFAULT")
            if (
                becomes is not None
                and becomes.get("TTL") == was.get("TTL")
                and becomes.type == was.type
                and was.default_kind in kinds
                and becomes.default_kind in kinds
            ):
                found[(one.id, was.name.strip("`"))] = (wanted.id, becomes.name.strip("`"))
    return found


def _merges(old: SchemaObject, new: SchemaObject, before: Table, after: Table) -> bool:
    """Whether which rows belong together is another question in the new table."""
    if not any(MERGES_ROWS.fullmatch(one.facts.get("engine", "")) for one in (old, new)):
        return False
    return any(
        before.clauses.get(one) != after.clauses.get(one) for one in ("ENGINE", "ORDER BY", "PARTITION BY")
    )


def _filed(steps: list[Step]) -> Iterator[Step]:
    for number, step in enumerate(steps):
        yield replace(step, file=number)


def _word(one: SchemaObject) -> str:
    return {"view": "VIEW", "materialized view": "VIEW", "dictionary": "DICTIONARY"}.get(one.kind, "TABLE")


def _quoted_as_written(one: SchemaObject) -> str:
    """The name as it stands in the object's text."""
    quoted = identifier(one.name)
    return quoted if quoted in one.sql.split("(", 1)[0] else one.name


def _has_inner_table(one: SchemaObject) -> bool:
    return one.kind == "materialized view" and " TO " not in query_of(one.sql)[0].split("(", 1)[0]
