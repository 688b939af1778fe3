"""What a check is called with: the place it looks at, the facts, and help to say what it found. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.models.connection import EngineName
from backend.models.finding import Fix, NewFile, Severity, TextEdit

from .engine_lint import EngineLint
from .facts import Absence, Facts, Limits
from .ops import Name, Op, Span
from .rule import Hit, lowered
from .scene import Rows, Scene
from .source import Half, Source, Stmt


@dataclass(slots=True)
class RuleContext:
    """Everything given from outside for one file."""

    source: Source
    lint: EngineLint
    facts: Facts | None = None
    server_version: tuple[int, ...] | None = None
    limits: Limits = field(default_factory=Limits)
    absent_modules: Mapping[str, Absence] = field(default_factory=dict)

    @property
    def engine(self) -> EngineName:
        return self.lint.engine

    def version_at_least(self, *version: int) -> bool | None:
        """None where the server's version is not known."""
        return None if self.server_version is None else self.server_version >= version


class At:
    """The place: a statement in a half (Scope.HALF and FILE have none), with the scene before it."""

    def __init__(
        self,
        context: RuleContext,
        severity: Severity,
        half: Half | None,
        statement: Stmt | None,
        scene: Scene,
    ) -> None:
        self.context = context
        self.severity = severity
        """The rule's own."""
        self._half = half
        self._statement = statement
        self.scene = scene
        """Before this statement; for Scope.HALF after the half's last one."""

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def source(self) -> Source:
        return self.context.source

    @property
    def facts(self) -> Facts | None:
        return self.context.facts

    @property
    def limits(self) -> Limits:
        return self.context.limits

    @property
    def half(self) -> Half:
        assert self._half is not None, "a check of the whole file has no half"
        return self._half

    @property
    def statement(self) -> Stmt:
        assert self._statement is not None, "a check of a half or file has no statement"
        return self._statement

    @property
    def statements(self) -> Sequence[Stmt]:
        return self.half.statements

    @property
    def is_up(self) -> bool:
        return self.half is self.source.up

    @property
    def other_half(self) -> Half | None:
        return self.source.down if self.is_up else self.source.up

    def ops(self, half: Half | None = None) -> Iterator[Op]:
        """Every operation of a half (this one), in order."""
        for statement in (half or self.half).statements:
            yield from statement.ops

    def earlier_ops(self) -> Iterator[Op]:
        for statement in self.half.statements[: self.statement.index]:
            yield from statement.ops

    def later_ops(self) -> Iterator[Op]:
        for statement in self.half.statements[self.statement.index + 1 :]:
            yield from statement.ops

    # -- what is known -------------------------------------------------------------------------------------------

    def rows(self, table: Name) -> Rows:
        return self.scene.rows(table)

    def is_new(self, table: Name) -> bool:
        """Made in this file (or by a pending one before it): nobody waits for it, nothing is in it to lose."""
        return self.scene.is_new(table)

    def rows_words(self, table: Name) -> str:
        """` orders has about 40 million rows.` with a leading space, or that it is not known."""
        rows = self.rows(table)
        if rows.is_new or rows.count is None:
            return f" How many rows {table} has is not known here." if rows.count is None else ""
        return f" {table} has about {_count(rows.count)} rows."

    # -- saying it -----------------------------------------------------------------------------------------------

    def q(self, name: str | Name) -> str:
        """A name as SQL."""
        if isinstance(name, Name):
            parts = ([name.schema] if name.schema else []) + [name.name]
            return ".".join(self.context.lint.quote(part) for part in parts)
        return self.context.lint.quote(name)

    def hit(
        self,
        message: str,
        *,
        span: Span | None = None,
        safe_form: str | None = None,
        fixes: Sequence[Fix] = (),
        severity: Severity | None = None,
        unknown: bool = False,
        confirm: bool | None = None,
        advice: str | None = None,
        statement: Stmt | None = None,
    ) -> Hit:
        """As it is, whatever the table's size. `statement`: what a check of a half is about."""
        return Hit(
            message, span, safe_form, tuple(fixes), severity, unknown, confirm, advice, statement=statement
        )

    def sized(
        self,
        table: Name,
        message: str,
        *,
        span: Span | None = None,
        safe_form: str | None = None,
        fixes: Sequence[Fix] = (),
        severity: Severity | None = None,
        advice: str | None = None,
        confirm: bool | None = None,
        data: bool = False,
    ) -> Iterator[Hit]:
        """Only as bad as the table is big: nothing where it is new or empty, `low` where it is small.

        `data`: what the rows hold matters, so a new table that was filled counts; else (locks) nobody waits for it.

        The rule's severity for a large table (`limits.large_rows`) and, marked unknown, where its size is not known;
        one lower in between. The size is added to the message.
        """
        full = severity or self.severity
        rows = self.rows(table)
        unseen = rows.is_new and self.is_up and not data
        if rows.is_empty or unseen:
            return
        if rows.is_new and rows.count is not None and rows.count < self.limits.small_rows:
            return
        if rows.count is None or rows.count >= self.limits.large_rows:
            pass
        elif rows.count < self.limits.small_rows:
            full = min(full, Severity.LOW, key=lambda one: list(Severity).index(one))
        else:
            full = lowered(full)
        words = self.rows_words(table)
        if confirm is None and full in (Severity.INFO, Severity.LOW):
            confirm = False
        yield Hit(message + words, span, safe_form, tuple(fixes), full, rows.is_unknown, confirm, advice)

    # -- edits ---------------------------------------------------------------------------------------------------

    def edit(self, start: int, end: int, text: str) -> TextEdit:
        """Replace `statement.text[start:end]`."""
        base = self.half.offset + self.statement.start
        return self.file_edit(base + start, base + end, text)

    def file_edit(self, start: int, end: int, text: str) -> TextEdit:
        """Replace `source.content[start:end]`."""
        line, column = self.source.position(start)
        end_line, end_column = self.source.position(end)
        return TextEdit(line=line, column=column, end_line=end_line, end_column=end_column, text=text)

    def rewrite(self, title: str, text: str) -> Fix:
        """The whole statement replaced (its delimiter stays)."""
        return Fix(title=title, edits=[self.edit(0, len(self.statement.text), text)])

    def drop_statement(self) -> TextEdit:
        """The statement taken out, with its delimiter and the line break after it."""
        start = self.half.offset + self.statement.start
        end = self.half.offset + self.statement.end
        content, limit = self.source.content, self.half.offset + len(self.half.body)
        at = end
        while at < limit and content[at] in " \t\r\n":
            at += 1
        if at < limit and content[at] == ";":
            end = at + 1
        line_end = content.find("\n", end)
        if line_end != -1 and not content[end:line_end].strip():
            line_start = content.rfind("\n", 0, start) + 1
            if not content[line_start:start].strip():
                start, end = line_start, line_end + 1
        return self.file_edit(start, end, "")

    def own_file(self, title: str, name: str, up: str, down: str = "", *, transaction: bool = False) -> Fix:
        """The statement moved into a migration of its own, made right after this one (or, where it is the only one of
        its half and the half can take it, see `alone`)."""
        new = NewFile(name=name, up=up, down=down, transaction=transaction)
        return Fix(title=title, edits=[self.drop_statement()], new_files=[new])

    def without_transaction(self) -> TextEdit | None:
        """The half's directive line with `transaction:false`; None where there is no such line or it has it already."""
        if self.half.directive is None or not self.half.transaction:
            return None
        start, end = self.half.directive
        line = self.source.content[start:end]
        words = [word for word in line.split(" ") if not word.startswith("transaction:")]
        return self.file_edit(start, end, " ".join(words).rstrip() + " transaction:false")


def _count(number: int) -> str:
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if number >= size:
            return f"{number / size:.1f}".rstrip("0").rstrip(".") + f" {word}"
    return f"{number:,}"
