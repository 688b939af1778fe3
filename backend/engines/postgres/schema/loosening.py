"""What a kept table or domain has of something that is dropped and made anew: taken off before, put back after. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .altertype import domain_checks
from .casting import mentions
from .createtable import parse

_TABLES = ("table", "foreign table")


@dataclass
class Loosening:
    """Defaults, checks and generated columns that use what is made anew."""

    before: Mapping[str, SchemaObject]
    after: Mapping[str, SchemaObject]
    needed_by: Mapping[str, Set[str]]
    first: list[Step] = field(default_factory=list)
    last: list[Step] = field(default_factory=list)
    comments: set[str] = field(default_factory=set)
    """How the comments begin that go with what is taken off."""

    def made_anew(self, names: Iterable[str]) -> None:
        """`names`: ids of what is dropped and made anew."""
        gone = set(names)
        for one in sorted({other for name in gone for other in self.needed_by.get(name, ())} - gone):
            was, becomes = self.before[one], self.after.get(one)
            if becomes is None or was.kind not in (*_TABLES, "domain"):
                continue
            for way, part, other in sorted(json.loads(was.facts.get("through", "[]"))):
                if other not in gone:
                    continue
                if way == "default" and was.kind in _TABLES:
                    self._default(was, becomes, part)
                elif way == "check":
                    self._check(was, becomes, part)

    def swapped(self, users: Iterable[tuple[str, str]]) -> None:
        """`users`: (table as SQL, column) whose type is swapped for another of the same name."""
        for table, column in users:
            for was in self._tables_called(table):
                columns = json.loads(was.facts.get("columns", "[]"))
                quoted = next((one[1] for one in columns if one[0] == column), column)
                for one in columns:
                    if one[5] and mentions(one[4] or "", quoted) and not one[8]:
                        self._generated(was, self.after[was.id], one)

    def _tables_called(self, identity: str) -> Iterator[SchemaObject]:
        for one in self.before.values():
            if one.kind in _TABLES and one.facts.get("identity") == identity and one.id in self.after:
                yield one

    def _default(self, was: SchemaObject, becomes: SchemaObject, column: str) -> None:
        old, new = _column(was, column), _column(becomes, column)
        if old is None or new is None:
            return
        if old[5]:
            self._generated(was, becomes, old)
            return
        alter = f"ALTER TABLE {was.facts['identity']} ALTER COLUMN {old[1]}"
        self.first.append(Step(f"{alter} DROP DEFAULT", (was.id,)))
        if new[4] is not None and not new[5]:
            self.last.append(Step(f"{alter} SET DEFAULT {new[4]}", (was.id,)))

    def _generated(self, was: SchemaObject, becomes: SchemaObject, column: list[Any]) -> None:
        table, quoted = was.facts["identity"], column[1]
        text = parse(becomes.sql).columns.get(quoted)
        rewritten = Hazard(HazardKind.REWRITE, f"{table} is written anew to compute {column[0]} again.")
        drop = Step(f"ALTER TABLE {table} DROP COLUMN {quoted}", (was.id,))
        if drop in self.first or text is None:
            return
        self.first.append(drop)
        self.comments.add(f"COMMENT ON COLUMN {table}.{quoted} IS ")
        self.last.append(Step(f"ALTER TABLE {table} ADD COLUMN {quoted} {text}", (was.id,), (rewritten,)))

    def _check(self, was: SchemaObject, becomes: SchemaObject, name: str) -> None:
        word = "DOMAIN" if was.kind == "domain" else "TABLE"
        identity = was.facts["identity"]
        if was.kind == "domain":
            old, new = domain_checks(was.sql).get(name), domain_checks(becomes.sql).get(name)
        else:
            old, new = parse(was.sql).constraints.get(name), parse(becomes.sql).constraints.get(name)
        if old is None or old != new:
            return
        on = f"DOMAIN {identity}" if word == "DOMAIN" else identity
        self.comments.add(f"COMMENT ON CONSTRAINT {name} ON {on} IS ")
        self.first.append(Step(f"ALTER {word} {identity} DROP CONSTRAINT {name}", (was.id,)))
        fails = Hazard(HazardKind.CORRECTNESS, f"It fails where a row breaks {name}.")
        self.last.append(Step(f"ALTER {word} {identity} ADD CONSTRAINT {name} {new}", (was.id,), (fails,)))


def _column(table: SchemaObject, name: str) -> list[Any] | None:
    for parts in json.loads(table.facts.get("columns", "[]")):
        if parts[0] == name:
            return list(parts)
    return None
