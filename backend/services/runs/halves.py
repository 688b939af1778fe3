"""Files that can stay half done: what there was before one, and what a failed one left that is still there.

What is kept of a failure is each object it changed with its text before and right after, so that it can be told at any
later moment what is still left of it, and what somebody else has changed since.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError
from backend.engine.forecast.port import forecast_of
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.port import Engine
from backend.engine.schema.kept import as_data, from_data
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.engine.tool import Block
from backend.engine.undo.registry import undo_of
from backend.store.half_done import HalfDoneStore

from .landed import what_landed

if TYPE_CHECKING:
    from backend.services.connections import Resolved

_log = logging.getLogger(__name__)
_CONTROL = re.compile(r"\b(?:commit|end|rollback|abort|prepare)\b", re.IGNORECASE)
_ENDS = re.compile(r"(?:COMMIT|END|ROLLBACK|ABORT|PREPARE\s+TRANSACTION)\b(?!\s+TO\b)", re.IGNORECASE)
_MOST_TABLES = 8
Text = str | None


def can_stay_half_done(engine: Engine, block: Block | None) -> bool:
    """Whether a failure of this half may leave something: the engine does not roll back, the file asks for no
    transaction, or it ends the tool's one by itself."""
    if not engine.capabilities()["transactional_ddl"].supported:
        return True
    return block is not None and (not block.transaction or ends_transaction(engine, block.body))


def ends_transaction(engine: Engine, sql: str) -> bool:
    """Does a statement of it end the transaction it stands in? The words alone stand in many a body."""
    if not _CONTROL.search(sql):
        return False
    try:
        return any(_ENDS.match(one.text) for one in engine.split_statements(sql))
    except AppError:
        return True


