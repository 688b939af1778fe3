"""The passes of each file on the scratch: measured one way, measured back, and once more by the real tool."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field

from backend.core.context import current_job
from backend.core.envelope import envelope_error
from backend.core.errors import AppError
from backend.engine.rehearsal.port import Block, Played, RehearsalTools, Watch
from backend.engine.schema.model import Snapshot
from backend.engine.target import Target
from backend.engine.tool import ParsedFile
from backend.models.migration import Direction
from backend.models.rehearsal import RehearsalPass, RehearsedFile, RehearsedStatement, Verdict
from backend.services.connections import Resolved
from backend.services.schemas.as_run import Replayer

from .files import ChosenFile
from .limit import Limit
from .verdict import Digests, differences, judge, rows_lost, rows_tried, tables_of, touched

_log = logging.getLogger(__name__)
_NOT_BY_THE_TOOL = (
    "Statements that belong to the whole server were left out, so the real tool, which would run them, was not given "
    "the file."
)


@dataclass(slots=True)
class _State:
    """The scratch between two passes."""

    schema: Snapshot
    rows: Digests


@dataclass(slots=True)
class Walk:
    """One rehearsal on one scratch. `files` holds what was found, also when it stopped."""

    resolved: Resolved
    tools: RehearsalTools
    replayer: Replayer
    scratch: Target
    watch: Watch
    limit: Limit
    direction: Direction
    run_tag: str
    twin: Target | None = None
    """Where the tool runs all files in one go; without one it runs each in the scratch itself, behind its down."""
    files: list[RehearsedFile] = field(default_factory=list)
    _now: _State = field(init=False)
    _made: Snapshot = field(init=False)
    """What the last file that ran left, as it was measured."""

    def over(self, chosen: list[ChosenFile]) -> None:
        """Every file in order; stops behind one that leaves nothing the next could start from."""
        if self.direction is Direction.DOWN:
            # The tool rolls back what its table says is applied.
            self.replayer.record(self.scratch, [one.path for one in reversed(chosen)])
        self._now = self._look()
        self._made = self._now.schema
        self._measure(chosen)
        if self.twin is not None and not self.limit.is_over:
            self._in_one_go(self.twin, chosen)

    def _measure(self, chosen: list[ChosenFile]) -> None:
        job = current_job.get()
        for number, file in enumerate(chosen):
            self.limit.check()
            if job is not None:
                job.progress(number, len(chosen), f"Rehearsing {file.filename}")
                job.file(file.version, file.filename, "running")
            told = RehearsedFile(
                version=file.version, filename=file.filename, sha256=file.sha256, verdict=Verdict.STOPPED
            )
            # Before it runs: what is known of it stays where a look at the scratch is ended in the middle.
            self.files.append(told)
            try:
                goes_on = self._one(file, told)
            except AppError:
                if not self.limit.is_over:
                    self.files.pop()
                    raise
                told.verdict, told.reasons, goes_on = Verdict.STOPPED, [self.limit.error().message], False
            if job is not None:
                took = told.passes[0].duration_ms if told.passes else None
                job.file(file.version, file.filename, str(told.verdict), took)
            if not goes_on:
                return

    def _one(self, file: ChosenFile, told: RehearsedFile) -> bool:
        """Fill in what is found. Whether the next file has something to start from."""
        forth = self.direction
        back = Direction.DOWN if forth is Direction.UP else Direction.UP
        before = self._now
        first = self._play(file, forth, told)
        if not first.ok:
            self._ended(told, first, _word(forth))
            return False
        after = self._look(first.touched)
        told.changed = differences(before.schema, after.schema)
        told.rows_tried = rows_tried(before.rows, after.schema)
        self._now, self._made = after, after.schema
        if forth is Direction.UP and not file.parsed.has_down:
            told.verdict = Verdict.NO_DOWN
            told.reasons = ["Up ran; there is no down to bring anything back."]
            if self.twin is None:
                told.reasons.append(
                    "The real tool could not run it again, so only the measured run is known."
                )
            return True
        second = self._play(file, back, told)
        if not second.ok:
            self._ended(told, second, _word(back))
            # Where the server took the failed half back, the next file can start from what this one made.
            self._now = self._look(second.touched)
            return told.verdict is Verdict.BROKEN and not differences(after.schema, self._now.schema)
        returned = self._look(second.touched)
        told.left = differences(before.schema, returned.schema)
        told.rows_lost = rows_lost(before.rows, returned.rows)
        is_partly_run = first.left_out or second.left_out
        by_tool = self.twin is None and not is_partly_run
        again = self._tool(file, forth, told) if by_tool else self._again(file, forth, told)
        if not again.ok:
            self._not_again(told, again)
            return False
        self._now = self._look(first.touched)
        told.again = differences(after.schema, self._now.schema)
        judged = judge(
            first=forth,
            left=told.left,
            again=told.again,
            lost=told.rows_lost,
            before=before.rows,
            touched_tables=touched(
                before.schema, after.schema, before.rows, after.rows, self._named(file.parsed, before.schema)
            ),
        )
        told.verdict, told.reasons = judged.verdict, judged.reasons + _warnings(told)
        if is_partly_run:
            told.reasons.append(_NOT_BY_THE_TOOL)
        return True

    # -- passes --------------------------------------------------------------------------------------------------

    def _play(self, file: ChosenFile, direction: Direction, told: RehearsedFile) -> Played:
        half = half_of(self.resolved, file, direction)
        played = self.watch.play(half, self._heard, self.limit.token, self.limit.left_s)
        told.passes.append(
            RehearsalPass(
                step="up" if direction is Direction.UP else "down",
                by="driver",
                ok=played.ok,
                duration_ms=played.duration_ms,
                statements=list(played.statements),
                error=dict(played.error) if played.error is not None else None,
                output=played.output,
            )
        )
        return played

    def _tool(self, file: ChosenFile, direction: Direction, told: RehearsedFile) -> RehearsalPass:
        done = self.replayer.replay(
            self.scratch,
            [file.path],
            direction,
            self.limit.token,
            timeout_s=self.limit.left_s,
            run_tag=self.run_tag,
        )
        error: AppError | None = done.error
        if done.cancelled or done.timed_out:
            error = self.limit.error()
        again = RehearsalPass(
            step="again",
            by="tool",
            ok=error is None,
            duration_ms=done.duration_ms.get(file.filename),
            error=envelope_error(error) if error is not None else None,
            output=done.output if error is not None else "",
        )
        told.passes.append(again)
        return again

    def _again(self, file: ChosenFile, direction: Direction, told: RehearsedFile) -> RehearsalPass:
        """A second time by the app, where the tool's turn comes at the end."""
        self._play(file, direction, told)
        again = told.passes[-1]
        again.step, again.statements = "again", []
        return again

    def _in_one_go(self, twin: Target, chosen: list[ChosenFile]) -> None:
        """The real tool over every file that ran, on a scratch like this one was: it must leave what was measured."""
        ran = [
            (file, told)
            for file, told in zip(chosen, self.files, strict=False)
            if told.verdict not in (Verdict.FAILED, Verdict.STOPPED)
        ]
        if not ran:
            return
        done = self.replayer.replay(
            twin,
            [file.path for file, _ in ran],
            self.direction,
            self.limit.token,
            timeout_s=self.limit.left_s,
            run_tag=self.run_tag,
        )
        if self.limit.is_over:
            return
        left = {path.name for path in done.left}
        for file, told in ran:
            error = done.error if file.filename in left else None
            told.passes.append(
                RehearsalPass(
                    step="again",
                    by="tool",
                    ok=error is None,
                    duration_ms=done.duration_ms.get(file.filename),
                    error=envelope_error(error) if error is not None else None,
                    output=done.output if error is not None else "",
                )
            )
            if error is not None:
                told.verdict = Verdict.BROKEN
                told.reasons.insert(0, f"The real tool could not run it: {error.message}")
                return
        with self.tools.watch(twin) as watch:
            found = differences(self._made, watch.schema())
        if found:
            told = ran[-1][1]
            told.again = found
            told.verdict = Verdict.BROKEN
            told.reasons.insert(
                0,
                f"Run by the real tool in one go, the files left another schema than the measured run: {found[0].id} differs.",
            )

    def _heard(self, statement: RehearsedStatement) -> None:
        job = current_job.get()
        if job is not None:
            took = f" ({statement.duration_ms:.1f} ms)" if statement.duration_ms is not None else ""
            job.log(f"{' '.join(statement.text.split())[:120]}{took}")

    # -- what came of it -----------------------------------------------------------------------------------------

    def _ended(self, told: RehearsedFile, played: Played, word: str) -> None:
        error = played.error or {}
        if played.stopped or self.limit.is_over:
            told.verdict = Verdict.STOPPED
            told.reasons = [f"{word} was stopped: {self.limit.error().message}"]
            return
        line = dict(error.get("details") or {}).get("line")  # type: ignore[call-overload]
        where = f" (line {line})" if line else ""
        told.verdict = Verdict.FAILED if word == "Up" and self.direction is Direction.UP else Verdict.BROKEN
        told.reasons = [f"{word} failed{where}: {error.get('message', 'nothing tells why.')}"]
        if error.get("hint"):
            told.reasons.append(str(error["hint"]))

    def _not_again(self, told: RehearsedFile, again: RehearsalPass) -> None:
        if self.limit.is_over:
            told.verdict = Verdict.STOPPED
            told.reasons = [f"The real tool was stopped: {self.limit.error().message}"]
            return
        said = (again.error or {}).get("message", "nothing tells why.")
        told.verdict = Verdict.BROKEN
        by = "by the real tool" if again.by == "tool" else "after the way back"
        told.reasons = [f"{_word(self.direction)} could not run again, {by}: {said}"]
        if told.left:
            told.reasons.insert(
                0, f"{_word(_other(self.direction))} left something behind: {told.left[0].id}."
            )

    # -- looking -------------------------------------------------------------------------------------------------

    def _look(self, touched_tables: Collection[str] | None = None) -> _State:
        return _State(self.watch.schema(), self.watch.rows(touched_tables))

    def _named(self, parsed: ParsedFile, schema: Snapshot) -> set[str]:
        """Ids of the tables that a file's text names: where rows may have been meant to change."""
        from backend.engine.sqltext import tables_touched

        dialect = self.resolved.engine.dialect
        if dialect is None or parsed.up is None:
            return set()
        names = {name.casefold() for name in tables_touched(parsed.up.body, dialect)}
        bare = {name.rpartition(".")[2] for name in names}
        found = set()
        for one in tables_of(schema):
            name = one.partition(" ")[2].casefold()
            if name in names or name.rpartition(".")[2] in bare:
                found.add(one)
        return found


def half_of(resolved: Resolved, file: ChosenFile, direction: Direction) -> Block:
    """One half of a file, as it is played."""
    block = file.parsed.up if direction is Direction.UP else file.parsed.down
    path = file.path if resolved.tool.language != "sql" else None
    return Block(
        sql=block.body if block is not None and path is None else "",
        direction=direction,
        transaction=block.transaction if block is not None else True,
        first_line=block.line + 1 if block is not None else 1,
        path=path,
    )


def _word(direction: Direction) -> str:
    return "Up" if direction is Direction.UP else "Down"


def _other(direction: Direction) -> Direction:
    return Direction.DOWN if direction is Direction.UP else Direction.UP


def _warnings(told: RehearsedFile) -> list[str]:
    return list(
        dict.fromkeys(
            warning for one in told.passes for statement in one.statements for warning in statement.warnings
        )
    )
