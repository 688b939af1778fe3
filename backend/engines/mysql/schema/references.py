"""Foreign keys of a whole schema: which must step aside for a change, in which order tables are made and dropped. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def children_first(
    tables: Sequence[str], texts: Mapping[str, Table]
) -> tuple[list[str], list[tuple[str, str]]]:
    """An order for DROP TABLE, and the (table, foreign key) that must be dropped before to cut circles."""
    ordered, cuts = parents_first(tables, texts)
    return ordered[::-1], cuts


def parents_first(
    tables: Sequence[str], texts: Mapping[str, Table]
) -> tuple[list[str], list[tuple[str, str]]]:
    """An order for CREATE TABLE, and the (table, foreign key) that must wait until all are there."""
    there = set(tables)
    ordered: dict[str, None] = {}
    later: list[tuple[str, str]] = []
    for start in tables:
        path = [(start, iter(texts[start].foreign_keys))]
        entered = {start}
        while path:
            name, keys = path[-1]
            key = next((key for key in keys if key.parent in there and key.parent != name), None)
            if key is None:
                path.pop()
                ordered.setdefault(name)
            elif key.parent in ordered:
                continue
            elif key.parent in entered:
                later.append((name, key.name))
            else:
                entered.add(key.parent)
                path.append((key.parent, iter(texts[key.parent].foreign_keys)))
    return list(ordered), list(dict.fromkeys(later))
