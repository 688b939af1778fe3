"""Migration files run on a scratch database as a user would run them: written whole, by the real tool, up and down."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from backend.core.context import current_job
from backend.core.errors import AppError
from backend.core.redaction import redact
from backend.engine.port import Engine
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engine.tool import MigrationTool, ToolRun
from backend.models.migration import Direction
from backend.models.schema_diff import GeneratedFile

_FIRST = datetime(2001, 1, 1, tzinfo=UTC)


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
        target = self.at(scratch)
        request = ToolRun(
            target=target,
            setup=self.engine.tool_setup(target, "db-toolkit-scratch"),
            direction=direction,
            files=list(files),
            folders=self.folders,
        )
        job = current_job.get()
        outcome = self.tool.run(
            request, lambda event: None, job.cancel_token if job is not None else CancelToken()
        )
        if job is not None:
            job.check_cancelled()
        # The table is the truth, whatever the tool said.
        there = {one.version for one in self.engine.applied(target)}
        left = [
            path
            for path in files
            if (self.tool.version_of(path.name) in there) == (direction is Direction.DOWN)
        ]
        return left, self._explained(redact(outcome.error_text or outcome.output)) if left else None

    def _explained(self, text: str) -> str:
        try:
            return self.engine.explain_failure(FailedBlock(text)).message
        except AppError as error:
            return error.message


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
