"""PostgreSQL's side of the schema port."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from backend.drivers.pgwire.url import PgUrl, read
from backend.engine.schema.model import Plan, PlanOptions, RenameGuess, Snapshot, Step
from backend.engine.schema.port import Applied, Loaded, SchemaTools, Seeded
from backend.engine.target import Target

from . import loading, renames, repairing, rows
from . import plan as plans
from . import scratch as scratches
from . import snapshot as snapshots
from .rebuilding import new_keys

_SCHEMES = ("postgres", "postgresql")


def _url(target: Target) -> PgUrl:
    return read(target.url, _SCHEMES)


class PostgresSchema(SchemaTools):
    reads_side_by_side = True

    def printed_as(self, version: str) -> str:
        return version.split(".")[0]

    def snapshot(self, target: Target) -> Snapshot:
        return snapshots.snapshot(target, _url(target))

    def scratch(self, server: Target, purpose: str) -> AbstractContextManager[Target]:
        return self._scratch(server, purpose)

    @contextmanager
    def _scratch(self, server: Target, purpose: str) -> Iterator[Target]:
        with scratches.scratch(server, _url(server), purpose) as (target, _):
            yield replace(target, env={**server.env})

    def sweep(self, server: Target) -> list[str]:
        return scratches.sweep(server, _url(server))

    def load(self, scratch: Target, text: str, source: str) -> Loaded:
        return loading.load(scratch, _url(scratch), text, source)

    def restore(self, scratch: Target, snapshot: Snapshot) -> Loaded:
        return loading.restore(scratch, _url(scratch), snapshot)

    def plan(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Plan:
        return plans.plan(old, new, options)

    def guess_renames(self, old: Snapshot, new: Snapshot) -> Sequence[RenameGuess]:
        return renames.guess(old, new)

    def apply(self, scratch: Target, steps: Sequence[Step], *, retry: bool = False) -> Applied:
        return scratches.run(scratch, _url(scratch), steps, retry=retry)

    def repair(self, target: Target, steps: Sequence[Step]) -> Applied:
        return repairing.repair(target, _url(target), steps)

    def seed(self, scratch: Target, rows_: int = 3) -> Seeded:
        return rows.seed(scratch, _url(scratch), rows_, scratch.migrations_table)

    def row_digest(self, scratch: Target) -> Mapping[str, Mapping[str, str]]:
        return rows.row_digest(scratch, _url(scratch), scratch.migrations_table)

    def survivors(
        self, old: Snapshot, new: Snapshot, options: PlanOptions
    ) -> Mapping[tuple[str, str], tuple[str, str]]:
        after = new.by_id()
        anew, moving = new_keys(old.by_id(), after)
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for one in old.objects:
            wanted = options.renames.get(one.id, one.id)
            if one.kind != "table" or wanted not in after or one.id in moving:
                continue
            if "PARTITION BY" in one.sql and one.id not in anew:
                continue
            found[(one.id, "*")] = (wanted, "*")
            becomes = {column[0]: column for column in json.loads(after[wanted].facts.get("columns", "[]"))}
            for column in json.loads(one.facts.get("columns", "[]")):
                renamed = options.renames.get(f"column {one.id}.{column[0]}", f"column {wanted}.{column[0]}")
                name = renamed.removeprefix(f"column {wanted}.")
                other = becomes.get(name)
                if other is not None and column[2] == other[2] and not column[5] and not other[5]:
                    found[(one.id, column[0])] = (wanted, name)
        return found