@dataclass(slots=True)
class Before:
    """The database right before a file."""

    objects: Mapping[str, str]
    snapshot: Snapshot | None = None
    rows: dict[str, int | None] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        return {
            "objects": dict(self.objects),
            "snapshot": as_data(self.snapshot) if self.snapshot is not None else None,
            "rows": self.rows,
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Before:
        kept = data["snapshot"]
        return Before(data["objects"], from_data(kept) if kept is not None else None, data["rows"])


@dataclass(slots=True)
class Left:
    """What a failed file did, as it was kept."""

    objects: dict[str, tuple[Text, Text]] = field(default_factory=dict)
    """By the fingerprint's key: text before, text right after the failure."""
    ids: dict[str, tuple[Text, Text]] = field(default_factory=dict)
    """The same by the snapshot's ids."""
    rows: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    """Of tables the file writes to: rows before, and right after the failure."""
    snapshot: Snapshot | None = None
    """The whole schema before the first failure of the file."""
    commands: list[dict[str, Any]] = field(default_factory=list)
    """MongoDB: what was sent, in order, and what became of it."""

    def as_data(self) -> dict[str, Any]:
        return {
            "objects": self.objects,
            "ids": self.ids,
            "rows": self.rows,
            "snapshot": as_data(self.snapshot) if self.snapshot is not None else None,
            "commands": self.commands,
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Left:
        kept = data["snapshot"]
        return Left(
            {key: (one[0], one[1]) for key, one in data["objects"].items()},
            {key: (one[0], one[1]) for key, one in data["ids"].items()},
            {key: (one[0], one[1]) for key, one in data["rows"].items()},
            from_data(kept) if kept is not None else None,
            data["commands"],
        )

    def still(self, now: Mapping[str, str], rows: Mapping[str, int | None]) -> list[str]:
        """`what_landed`'s lines of what is not again as it was before."""
        before = {key: text for key, (text, _) in self.objects.items() if text is not None}
        there = {key: now[key] for key in self.objects if key in now}
        lines = what_landed(before, there)
        lines += [f"~ rows {table}" for table in self.rows if self._rows_left(table, rows)]
        return lines

    def changed_since(self, now: Mapping[str, str]) -> list[str]:
        """Keys that are neither as before nor as the failure left them: somebody else has changed them."""
        return [key for key, (before, after) in self.objects.items() if now.get(key) not in (before, after)]

    def _rows_left(self, table: str, now: Mapping[str, int | None]) -> bool:
        before, after = self.rows[table]
        count = now.get(table)
        return before is not None and after not in (None, before) and count is not None and count != before


class Halves:
    """Looks before, looks after, remembers."""

    def __init__(self, store: HalfDoneStore) -> None:
        self._store = store

    def before(
        self,
        resolved: Resolved,
        target: Target,
        run_id: str,
        version: str,
        block: Block | None,
        objects: Mapping[str, str],
    ) -> Before:
        """Look at what `objects` (the fingerprint) does not hold, and keep all of it until the run is finished."""
        engine = resolved.engine
        found = Before(
            objects, _snapshot(engine, target), count_rows(engine, target, written_to(engine, block))
        )
        self._store.keep_before(run_id, version, found.as_data())
        return found

    def failed(
        self,
        resolved: Resolved,
        target: Target,
        run_id: str,
        version: str,
        direction: str,
        before: Before,
        commands: Sequence[Mapping[str, Any]] = (),
    ) -> list[str]:
        """Look after a failure and keep what it did, on top of what earlier failures of the file did. Returns what is
        left of them all. Raises AppError where the database cannot be looked at."""
        engine = resolved.engine
        after = engine.fingerprint(target)
        rows = count_rows(engine, target, before.rows)
        known = self._store.of(resolved.id, version, direction)
        left = Left.from_data(known) if known is not None else Left()
        _merge(left.objects, _changes(before.objects, after))
        if before.snapshot is not None:
            now = _snapshot(engine, target)
            if now is not None:
                _merge(left.ids, _changes(_texts(before.snapshot), _texts(now)))
            left.snapshot = left.snapshot or before.snapshot
        for table, count in before.rows.items():
            first = left.rows[table][0] if table in left.rows else count
            left.rows[table] = (first, rows.get(table))
        left.commands += [dict(one) for one in commands]
        lines = left.still(after, rows)
        if lines or left.commands or left.rows:
            self._store.keep(resolved.id, version, direction, run_id, left.as_data())
        elif known is not None:
            self._store.forget(resolved.id, version)
        return lines

    def interrupted(
        self, resolved: Resolved, target: Target, run_id: str, version: str, direction: str
    ) -> list[str] | None:
        """The same for a run whose app went away; None where nothing was kept of the time before."""
        kept = self._store.before(run_id, version)
        if kept is None:
            return None
        return self.failed(resolved, target, run_id, version, direction, Before.from_data(kept))

    def of(self, connection: str, version: str, direction: str) -> Left | None:
        found = self._store.of(connection, version, direction)
        return Left.from_data(found) if found is not None else None

    def forget(self, connection: str, version: str) -> None:
        self._store.forget(connection, version)


def written_to(engine: Engine, block: Block | None) -> list[str]:
    """The tables whose rows the half writes, as its statements name them."""
    if engine.dialect is None or block is None:
        return []
    try:
        _, statements = undo_of(engine.name).read(block.body)
    except AppError:
        return []
    tables: dict[str, None] = {}
    for statement in statements:
        for op in statement.ops:
            if isinstance(op, ops.Insert | ops.Update | ops.Delete | ops.Truncate):
                tables[str(op.table)] = None
    return list(tables)[:_MOST_TABLES]


def count_rows(engine: Engine, target: Target, tables: Iterable[str]) -> dict[str, int | None]:
    """Exact counts; None for a table that is not there, or too large to be counted in the forecast's time."""
    found: dict[str, int | None] = dict.fromkeys(tables)
    if not found:
        return found
    forecast = forecast_of(engine.name)
    try:
        with forecast.counting(target) as count:
            for table in found:
                schema, _, name = table.rpartition(".")
                counted = count(forecast.rows_question(Name(name, schema or None)))
                found[table] = None if counted.at_least else counted.count
    except AppError:
        _log.info("Rows could not be counted", exc_info=True)
    return found


def _snapshot(engine: Engine, target: Target) -> Snapshot | None:
    try:
        return schema_tools(str(engine.name)).snapshot(target)
    except AppError:
        _log.debug("No snapshot of the schema", exc_info=True)
        return None


def _texts(snapshot: Snapshot) -> dict[str, str]:
    return {one.id: one.text for one in snapshot.objects}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[Text, Text]]:
    return {
        key: (before.get(key), after.get(key))
        for key in (*before, *(one for one in after if one not in before))
        if before.get(key) != after.get(key)
    }


def _merge(known: dict[str, tuple[Text, Text]], changes: Mapping[str, tuple[Text, Text]]) -> None:
    """What was before the first failure stays; what is now is as the last one left it."""
    for key, (before, after) in changes.items():
        known[key] = (known[key][0] if key in known else before, after)
