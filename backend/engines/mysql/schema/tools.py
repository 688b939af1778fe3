"""MySQL's and MariaDB's side of the schema port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from backend.engine.schema.model import Plan, PlanOptions, RenameGuess, Snapshot, Step
from backend.engine.schema.port import Applied, Loaded, SchemaTools, Seeded
from backend.engine.target import Target

from . import load as loading
from . import plan as plans
from . import renames, rows
from . import scratch as scratches
from . import snapshot as snapshots
from . import survivors as surviving
from .lexing import tokens


class MysqlSchema(SchemaTools):
    def snapshot(self, target: Target) -> Snapshot:
        return snapshots.snapshot(target)

    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        return scratches.scratch(server, purpose)

    def sweep(self, server: Target) -> list[str]:
        return scratches.sweep(server)

    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        return loading.load(scratch, text, source)

    def restore(self, scratch: Target, snapshot: Snapshot) -> Loaded:
        return scratches.restore(scratch, snapshot)

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        return plans.plan(old, new, options)

    def guess_renames(self, old: Snapshot, new: Snapshot) -> Sequence[RenameGuess]:
        return renames.guess(old, new)

    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        return scratches.apply(scratch, steps, retry=retry)

    def repair(self, target: Target, steps: Sequence[Step]) -> Applied:
        return scratches.apply(target, steps, retry=False)

    def seed(self, scratch: Target, rows_: int = 3) -> Seeded:
        return rows.seed(scratch, rows_)

    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        return rows.row_digest(scratch)

    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        return surviving.survivors(old, new, options)

    def write(self, steps: Sequence[Step]) -> str:
        """As the port writes them, without DELIMITER: dbmate sends the whole block, and the server knows where a body
        ends. A body that ends in a comment gets its `;` on a line of its own."""
        parts = []
        for step in steps:
            note = "".join(f"-- {line}\n" for line in (step.note or "").splitlines())
            sql = step.sql.rstrip().rstrip(";")
            solid = [token for token in tokens(sql) if token.kind != "space"]
            is_open = bool(solid) and solid[-1].kind == "comment" and not solid[-1].text.startswith("/*")
            parts.append(f"{note}{sql}{chr(10) if is_open else ''};")
        return "\n\n".join(parts) + ("\n" if parts else "")
