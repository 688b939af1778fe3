"""Files proven: replayed as they are written on a fresh clone with rows, up and then down. Nothing else makes it true."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from backend.core.context import say
from backend.diff.compare import Change, compare
from backend.engine.schema.model import PlanOptions, Snapshot, Step
from backend.engine.schema.port import SchemaTools, Seeded
from backend.engine.target import Target
from backend.models.migration import Direction
from backend.models.schema_diff import GeneratedFile, Proof

from .as_run import FilesAsRun
from .scratches import ScratchServer

_SHOWN = 20
_A = TypeVar("_A")
_B = TypeVar("_B")
Digests = Mapping[str, Mapping[str, str]]
Steps = Sequence[Sequence[Step]]


class Prover:
    """Proves files on one scratch server: with the real tool, or by the engine's schema tools where there is none."""

    def __init__(self, tools: SchemaTools, scratch: ScratchServer, as_run: FilesAsRun | None) -> None:
        self._tools = tools
        self._scratch = scratch
        self._as_run = as_run

    def clone(self, snapshot: Snapshot) -> Clone:
        return Clone(self._tools, self._scratch, snapshot)

    def prepare(self, files: Sequence[GeneratedFile]) -> None:
        """The files that the real tool shall run."""
        if self._as_run is not None:
            self._as_run.prepare(files)

    def prove(
        self, old: Snapshot, wanted: Snapshot, options: PlanOptions, ups: Steps = (), downs: Steps = ()
    ) -> Proof:
        """What the files that were prepared do. The steps are what is run where there is no tool."""
        proof = Proof(scratch=self._scratch.label)
        say("Proving on a fresh scratch database, with rows")
        with self.clone(old) as (clone, missing):
            if missing:
                proof.problems += missing
            start, (seeded, rows) = self._both(
                lambda: self._tools.snapshot(clone), lambda: self._filled(clone)
            )
            if start.sha256 != old.sha256:
                proof.problems.append(
                    "The scratch database is not like the original, so nothing is proven: "
                    + _names(compare(old, start))
                )
                return proof
            proof.rows_seeded = sum(seeded.tables.values())
            if not self._run(clone, ups, proof, "Up"):
                # Rows may be what it fails on: without them the schema alone is judged.
                proof.up = False
                self._without_rows(old, wanted, ups, downs, proof)
                return proof
            after, rows_after = self._read(clone)
            proof.left_up = [one.id for one in compare(after, wanted)]
            proof.up = not proof.left_up
            kept = self._tools.survivors(old, wanted, options)
            lost = _lost(rows, rows_after, kept)
            proof.problems += [f"After up, {one}" for one in lost]
            proof.rows = not lost if proof.rows_seeded else None
            if not self._run(clone, list(reversed(downs)), proof, "Down"):
                proof.down = False
                return proof
            back, rows_back = self._read(clone)
            proof.left_down = [one.id for one in compare(back, old)]
            proof.down = not proof.left_down
            both = _both_ways(
                kept,
                self._tools.survivors(
                    wanted,
                    old,
                    dataclasses.replace(options, renames={new: one for one, new in options.renames.items()}),
                ),
            )
            lost = _lost(rows, rows_back, both)
            proof.problems += [f"After down, {one}" for one in lost]
            if lost and proof.rows:
                proof.rows = False
        return proof

    def _without_rows(self, old: Snapshot, wanted: Snapshot, ups: Steps, downs: Steps, proof: Proof) -> None:
        """The same on a clone without rows, when rows stood in the way: the schema's own proof, and rows unproven."""
        proof.rows = False
        with self.clone(old) as (clone, _):
            quiet = Proof()
            if not self._run(clone, ups, quiet, "Up"):
                return
            proof.left_up = [one.id for one in compare(self._tools.snapshot(clone), wanted)]
            proof.up = not proof.left_up
            if proof.up:
                proof.problems.append(
                    "On empty tables it works; rows such as the ones tried stand in its way."
                )
            proof.down = self._run(clone, list(reversed(downs)), proof, "Down")
            if proof.down:
                proof.left_down = [one.id for one in compare(self._tools.snapshot(clone), old)]
                proof.down = not proof.left_down

    def _run(self, clone: Target, halves: Steps, proof: Proof, word: str) -> bool:
        if self._as_run is not None:
            said = self._as_run.run(clone, Direction.UP if word == "Up" else Direction.DOWN)
            if said:
                proof.problems.append(f"{word}: {said}")
            return said is None
        for steps in halves:
            if not steps:
                continue
            applied = self._tools.apply(clone, steps)
            if not applied.ok:
                proof.problems.append(f"{word}: {failure(steps, applied.step, applied.error)}")
                return False
        return True

    # -- reading the clone ---------------------------------------------------------------------------------------

    def _filled(self, clone: Target) -> tuple[Seeded, Digests]:
        return self._tools.seed(clone), self._tools.row_digest(clone)

    def _read(self, clone: Target) -> tuple[Snapshot, Digests]:
        return self._both(lambda: self._tools.snapshot(clone), lambda: self._tools.row_digest(clone))

    def _both(self, one: Callable[[], _A], other: Callable[[], _B]) -> tuple[_A, _B]:
        """Side by side where the engine can: neither changes what the other looks at."""
        if not self._tools.reads_side_by_side:
            return one(), other()
        with ThreadPoolExecutor(1) as beside:
            later = beside.submit(copy_context().run, other)
            return one(), later.result()


class Clone:
    """A scratch database with a snapshot's objects; gives the target and what could not be made there."""

    def __init__(self, tools: SchemaTools, scratch: ScratchServer, snapshot: Snapshot) -> None:
        self._tools, self._snapshot = tools, snapshot
        self._context = tools.scratch(scratch.target, "proof")

    def __enter__(self) -> tuple[Target, list[str]]:
        target = self._context.__enter__()
        try:
            return target, list(self._tools.restore(target, self._snapshot).skipped)
        except BaseException as error:
            self._context.__exit__(type(error), error, error.__traceback__)
            raise

    def __exit__(self, *details: object) -> None:
        self._context.__exit__(*details)  # type: ignore[arg-type]


def failure(steps: Sequence[Step], number: int | None, error: str | None) -> str:
    statement = steps[number].sql if number is not None and number < len(steps) else ""
    return f"{error or 'it failed'} ({' '.join(statement.split())[:200]})"


def _names(changes: Sequence[Change]) -> str:
    shown = ", ".join(one.id for one in changes[:_SHOWN])
    return shown + (f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else "")


def _lost(
    before: Digests,
    after: Digests,
    kept: Mapping[tuple[str, str], tuple[str, str]],
) -> list[str]:
    found = []
    for (table, column), (new_table, new_column) in kept.items():
        was = before.get(table, {}).get(column)
        if was is None:
            continue
        now = after.get(new_table, {}).get(new_column)
        if now != was:
            what = "rows" if column == "*" else f"values of {column}"
            found.append(f"the {what} of {table.partition(' ')[2]} are not what they were")
    return found


def _both_ways(
    up: Mapping[tuple[str, str], tuple[str, str]], down: Mapping[tuple[str, str], tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    return {old: down[new] for old, new in up.items() if new in down}
