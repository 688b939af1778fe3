"""Writing dbmate files: a new one from two halves, and halves replaced in one that is there. Pure.

What is not asked to change stays byte for byte: header comments, options, newline style, the gap before down.
"""

from __future__ import annotations

import re

from backend.core.errors import InvalidRequest
from backend.engine.tool import ParsedFile

from .directives import Directive, Half, directives

_TRANSACTION_WORD = re.compile(r"[ \t]+\S*transaction\S*(?:[ \t]+(?:true|false)\b)?", re.IGNORECASE)
_NEWLINES = re.compile(r"\r\n|\r|\n")


def compose(up: str, down: str, *, transaction_up: bool = True, transaction_down: bool = True) -> str:
    """A new file's content. Raises InvalidRequest where a half holds a line that dbmate would obey."""
    up, down = _body(up, Half.UP, "\n"), _body(down, Half.DOWN, "\n")
    parts = [_directive_line(Half.UP, transaction_up), up, "", _directive_line(Half.DOWN, transaction_down)]
    return "\n".join([*parts, down] if down else parts) + "\n"


def replace_blocks(
    parsed: ParsedFile, *, up: str | None, down: str | None, transaction: bool | None = None
) -> str:
    """The file's content with its halves replaced; None keeps one. `transaction` sets or clears the option of both.

    A missing half is added. Raises InvalidRequest where the file's form leaves no single place for them.
    """
    data = parsed.content.encode("utf-8", "replace")
    found = directives(data)
    ups = [directive for directive in found if directive.half is Half.UP]
    downs = [directive for directive in found if directive.half is Half.DOWN]
    if len(ups) > 1 or len(downs) > 1 or (ups and downs and downs[0].start < ups[0].start):
        raise InvalidRequest(
            "This file has more than one up or down block, so its halves cannot be replaced one by one.",
            hint="Edit the whole file instead.",
        )
    newline = "\n" if parsed.newline == "\r" else parsed.newline
    if not ups:
        raise InvalidRequest(
            "This file has no `-- migrate:up` line, so there is no half to replace.",
            hint="Edit the whole file instead.",
        )
    down_start = downs[0].start if downs else len(data)
    header = data[: ups[0].start].decode("utf-8", "replace")
    new_up = _half(data, ups[0], down_start, up, transaction, newline, is_last=not downs)
    if downs:
        return header + new_up + _half(data, downs[0], len(data), down, transaction, newline, is_last=True)
    return header + new_up + _added_down(new_up, down, transaction, newline)


def _half(
    data: bytes,
    directive: Directive,
    end: int,
    body: str | None,
    transaction: bool | None,
    newline: str,
    *,
    is_last: bool,
) -> str:
    line = data[directive.start : directive.body].decode("utf-8", "replace")
    old = data[directive.body : end].decode("utf-8", "replace")
    if transaction is not None and transaction != directive.transaction:
        line = _with_transaction(line, transaction)
    if body is None or _lines(body) == _lines(old.rstrip(" \t\r\n\f")):
        return line + old
    new = _body(body, directive.half, newline)
    if not line.endswith("\n"):
        line += newline
    gap = old[len(old.rstrip(" \t\r\n\f")) :] if old.strip() else ""
    if gap.count("\n") < (1 if is_last else 2):
        gap = newline if is_last else newline * 2
    if not new:
        gap = "" if is_last else newline
    return line + new + gap


def _added_down(before: str, down: str | None, transaction: bool | None, newline: str) -> str:
    if down is None:
        return ""
    gap = "" if before.endswith(newline * 2) else newline if before.endswith("\n") else newline * 2
    body = _body(down, Half.DOWN, newline)
    return (
        gap
        + _directive_line(Half.DOWN, transaction is not False)
        + newline
        + (body + newline if body else "")
    )


def _body(text: str, half: Half, newline: str) -> str:
    """The text as it goes into the file. Raises InvalidRequest for a line that dbmate would take as a directive."""
    data = ("\n" + _NEWLINES.sub("\n", text)).encode("utf-8", "replace")
    hits = directives(data)
    if hits:
        line = data.count(b"\n", 0, hits[0].start)
        raise InvalidRequest(
            f"Line {line} of the {half} block reads as a directive: {hits[0].line_text.strip()[:80]}",
            hint="dbmate obeys such a line even inside a string. Indent it by a space, or leave it out.",
            line=line,
            half=str(half),
        )
    return _NEWLINES.sub(newline, text).rstrip(" \t\r\n\f")


def _lines(text: str) -> str:
    return _NEWLINES.sub("\n", text)


def _directive_line(half: Half, transaction: bool) -> str:
    return f"-- migrate:{half}" + ("" if transaction else " transaction:false")


def _with_transaction(line: str, transaction: bool) -> str:
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    text = _TRANSACTION_WORD.sub("", text)
    return (text if transaction else text.rstrip() + " transaction:false") + end
