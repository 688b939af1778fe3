"""One failure looked at: the ledger's memory of it, and the database as it is now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.core.errors import AppError, MigrationNotFound
from backend.engine.lint.source import Stmt, of_parsed
from backend.engine.port import Engine
from backend.engine.target import InvalidIndex, Target
from backend.engine.tool import Block, ParsedFile
from backend.engine.undo.registry import undo_of
from backend.models.failure import FailedStatement, Landed, RowChange
from backend.models.migration import Direction, Migration, MigrationFlag, MigrationStatus
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService, View
from backend.services.runs.halves import Halves, Left, can_stay_half_done, count_rows, ends_transaction
from backend.store.ledger import Ledger

from .commands import as_statements
from .evidence import Seen, landed

_ROLLED_BACK = "The whole file ran in one transaction, which was rolled back."


@dataclass(slots=True)
class Look:
    """What is known of one migration that failed."""

    view: View
    target: Target
    migration: Migration
    direction: Direction
    row: Mapping[str, Any] | None
    """The ledger's row of the failure; None where it did not fail."""
    parsed: ParsedFile | None
    """The file as it failed."""
    left: Left | None = None
    now: Mapping[str, str] = field(default_factory=dict)
    rows: dict[str, int | None] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    """What of the failure is still in the database."""
    statements: list[FailedStatement] = field(default_factory=list)
    read: list[Stmt] = field(default_factory=list)
    """The statements of the half as they were read, one for each of `statements` (SQL)."""
    invalid: list[InvalidIndex] = field(default_factory=list)
    could_stay: bool = False
    unknown: str | None = None
    """Why nothing can be told of what stayed."""

    @property
    def resolved(self) -> Resolved:
        return self.view.resolved

    @property
    def is_partial(self) -> bool:
        return bool(self.lines)

    @property
    def row_changes(self) -> list[RowChange]:
        told = self.left.rows if self.left is not None else {}
        return [
            RowChange(table=table, before=before, after=self.rows.get(table))
            for table, (before, _) in told.items()
        ]

    def some(self, state: Landed) -> list[FailedStatement]:
        return [one for one in self.statements if one.state == state]


