"""From two snapshots to migration files that are proven: planned, proven as they stand, else tried, mended, proven again."""

from __future__ import annotations

from collections.abc import Sequence

from backend.diff.compare import Change, compare, expected, suggested_name
from backend.engine.schema.model import PlanOptions, Snapshot
from backend.engine.schema.port import SchemaTools
from backend.models.schema_diff import Generated, GeneratedFile, PlannedStatement, Proof, SchemaHazard

from .as_run import FilesAsRun
from .proof import Prover
from .scratches import ScratchServer
from .trial import Trial, Work, as_planned


class Generator:
    """Writes one comparison's migration."""

    def __init__(
        self,
        tools: SchemaTools,
        scratch: ScratchServer | None,
        reason: str | None = None,
        as_run: FilesAsRun | None = None,
    ) -> None:
        """`as_run` proves whole files with the real tool; without it the statements are run by the engine's schema tools."""
        self._tools = tools
        self._prover = Prover(tools, scratch, as_run) if scratch is not None else None
        self._reason = reason

    def generate(
        self, old: Snapshot, new: Snapshot, options: PlanOptions, *, prove: bool = True
    ) -> Generated:
        plan = self._tools.plan(old, new, options)
        wanted = expected(old, new, plan.objects)
        changes = compare(old, wanted, options.renames)
        planned = as_planned(self._tools, old, wanted, options, plan)
        if self._prover is None or not prove:
            return self._answer(changes, planned, Proof(problems=[self._reason] if self._reason else []))
        first = self._answer(changes, planned, Proof())
        if len(planned.ups) == 1 and not planned.not_expressed:
            # Most plans work as they stand: then the proof is all there is to run.
            first.proven = self._proven(self._prover, old, wanted, options, planned, first.files)
            if first.proven.up and first.proven.down and first.proven.rows is not False:
                return first
        work, problems = Trial(self._tools, self._prover).worked_out(old, wanted, options, plan)
        files = self._answer(changes, work, Proof()).files
        if files == first.files and first.proven.scratch is not None:
            proof = first.proven
        else:
            proof = self._proven(self._prover, old, wanted, options, work, files)
        proof.problems[:0] = [one for one in problems if one not in proof.problems]
        return self._answer(changes, work, proof)

    def wanted(self, old: Snapshot, new: Snapshot, options: PlanOptions) -> Snapshot:
        """The schema that a migration of these options should leave."""
        return expected(old, new, self._tools.plan(old, new, options).objects)

    def judge(
        self, old: Snapshot, wanted: Snapshot, options: PlanOptions, files: Sequence[GeneratedFile]
    ) -> Proof:
        """What is proven of files that may have been edited by hand. Needs a scratch server and `as_run`."""
        assert self._prover is not None
        self._prover.prepare(files)
        return self._prover.prove(old, wanted, options)

    def _proven(
        self,
        prover: Prover,
        old: Snapshot,
        wanted: Snapshot,
        options: PlanOptions,
        work: Work,
        files: Sequence[GeneratedFile],
    ) -> Proof:
        prover.prepare(files)
        return prover.prove(old, wanted, options, work.ups, work.downs)

    # -- answering -----------------------------------------------------------------------------------------------

    def _answer(self, changes: list[Change], work: Work, proof: Proof) -> Generated:
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
