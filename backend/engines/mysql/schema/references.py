"""Foreign keys of a whole schema: which must step aside for a change, in which order tables are made and dropped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .alter import Alteration
from .tabletext import Column, ForeignKey, Table


def standing_in_the_way(
    table: Table,
    before: Mapping[str, Table],
    after: Mapping[str, Table],
    alterations: Mapping[str, Alteration],
) -> set[str]:
    """Names of the foreign keys of `table` (as it is before) that the alterations cannot pass, by the server's rules: a
    column of theirs is retyped, recharactered, made required or made anew, or an index they lean on goes, or the engine."""
    found = set()
    for key in table.foreign_keys:
        child, parent = after.get(table.name), after.get(key.parent)
        if child is None or key.parent not in before:
            continue
        ends = [(before[table.name], child, key.columns)]
        if parent is not None:
            ends.append((before[key.parent], parent, key.parent_columns))
        if any(_is_touched(old, new, columns, alterations.get(new.name)) for old, new, columns in ends):
            found.add(key.name)
    return found


def _is_touched(old: Table, new: Table, columns: Sequence[str], alteration: Alteration | None) -> bool:
    if alteration is None or alteration.is_empty:
        return False
    if old.engine != new.engine or old.partition != new.partition:
        return True
    for name in columns:
        was, becomes = old.column(name), new.column(name)
        if (
            was is None
            or becomes is None
            or name.lower() in alteration.remade
            or not _same_for_a_key(was, becomes)
        ):
            return True
    return not any(_leads(key.columns, columns) for key in alteration.kept_keys)


def _same_for_a_key(old: Column, new: Column) -> bool:
    return (old.type, old.charset, old.not_null) == (new.type, new.charset, new.not_null)


def _leads(key: Sequence[str], columns: Sequence[str]) -> bool:
    wanted = [name.lower() for name in columns]
    return [name.lower() for name in key[: len(wanted)]] == wanted


def cannot_be_checked(key: ForeignKey, tables: Mapping[str, Table]) -> bool:
    """Whether the server takes it with its checks off only: what it refers to is not there, or has no index for it."""
    parent = tables.get(key.parent)
    if parent is None:
        return True
    if any(parent.column(name) is None for name in key.parent_columns):
        return True
    return not any(_leads(one.columns, key.parent_columns) for one in parent.keys)


def children_first(tables: Iterable[str], texts: Mapping[str, Table]) -> tuple[list[str], list[tuple[str, str]]]:  # fmt: skip
    """An order for DROP TABLE, and the (table, foreign key) that must be dropped before to cut circles."""
    left = list(tables)
    refers = {
        name: {one.parent: one.name for one in texts[name].foreign_keys if one.parent != name}
        for name in left
    }
    ordered: list[str] = []
    cuts: list[tuple[str, str]] = []
    while left:
        free = next(
            (one for one in left if not any(one in refers[other] for other in left if other != one)), None
        )
        if free is None:
            free = left[0]
            for other in left:
                if other != free and free in refers[other]:
                    cuts += [(other, key.name) for key in texts[other].foreign_keys if key.parent == free]
        left.remove(free)
        ordered.append(free)
    return ordered, cuts


def parents_first(tables: Sequence[str], texts: Mapping[str, Table]) -> tuple[list[str], list[tuple[str, str]]]:  # fmt: skip
    """An order for CREATE TABLE, and the (table, foreign key) that must wait until all are there."""
    waiting = list(tables)
    ordered: list[str] = []
    later: list[tuple[str, str]] = []
    while waiting:
        free = next(
            (one for one in waiting
             if not any(key.parent in waiting and key.parent != one for key in texts[one].foreign_keys)), None,
        )  # fmt: skip
        if free is None:
            free = waiting[0]
            later += [
                (free, key.name) for key in texts[free].foreign_keys if key.parent in waiting and key.parent != free
            ]  # fmt: skip
        waiting.remove(free)
        ordered.append(free)
    return ordered, later
