"""Where dbmate sees its directives. Pure: bytes in, offsets out.

This is dbmate 2.37's own grammar, quirks included, and a second one of what people meant: near misses.
Candidates are found with `bytes.find`, so a file of megabytes costs no regular expression over its whole length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# Go's `\s`: no vertical tab, no non-breaking space.
SPACE = b" \t\n\f\r"

_UP_TAIL = re.compile(rb"(?:[ \t\n\f\r]*$|[ \t\n\f\r]+[^ \t\n\f\r]+)", re.MULTILINE)
_NEAR_MISS = re.compile(
    rb"[ \t]*(?:--+|\#+|/\*+|//+)[ \t]*@?(?:migrate|migrations?|dbmate)[:= ][ \t]*(up|down)\b", re.IGNORECASE
)
_NEAR_MISS_WORDS = (
    b"migrate:",
    b"migrate up",
    b"migrate down",
    b"migrate=",
    b"migration:",
    b"migrations:",
    b"dbmate:",
)
# A directive's word stands near the start of its line: a long line is never searched backwards, nor kept whole.
_NEAR = 80
_LONGEST_LINE = 2000
_STRIP = re.compile(r"^--[\t\n\f\r ]*migrate:(?:up|down)")


class Half(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Directive:
    """A `-- migrate:up|down` that dbmate obeys. `start` is the offset of its `--`, `body` the offset after its line."""

    half: Half
    start: int
    body: int
    line_text: str
    """The first line, without its newline: what dbmate reads the options from."""
    is_split: bool = False
    """`--` and `migrate:` on different lines, which dbmate obeys and the server then refuses."""

    @property
    def rest(self) -> str:
        """What stands after `migrate:up` on its line."""
        return _STRIP.sub("", self.line_text).strip()

    @property
    def options(self) -> dict[str, str]:
        """The options as dbmate reads them: words with exactly one colon, the last one of a name wins."""
        pairs = (word.split(":") for word in self.rest.split())
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    @property
    def transaction(self) -> bool:
        return self.options.get("transaction") != "false"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A line that looks like a directive to a person and not to dbmate."""

    half: Half
    start: int
    line_text: str

    @property
    def is_indented(self) -> bool:
        return bool(_STRIP.match(self.line_text.lstrip(" \t"))) and self.line_text[:1] in (" ", "\t")


def directives(data: bytes) -> list[Directive]:
    """Every directive that dbmate obeys, in order of place; inside a string literal or a comment it counts too."""
    found = [d for half in Half for d in _of_half(data, half)]
    return sorted(found, key=lambda directive: directive.start)


def near_misses(data: bytes, obeyed: list[Directive], limit: int = 20) -> list[NearMiss]:
    """The first lines that were surely meant as directives and are not: indented, upper case, after a lone CR."""
    starts = {directive.start for directive in obeyed}
    lowered = data.lower()
    seen: dict[int, NearMiss] = {}
    for word in _NEAR_MISS_WORDS:
        at = lowered.find(word)
        while at != -1 and len(seen) < limit:
            start = _line_start(data, at)
            match = None if start is None else _NEAR_MISS.match(data, start)
            if start is not None and match and start not in starts and start not in seen:
                seen[start] = NearMiss(Half(match[1].lower().decode()), start, _line_at(data, start))
            at = lowered.find(word, at + len(word))
    return [seen[start] for start in sorted(seen)]


def _line_start(data: bytes, at: int) -> int | None:
    """Where the line of `at` begins, a lone CR counted as its end; None where that is too far off for a directive."""
    window = max(0, at - _NEAR)
    end = max(data.rfind(b"\n", window, at), data.rfind(b"\r", window, at))
    return end + 1 if end != -1 else 0 if window == 0 else None


def _of_half(data: bytes, half: Half) -> list[Directive]:
    needle = b"migrate:" + half.encode()
    found: list[Directive] = []
    at = data.find(needle)
    while at != -1:
        start = _dashes_before(data, at)
        if start is not None and _UP_TAIL.match(data, at + len(needle)):
            newline = data.find(b"\n", at)
            body = len(data) if newline == -1 else newline + 1
            found.append(Directive(half, start, body, _line_at(data, start), b"\n" in data[start:at]))
        at = data.find(needle, at + len(needle))
    return found


def _dashes_before(data: bytes, at: int) -> int | None:
    """The offset of a `--` at the beginning of a line with nothing but space between it and `at`."""
    end = at
    while end and data[end - 1] in SPACE:
        end -= 1
    start = end - 2
    if start < 0 or data[start:end] != b"--" or (start and data[start - 1] != 0x0A):
        return None
    return start


def _line_at(data: bytes, start: int) -> str:
    line = data[start : start + _LONGEST_LINE].partition(b"\n")[0]
    return line.decode("utf-8", "replace").rstrip("\r")
