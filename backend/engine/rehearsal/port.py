"""What an engine does so that migrations can be rehearsed on it. One `rehearse/` package an engine.

`backend/engines/<name>/rehearse/__init__.py` has a module-level `REHEARSAL` that implements this; `rehearsal_tools`
finds it. Scratch databases, snapshots and digests of rows are those of the engine's `SCHEMA` (engine/schema/port.py).
All methods are stateless and thread-safe, and raise the catalogue's errors. The source is only ever read, in a session
that is read-only where the engine can.

`size`, `copy` and `play` are what an engine must have. `placed`, `around`, `twin`, `watch` and `Played.touched` are for
engines that can do better than their defaults.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from backend.core.errors import NotSupported
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.models.migration import Direction
from backend.models.rehearsal import RehearsedStatement, RowsWanted


@dataclass(frozen=True, slots=True)
class CopySize:
    """What a copy of a database would be, as its catalog tells."""

    tables: int
    rows: int | None = None
    """An estimate."""
    bytes: int | None = None
    """Of all rows with their indexes."""
    free_bytes: int | None = None
    """Where the engine knows the disk of the scratch."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What of a source is in the scratch."""

    tables: int
    rows: int
    bytes: int | None = None
    missing: tuple[str, ...] = ()
    """Objects and rows that could not be copied, each with the reason."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One half of a file, to be run as its tool would run it."""

    sql: str
    """The half's text, for MongoDB empty."""
    direction: Direction
    transaction: bool
    first_line: int = 1
    """Of `sql` in the file."""
    path: Path | None = None
    """The file itself: MongoDB runs it."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a block."""

    ok: bool
    duration_ms: float
    statements: Sequence[RehearsedStatement] = ()
    error: dict[str, object] | None = None
    """An error of the envelope, with the line in the file where it is known."""
    stopped: bool = False
    """Cancelled, or the time was up."""
    output: str = ""
    left_out: bool = False
    """Statements that belong to the whole server were passed over: the real tool, which would run them, must not get it."""
    touched: frozenset[str] | None = None
    """Ids of the tables whose rows it may have changed, as it was measured; None: any."""


Heard = Callable[[RehearsedStatement], None]


class Watch(ABC):
    """A scratch database, looked at after every pass."""

    def __init__(self, scratch: Target) -> None:
        self._scratch = scratch

    def play(self, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
        """As `RehearsalTools.play`; an engine may keep its session between two of them."""
        return rehearsal_tools(self._scratch.engine).play(self._scratch, block, heard, cancel, time_limit_s)

    @abstractmethod
    def schema(self) -> Snapshot:
        """What is there now. Compared with the other looks of the same watch only, so its objects may be finer than
        those of the engine's snapshots."""

    @abstractmethod
    def rows(self, touched: Collection[str] | None = None) -> Mapping[str, Mapping[str, str]]:
        """As `SchemaTools.row_digest`. Tables that are not in `touched` may be answered as they were the last time."""


class _Plain(Watch):
    """With the engine's own snapshots and digests."""

    def __init__(self, scratch: Target) -> None:
        super().__init__(scratch)
        self._tools = schema_tools(scratch.engine)

    def schema(self) -> Snapshot:
        return self._tools.snapshot(self._scratch)

    def rows(self, touched: Collection[str] | None = None) -> Mapping[str, Mapping[str, str]]:
        return self._tools.row_digest(self._scratch)


class RehearsalTools(ABC):
    """Copies and measured runs of one engine."""

    notes: ClassVar[tuple[str, ...]] = ()
    """What cannot be measured on this engine, and why, in plain sentences."""

    @abstractmethod
    def size(self, source: Target) -> CopySize:
        """From the catalog; counts nothing."""

    def placed(self, source: Target, scratch: Target) -> Target:
        """The scratch with what the source's URL sets besides the database (search_path, foreign_keys)."""
        return scratch

    def as_own(self, source: Target, sql: str) -> str:
        """A file's text as it means the scratch: without the source database's name before objects, where that is certain."""
        return sql

    def around(self, server: Target) -> AbstractContextManager[None]:
        """Opened before the scratch is made and closed after it is dropped: for what a migration leaves beside it."""
        return nullcontext()

    def twin(self, scratch: Target, placed: Target) -> AbstractContextManager[Target] | None:
        """A second scratch like this one, `placed` as it is, and dropped at the end, so that the tool can run many files
        in one go; None where that is not cheap: then the tool runs each file in the scratch itself."""
        return None

    def watch(self, scratch: Target) -> AbstractContextManager[Watch]:
        """Looks at a scratch database while it is worked on."""
        return self._plain_watch(scratch)

    @contextmanager
    def _plain_watch(self, scratch: Target) -> Iterator[Watch]:
        yield _Plain(scratch)

    @abstractmethod
    def copy(
        self, source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken
    ) -> Copied:
        """Make the source's schema in the empty scratch, and rows as wanted; a sample's foreign keys hold.

        The source's migrations table is not copied. Raises Cancelled."""

    @abstractmethod
    def play(
        self, scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float
    ) -> Played:
        """Run one half as its tool would (one transaction or none), statement by statement, each measured. The session
        is ended on cancel and when the time is up. Never raises for what the migration does: that is the answer."""


@cache
def rehearsal_tools(engine: str) -> RehearsalTools:
    """An engine's rehearsal tools. Raises NotSupported where it has none."""
    try:
        module = importlib.import_module(f"backend.engines.{engine}.rehearse")
    except ModuleNotFoundError as error:
        if error.name != f"backend.engines.{engine}.rehearse":
            raise
        raise NotSupported(
            f"Migrations of {engine} cannot be rehearsed: there is no scratch to run them on.",
            capability="rehearsal",
        ) from None
    tools: RehearsalTools = module.REHEARSAL
    return tools
