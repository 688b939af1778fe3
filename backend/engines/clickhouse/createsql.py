"""Reads the parts out of a CREATE statement as the server writes it. Pure text.

The server has no table of constraints, and of projections only in new versions; but its own text of a table is
regular: one pair of parentheses, its items parted by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|[(),]|[^'`\"(),]+", re.DOTALL)
_PART = re.compile(
    r"\s*(CONSTRAINT|PROJECTION|INDEX)\s+(`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|\w+)\s*(.*)", re.DOTALL
)


def parts(create_sql: str) -> Iterator[tuple[str, str, str]]:
    """(kind, name, definition) of each constraint, projection and index, kind in lower case."""
    for item in _items(create_sql):
        if match := _PART.fullmatch(item):
            name = match[2]
            if name[0] in '`"':
                name = re.sub(r"\\(.)", r"\1", name[1:-1])
            yield match[1].lower(), name, match[3].strip()


def _items(create_sql: str) -> Iterator[str]:
    """What stands between the commas of the first parentheses."""
    depth, item = 0, ""
    for match in _TOKEN.finditer(create_sql):
        token = match.group()
        if token == "(":
            depth += 1
            if depth == 1:
                continue
        elif token == ")":
            depth -= 1
            if depth == 0:
                yield item
                return
        elif token == "," and depth == 1:
            yield item
            item = ""
            continue
        if depth:
            item += token
