"""Which rows and values a plan must leave as they are. Pure."""

from __future__ import annotations

from backend.engine.schema.model import PlanOptions, Snapshot

from .alter import must_be_remade
from .hazards import holds
from .renamed import Renamed
from .tabletext import Column, parse


def survivors(old: Snapshot, new: Snapshot, options: PlanOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """Rows of every table that stays; values of every column that stays and can hold all it held."""
    renamed = Renamed(old, new, options.renames)
    after = new.by_id()
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for one in old.objects:
        wanted = renamed.tables.get(one.id, one.id)
        if one.kind != "table" or wanted not in after:
            continue
        found[(one.id, "*")] = (wanted, "*")
        table = parse(after[wanted].sql)
        names = renamed.columns.get(wanted, {})
        for column in parse(one.sql).columns:
            becomes = table.column(names.get(column.name, column.name))
            if becomes is not None and _keeps(column, becomes):
                found[(one.id, column.name)] = (wanted, becomes.name)
    return found


def _keeps(old: Column, new: Column) -> bool:
    if old.generated or new.generated or must_be_remade(old, new):
        return False
    # A new counter numbers rows that hold zero; narrower letters are refused, not kept.
    if new.auto_increment and not old.auto_increment:
        return False
    letters = old.charset[0] == new.charset[0] or new.charset[0] == "utf8mb4"
    return holds(old, new) and letters and not (new.not_null and not old.not_null)
