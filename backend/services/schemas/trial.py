"""A plan tried on a clone of the old schema: the order that works, what is left mended, and each file's way back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.core.context import say
from backend.engine.schema.model import Plan, PlanOptions, Snapshot, Step, Style
from backend.engine.schema.port import SchemaTools

from .proof import Prover, failure

_REPAIRS = 2


@dataclass(slots=True)
class Work:
    """The steps of each file, up and down."""

    ups: list[list[Step]] = field(default_factory=list)
    downs: list[list[Step]] = field(default_factory=list)
    not_expressed: list[str] = field(default_factory=list)


def files_of(steps: Sequence[Step]) -> list[list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.file, []).append(step)
    return [found[number] for number in sorted(found)]


def reversed_renames(options: PlanOptions) -> dict[str, str]:
    return {new: old for old, new in options.renames.items()}


def way_back(options: PlanOptions) -> PlanOptions:
    """The options of a file's down."""
    return dataclasses.replace(
        options, style=Style.PLAIN, include=None, one_file=True, renames=reversed_renames(options)
    )


def as_planned(tools: SchemaTools, old: Snapshot, wanted: Snapshot, options: PlanOptions, plan: Plan) -> Work:
    """The plan as it stands, with the whole way back in the last file. Nothing is run."""
    work = Work(ups=files_of(plan.steps), not_expressed=list(plan.not_expressed))
    down = tools.plan(wanted, old, way_back(options))
    work.downs = [[] for _ in work.ups]
    if work.downs:
        work.downs[-1] = list(down.steps)
        work.not_expressed += [f"Down: {one}" for one in down.not_expressed]
    return work


class Trial:
    def __init__(self, tools: SchemaTools, prover: Prover) -> None:
        self._tools = tools
        self._prover = prover

    def worked_out(
        self, old: Snapshot, wanted: Snapshot, options: PlanOptions, plan: Plan
    ) -> tuple[Work, list[str]]:
        """Run the plan on a clone of `old`, in the order that works, mend what is left, and plan each file's way back."""
        problems: list[str] = []
        work = Work(not_expressed=list(plan.not_expressed))
        stages = [old]
        steps = list(plan.steps)
        unmended, was_left = steps, ""
        for _ in range(1 + _REPAIRS):
            say("Trying the statements on a scratch database")
            with self._prover.clone(old) as (clone, missing):
                problems = [*missing]
                applied = self._tools.apply(clone, steps, retry=True)
                if not applied.ok:
                    problems.append(failure(steps, applied.step, applied.error))
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
        work.ups = files_of(steps)
        if len(work.ups) == 1 and applied.ok and left.sha256 == wanted.sha256:
            # One file, and what it leaves has just been read.
            stages.append(left)
        else:
            stages += self._stages(old, work)
        for number in range(len(work.ups)):
            down = self._tools.plan(stages[number + 1], stages[number], way_back(options))
            work.downs.append(list(down.steps))
            work.not_expressed += [f"Down: {one}" for one in down.not_expressed]
        return work, problems

    def _stages(self, old: Snapshot, work: Work) -> list[Snapshot]:
        """The schema after each file, read from a clone they are run on one by one."""
        stages = []
        with self._prover.clone(old) as (clone, _):
            for steps in work.ups:
                self._tools.apply(clone, steps)
                stages.append(self._tools.snapshot(clone))
        return stages
