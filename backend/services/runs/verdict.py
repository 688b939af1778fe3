"""What became of each file, by the migrations table read after the run. The tool's word only explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, SqlFailed
from backend.engine.port import Engine
from backend.engine.target import FailedBlock
from backend.engine.tool import Block, ParsedFile, ToolOutcome
from backend.models.migration import Direction, Migration, RunMigration, RunStatus


@dataclass
class FileVerdict:
    """One file's end: its row for the Run and, where it failed, the error."""

    migration: Migration
    status: RunStatus
    duration_ms: float | None = None
    error: AppError | None = None
    partial: bool = False
    landed: list[str] = field(default_factory=list)

    def model(self) -> RunMigration:
        return RunMigration(
            version=self.migration.version,
            filename=self.migration.filename,
            status=self.status,
            duration_ms=self.duration_ms,
            error=envelope_error(self.error) if self.error else None,
            partial=self.partial,
            landed=self.landed,
        )


def judge(
    planned: Sequence[Migration],
    direction: Direction,
    in_table: set[str],
    outcome: ToolOutcome,
    durations: dict[str, float],
    explain: Callable[[Migration], AppError],
    *,
    started: set[str],
) -> list[FileVerdict]:
    """In order: what landed, the first that did not (failed), and the rest (not run)."""
    verdicts: list[FileVerdict] = []
    stopped = False
    for migration in planned:
        landed = (migration.version in in_table) == (direction == Direction.UP)
        duration = durations.get(migration.filename)
        if landed:
            done = RunStatus.APPLIED if direction == Direction.UP else RunStatus.ROLLED_BACK
            verdicts.append(FileVerdict(migration, done, duration))
        elif not stopped and not (outcome.cancelled and migration.filename not in started):
            stopped = True
            verdicts.append(FileVerdict(migration, RunStatus.FAILED, duration, explain(migration)))
        else:
            stopped = True
            verdicts.append(FileVerdict(migration, RunStatus.NOT_RUN))
    return verdicts


def explain(
    engine: Engine, parsed: ParsedFile | None, direction: Direction, outcome: ToolOutcome
) -> AppError:
    """The engine's reading of the tool's error, with the line counted in the file."""
    block: Block | None = None
    if parsed is not None:
        block = parsed.up if direction == Direction.UP else parsed.down
    if outcome.exit_code == 0 and not outcome.error_text:
        return SqlFailed(
            "The tool reported success, but the migrations table does not have it.",
            hint="Look at the output. The migration may end the process or change the migrations table itself.",
        )
    error = engine.explain_failure(
        FailedBlock(
            tool_text=outcome.error_text or outcome.output[-4000:],
            block=block.text if block else "",
            filename=parsed.filename if parsed else "",
        )
    )
    if parsed is not None:
        _place(error, parsed, block)
    return error


def _place(error: AppError, parsed: ParsedFile, block: Block | None) -> None:
    """Turn the block's line into the file's."""
    details: dict[str, Any] = error.details
    details["file"] = parsed.filename
    line = details.pop("line", None)
    if line is None:
        return
    in_file = details.pop("line_of_file", False)
    details["line"] = line if in_file or block is None else block.line + line - 1
