"""Migration files run on a scratch database as a user would run them: written whole, by the real tool, up and down."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from backend.core.context import current_job
from backend.core.errors import AppError, NotSupported
from backend.core.redaction import redact
from backend.engine.port import Engine
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engine.tool import MigrationTool, ToolEvent, ToolRun
from backend.models.migration import Direction
from backend.models.schema_diff import GeneratedFile

RUN_TAG = "db-toolkit-scratch"
_FIRST = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of files that the tool was given, by the migrations table."""

    left: list[Path]
    """Those that did not run."""
    error: AppError | None
    """Why, where there are any."""
    output: str = ""
    duration_ms: Mapping[str, float] = field(default_factory=dict)
    """By filename, as the tool told."""
    timed_out: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Replayer:
    """The tool of one project (or, without one, the engine's own), ready to run files on scratch databases."""

    engine: Engine
    tool: MigrationTool
    migrations_table: str
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    folders: tuple[Path, ...] = ()

    def at(self, scratch: Target) -> Target:
        """The scratch database as this project's tool sees it."""
        return replace(scratch, migrations_table=self.migrations_table, env=self.env)

    def run(
        self, scratch: Target, files: Sequence[Path], direction: Direction
    ) -> tuple[list[Path], str | None]:
        """Run files, oldest first for up, newest first for down. Returns those that, by the migrations table, did not
        run, and what the tool said where there are any."""
        job = current_job.get()
        done = self.replay(scratch, files, direction, job.cancel_token if job is not None else CancelToken())
        if job is not None:
            job.check_cancelled()
        return done.left, done.error.message if done.error is not None else None

    def replay(
        self,
        scratch: Target,
        files: Sequence[Path],
        direction: Direction,
        cancel: CancelToken,
        *,
        timeout_s: float | None = None,
        run_tag: str = RUN_TAG,
    ) -> Replayed:
        """The same, told more of. A session that a stopped tool left on the server is ended."""
        target = self.at(scratch)
        took: dict[str, float] = {}

        def heard(event: ToolEvent) -> None:
            if event.kind == "done" and event.duration_ms is not None:
                took[event.filename] = event.duration_ms

        outcome = self.tool.run(self._request(target, files, direction, run_tag, timeout_s), heard, cancel)
        timed_out = bool(outcome.details.get("timed_out"))
        if outcome.cancelled or timed_out:
            self.engine.end_sessions(target, run_tag)
        # The table is the truth, whatever the tool said.
        there = {one.version for one in self.engine.applied(target)}
        left = [
            path
            for path in files
            if (self.tool.version_of(path.name) in there) == (direction is Direction.DOWN)
        ]
        said = redact(outcome.error_text or outcome.output)
        refused = outcome.details.get("refused")
        error = self._explained(said) if left else None
        if isinstance(refused, list) and refused:
            # Also where the file took no notice of it: on the target that would have been done.
            error = NotSupported(f"{redact(str(refused[0]))}: it was not done.", capability="rehearsal")
        return Replayed(
            left,
            error,
            redact(outcome.output),
            took,
            timed_out,
            outcome.cancelled,
        )

    def record(self, scratch: Target, files: Sequence[Path]) -> None:
        """Write the files' versions into the scratch's migrations table without running them."""
        target = self.at(scratch)
        self.tool.record(self._request(target, files, Direction.UP, RUN_TAG, None))

    def _request(
        self,
        target: Target,
        files: Sequence[Path],
        direction: Direction,
        run_tag: str,
        timeout_s: float | None,
    ) -> ToolRun:
        return ToolRun(
            target=target,
            setup=self.engine.tool_setup(target, run_tag),
            direction=direction,
            files=list(files),
            folders=self.folders,
            timeout_s=timeout_s,
            on_scratch=True,
        )

    def _explained(self, text: str) -> AppError:
        try:
            return self.engine.explain_failure(FailedBlock(text))
        except AppError as error:
            return error


class FilesAsRun:
    """Generated or hand-edited files, ready to be run up and down on any number of scratch databases."""

    def __init__(self, replayer: Replayer) -> None:
        self._replayer = replayer
        self._texts: dict[str, str] = {}

    def prepare(self, files: Sequence[GeneratedFile]) -> None:
        """The files that `run` shall run, in their order."""
        self._texts = {}
        for file in files:
            name = self._replayer.tool.new_filename(file.name or "change", _FIRST, list(self._texts))
            self._texts[name] = content_of(self._replayer.tool, file)

    def run(self, scratch: Target, direction: Direction) -> str | None:
        """Why it failed, with the file's name where there are several; None where all of them ran."""
        if not self._texts:
            return None
        with tempfile.TemporaryDirectory(prefix="db-toolkit-proof-") as folder:
            paths = []
            for name, text in self._texts.items():
                path = Path(folder) / name
                path.write_text(text, encoding="utf-8", newline="")
                paths.append(path)
            in_order = paths if direction is Direction.UP else paths[::-1]
            # The versions go where the snapshots of this scratch do not look.
            replayer = replace(self._replayer, migrations_table=scratch.migrations_table)
            left, said = replayer.run(scratch, in_order, direction)
        if not left:
            return None
        where = f"file {paths.index(left[0]) + 1}: " if len(paths) > 1 else ""
        return f"{where}{said or 'it did not run, and nothing tells why.'}"


def content_of(tool: MigrationTool, file: GeneratedFile) -> str:
    """The whole file as it is saved."""
    return tool.compose(
        file.up, file.down, transaction_up=file.transaction, transaction_down=file.transaction_down
    )
