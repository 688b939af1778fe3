"""A table's id: `schema.name`, or `name` where an engine has no schemas. Dots and backslashes of names are escaped."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\.])")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEPARATOR = re.compile(r"(?:[^\\.]|\\.)*", re.DOTALL)


def table_id(schema: str | None, name: str) -> str:
    """The id; the same for the same table in every answer."""
    return _escaped(name) if schema is None else f"{_escaped(schema)}.{_escaped(name)}"


def parse_table_id(text: str) -> tuple[str | None, str]:
    """(schema, name); the schema is None where the id has none."""
    first = _SEPARATOR.match(text)
    end = first.end() if first else 0
    if end < len(text) and text[end] == ".":
        return _plain(text[:end]), _plain(text[end + 1 :])
    return None, _plain(text)


def _escaped(name: str) -> str:
    return _SPECIAL.sub(r"\\\1", name)


def _plain(part: str) -> str:
    return _ESCAPED.sub(r"\1", part)
