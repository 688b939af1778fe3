"""`${NAME}` in a file of theirs, filled in where a value is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.services.conversion.model import Note


def filled(
    text: str,
    values: Mapping[str, str],
    file: str,
    *,
    prefix: str = "${",
    suffix: str = "}",
    first_line: int = 1,
) -> tuple[str, list[Note], list[Note]]:
    """(text, notes, problems): a note for each that was filled in, a problem for each without a value."""
    notes: list[Note] = []
    problems: list[Note] = []
    known = {name.lower(): value for name, value in values.items()}
    pattern = re.compile(re.escape(prefix) + r"([^\r\n]+?)" + re.escape(suffix))

    def put(match: re.Match[str]) -> str:
        name, line = match[1], text.count("\n", 0, match.start()) + first_line
        if name.lower() not in known:
            problems.append(
                Note(file, f"The placeholder {match[0]} has no value. Give one, or leave the file out.", line)
            )
            return match[0]
        notes.append(Note(file, f"The placeholder {match[0]} was filled in with its value.", line))
        return known[name.lower()]

    return pattern.sub(put, text), notes, problems
