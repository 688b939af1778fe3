"""dbmate as the services see it: its files' grammar, and runs over exactly the files asked for.

What dbmate lacks (one file, up to a file, a chosen rollback, a baseline) is done by staging: it gets a temporary
folder with those files and no others. Versions without a file there are out of its sight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from backend.core.errors import ToolMissing
from backend.drivers import process, tools
from backend.engine.target import CancelToken
from backend.engine.tool import MigrationTool, ParsedFile, ToolEvent, ToolOutcome, ToolRun
from backend.models.connection import ToolName
from backend.models.migration import Direction

from . import command, edit, files, names
from .output import OutputReader, Progress, error_text, is_nothing_to_roll_back
from .redaction import redact, secrets_in
from .stage import Staged, staged

OnEvent = Callable[[ToolEvent], None]

_EMPTY_FILE = b"-- migrate:up\n-- migrate:down\n"
# These servers refuse an execution without a statement.
_STATEMENT_FILE = b"-- migrate:up\nSELECT 1\n-- migrate:down\nSELECT 1\n"
_NEED_A_STATEMENT = frozenset({"clickhouse", "bigquery", "mysql"})


class DbmateTool(MigrationTool):
    """The bundled dbmate, or the program at `binary`."""

    name: ClassVar[ToolName] = ToolName.DBMATE
    language: ClassVar[Literal["sql", "javascript"]] = "sql"

    def __init__(self, binary: Path | None = None) -> None:
        self._binary = binary

    # -- files ---------------------------------------------------------------------------------------------------

    def is_migration(self, filename: str) -> bool:
        return names.is_migration(filename)

    def sort_key(self, filename: str) -> bytes:
        return names.sort_key(filename)

    def version_of(self, filename: str) -> str:
        return names.version_of(filename)

    def name_of(self, filename: str) -> str:
        return names.name_of(filename)

    def parse(self, path: Path, data: bytes) -> ParsedFile:
        return files.parse(path, data)

    def compose(
        self, up: str, down: str, *, transaction_up: bool = True, transaction_down: bool = True
    ) -> str:
        return edit.compose(up, down, transaction_up=transaction_up, transaction_down=transaction_down)

    def replace_blocks(
        self, parsed: ParsedFile, *, up: str | None, down: str | None, transaction: bool | None = None
    ) -> str:
        return edit.replace_blocks(parsed, up=up, down=down, transaction=transaction)

    def new_filename(self, name: str, moment: datetime, taken: Sequence[str]) -> str:
        return names.new_filename(name, moment, taken)

    def describe_name(self, name: str) -> str:
        return names.describe_name(name)

    # -- running -------------------------------------------------------------------------------------------------

    def run(self, request: ToolRun, on_event: OnEvent, cancel: CancelToken) -> ToolOutcome:
        """Up: one dbmate over all files; down: one for each, since it rolls back the highest name it finds.

        Stops at the first failure. The first event of each process is an `output` without text: it brings the process
        id. `details`: `pids`, `tool_version`, `sha256` {filename: of the content as staged}, `not_started` [filename]
        of which dbmate did not speak (it was applied already, say), `not_applied` [filename] where there was nothing
        to roll back, `timed_out`. Besides ToolMissing it raises what staging raises, before anything has run.
        """
        tool = self._tool()
        with staged(request.files, one_by_one=request.direction is Direction.DOWN) as stage:
            return _Session(tool, request, on_event, cancel).over(stage)

    def record(self, request: ToolRun) -> ToolOutcome:
        """As `run`, over files of the same names that do nothing."""
        tool = self._tool()
        content = _STATEMENT_FILE if request.target.engine in _NEED_A_STATEMENT else _EMPTY_FILE
        in_order = sorted(request.files, key=lambda path: names.sort_key(path.name))
        one_by_one = request.direction is Direction.DOWN
        with staged(
            in_order[::-1] if one_by_one else in_order, one_by_one=one_by_one, content=content
        ) as stage:
            return _Session(tool, request, lambda event: None, CancelToken()).over(stage)

    def found(self) -> tuple[str | None, str | None, str | None]:
        try:
            tool = self._tool()
        except ToolMissing as error:
            return None, str(self._binary) if self._binary else None, error.message
        return tool.version, str(tool.path), None

    def _tool(self) -> command.Dbmate:
        return command.inspect(self._binary or tools.dbmate_path())


@dataclass(slots=True)
class _Session:
    """The processes of one run, one after the other."""

    tool: command.Dbmate
    request: ToolRun
    on_event: OnEvent
    cancel: CancelToken
    output: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    secrets: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.secrets = secrets_in(command.environment(self.request))

    def over(self, stage: Staged) -> ToolOutcome:
        verb = "up" if self.request.direction is Direction.UP else "rollback"
        deadline = time.monotonic() + self.request.timeout_s if self.request.timeout_s else None
        outcome = ToolOutcome(exit_code=0, output="")
        for folder, filenames in stage.steps:
            left = None if deadline is None else max(0.001, deadline - time.monotonic())
            reader = OutputReader(filenames)
            finished = self._process(command.build(self.tool, self.request, folder, verb, left), reader)
            outcome = self._outcome(finished, reader, filenames, stage)
            if outcome.exit_code != 0 or outcome.cancelled:
                break
        return outcome

    def _process(self, to_run: process.Command, reader: OutputReader) -> process.Finished:
        pid: int | None = None

        def started(process_id: int) -> None:
            nonlocal pid
            pid = process_id
            self.pids.append(process_id)
            self.on_event(ToolEvent(kind="output", pid=process_id))

        def line(stream: process.Stream, text: str) -> None:
            shown = redact(text, self.secrets)
            self.output.append(shown)
            self.on_event(ToolEvent(kind="output", text=shown, stream=stream, pid=pid))
            if stream == "stdout":
                self._tell(reader.read(text), pid)

        finished = process.run(to_run, on_line=line, on_start=started, cancel=self.cancel)
        self._tell(reader.end(finished.exit_code), pid)
        return finished

    def _tell(self, news: Iterable[Progress], pid: int | None) -> None:
        for item in news:
            self.started.add(item.filename)
            self.on_event(
                ToolEvent(kind=item.kind, filename=item.filename, duration_ms=item.duration_ms, pid=pid)
            )

    def _outcome(
        self, finished: process.Finished, reader: OutputReader, filenames: Sequence[str], stage: Staged
    ) -> ToolOutcome:
        text = error_text(finished.stdout, finished.stderr, finished.exit_code)
        details: dict[str, object] = {
            "pids": self.pids,
            "sha256": stage.sha256,
            "tool_version": self.tool.version,
        }
        details["not_started"] = [name for name in stage.sha256 if name not in self.started]
        failed = reader.failed_file
        if finished.timed_out:
            details["timed_out"] = True
            text = f"dbmate was stopped after {self.request.timeout_s:g} s."
        elif finished.cancelled:
            text = "dbmate was stopped." if finished.exit_code != 0 else ""
        if is_nothing_to_roll_back(text):
            details["not_applied"] = list(filenames)
            failed = filenames[0]
        return ToolOutcome(
            exit_code=finished.exit_code,
            output="\n".join(self.output),
            error_text=redact(text, self.secrets),
            failed_file=failed if finished.exit_code != 0 else None,
            cancelled=finished.cancelled,
            details=details,
        )
