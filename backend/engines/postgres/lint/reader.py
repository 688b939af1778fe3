"""PostgreSQL's own parser (libpg_query) to statements with operations. Pure.

The whole half is parsed at once; where that fails, statement by statement, so that one typo hides no other danger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import postgast

from backend.engine import sqltext
from backend.engine.lint.source import Half, Stmt, Unparsed

from .expressions import Reading
from .nodes import read_node

_LEADING = " \t\r\n\f;"


class _Chars:
    """Byte offsets, as libpg_query counts, to characters."""

    def __init__(self, text: str) -> None:
        self._bytes: bytes | None = None if text.isascii() else text.encode("utf-8", "surrogatepass")
        self._at_byte = 0
        self._at_char = 0

    def at(self, offset: int) -> int:
        """Offsets are asked for in rising order mostly; going back starts again."""
        if self._bytes is None:
            return offset
        if offset < self._at_byte:
            self._at_byte = self._at_char = 0
        self._at_char += len(self._bytes[self._at_byte : offset].decode("utf-8", "replace"))
        self._at_byte = offset
        return self._at_char


def read_half(half: Half) -> list[Stmt]:
    """Its statements with their operations, in order."""
    body = half.body
    try:
        tree = postgast.parse(body)
    except (postgast.PgQueryError, UnicodeError, ValueError):
        return [_single(one.text, one.start) for one in sqltext.split(body, "postgres")]
    chars = _Chars(body)
    found: list[Stmt] = []
    last = len(tree.stmts) - 1
    for index, raw in enumerate(tree.stmts):
        start = chars.at(raw.stmt_location)
        end = chars.at(raw.stmt_location + raw.stmt_len) if raw.stmt_len else len(body)
        at = _skip(body, start, end)
        while end > at and body[end - 1] in _LEADING:
            end -= 1
        if index == last:
            end = _without_comments_after(body, at, end)
        found.append(_statement(body[at:end], at, raw.stmt, chars, at))
    return found


def _single(text: str, start: int) -> Stmt:
    try:
        tree = postgast.parse(text)
    except postgast.PgQueryError as error:
        chars = _Chars(text)
        offset = min(chars.at(error.cursorpos - 1), max(0, len(text) - 1)) if error.cursorpos > 0 else None
        message = error.message[:1].upper() + error.message[1:]
        if text.startswith("\\"):
            message = "A line for psql, which the server does not understand"
        return Stmt(text, start, start + len(text), problem=Unparsed(message, offset))
    except (UnicodeError, ValueError) as error:
        return Stmt(text, start, start + len(text), problem=Unparsed(f"It cannot be read: {error}"))
    if not tree.stmts:
        return Stmt(text, start, start + len(text))
    return _statement(text, start, tree.stmts[0].stmt, _Chars(text), 0)


def _statement(text: str, start: int, node: Any, chars: _Chars, base: int) -> Stmt:
    kind = node.WhichOneof("node")
    inner = getattr(node, kind) if kind else None
    reading = Reading(text, lambda offset: chars.at(offset) - base)
    ops: Sequence[Any] = read_node(kind or "", inner, reading) if inner is not None else ()
    return Stmt(text, start, start + len(text), ops, inner)


def _skip(body: str, start: int, end: int) -> int:
    """Past white space and comments: libpg_query begins a statement right after the last one's delimiter."""
    at = start
    while at < end:
        character = body[at]
        if character in _LEADING:
            at += 1
        elif body.startswith("--", at):
            newline = body.find("\n", at)
            at = end if newline == -1 else newline + 1
        elif body.startswith("/*", at):
            depth, at = 1, at + 2
            while at < end and depth:
                opened, closed = body.find("/*", at), body.find("*/", at)
                if closed == -1:
                    return end
                nested = opened != -1 and opened < closed
                depth += 1 if nested else -1
                at = (opened if nested else closed) + 2
        else:
            break
    return at


def _without_comments_after(body: str, start: int, end: int) -> int:
    """A last statement without a delimiter takes the comments after it along; here it does not."""
    if "--" not in body[start:end] and "/*" not in body[start:end]:
        return end
    split = sqltext.split(body[start:end], "postgres")
    return start + split[0].end if split else end
