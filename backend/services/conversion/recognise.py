"""Which tool a folder is of. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import InvalidRequest

from .model import Source, SourceFile
from .sources import SOURCES


def found_tools(files: Sequence[SourceFile], *, at_least: int = 1) -> list[tuple[Source, str]]:
    """(tool, what told it), the likeliest first; those that are less sure than `at_least` (of 100) are left out."""
    seen = [(source, *source.evidence(files)) for source in SOURCES]
    return [(source, why) for source, sure, why in sorted(seen, key=lambda one: -one[1]) if sure >= at_least]


def named(name: str) -> Source:
    """Raises InvalidRequest for a tool that is not known."""
    for source in SOURCES:
        if source.name == name:
            return source
    known = ", ".join(one.name for one in SOURCES)
    raise InvalidRequest(f"There is no tool {name[:80]!r}.", hint=f"Known: {known}.")
