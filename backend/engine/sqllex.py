"""What a character means in each SQL dialect: comments, quotes, words. One compiled pattern a dialect; pure.

Possessive quantifiers (`*+`) keep every pattern linear: an open quote or comment runs to the end of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cache


class Kind(IntEnum):
    """A token's kind: the number of its group in the pattern."""

    COMMENT = 1
    NESTED_COMMENT = 2
    """The opening `/*` of a comment that may hold others (PostgreSQL); see `skip_nested_comment`."""
    DOLLAR = 3
    """The opening `$tag$`; see `skip_dollar`."""
    QUOTED = 4
    """A string or a quoted name, with its quotes."""
    EXECUTABLE = 5
    """MySQL's `/*!40101` and the `*/` that ends it: what stands between is code."""
    SEMICOLON = 6
    """The delimiter."""
    WORD = 7
    RUN = 8
    """Anything else: whitespace, punctuation and, where words are not asked for, words."""


# -- strings and quoted names ------------------------------------------------------------
_SINGLE = r"'[^']*+(?:''[^']*+)*+'?"
_DOUBLE = r'"[^"]*+(?:""[^"]*+)*+"?'
_BACKTICK = r"`[^`]*+(?:``[^`]*+)*+`?"
_BRACKET = r"\[[^\]]*+\]?"
_SINGLE_BACKSLASH = r"'[^'\\]*+(?:(?:\\[\s\S]|'')[^'\\]*+)*+(?:'|\\?\Z)"
_DOUBLE_BACKSLASH = r'"[^"\\]*+(?:(?:\\[\s\S]|"")[^"\\]*+)*+(?:"|\\?\Z)'
_BACKTICK_BACKSLASH = r"`[^`\\]*+(?:(?:\\[\s\S]|``)[^`\\]*+)*+(?:`|\\?\Z)"
# E'…': the quote is looked back from, so that the E may end a longer run.
_ESCAPED = r"'(?<=(?<![\w$])[eE]')[^'\\]*+(?:(?:\\[\s\S]|'')[^'\\]*+)*+(?:'|\\?\Z)"
_TRIPLE = (
    r"'''[^'\\]*+(?:(?:\\[\s\S]|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z)"
    r'|"""[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z)'
)

_QUOTES = {
    "postgres": f"{_ESCAPED}|{_SINGLE}|{_DOUBLE}",
    "mysql": f"{_SINGLE_BACKSLASH}|{_DOUBLE_BACKSLASH}|{_BACKTICK}",
    "sqlite": f"{_SINGLE}|{_DOUBLE}|{_BACKTICK}|{_BRACKET}",
    "clickhouse": f"{_SINGLE_BACKSLASH}|{_DOUBLE_BACKSLASH}|{_BACKTICK_BACKSLASH}",
    "bigquery": f"{_TRIPLE}|{_SINGLE_BACKSLASH}|{_DOUBLE_BACKSLASH}|{_BACKTICK_BACKSLASH}",
}

# -- comments ------------------------------------------------------------
_BLOCK = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)"
_COMMENTS = {
    "postgres": r"--[^\n]*+",
    # MySQL wants a space, a control character or the end after `--`.
    "mysql": r"--(?=[\s\x00-\x1f]|\Z)[^\n]*+|\#[^\n]*+|/\*(?!M?!)[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)",
    "sqlite": rf"--[^\n]*+|{_BLOCK}",
    "clickhouse": rf"--[^\n]*+|\#[ !][^\n]*+|{_BLOCK}",
    "bigquery": rf"--[^\n]*+|\#[^\n]*+|{_BLOCK}",
}
_NEVER = r"(?!)"
_NESTED = {"postgres": r"/\*"}
_DOLLAR = r"\$(?<![\w$]\$)(?:[A-Za-z_\x80-\U0010ffff][A-Za-z_0-9\x80-\U0010ffff]*+)?\$"
_DOLLARS = {"postgres": _DOLLAR, "clickhouse": _DOLLAR}
_EXECUTABLES = {"mysql": r"/\*M?!\d*|\*/"}

# What may begin one of the tokens above; a run stops before it.
_SPECIAL = {
    "postgres": r"'\"/\-$",
    "mysql": r"'\"`/\-#*",
    "sqlite": r"'\"`\[/\-",
    "clickhouse": r"'\"`/\-#$",
    "bigquery": r"'\"`/\-#",
}


# The words that open, close or surround blocks in the bodies of routines.
_KEYWORDS = "begin|end|case|if|loop|while|repeat|for|row|do|then|else"


