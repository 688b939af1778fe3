"""A migration file as rules see it: halves, statements, operations, and where each stands in the file. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.models.migration import Direction, FileProblem, MigrationFlag

from .ops import Op, Span

if TYPE_CHECKING:
    from backend.engine.tool import Block, ParsedFile


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Why a statement was not understood; `offset` in its text where the parser told."""

    message: str
    offset: int | None = None
    certain: bool = True
    """False where the parser is not the server's own, which may well accept the statement."""


@dataclass(slots=True)
class Stmt:
    """A statement of a half. `text == half.body[start:end]`: no delimiter, no comments around it."""

    text: str
    start: int
    end: int
    ops: Sequence[Op] = ()
    node: object = None
    """The parser's own tree, for rules of one engine."""
    problem: Unparsed | None = None
    """Set where it could not be parsed; `ops` is then empty and the risk is unknown."""
    index: int = 0
    """From 0 in its half."""

    @property
    def keyword(self) -> str:
        """The first word, upper case."""
        return self.text.split(None, 1)[0].upper().rstrip(";(") if self.text else ""


@dataclass(slots=True)
class Half:
    """The up or the down of a file. `body` is what runs; it begins at `offset` of the file's content."""

    direction: Direction
    body: str
    offset: int
    transaction: bool = True
    directive: Span | None = None
    """Offsets in the file of the `-- migrate:up …` line, without its line break."""
    statements: list[Stmt] = field(default_factory=list)


class Source:
    """A file to be linted. Made from the tool's own reading (`of_parsed`) or from an editor's text (parse it first)."""

    def __init__(
        self,
        content: str,
        *,
        filename: str = "",
        up: Half | None = None,
        down: Half | None = None,
        has_down: bool = True,
        problems: Sequence[FileProblem] = (),
        flags: frozenset[MigrationFlag] = frozenset(),
    ) -> None:
        self.content = content
        self.filename = filename
        self.up = up
        self.down = down
        self.has_down = has_down
        self.problems = tuple(problems)
        self.flags = flags
        self._breaks: list[int] | None = None

    @property
    def halves(self) -> list[Half]:
        return [half for half in (self.up, self.down) if half is not None]

    @property
    def header_end(self) -> int:
        """The offset where the first half (its directive) begins: what stands before is the file's head."""
        starts = [half.directive[0] if half.directive else half.offset for half in self.halves]
        return min(starts, default=len(self.content))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of an offset in the content."""
        if self._breaks is None:
            content, breaks, at = self.content, [-1], -1
            while (at := content.find("\n", at + 1)) != -1:
                breaks.append(at)
            self._breaks = breaks
        line = bisect_right(self._breaks, offset - 1)
        return line, offset - self._breaks[line - 1]


def of_parsed(parsed: ParsedFile, flags: frozenset[MigrationFlag] = frozenset()) -> Source:
    """The source of a file its tool has read."""
    source = Source(
        parsed.content,
        filename=parsed.filename,
        has_down=parsed.has_down,
        problems=parsed.problems,
        flags=flags,
    )
    at = 0
    if parsed.up is not None:
        source.up = _half(parsed.content, parsed.up, Direction.UP, at)
        at = source.up.offset
    if parsed.down is not None:
        source.down = _half(parsed.content, parsed.down, Direction.DOWN, at)
    return source


def _half(content: str, block: Block, direction: Direction, after: int) -> Half:
    # A block's text begins at its directive's (or function's) line and holds the body.
    start = content.find(block.text, after)
    if start < 0:
        start = content.find(block.text)
    if start < 0:
        start = max(0, content.find(block.body, after))
        return Half(direction, block.body, start, block.transaction)
    inside = (
        block.text.find(block.body, len(block.text.partition("\n")[0])) if block.body else len(block.text)
    )
    if inside < 0:
        inside = max(0, block.text.find(block.body))
    first_line = block.text.partition("\n")[0].rstrip("\r")
    return Half(direction, block.body, start + inside, block.transaction, (start, start + len(first_line)))
