"""What stands in the way of a change, and what goes along with something that is dropped: by name, never cascaded. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass

from backend.engine.schema.model import SchemaObject

from .altered import Altered

# These can be made anew without losing anything but time (and, for materialized views, what can be computed again).
REMADE = {
    "view", "materialized view", "index", "constraint", "fk constraint", "check constraint", "trigger", "rule", "policy",
    "function",
    "procedure", "aggregate", "statistics", "publication table", "cast", "operator", "event trigger", "index attach", "default",
    "operator class", "operator family", "transform", "conversion", "comment", "grant", "row security", "sequence owned by",
    "text search configuration", "text search dictionary", "shell type", "identity",
    "publication", "publication tables in schema",
}  # fmt: skip
# What stands on a column's type and stops its change.
_STANDS_ON_A_COLUMN = {"view", "materialized view", "trigger", "policy", "rule", "statistics", "publication table", "function",
                       "procedure"}  # fmt: skip


@dataclass
class InTheWay:
    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    needed_by: Mapping[str, Set[str]]

    def of(self, one: str, alteration: Altered) -> set[str]:
        """What uses a column that is dropped or retyped, or a type that is swapped."""
        found: set[str] = set()
        for other in self.needed_by[one]:
            what = self.before[other]
            used = {column for owner, column in json.loads(what.facts.get("uses", "[]")) if owner == one}
            if used & alteration.columns and (what.kind in _STANDS_ON_A_COLUMN or self._has_expression(what)):
                found.add(other)
            if used & alteration.readded and what.kind in REMADE and what.kind not in ("comment", "grant"):
                found.add(other)
            if what.kind == "fk constraint" and (used & alteration.converted or alteration.persistence):
                found.add(other)
        if self.before[one].kind in ("type", "domain") and alteration.before:
            tables = {name for name, *_ in users(self.before, one)}
            found |= {other for other in self.needed_by[one] if self.before[other].kind in REMADE}
            columns = {(table, column) for table, column, *_ in users(self.before, one)}
            for table in self.before.values():
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

    def spread(self, remade: set[str], removed: Set[str]) -> None:
        """Everything that needs something dropped is dropped as well, and made anew where it stays."""
        queue = [*remade, *removed]
        while queue:
            one = queue.pop()
            for other in self.needed_by[one]:
                if other in remade or other in removed:
                    continue
                if (
                    self.before[other].kind in REMADE
                    and other in self.after
                    and self.before[other].parent != one
                ):
                    remade.add(other)
                    queue.append(other)


def users(before: Mapping[str, SchemaObject], one: str) -> list[list[str]]:
    """Of a type: [table as SQL, column, …] for each column that has it."""
    found: list[list[str]] = json.loads(before[one].facts.get("users", "[]"))
    return found