class Words(Enum):
    """Which words are tokens of their own; the others stand in long runs with what is between them."""

    NONE = "none"
    BLOCKS = "blocks"
    ALL = "all"


@cache
def lexer(dialect: str, *, words: Words, delimiter: str) -> re.Pattern[str]:
    """The pattern whose `match` at any position finds the one token there; groups are numbered by `Kind`."""
    special = _SPECIAL[dialect] + ";"
    if delimiter != ";":
        # Any character may begin a delimiter such as `//`, `$$` or `go`; words hold it too (`END$$`).
        special += re.escape(delimiter[0]) + re.escape(delimiter[0].swapcase())
    word, run = {
        Words.NONE: (_NEVER, rf"[^{special}]++"),
        Words.BLOCKS: (
            rf"(?i:{_KEYWORDS})\b(?!\$)",
            rf"(?:[^\w{special}]++|(?!(?i:{_KEYWORDS})\b(?!\$))\w[\w$]*+)++",
        ),
        Words.ALL: (r"[^\W\d][\w$]*+", rf"[^\w{special}]++|\d\w*+"),
    }[words]
    groups = (
        _COMMENTS[dialect],
        _NESTED.get(dialect, _NEVER),
        _DOLLARS.get(dialect, _NEVER),
        _QUOTES[dialect],
        _EXECUTABLES.get(dialect, _NEVER),
        re.escape(delimiter) if delimiter == ";" else f"(?i:{re.escape(delimiter)})",
        word,
        rf"{run}|[\s\S]",
    )
    return re.compile("|".join(f"({group})" for group in groups))


@cache
def quoted(dialect: str) -> str:
    """A pattern reading over comments, strings, dollar bodies (groups skip, nested, dollar), not over names."""
    strings = {
        "postgres": f"{_ESCAPED}|{_SINGLE}",
        "sqlite": _SINGLE,
        "mysql": f"{_SINGLE_BACKSLASH}|{_DOUBLE_BACKSLASH}",
        "clickhouse": _SINGLE_BACKSLASH,
        "bigquery": f"{_TRIPLE}|{_SINGLE_BACKSLASH}|{_DOUBLE_BACKSLASH}",
    }[dialect]
    return (
        rf"(?P<skip>{_COMMENTS[dialect]}|{strings})"
        rf"|(?P<nested>{_NESTED.get(dialect, _NEVER)})|(?P<dollar>{_DOLLARS.get(dialect, _NEVER)})"
    )


def skip_dollar(sql: str, opening: re.Match[str]) -> int:
    """The end of the dollar-quoted body that `opening` begins."""
    tag = sql[opening.start() : opening.end()]
    closing = sql.find(tag, opening.end())
    return len(sql) if closing < 0 else closing + len(tag)


_NEST = re.compile(r"/\*|\*/")


def skip_nested_comment(sql: str, position: int) -> int:
    """The end of the comment whose `/*` ended at `position`; comments inside it are counted."""
    depth = 1
    for match in _NEST.finditer(sql, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)


@dataclass(frozen=True, slots=True)
class ClientCommand:
    """A line for the command-line client. `end` is the end of its text, `after` where reading goes on."""

    end: int
    after: int
    delimiter: str | None = None


_DELIMITER_LINE = re.compile(r"[ \t]*delimiter[ \t]+(\S+)[^\n]*", re.IGNORECASE)
_BACKSLASH_LINE = re.compile(r"\\[^\n]*")


def client_command(sql: str, position: int, dialect: str) -> ClientCommand | None:
    """The client's line that begins at `position`, between two statements; None where there is none."""
    if dialect == "mysql":
        match = _DELIMITER_LINE.match(sql, position)
        if match is None or not _begins_line(sql, position):
            return None
        return ClientCommand(match.end(), match.end(), match[1])
    if dialect == "postgres" and sql[position] == "\\":
        match = _BACKSLASH_LINE.match(sql, position)
        return ClientCommand(match.end(), match.end()) if match else None
    return None


def _begins_line(sql: str, position: int) -> bool:
    while position > 0 and sql[position - 1] in " \t":
        position -= 1
    return position == 0 or sql[position - 1] == "\n"


class LineCounter:
    """Line numbers (from 1) of offsets in one text."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._breaks: list[int] | None = None

    def at(self, offset: int) -> int:
        if self._breaks is None:
            self._breaks = [match.start() for match in re.finditer("\n", self._sql)]
        return bisect_right(self._breaks, offset - 1) + 1
