"""From an up's text to its down. Raises AppError only where the live schema could not be asked."""

from __future__ import annotations

from dataclasses import replace

from .dialect import EngineUndo, Live
from .model import Down, Piece
from .planner import Planner

_MARK = "migrate:"


def generate(undo: EngineUndo, up: str, live: Live | None, *, transaction: bool) -> Down:
    """The down of `up`, ready for its half of a file."""
    half, statements = undo.read(up)
    down = Planner(undo.dialect(live), half, statements).plan(transaction)
    if any(_is_directive(line) for line in down.text.splitlines()):
        return _without_directives(down)
    return down


def _is_directive(line: str) -> bool:
    """Would dbmate take the line for a directive, be it in a string or a body?"""
    return line.startswith("--") and line[2:].lstrip(" \t").startswith(_MARK)


def _without_directives(down: Down) -> Down:
    text = (
        "-- The down cannot be written into a migration file: a line of it (in a body or a text) begins with\n"
        "-- the words dbmate takes for the next half. Change that line and generate it again.\n"
    )
    steps = tuple(
        replace(
            step,
            is_undone=False,
            down=None,
            source="none",
            note="A line of it begins as dbmate's directives do.",
        )
        if step.down and any(_is_directive(line) for line in step.down.splitlines())
        else step
        for step in down.steps
    )
    return replace(down, text=text, complete=False, steps=steps)


__all__ = ["Piece", "generate"]
