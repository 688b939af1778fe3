"""SQLite's side of the schema port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

from backend.engine.schema.model import Plan, PlanOptions, RenameGuess, Snapshot, Step
from backend.engine.schema.port import Applied, Loaded, SchemaTools, Seeded
from backend.engine.target import Target

from . import loading, renames, repairing, seeding
from . import plan as plans
from . import scratch as scratches
from . import snapshot as snapshots


class SqliteSchema(SchemaTools):
    scratch_on_same_server: ClassVar[bool] = False

    def snapshot(self, target: Target) -> Snapshot:
        return snapshots.snapshot(target)

    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        return scratches.scratch(server, purpose)

    def sweep(self, server: Target) -> list[str]:
        return scratches.sweep()

    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        with scratches.opened(scratch) as connection:
            return loading.load(connection, text, source)

    def restore(self, scratch: Target, snapshot: Snapshot) -> Loaded:
        with scratches.opened(scratch) as connection:
            return loading.restore(connection, snapshot)

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        return plans.plan(old, new, options)

    def guess_renames(self, old: Snapshot, new: Snapshot) -> Sequence[RenameGuess]:
        return renames.guess(old, new)

    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        return plans.survivors(old, new, options)

    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        return scratches.run(scratch, steps)

    def repair(self, target: Target, steps: Sequence[Step]) -> Applied:
        return repairing.repair(target, steps)

    def seed(self, scratch: Target, rows: int = 3) -> Seeded:
        with scratches.opened(scratch) as connection:
            return seeding.seed(connection, scratch.migrations_table, rows)

    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        with scratches.opened(scratch) as connection:
            return seeding.row_digest(connection, scratch.migrations_table)

    def write(self, steps: Sequence[Step]) -> str:
        """Each statement to the letter: SQLite keeps what stands before the semicolon."""
        parts = []
        for step in steps:
            note = "".join(f"-- {line}\n" for line in (step.note or "").splitlines())
            parts.append(f"{note}{step.sql}" + ("\n;" if snapshots.ends_in_comment(step.sql) else ";"))
        return "\n\n".join(parts) + ("\n" if parts else "")
