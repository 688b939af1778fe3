"""migrate-mongo behind the tool port: its files' form, and its runs through the Node runner."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from backend.core.errors import ToolMissing
from backend.drivers import process, tools
from backend.engine.target import CancelToken
from backend.engine.tool import MigrationTool, ParsedFile, ToolEvent, ToolOutcome, ToolRun
from backend.models.connection import ToolName
from backend.models.migration import Direction

from . import blocks, files
from .node import Answer, Event, ask, runner_path
from .parse import is_typescript, parse_file
from .script import read


@dataclass(frozen=True)
class MigrateMongo(MigrationTool):
    """Stateless but for the project's two settings about files; `configured` gives the tool for a project."""

    extensions: tuple[str, ...] = files.EXTENSIONS
    """The extensions that count as migrations: the project's one, or every one that Node can run."""
    esm: bool = False

    name: ClassVar[ToolName] = ToolName.MIGRATE_MONGO
    language: ClassVar[Literal["sql", "javascript"]] = "javascript"

    def configured(self, extension: str | None, module_system: str = "commonjs") -> MigrateMongo:
        """The tool for a project that takes only `extension` (migrationFileExtension) and writes that kind of module."""
        return MigrateMongo((extension,) if extension else files.EXTENSIONS, esm=module_system == "esm")

    # -- files ---------------------------------------------------------------------------------------------------

    def is_migration(self, filename: str) -> bool:
        return files.is_migration(filename, self.extensions)

    def sort_key(self, filename: str) -> bytes:
        return files.sort_key(filename)

    def version_of(self, filename: str) -> str:
        """The filename itself: migrate-mongo has no other identity, so a renamed file would run again."""
        return filename

    def name_of(self, filename: str) -> str:
        return files.name_of(filename)

    def parse(self, path: Path, data: bytes) -> ParsedFile:
        return parse_file(path, data)

    def compose(
        self, up: str, down: str, *, transaction_up: bool = True, transaction_down: bool = True
    ) -> str:
        """A new file; the transaction flags mean nothing here, a migration starts its own session."""
        extension = self._new_extension()
        esm = self.esm or extension in {".mjs", ".ts", ".mts"}
        return blocks.compose(up, down, esm=esm, typescript=is_typescript(f"x{extension}"))

    def replace_blocks(
        self, parsed: ParsedFile, *, up: str | None, down: str | None, transaction: bool | None = None
    ) -> str:
        typescript = is_typescript(parsed.path.name)
        source = parsed.content.encode()
        bodies = {name: body for name, body in (("up", up), ("down", down)) if body is not None}
        return blocks.replace(source, read(source, typescript=typescript), bodies, typescript=typescript)

    def new_filename(self, name: str, moment: datetime, taken: Sequence[str]) -> str:
        return files.new_filename(name, moment, taken, self._new_extension())

    def describe_name(self, name: str) -> str:
        return files.clean_name(name)

    def _new_extension(self) -> str:
        return ".js" if ".js" in self.extensions else self.extensions[0]

    # -- running -------------------------------------------------------------------------------------------------

    def run(
        self, request: ToolRun, on_event: Callable[[ToolEvent], None], cancel: CancelToken
    ) -> ToolOutcome:
        """Run the files in place, in the project's folder. `error_text` of a failure is the runner's JSON, which
        the engine's `explain_failure` reads; `details` holds the same with warnings and the packages used."""
        return self._ask(request.direction.value, request, on_event, cancel)

    def record(self, request: ToolRun) -> ToolOutcome:
        operation = "record" if request.direction is Direction.UP else "forget"
        return self._ask(operation, request, lambda event: None, CancelToken())

    def _ask(
        self, operation: str, request: ToolRun, on_event: Callable[[ToolEvent], None], cancel: CancelToken
    ) -> ToolOutcome:
        output: list[str] = []
        refused: list[str] = []
        pid = 0

        def started(process_id: int) -> None:
            nonlocal pid
            pid = process_id

        def heard(event: Event) -> None:
            refused.extend(_kept_back(event))
            told = _tool_event(event, pid)
            if told is not None:
                if told.kind == "output":
                    output.append(told.text)
                on_event(told)

        def printed(stream: process.Stream, line: str) -> None:
            output.append(line)
            on_event(
                ToolEvent(
                    "output", text=line, stream="console" if stream == "stdout" else "stderr", pid=pid or None
                )
            )

        target, options = request.target, request.setup.options
        scratch = {"rehearse": {"database": options["databaseName"]}} if request.on_scratch else {}
        answer = ask(
            operation,
            target.working_dir,
            {**options, **scratch, "url": target.url, "files": [str(file) for file in request.files]},
            env={**target.env, **request.setup.env},
            on_event=heard,
            on_line=printed,
            on_start=started,
            cancel=cancel,
            timeout_s=request.timeout_s,
            confined=request.on_scratch,
        )
        return _outcome(answer, output, refused)

    def found(self) -> tuple[str | None, str | None, str | None]:
        try:
            package = tools.npm_modules_dir() / "migrate-mongo"
            runner_path()
            version = json.loads((package / "package.json").read_text("utf-8"))["version"]
        except ToolMissing as missing:
            return None, None, missing.message
        except (OSError, ValueError, KeyError):
            return None, str(package), "The bundled migrate-mongo is damaged."
        return str(version), str(package), None