class Looks:
    def __init__(
        self, connections: Connections, migrations: MigrationService, ledger: Ledger, halves: Halves
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._ledger = ledger
        self._halves = halves

    def view(self, connection: str) -> View:
        """Raises where the database cannot be read: without it nothing is true of a failure."""
        view = self._migrations.view(connection)
        if view.problem is not None:
            raise view.problem
        return view

    def all(self, connection: str) -> list[Look]:
        """Every failed or half-done one, without its statements."""
        view = self.view(connection)
        known = self._ledger.last_known(connection)
        those = [
            one
            for one in view.migrations
            if one.status == MigrationStatus.FAILED
            or MigrationFlag.PARTIAL in one.flags
            or ((last := known.get(one.version)) is not None and last.status in {"failed", "interrupted"})
        ]
        if not those:
            return []
        target = self._connections.target(view.resolved)
        now = _fingerprint(view.resolved, target)
        looks = [self._look(view, target, one, now) for one in those]
        return [one for one in looks if one.row is not None]

    def one(self, connection: str, version: str) -> Look:
        """With its statements. Raises MigrationNotFound."""
        view = self.view(connection)
        found = [one for one in view.migrations if version in (one.filename, one.version)]
        if not found:
            raise MigrationNotFound(f"There is no migration {version!r}.", version=version)
        target = self._connections.target(view.resolved)
        look = self._look(view, target, found[0], _fingerprint(view.resolved, target))
        if view.resolved.engine.capabilities()["change_detection"].supported:
            look.invalid = view.resolved.engine.invalid_indexes(target)
        if look.row is not None and look.parsed is not None:
            self._read_statements(look)
        return look

    # -- inside --------------------------------------------------------------------------------------------------

    def _look(self, view: View, target: Target, migration: Migration, now: Mapping[str, str] | None) -> Look:
        resolved = view.resolved
        row = self._ledger.last_failure(resolved.id, migration.version)
        direction = Direction(row["direction"]) if row is not None else Direction.UP
        look = Look(view, target, migration, direction, row, None)
        if row is None:
            return look
        look.parsed = self._as_it_failed(resolved, row)
        block = block_of(look)
        look.could_stay = can_stay_half_done(resolved.engine, block)
        look.left = self._halves.of(resolved.id, migration.version, str(direction))
        if now is None:
            look.unknown = "The schema cannot be read now."
            look.lines = self._recorded(row)
            return look
        look.now = now
        if look.left is not None:
            look.rows = count_rows(resolved.engine, target, look.left.rows)
            look.lines = look.left.still(now, look.rows)
            self._settle(resolved, migration, row, look.lines)
        elif row["partial"]:
            look.unknown = "What was there before it ran was not kept."
            look.lines = self._recorded(row)
        return look

    def _settle(
        self, resolved: Resolved, migration: Migration, row: Mapping[str, Any], lines: list[str]
    ) -> None:
        """The ledger's word follows the database: `partial` goes as soon as nothing of it is left, and not before."""
        if self._recorded(row) != lines:
            self._ledger.settle_left(resolved.id, migration.version, lines)

    @staticmethod
    def _recorded(row: Mapping[str, Any]) -> list[str]:
        return list(json.loads(row["landed"])) if row["landed"] else []

    def _as_it_failed(self, resolved: Resolved, row: Mapping[str, Any]) -> ParsedFile | None:
        text = self._ledger.content(row["sha256"]) if row["sha256"] else None
        if text is None:
            return None
        path = resolved.migrations_dirs[0] / Path(row["filename"]).name
        return resolved.tool.parse(path, text.encode("utf-8", "surrogateescape"))

    def _read_statements(self, look: Look) -> None:
        engine, block = look.resolved.engine, block_of(look)
        if engine.dialect is None:
            look.statements = as_statements(look.left.commands if look.left is not None else [])
            return
        if block is None or look.parsed is None:
            return
        try:
            _, look.read = undo_of(engine.name).read(block.body)
        except AppError:
            return
        source = of_parsed(look.parsed)
        half = source.up if look.direction == Direction.UP else source.down
        offset = half.offset if half is not None else 0
        lines = [source.position(offset + one.start)[0] for one in look.read]
        failed_line = _line_of(look.row)
        touched = look.left.objects if look.left is not None else {}
        before = {key: text for key, text in look.now.items() if key not in touched}
        before |= {key: text for key, (text, _) in touched.items() if text is not None}
        rows = {
            table: (first, look.rows.get(table))
            for table, (first, _) in (look.left.rows if look.left is not None else {}).items()
        }
        seen = Seen(before, look.now, rows, engine.name == "mysql", _each_alone(engine, block))
        look.statements = landed(look.read, lines, seen, failed_line)
        if not look.could_stay:
            for one in look.statements:
                one.state, one.why = Landed.NOT_LANDED, _ROLLED_BACK


def block_of(look: Look) -> Block | None:
    if look.parsed is None:
        return None
    return look.parsed.up if look.direction == Direction.UP else look.parsed.down


def _each_alone(engine: Engine, block: Block) -> bool:
    """PostgreSQL takes a whole block for one transaction even where the file asks for none."""
    if engine.name in ("clickhouse", "bigquery"):
        return True
    return (
        engine.name in ("sqlite", "mysql")
        and not block.transaction
        and not ends_transaction(engine, block.body)
    )


def _line_of(row: Mapping[str, Any] | None) -> int | None:
    error = json.loads(row["error"]) if row is not None and row["error"] else {}
    line = (error.get("details") or {}).get("line")
    return line if isinstance(line, int) else None


def _fingerprint(resolved: Resolved, target: Target) -> Mapping[str, str] | None:
    if not resolved.engine.capabilities()["change_detection"].supported:
        return None
    try:
        return resolved.engine.fingerprint(target)
    except AppError:
        return None
