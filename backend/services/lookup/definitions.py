"""Who made a table or column: the statements of all files, parsed once and kept by their sha256.

Only files whose text holds the name are parsed at all, so the first question about a folder of thousands is quick too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.errors import AppError
from backend.engine.lint.engine_lint import EngineLint
from backend.engine.lint.registry import lint_of
from backend.models.connection import EngineName
from backend.models.lookup import Definition, DefinitionPlace
from backend.services.folder_index import FileRecord, FolderIndex

from .facts import Fact, FileFacts, facts_of

_KEPT_FILES = 20_000
_MOST_PLACES = 200
# The folder's index keeps so much of a file's text; of a longer one the rest is not known without parsing it.
_INDEXED_CHARACTERS = 200_000
_ESCAPED = frozenset("\"'`\\]")
_NOTHING = FileFacts((), ())


@dataclass(frozen=True, slots=True)
class _Hit:
    record: FileRecord
    fact: Fact


class Definitions:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], FileFacts] = OrderedDict()

    def find(
        self,
        index: FolderIndex,
        engine: EngineName,
        name: str,
        *,
        column: str | None = None,
        schema: str | None = None,
    ) -> Definition:
        """What created it first, then what changed it, newest first. Renames are followed to the older names."""
        lint = lint_of(engine)
        if lint is None or not name:
            return Definition()
        # A collection that nothing creates comes into being with the first thing done to it.
        walk = _Walk(name, column, schema, implicit=engine == EngineName.MONGODB)
        scan = index.scan()
        for record in reversed(scan.files):
            if not walk.may_be_in(scan.texts.get(record.filename, ""), record.size_bytes):
                continue
            walk.look(record, self._facts(index, record, lint))
        return walk.definition()

    def _facts(self, index: FolderIndex, record: FileRecord, lint: EngineLint) -> FileFacts:
        key = (lint.engine.value, record.sha256)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        try:
            parsed = index.read(record)
        except AppError:
            return _NOTHING  # It went, or cannot be read: it makes nothing.
        found = facts_of(parsed, lint)
        with self._lock:
            self._known[(lint.engine.value, parsed.sha256)] = found
            while len(self._known) > _KEPT_FILES:
                self._known.popitem(last=False)
        return found


class _Walk:
    """From the newest file to the oldest, under the names that it had at that time."""

    def __init__(self, name: str, column: str | None, schema: str | None, *, implicit: bool) -> None:
        self.names = {name.casefold()}
        self.columns = {column.casefold()} if column else None
        self.schema = schema.casefold() if schema else None
        self.implicit = implicit
        self.hits: list[_Hit] = []
        self.tables: list[_Hit] = []
        """What made the table of the column that is asked for."""
        self.rebuilt: set[str] = set()
        self.unread = 0

    def may_be_in(self, text: str, size_bytes: int) -> bool:
        """Names with quotes or other letters may be written otherwise in the file."""
        if size_bytes > _INDEXED_CHARACTERS:
            return True
        return any(name in text or not name.isascii() or _ESCAPED & set(name) for name in self.names)

    def look(self, record: FileRecord, file: FileFacts) -> None:
        found: list[_Hit] = []
        for fact in reversed(file.facts):
            if fact.implicit and not self.implicit:
                continue
            if self._is_meant(fact):
                found.append(_Hit(record, fact))
            elif self._makes_its_table(fact):
                self.tables.append(_Hit(record, fact))
            if fact.kind == "renamed" and self._same_schema(fact):
                if fact.object == "column":
                    self._follow_column(fact)
                elif fact.new in self.names:
                    self.names.add(fact.name)
        dropped = any(hit.fact.kind == "dropped" and hit.fact.object != "column" for hit in found)
        renamed = any(hit.fact.kind == "renamed" and hit.fact.new in self.names for hit in found)
        if dropped and renamed:
            # Copied into a new table that took the old one's name: the table is the same to its users.
            self.rebuilt.add(record.filename)
        self.hits += found
        self.unread += sum(any(name in text for name in self.names) for text in file.unread)

    def _is_meant(self, fact: Fact) -> bool:
        if not self._same_schema(fact):
            return False
        is_object = fact.object != "column" and (fact.name in self.names or fact.new in self.names)
        if self.columns is None:
            return is_object
        is_column = fact.object == "column" and fact.table in self.names
        return is_column and (fact.name in self.columns or fact.new in self.columns)

    def _makes_its_table(self, fact: Fact) -> bool:
        is_made = fact.kind == "created" and fact.object not in ("column", "index")
        return self.columns is not None and is_made and fact.name in self.names and self._same_schema(fact)

    def _follow_column(self, fact: Fact) -> None:
        if self.columns is not None and fact.table in self.names and fact.new in self.columns:
            self.columns.add(fact.name)

    def _same_schema(self, fact: Fact) -> bool:
        return not (self.schema and fact.schema) or self.schema == fact.schema

    def definition(self) -> Definition:
        # A column that no file names came with its table: `CREATE TABLE … AS`, `LIKE`.
        places = list(_once(self.hits or self.tables))
        if self.schema and any(_is_of(hit, self.schema) and hit.fact.kind == "created" for hit in places):
            # Written with its schema where it was made: the same name without one is another table.
            places = [hit for hit in places if _is_of(hit, self.schema)]
        created = [hit for hit in places if hit.fact.kind == "created" and hit.fact.object != "index"]
        created = created or [hit for hit in places if hit.fact.kind == "created"]
        if not created and self.implicit and places:
            created = [places[-1]]
        first = next((hit for hit in created if hit.record.filename not in self.rebuilt), None)
        first = first or (created[0] if created else None)
        if first is not None:
            places.remove(first)
            places.insert(0, first)
        return Definition(
            places=[_place(hit, is_creator=hit is first) for hit in places[:_MOST_PLACES]], unread=self.unread
        )


def _is_of(hit: _Hit, schema: str) -> bool:
    return hit.fact.schema == schema


def _once(hits: list[_Hit]) -> Iterator[_Hit]:
    """A statement that does several things to one object is one place: by the strongest word for it."""
    strength = ("created", "dropped", "renamed", "altered")
    best: dict[tuple[str, int, int], _Hit] = {}
    for hit in hits:
        key = (hit.record.filename, hit.fact.line, hit.fact.column)
        known = best.get(key)
        if known is None or strength.index(hit.fact.kind) < strength.index(known.fact.kind):
            best[key] = hit
    yield from best.values()


def _place(hit: _Hit, *, is_creator: bool) -> DefinitionPlace:
    record, fact = hit.record, hit.fact
    return DefinitionPlace(
        version=record.version,
        name=record.name,
        filename=record.filename,
        line=fact.line,
        column=fact.column,
        statement=fact.statement,
        kind="created" if is_creator else fact.kind,
        object=fact.object,
        object_name=fact.shown,
    )
