"""Text cut at marker lines, each part byte for byte as it stands. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """`marker` is the match of its first line (None before the first marker), `text` what follows; `line` from 1."""

    marker: re.Match[str] | None
    text: str
    line: int


def sections(text: str, marker: re.Pattern[str]) -> list[Section]:
    """`marker` is matched against each whole line without its end."""
    found: list[Section] = []
    at, start, kept = None, 1, []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        hit = marker.fullmatch(line.rstrip("\r\n"))
        if hit is None:
            kept.append(line)
            continue
        if at is not None or "".join(kept).strip():
            found.append(Section(at, "".join(kept), start))
        at, start, kept = hit, number, []
    if at is not None or "".join(kept).strip():
        found.append(Section(at, "".join(kept), start))
    return found


def without_lines(text: str, pattern: re.Pattern[str]) -> str:
    """The text without the lines `pattern` matches whole."""
    return "".join(
        line for line in text.splitlines(keepends=True) if pattern.fullmatch(line.rstrip("\r\n")) is None
    )


def trimmed(text: str) -> str:
    """Without blank lines at both ends; the statements stay as they are."""
    return re.sub(r"\A(?:[ \t]*\r?\n)+", "", text).rstrip()
