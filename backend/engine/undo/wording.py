"""Statements and reasons as comments: one line each, and nothing that a tool would take for its own. Pure."""

from __future__ import annotations

import textwrap

from .model import Undone

_SHOWN = 72
_WIDTH = 110


def shortened(text: str) -> str:
    """A statement on one line, cut where it is long."""
    # Also the line ends only JavaScript knows: split() takes them for white space.
    words = " ".join(text.split()).rstrip("; ")
    words = "".join(one for one in words if one.isprintable())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1].rstrip() + "…"


def sentence(text: str) -> str:
    text = "".join(one for one in " ".join(text.split()) if one.isprintable())
    return text if text.endswith((".", "!", "?")) else text + "."


def comment(mark: str, text: str) -> str:
    return "\n".join(
        f"{mark} {line}"
        for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    )


def impossible(mark: str, statement: str, undone: Undone) -> str:
    # Before an up has an opponent: "from the text" is all there is to go by.
    return comment(
        mark, f"Cannot be undone from the text: {shortened(statement)}. {sentence(undone.problem or '')}"
    )
