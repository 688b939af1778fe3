"""The statements that make one object of the new schema. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .altersequence import continued
from .notnull import named


@dataclass
class Making:
    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    remade: Set[str]
    """What is dropped and made anew: nobody uses its table meanwhile."""
    not_null_names: Set[tuple[str | None, str]]

    def made(self, one: SchemaObject) -> list[Step]:
        text = (named(one, self.not_null_names) if one.kind == "table" else one.sql).rstrip()
        hazards: tuple[Hazard, ...] = ()
        is_used = one.parent in self.before and one.parent not in self.remade
        if one.kind == "materialized view":
            text = re.sub(r"\n\s*WITH NO DATA;", ";", text)
        if one.kind == "index" and is_used:
            hazards = (
                Hazard(
                    HazardKind.INDEX_BUILD,
                    f"{one.name} is built; nobody writes {self._owner(one)} meanwhile.",
                ),
            )
        if one.kind == "fk constraint" and is_used:
            hazards = (
                Hazard(
                    HazardKind.SHARE_ROW_EXCLUSIVE_LOCK,
                    f"Rows of {self._owner(one)} are checked; nobody writes them meanwhile.",
                ),
            )
        if one.kind in ("constraint", "check constraint") and is_used:
            hazards = (
                Hazard(
                    HazardKind.CORRECTNESS, f"It fails where rows of {self._owner(one)} break {one.name}."
                ),
            )
        steps = [
            Step(part, (one.id,), hazards if number == 0 else ())
            for number, part in enumerate(statements(text))
        ]
        if one.kind == "identity" and one.parent in self.before:
            steps += list(continued(one))
        return steps

    def _owner(self, one: SchemaObject) -> str:
        if one.parent is None or one.parent not in self.after:
            return one.name
        return self.after[one.parent].facts.get("identity", one.parent)


def statements(sql: str) -> Iterator[str]:
    from backend.engine.sqltext import split

    found = [one.text.rstrip().removesuffix(";") for one in split(sql, "postgres")]
    yield from found or [sql.removesuffix(";")]
