"""Pairs of PostgreSQL schemas: a base with a bit of everything, and changes to it, by what they are about.

A line is one change: `statements`, or `first ==> then` where the old schema has `first` as well. `_N_` stands in names that
are the whole database's (publications, servers, casts' types are not). Names without a schema are the copy's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import access, columns, constraints, general, indexes, programs, tables, types, views
from .general import BASE

TOPICS = {
    "general 1": general.CHANGES[:40],
    "general 2": general.CHANGES[40:80],
    "general 3": general.CHANGES[80:],
    "tables": tables.CHANGES,
    "columns": columns.CHANGES,
    "constraints": constraints.CHANGES,
    "indexes": indexes.CHANGES,
    "types": types.CHANGES,
    "views": views.CHANGES,
    "programs": programs.CHANGES,
    "access": access.CHANGES,
}
ALONE = general.WHOLE_DATABASE
"""Changes that belong to no schema and would touch every copy."""


@dataclass(frozen=True)
class Pair:
    """One change on its copy of the base, in schemas of its own: `c7` and, for the base's `app`, `c7_app`."""

    number: int
    line: str

    @property
    def schema(self) -> str:
        return f"c{self.number}"

    @property
    def old(self) -> str:
        first, arrow, _ = self.line.partition(" ==> ")
        return self._placed(BASE) + (self._placed(first) + ";" if arrow else "")

    @property
    def change(self) -> str:
        first, arrow, then = self.line.partition(" ==> ")
        return self._placed(then if arrow else first) + ";"

    def _placed(self, text: str) -> str:
        text = re.sub(r"\bapp\b", f"{self.schema}_app", text)
        text = re.sub(r"\bother\b", f"{self.schema}_other", text)
        return text.replace("_N_", str(self.number)).replace("public.", f"{self.schema}.")

    def owns(self, object_id: str) -> bool:
        """Whether an object (`table c7.users`) is of this copy."""
        return re.search(rf"\bc{self.number}(?:_app|_other)?\b|\D{self.number}\b", object_id) is not None


def pairs(lines: list[str]) -> Iterator[Pair]:
    for number, line in enumerate(lines, 1):
        yield Pair(number, line)


def whole(copies: Sequence[Pair], *, changed: bool) -> str:
    """One schema text with every copy, before or after the changes."""
    parts = []
    for one in copies:
        schema = one.schema
        parts.append(f"CREATE SCHEMA {schema}; SET search_path = {schema}, {schema}_app;\n{one.old}")
        if changed:
            parts.append(one.change)
    return "\n".join(parts)
