"""Names and values as each dialect writes them. Pure.

A plain word stays bare so that migrations read as people write them; everything else is quoted. The quoted form
means the same under every server setting that allows quoting at all, but for MySQL's NO_BACKSLASH_ESCAPES, where a
backslash in a value would be doubled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from backend.core.errors import InvalidRequest

from .reserved import RESERVED

_LOWER = re.compile(r"[a-z_][a-z0-9_]*")
_ANY_CASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What JSON leaves as it is and JavaScript before 2019 took for a line's end.
_JS_BREAKS = {"\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, slots=True)
class Quoting:
    """How one dialect writes a name and a value. Made for by `quoting(dialect)`."""

    dialect: str
    _name: Callable[[str], str]
    _text: Callable[[str], str]
    bare: re.Pattern[str] | None = _LOWER
    """Names that need no quotes, if they are no reserved words."""
    longest_name: tuple[int, str] = (255, "characters")
    has_schemas: bool = True
    true: str = "TRUE"
    false: str = "FALSE"
    comment: str = "--"

    def name(self, name: str) -> str:
        """One identifier. In MongoDB, where names are values, a string."""
        if self.bare is not None and self.bare.fullmatch(name) and name.lower() not in RESERVED:
            return name
        return self._name(name)

    def qualified(self, schema: str | None, name: str) -> str:
        return f"{self.name(schema)}.{self.name(name)}" if schema else self.name(name)

    def literal(self, value: object) -> str:
        """A string, number, true, false or null as the dialect's literal. Raises InvalidRequest for anything else."""
        if value is None:
            return "null" if self.dialect == "mongodb" else "NULL"
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, int | float):
            return json.dumps(value)
        if isinstance(value, str):
            return self._text(value)
        if self.dialect == "mongodb":
            return javascript(value)
        raise InvalidRequest("a value is a text, a number, true, false or null")


def _doubling(quote: str) -> Callable[[str], str]:
    return lambda text: quote + text.replace(quote, quote * 2) + quote


def _backslashing(quote: str) -> Callable[[str], str]:
    def write(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        return quote + escaped.replace("\n", "\\n").replace("\r", "\\r") + quote

    return write


def _postgres_text(text: str) -> str:
    # E'…' means the same with standard_conforming_strings on and off.
    return f"E{_mysql_text(text)}" if "\\" in text else _doubling("'")(text)


def _mysql_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def javascript(value: object) -> str:
    """A JSON value as a JavaScript expression, spread over lines where it is an object or a list."""
    text = json.dumps(
        value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) and value else None
    )
    for char, escaped in _JS_BREAKS.items():
        text = text.replace(char, escaped)
    return text


_QUOTINGS = {
    one.dialect: one
    for one in (
        Quoting("postgres", _doubling('"'), _postgres_text, longest_name=(63, "bytes")),
        Quoting("mysql", _doubling("`"), _mysql_text, bare=_ANY_CASE, longest_name=(64, "characters")),
        Quoting("sqlite", _doubling('"'), _doubling("'"), bare=_ANY_CASE, has_schemas=False, true="1", false="0"),
        Quoting("clickhouse", _backslashing("`"), _backslashing("'"), bare=_ANY_CASE, true="true", false="false"),
        Quoting("bigquery", _backslashing("`"), _backslashing("'"), bare=_ANY_CASE),
        Quoting("spanner", _doubling('"'), _postgres_text, longest_name=(63, "bytes")),
        Quoting("mongodb", javascript, javascript, bare=None, has_schemas=False, true="true", false="false", comment="//"),
    )
}  # fmt: skip


def quoting(engine: str) -> Quoting:
    """The quoting of an engine. Raises KeyError for an engine there is none for."""
    return _QUOTINGS[engine]


def comment_text(text: str) -> str:
    """Text that stays inside a comment: one line, and nothing that ends a block comment or opens one."""
    return re.sub(r"\s+", " ", text).replace("*/", "* /").replace("/*", "/ *").strip()
