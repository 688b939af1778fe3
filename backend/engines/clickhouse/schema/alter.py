"""One table's change as one ALTER TABLE, where the server can make it in place. Pure text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.engine.schema.model import Hazard, HazardKind
from backend.engines.clickhouse.text import identifier

from .createtext import DEFAULTS, Column, Table, names_in

# What only a new table can change.
_FIXED_CLAUSES = ("ENGINE", "PARTITION BY", "PRIMARY KEY")
_FIXED_SETTINGS = {
    "index_granularity",
    "index_granularity_bytes",
    "storage_policy",
    "enable_mixed_granularity_parts",
}
_REMOVABLE = {*DEFAULTS, "COMMENT", "CODEC", "TTL"}


class NotInPlace(Exception):
    """The table has to be made anew; the text says what for."""


@dataclass
class Alter:
    """The commands of one ALTER TABLE. Columns go away last, in a statement of their own where something reads them."""

    commands: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    drop_hazards: list[Hazard] = field(default_factory=list)


def alter(name: str, old: Table, new: Table, renames: Mapping[str, str]) -> Alter:
    """From `old` to `new`; `renames` are confirmed, old column → new, as they are written. Raises NotInPlace."""
    if not old.engine.endswith("MergeTree"):
        raise NotInPlace(f"the engine {old.engine} is altered by making it anew")
    for clause in _FIXED_CLAUSES:
        if _key(old, clause) != _key(new, clause):
            raise NotInPlace(f"{clause} cannot be altered")
    made = Alter()
    made.commands += [f"RENAME COLUMN {was} TO {becomes}" for was, becomes in renames.items()]
    if read := _read_by_projections(old, new):
        raise NotInPlace(f"a projection reads {read}")
    _removed_items(old, new, made)
    _columns(name, old, new, renames, made)
    _sorting(old, new, made)
    _added_items(name, old, new, made)
    _clauses(old, new, made)
    return made


def _read_by_projections(old: Table, new: Table) -> str | None:
    """A column that a projection reads and that gets another type: the server refuses it, whatever else is asked."""
    types = {one.name: one.type for one in new.columns}
    read = {name for (kind, _), text in old.items.items() if kind == "PROJECTION" for name in names_in(text)}
    return next(
        (
            one.name
            for one in old.columns
            if one.name.strip("`") in read and types.get(one.name, one.type) != one.type
        ),
        None,
    )


def _key(table: Table, clause: str) -> str | None:
    if clause == "PRIMARY KEY":
        # The sorting key may grow while the primary key stays: then it is written out.
        return table.clauses.get(clause) or table.clauses.get("ORDER BY")
    return table.clauses.get(clause)


def _columns(name: str, old: Table, new: Table, renames: Mapping[str, str], made: Alter) -> None:
    keys = {
        one
        for clause in ("ORDER BY", "PRIMARY KEY", "PARTITION BY", "SAMPLE BY")
        for one in names_in(old.clauses.get(clause, ""))
    }
    stays = {renames.get(one.name, one.name): one for one in old.columns}
    wanted = {one.name for one in new.columns}
    order = [
        renames.get(one.name, one.name) for one in old.columns if renames.get(one.name, one.name) in wanted
    ]
    for one in old.columns:
        if renames.get(one.name, one.name) not in wanted:
            if one.name.strip("`") in keys:
                raise NotInPlace(f"{one.name} is part of a key")
            made.dropped.append(f"DROP COLUMN {one.name}")
            made.drop_hazards.append(
                Hazard(HazardKind.DATA_LOSS, f"What the column {name}.{one.name.strip('`')} holds is lost.")
            )
    previous: str | None = None
    for place, one in enumerate(new.columns):
        where = f"AFTER {previous}" if previous else "FIRST"
        was = stays.get(one.name)
        if was is None:
            if one.default_kind == "EPHEMERAL" and place < len(order):
                raise NotInPlace(f"{one.name} would be read as the end of its own default")
            made.commands.append(f"ADD COLUMN {one.text}" + (f" {where}" if place < len(order) else ""))
            order.insert(place, one.name)
        else:
            moves = order[place] != one.name
            if moves:
                order.remove(one.name)
                order.insert(place, one.name)
            made.commands += _changed(name, was, one, where if moves else "", keys, made)
        previous = one.name


def _changed(table: str, old: Column, new: Column, where: str, keys: set[str], made: Alter) -> Iterator[str]:
    if (old.type, old.properties) == (new.type, new.properties) and not where:
        return
    plain = new.name.strip("`")
    if "ALIAS" in (old.default_kind, new.default_kind) and old.default_kind != new.default_kind:
        raise NotInPlace(f"{plain} is stored on one side only")
    if "EPHEMERAL" in (old.default_kind, new.default_kind) and old.default_kind != new.default_kind:
        raise NotInPlace(f"{plain} is stored on one side only")
    if old.type != new.type:
        if plain in keys:
            raise NotInPlace(f"{plain} is part of a key")
        if (
            old.type.startswith("Nullable(")
            and not new.type.startswith("Nullable(")
            and new.default_kind is None
        ):
            raise NotInPlace(f"{plain} takes no NULL any more and has no default")
        made.hazards += [
            Hazard(HazardKind.REWRITE, f"{table}.{plain} is written anew as {new.type}; merges wait for it."),
            Hazard(
                HazardKind.CORRECTNESS, f"It fails where a value of {table}.{plain} is none of {new.type}."
            ),
        ]
    if (ends := new.get("TTL")) is not None and ends != old.get("TTL"):
        made.hazards.append(
            Hazard(HazardKind.DATA_LOSS, f"Values of {table}.{plain} past {ends} become empty.")
        )
    gone = [one for one, _ in old.properties if new.get(one) is None and one in _REMOVABLE]
    if new.default_kind is not None:
        # MODIFY COLUMN sets another kind of default itself.
        gone = [one for one in gone if one not in DEFAULTS]
    for one in gone:
        yield f"MODIFY COLUMN {new.name} REMOVE {one}"
    kept = tuple(pair for pair in old.properties if pair[0] not in gone)
    if (old.type, kept) != (new.type, new.properties) or where:
        yield f"MODIFY COLUMN {new.text}" + (f" {where}" if where else "")


def _removed_items(old: Table, new: Table, made: Alter) -> None:
    for (kind, name), text in old.items.items():
        if new.items.get((kind, name)) != text:
            made.commands.append(f"DROP {kind} {name}")
            if kind != "CONSTRAINT":
                made.hazards.append(
                    Hazard(HazardKind.INDEX_DROPPED, f"Queries that used {name.strip('`')} read more.")
                )


def _added_items(table: str, old: Table, new: Table, made: Alter) -> None:
    for (kind, name), text in new.items.items():
        if old.items.get((kind, name)) != text:
            made.commands.append(f"ADD {text}")
            if kind != "CONSTRAINT":
                said = f"{name.strip('`')} serves new rows only, until ALTER TABLE {table} MATERIALIZE {kind} {name}."
                made.hazards.append(Hazard(HazardKind.CORRECTNESS, said))


def _sorting(old: Table, new: Table, made: Alter) -> None:
    if old.clauses.get("ORDER BY") == new.clauses.get("ORDER BY"):
        return
    added = {one.name.strip("`") for one in new.columns} - {one.name.strip("`") for one in old.columns}
    was, becomes = (
        list(names_in(old.clauses.get("ORDER BY", ""))),
        list(names_in(new.clauses.get("ORDER BY", ""))),
    )
    grown = becomes[: len(was)] == was and set(becomes[len(was) :]) <= added
    if not grown and not (was[: len(becomes)] == becomes and "PRIMARY KEY" in old.clauses):
        raise NotInPlace("ORDER BY can only grow by new columns, or lose its last ones")
    made.commands.append(f"MODIFY ORDER BY {new.clauses['ORDER BY']}")


def _clauses(old: Table, new: Table, made: Alter) -> None:
    for clause in ("SAMPLE BY", "TTL"):
        if old.clauses.get(clause) != new.clauses.get(clause):
            value = new.clauses.get(clause)
            made.commands.append(f"REMOVE {clause}" if value is None else f"MODIFY {clause} {value}")
            if clause == "TTL" and value is not None:
                made.hazards.append(Hazard(HazardKind.DATA_LOSS, f"Rows past {value} go away."))
    was, becomes = old.settings, new.settings
    changed = {name for name in was.keys() | becomes.keys() if was.get(name) != becomes.get(name)}
    if fixed := sorted(changed & _FIXED_SETTINGS):
        raise NotInPlace(f"the setting {fixed[0]} cannot be altered")
    if modified := [f"{name} = {value}" for name, value in becomes.items() if name in changed]:
        made.commands.append(f"MODIFY SETTING {', '.join(modified)}")
    if reset := [name for name in was if name in changed and name not in becomes]:
        made.commands.append(f"RESET SETTING {', '.join(reset)}")
    if old.clauses.get("COMMENT") != new.clauses.get("COMMENT"):
        made.commands.append(f"MODIFY COMMENT {new.clauses.get('COMMENT', chr(39) * 2)}")


def statement(name: str, commands: list[str]) -> str:
    return f"ALTER TABLE {identifier(name)}\n    " + ",\n    ".join(commands)
