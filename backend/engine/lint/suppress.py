"""`-- dbtoolkit:ignore code[, code]: reason`: switching a rule off for one statement, or for a file. Pure.

In the file's head (before the first directive) it is for the whole file; before or inside a statement for that one;
where no statement follows it in its half, for what is said of the half itself. A reason is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from backend.engine.sqllex import Kind, Words, lexer, skip_dollar, skip_nested_comment

from .source import Half, Source, Stmt

MARK = "dbtoolkit:ignore"
_FORM = re.compile(
    r"dbtoolkit:ignore\b[ \t]*(?P<codes>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)?[ \t]*(?::(?P<reason>[^\n]*))?"
)


@dataclass(slots=True)
class Suppression:
    """One comment. `half` and `statement` are what it covers: neither is the file."""

    codes: tuple[str, ...]
    reason: str
    start: int
    end: int
    """Offsets in the file of the words, without the comment's signs."""
    half: Half | None = None
    statement: Stmt | None = None
    used: set[str] = field(default_factory=set)

    @property
    def counts(self) -> bool:
        """Without codes or a reason it switches nothing off."""
        return bool(self.codes and self.reason)

    def covers(self, code: str, half: Half | None, statement: Stmt | None) -> bool:
        if not self.counts or code not in self.codes:
            return False
        if self.half is None:
            return True
        if half is not self.half:
            return False
        # What is said of the half itself is switched off before its first statement, or where it has none.
        return statement is self.statement or (statement is None and self.is_first)

    @property
    def is_first(self) -> bool:
        return self.statement is None or self.statement.index == 0


def suppressions(source: Source, comments: Callable[[str], Iterator[tuple[int, int]]]) -> list[Suppression]:
    """Every one in the file, in order. The mark inside a string or a body is text, not a comment."""
    content = source.content
    if MARK not in content:
        return []
    found: list[Suppression] = []
    for start, end in comments(content):
        at = content.find(MARK, start, end)
        while at != -1:
            match = _FORM.match(content, at, end)
            if match is not None:
                found.append(_of(source, match))
            at = content.find(MARK, at + len(MARK), end)
    return found


def _of(source: Source, match: re.Match[str]) -> Suppression:
    codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
    reason = (match["reason"] or "").strip().removesuffix("*/").strip()
    one = Suppression(codes, reason, match.start(), match.end())
    for half in source.halves:
        begins = half.directive[0] if half.directive else half.offset
        if begins <= match.start() <= half.offset + len(half.body):
            one.half = half
            at = match.start() - half.offset
            one.statement = next((stmt for stmt in half.statements if stmt.end > at), None)
    return one


def sql_comments(dialect: str) -> Callable[[str], Iterator[tuple[int, int]]]:
    """The comments of an SQL file, by its dialect's quoting rules. `-- ` counts everywhere, as dbmate's head needs."""
    known = "postgres" if dialect == "spanner" else dialect
    scan = lexer(known, words=Words.NONE, delimiter=";").match

    def comments(content: str) -> Iterator[tuple[int, int]]:
        at, size = 0, len(content)
        while at < size:
            match = scan(content, at)
            if match is None or match.lastindex is None:
                return
            end = match.end()
            if match.lastindex == Kind.DOLLAR:
                end = skip_dollar(content, match)
            elif match.lastindex == Kind.NESTED_COMMENT:
                end = skip_nested_comment(content, end)
                yield at, end
            elif match.lastindex == Kind.COMMENT:
                yield at, end
            at = end

    return comments
