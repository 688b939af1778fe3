"""Two small questions about SQL that are the same in every dialect. Pure; the real splitter is the engines'."""

from __future__ import annotations

import re

_BLANK = re.compile(r"(?:\s++|;++|--[^\n]*+|\#[^\n]*+|/\*(?![!+]).*?\*/)*+", re.DOTALL)
_TOKEN = re.compile(
    r"--[^\n]*+|/\*.*?\*/|'(?:[^'\\]++|\\.|'')*+'|\"[^\"]*+\"|`[^`]*+`|\$(\w*)\$.*?\$\1\$|(?P<open>/\*|['\"`])",
    re.DOTALL,
)
_LONGEST_LOOKED_AT = 1_000_000


def is_blank(body: str) -> bool:
    """Nothing but white space, comments and semicolons. MySQL's `/*! … */` runs, so it is not a comment."""
    match = _BLANK.match(body)
    return match is not None and match.end() == len(body)


def ends_in_literal(body: str) -> bool:
    """Does the text stop inside a quoted string or a block comment? A cheap parity first, then the tokens."""
    if len(body) > _LONGEST_LOOKED_AT:
        return False
    if not any(body.count(quote) % 2 for quote in "'\"`") and body.count("/*") <= body.count("*/"):
        return False
    return any(match["open"] is not None for match in _TOKEN.finditer(body))
