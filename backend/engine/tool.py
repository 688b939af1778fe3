"""The port of a migration tool (dbmate, migrate-mongo): its files' grammar and how it is run. Implemented in `drivers/`.

A tool never decides what is true: services read the migrations table before and after every run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from backend.models.connection import ToolName
from backend.models.migration import Direction, FileProblem

from .target import CancelToken, Target, ToolSetup


@dataclass(frozen=True, slots=True)
class Block:
    """An up or a down. `line` is the file's line (from 1) of the directive (dbmate) or of the function's first line;
    `text` starts there, directive included. `body` is what runs."""

    text: str
    body: str
    line: int
    transaction: bool = True


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A migration file, read. `problems` with severity `error` mean the tool would refuse or misread the file."""

    path: Path
    version: str
    """As the tool records it: dbmate's leading digits, migrate-mongo's filename."""
    name: str
    """The words of the filename: `create_users`."""
    content: str
    sha256: str
    """Of the bytes on disk, lower-case hex."""
    size_bytes: int
    up: Block | None
    down: Block | None
    has_down: bool
    """A down that is there and not empty (comments only counts as empty)."""
    problems: tuple[FileProblem, ...] = ()
    encoding: str = "utf-8"
    newline: str = "\n"
    modules: tuple[str, ...] = ()
    """Those a JavaScript file asks for by a name that is written out."""

    @property
    def filename(self) -> str:
        return self.path.name

    @property
    def is_valid(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One run of the tool over exactly `files` (absolute paths), in this order (up: oldest first; down: newest first)."""

    target: Target
    setup: ToolSetup = field(repr=False)
    direction: Direction
    files: Sequence[Path]
    folders: Sequence[Path] = ()
    """The project's migrations folders (MongoDB files run in place, for their relative `require`)."""
    timeout_s: float | None = None
    on_scratch: bool = False
    """The database is a scratch: where files are programs, they reach nothing but it. What they tried is `refused` in
    the outcome's details, and not done."""


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """Progress while the tool runs, in order: `start` and `done` per file, `output` per line (redacted by the caller)."""

    kind: Literal["start", "done", "output"]
    filename: str = ""
    duration_ms: float | None = None
    text: str = ""
    stream: Literal["stdout", "stderr", "console"] = "stdout"
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What the tool said when it ended: never proof. `failed_file` is its own idea of where it stopped, if it told."""

    exit_code: int
    output: str
    error_text: str = ""
    failed_file: str | None = None
    cancelled: bool = False
    details: Mapping[str, object] = field(default_factory=dict)


class MigrationTool(ABC):
    """dbmate or migrate-mongo."""

    name: ClassVar[ToolName]
    language: ClassVar[Literal["sql", "javascript"]]

    # -- files ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def is_migration(self, filename: str) -> bool:
        """Would the tool take this file? (dbmate: `^\\d+.*\\.sql$`, case-sensitive; migrate-mongo: by extension.)"""

    @abstractmethod
    def sort_key(self, filename: str) -> object:
        """The tool's order of files."""

    @abstractmethod
    def version_of(self, filename: str) -> str: ...

    @abstractmethod
    def name_of(self, filename: str) -> str: ...

    @abstractmethod
    def parse(self, path: Path, data: bytes) -> ParsedFile:
        """Read a file's form. Never raises on bad input: what is wrong is in `problems`, with code, line and message."""

    @abstractmethod
    def compose(
        self, up: str, down: str, *, transaction_up: bool = True, transaction_down: bool = True
    ) -> str:
        """A new file's content from its two halves (bodies without directives)."""

    @abstractmethod
    def replace_blocks(
        self, parsed: ParsedFile, *, up: str | None, down: str | None, transaction: bool | None = None
    ) -> str:
        """The file with its halves replaced, everything else kept (header comments, options, newline style)."""

    @abstractmethod
    def new_filename(self, name: str, moment: datetime, taken: Sequence[str]) -> str:
        """`20260117120000_create_users.sql` or `…-create-users.js` for a name as typed; a second later where the
        version is taken. Raises InvalidRequest for a name with nothing left after cleaning."""

    def describe_name(self, name: str) -> str:
        """The cleaned name as it will stand in the filename."""
        return name

    # -- running -------------------------------------------------------------------------------------------------

    @abstractmethod
    def run(
        self, request: ToolRun, on_event: Callable[[ToolEvent], None], cancel: CancelToken
    ) -> ToolOutcome:
        """Run up or down over exactly the files. Returns when the process has ended; on cancel ends its whole process
        tree (terminate, then kill after 2 s). Never raises for what the tool reports; raises ToolMissing."""

    @abstractmethod
    def record(self, request: ToolRun) -> ToolOutcome:
        """Write the files' versions into the migrations table (direction up) or take them out (down) without running
        anything of them. The table is created where it is missing. `files` need not exist: only their names count."""

    @abstractmethod
    def found(self) -> tuple[str | None, str | None, str | None]:
        """(version, path, problem) of the tool as bundled."""
