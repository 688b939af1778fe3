"""From two snapshots to migration files that are proven: plan, try, repair, replay on a fresh clone, both ways, with rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.core.context import say
from backend.diff.compare import Change, compare, expected, suggested_name
from backend.engine.schema.model import Plan, PlanOptions, Snapshot, Step, Style
from backend.engine.schema.port import SchemaTools
from backend.engine.target import Target
from backend.models.migration import Direction
from backend.models.schema_diff import (
    Generated,
    GeneratedFile,
    PlannedStatement,
    Proof,
    SchemaHazard,
)

from .as_run import FilesAsRun
from .scratches import ScratchServer

_REPAIRS = 2
_SHOWN = 20


@dataclass(slots=True)
class _Half:
    """One file's up or down: the steps and the schemas before and after it."""

    steps: list[Step]
    before: Snapshot
    after: Snapshot


@dataclass(slots=True)
class _Work:
    ups: list[list[Step]] = field(default_factory=list)
    downs: list[list[Step]] = field(default_factory=list)
    not_expressed: list[str] = field(default_factory=list)
    stages: list[Snapshot] = field(default_factory=list)
    """The schema before the first file, after each file."""


class Generator:
    """Writes one comparison's migration."""

    def __init__(
        self,
        tools: SchemaTools,
        scratch: ScratchServer | None,
        reason: str | None = None,
        as_run: FilesAsRun | None = None,
    ) -> None:
        self._tools = tools
        self._scratch = scratch
        self._reason = reason
        self._as_run = as_run
        """Proves whole files with the real tool; without it the statements are run by the engine's schema tools."""

    def generate(
        self, old: Snapshot, new: Snapshot, options: PlanOptions, *, prove: bool = True
    ) -> Generated:
        plan = self._tools.plan(old, new, options)
        wanted = expected(old, new, plan.objects)
        if self._scratch is None or not prove:
            return self._unproven(old, new, options, plan, wanted)
        work, problems = self._worked_out(old, wanted, options, plan)
        changes = compare(old, wanted, options.renames)
        if self._as_run is not None:
            self._as_run.prepare(self._answer(changes, work, Proof()).files)
        proof = self._prove(old, wanted, options, work)
        proof.problems[:0] = [one for one in problems if one not in proof.problems]
        return self._answer(changes, work, proof)

    def wanted(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Snapshot:
        """The schema that a migration of these options should leave."""
        return expected(old, new, self._tools.plan(old, new, options).objects)

    def judge(
        self, old: Snapshot, wanted: Snapshot, options: PlanOptions, files: Sequence[GeneratedFile]
    ) -> Proof:
        """What is proven of files that may have been edited by hand. Needs a scratch server and `as_run`."""
        assert self._as_run is not None
        self._as_run.prepare(files)
        return self._prove(old, wanted, options, _Work())

    # -- working it out ------------------------------------------------------------------------------------------

    def _worked_out(
        self, old: Snapshot, wanted: Snapshot, options: PlanOptions, plan: Plan
    ) -> tuple[_Work, list[str]]:
        """Run the plan on a clone of `old`, in the order that works, mend what is left, and plan each file's way back."""
        problems: list[str] = []
        work = _Work(not_expressed=list(plan.not_expressed), stages=[old])
        steps = list(plan.steps)
        unmended, was_left = steps, ""
        for _ in range(1 + _REPAIRS):
            say("Trying the statements on a scratch database")
            with self._clone(old) as (clone, missing):
                problems = [*missing]
                applied = self._tools.apply(clone, steps, retry=True)
                if not applied.ok:
                    problems.append(_failure(steps, applied.step, applied.error))
                    steps = [steps[number] for number in applied.order]
                elif applied.order:
                    steps = [steps[number] for number in applied.order]
                left = self._tools.snapshot(clone)
            if left.sha256 == wanted.sha256:
                break
            if left.sha256 == was_left:
                # What was added to mend it changed nothing, though the server took it: it is not written either.
                steps = unmended
                break
            unmended, was_left = steps, left.sha256
            more = self._tools.plan(left, wanted, dataclasses.replace(options, include=None))
            if not more.steps:
                break
            last = max((step.file for step in steps), default=0)
            again = [dataclasses.replace(step, file=last + step.file) for step in more.steps]
            if not applied.ok and [step.sql for step in again] == [step.sql for step in steps[-len(again) :]]:
                break
            steps = [*steps, *again]
        work.ups = _files(steps)
        if len(work.ups) == 1 and applied.ok and left.sha256 == wanted.sha256:
            # One file, and what it leaves has just been read.
            work.stages.append(left)
        else:
            self._stages(old, work)
        for number in range(len(work.ups)):
            back = dataclasses.replace(
                options, style=Style.PLAIN, include=None, one_file=True, renames=_reversed(options)
            )
            down = self._tools.plan(work.stages[number + 1], work.stages[number], back)
            work.downs.append(list(down.steps))
            work.not_expressed += [f"Down: {one}" for one in down.not_expressed]
        return work, problems

    def _stages(self, old: Snapshot, work: _Work) -> None:
        """The schema after each file, read from a clone they are run on one by one."""
        with self._clone(old) as (clone, _):
            for steps in work.ups:
                self._tools.apply(clone, steps)
                work.stages.append(self._tools.snapshot(clone))

    # -- proving -------------------------------------------------------------------------------------------------

    def _prove(self, old: Snapshot, wanted: Snapshot, options: PlanOptions, work: _Work) -> Proof:
        """Replay every file as it is written on a fresh clone with rows, up and then down. Nothing else makes it true."""
        proof = Proof(scratch=self._scratch.label if self._scratch else None)
        say("Proving on a fresh scratch database, with rows")
        with self._clone(old) as (clone, missing):
            if missing:
                proof.problems += missing
            start = self._tools.snapshot(clone)
            if start.sha256 != old.sha256:
                proof.problems.append(
                    "The scratch database is not like the original, so nothing is proven: "
                    + _names(compare(old, start))
                )
                return proof
            seeded = self._tools.seed(clone)
            proof.rows_seeded = sum(seeded.tables.values())
            rows = self._tools.row_digest(clone)
            if not self._run(clone, work.ups, proof, "Up"):
                # Rows may be what it fails on: without them the schema alone is judged.
                proof.up = False
                self._without_rows(old, wanted, work, proof)
                return proof
            after = self._tools.snapshot(clone)
            proof.left_up = [one.id for one in compare(after, wanted)]
            proof.up = not proof.left_up
            kept = self._tools.survivors(old, wanted, options)
            rows_after = self._tools.row_digest(clone)
            lost = _lost(rows, rows_after, kept)
            proof.problems += [f"After up, {one}" for one in lost]
            proof.rows = not lost if proof.rows_seeded else None
            if not self._run(clone, list(reversed(work.downs)), proof, "Down"):
                proof.down = False
                return proof
            back = self._tools.snapshot(clone)
            proof.left_down = [one.id for one in compare(back, old)]
            proof.down = not proof.left_down
            both = _both_ways(
                kept,
                self._tools.survivors(wanted, old, dataclasses.replace(options, renames=_reversed(options))),
            )
            lost = _lost(rows, self._tools.row_digest(clone), both)
            proof.problems += [f"After down, {one}" for one in lost]
            if lost and proof.rows:
                proof.rows = False
        return proof

    def _without_rows(self, old: Snapshot, wanted: Snapshot, work: _Work, proof: Proof) -> None:
        """The same on a clone without rows, when rows stood in the way: the schema's own proof, and rows unproven."""
        proof.rows = False
        with self._clone(old) as (clone, _):
            quiet = Proof()
            if not self._run(clone, work.ups, quiet, "Up"):
                return
            proof.left_up = [one.id for one in compare(self._tools.snapshot(clone), wanted)]
            proof.up = not proof.left_up
            if proof.up:
                proof.problems.append(
                    "On empty tables it works; rows such as the ones tried stand in its way."
                )
            proof.down = self._run(clone, list(reversed(work.downs)), proof, "Down")
            if proof.down:
                proof.left_down = [one.id for one in compare(self._tools.snapshot(clone), old)]
                proof.down = not proof.left_down

    def _run(self, clone: Target, halves: Sequence[Sequence[Step]], proof: Proof, word: str) -> bool:
        if self._as_run is not None:
            failure = self._as_run.run(clone, Direction.UP if word == "Up" else Direction.DOWN)
            if failure:
                proof.problems.append(f"{word}: {failure}")
            return failure is None
        for steps in halves:
            if not steps:
                continue
            applied = self._tools.apply(clone, steps)
            if not applied.ok:
                proof.problems.append(f"{word}: {_failure(steps, applied.step, applied.error)}")
                return False
        return True

    def _clone(self, snapshot: Snapshot) -> _Clone:
        assert self._scratch is not None
        return _Clone(self._tools, self._scratch, snapshot)

    # -- answering -----------------------------------------------------------------------------------------------

    def _unproven(
        self, old: Snapshot, new: Snapshot, options: PlanOptions, plan: Plan, wanted: Snapshot
    ) -> Generated:
        work = _Work(ups=_files(plan.steps), not_expressed=list(plan.not_expressed))
        back = dataclasses.replace(
            options, style=Style.PLAIN, include=None, one_file=True, renames=_reversed(options)
        )
        down = list(self._tools.plan(wanted, old, back).steps)
        work.downs = [[] for _ in work.ups]
        if work.downs:
            work.downs[-1] = down
        proof = Proof(problems=[self._reason] if self._reason else [])
        return self._answer(compare(old, wanted, options.renames), work, proof)

    def _answer(self, changes: list[Change], work: _Work, proof: Proof) -> Generated:
        name = suggested_name(changes)
        files: list[GeneratedFile] = []
        statements: list[PlannedStatement] = []
        hazards: list[SchemaHazard] = []
        for number, steps in enumerate(work.ups):
            down = work.downs[number] if number < len(work.downs) else []
            files.append(
                GeneratedFile(
                    name=name if len(work.ups) == 1 else f"{name}_{number + 1}",
                    up=self._tools.write(steps),
                    down=self._tools.write(down),
                    transaction=all(step.transaction for step in steps),
                    transaction_down=all(step.transaction for step in down),
                )
            )
            for step in steps:
                hazards += [
                    SchemaHazard(kind=str(one.kind), message=one.message, statement=len(statements))
                    for one in step.hazards
                ]
                statements.append(PlannedStatement(sql=step.sql, file=number, objects=list(step.objects)))
        left = [f"{one} is still different." for one in proof.left_up]
        return Generated(
            files=files,
            statements=statements,
            hazards=hazards,
            proven=proof,
            not_expressed=list(dict.fromkeys([*work.not_expressed, *left])),
            name=name,
        )


class _Clone:
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


def _files(steps: Sequence[Step]) -> list[list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.file, []).append(step)
    return [found[number] for number in sorted(found)]


def _reversed(options: PlanOptions) -> dict[str, str]:
    return {new: old for old, new in options.renames.items()}


def _failure(steps: Sequence[Step], number: int | None, error: str | None) -> str:
    statement = steps[number].sql if number is not None and number < len(steps) else ""
    return f"{error or 'it failed'} ({' '.join(statement.split())[:200]})"


def _names(changes: Sequence[Change]) -> str:
    shown = ", ".join(one.id for one in changes[:_SHOWN])
    return shown + (f" and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else "")


def _lost(
    before: Mapping[str, Mapping[str, str]],
    after: Mapping[str, Mapping[str, str]],
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