def _tool_event(event: Event, pid: int) -> ToolEvent | None:
    name = str(event.get("file") or "")
    match event.get("event"):
        case "start":
            return ToolEvent("start", filename=name, pid=pid or None)
        case "done":
            return ToolEvent("done", filename=name, duration_ms=event.get("durationMs"), pid=pid or None)
        case "warning":
            text = f"Warning: {f'{name}: ' if name else ''}{event.get('message')}"
            return ToolEvent("output", filename=name, text=text, stream="stderr", pid=pid or None)
    return None


def _outcome(answer: Answer, output: list[str], refused: Sequence[str] = ()) -> ToolOutcome:
    finished, failure = answer.finished, answer.failure
    if failure is None and not answer.has_ended:
        failure = _silent_end(answer)
    is_cancelled = finished.cancelled or (
        failure is not None and failure.get("kind") == "cancelled" and finished.cancelled
    )
    details: dict[str, Any] = {"warnings": list(answer.warnings), "packages": answer.facts}
    if refused:
        details["refused"] = list(refused)
    if failure is not None:
        # What it sent is told apart: it is no part of why it failed.
        details["commands"] = failure.pop("commands", [])
        details["commands_left"] = failure.pop("commandsLeft", 0)
        details["failure"] = failure
    if answer.result is not None:
        details["result"] = answer.result
    return ToolOutcome(
        exit_code=finished.exit_code,
        output="\n".join(output),
        error_text=json.dumps(failure, ensure_ascii=False) if failure is not None else "",
        failed_file=failure.get("file") if failure is not None else None,
        cancelled=is_cancelled,
        details=details,
    )


def _kept_back(event: Event) -> list[str]:
    """What a file on a scratch tried beyond it, as sentences without their end."""
    if event.get("event") == "command" and event.get("refused"):
        return [str(event["refused"])]
    if event.get("event") == "warning" and event.get("code") == "other_connection":
        return [str(event.get("message")).rstrip(".")]
    return []


def _silent_end(answer: Answer) -> dict[str, Any]:
    finished = answer.finished
    why = "it took longer than allowed" if finished.timed_out else f"exit code {finished.exit_code}"
    last_words = finished.stderr.strip().splitlines()[-3:]
    return {
        "kind": "cancelled" if finished.cancelled else "crash",
        "message": f"The migration's process ended before its report ({why}). {' '.join(last_words)}".strip(),
    }
