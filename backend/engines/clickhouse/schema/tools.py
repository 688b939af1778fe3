"""ClickHouse's side of the schema port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from backend.core.errors import ReadOnly
from backend.engine.schema.model import Plan, PlanOptions, RenameGuess, Snapshot, Step
from backend.engine.schema.port import Applied, Loaded, SchemaTools, Seeded
from backend.engine.target import Target

from . import plan as plans
from . import renames
from . import scratch as scratches
from . import snapshot as snapshots


class ClickHouseSchema(SchemaTools):
    def snapshot(self, target: Target) -> Snapshot:
        return snapshots.snapshot(target)

    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        return scratches.scratch(server, purpose)

    def sweep(self, server: Target) -> list[str]:
        return scratches.sweep(server)

    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        return scratches.load(scratch, text, source)

    def restore(self, scratch: Target, snapshot: Snapshot) -> Loaded:
        return scratches.restore(scratch, snapshot)

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        return plans.plan(old, new, options)

    def guess_renames(self, old: Snapshot, new: Snapshot) -> Sequence[RenameGuess]:
        return renames.guess(old, new)

    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        return plans.survivors(old, new, options)

    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        return scratches.run(scratch, steps, retry=retry)

    def repair(self, target: Target, steps: Sequence[Step]) -> Applied:
        if target.read_only:
            raise ReadOnly("The connection is read-only.")
        return scratches.run(target, steps, retry=False)

    def seed(self, scratch: Target, rows: int = 3) -> Seeded:
        return scratches.seed(scratch, snapshots.snapshot(scratch), rows)

    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        return scratches.row_digest(scratch, snapshots.snapshot(scratch))
