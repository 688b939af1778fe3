"""What a table has of its parents, as their partition or child: PostgreSQL hands it down by itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from backend.engine.schema.model import SchemaObject

from .createtable import parse


def handed_down(
    before: Mapping[str, SchemaObject], after: Mapping[str, SchemaObject], chosen: Set[str], one: str
) -> frozenset[str]:
    """What changes in a table because it changes in its parents, while it is their partition or child."""
    found: set[str] = set()
    for parent in parents(before, one) & parents(after, one) & chosen:
        if parent not in before or parent not in after:
            continue
        was, becomes = parse(before[parent].sql), parse(after[parent].sql)
        for old, new in ((was.columns, becomes.columns), (was.constraints, becomes.constraints)):
            found |= {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        found |= handed_down(before, after, chosen, parent)
    return frozenset(found)


def parents(side: Mapping[str, SchemaObject], one: str) -> set[str]:
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
    return {what.id for what in side.values() if what.kind == "table" and what.facts.get("identity") in names}
