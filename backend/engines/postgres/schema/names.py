"""Names and texts as SQL."""

from __future__ import annotations


def literal(text: str) -> str:
    """A string constant, whatever standard_conforming_strings says."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted
