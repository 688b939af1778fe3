"""Which tables a text of SQL touches, by its keywords. One compiled pattern a dialect, for thousands of files; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .sqllex import quoted, skip_dollar, skip_nested_comment


@cache
def _names(dialect: str) -> re.Pattern[str]:
    """Reads over what is quoted or commented and finds the statements that touch a table, up to its name."""
    skip = quoted(dialect)
    gap = r"(?:\s+|--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)"
    name = r"(?:[\w$]+|\"[^\"]*\"|`[^`]*`|\[[^\]]*\])"
    full = rf"{name}(?:{gap}*\.{gap}*{name}){{0,3}}"
    maybe = rf"(?:IF{gap}+(?:NOT{gap}+)?EXISTS{gap}+|ONLY{gap}+)*"
    kinds = r"(?:GLOBAL|LOCAL|TEMPORARY|TEMP|UNLOGGED|EXTERNAL|FOREIGN|VIRTUAL|TRANSIENT|OR|REPLACE|SNAPSHOT)"
    priority = rf"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|QUICK|IGNORE){gap}+)*"
    orders = rf"(?:OR{gap}+\w+{gap}+)?"
    many = rf"(?P<many>{full}(?:{gap}*,{gap}*(?:ONLY{gap}+)?{full})*)"
    touches = "|".join(
        (
            rf"(?:DROP{gap}+(?:(?:TEMPORARY|FOREIGN){gap}+)?TABLE|TRUNCATE(?:{gap}+TABLE)?){gap}+{maybe}{many}",
            rf"RENAME{gap}+TABLES?{gap}+(?P<renames>{full}{gap}+TO{gap}+{full}"
            rf"(?:{gap}*,{gap}*{full}{gap}+TO{gap}+{full})*)",
            rf"ALTER{gap}+(?:(?:IGNORE|ONLINE|FOREIGN){gap}+)?TABLE{gap}+{maybe}(?P<altered>{full})"
            rf"(?:{gap}+RENAME{gap}+(?:TO|AS){gap}+(?P<renamed>{full}))?",
            rf"CREATE{gap}+(?:{kinds}{gap}+)*TABLE{gap}+{maybe}(?P<created>{full})",
            rf"CREATE{gap}+(?:(?:UNIQUE|FULLTEXT|SPATIAL|SEARCH|VECTOR|NULL_FILTERED|OR|REPLACE){gap}+)*"
            rf"INDEX{gap}+(?:CONCURRENTLY{gap}+)?{maybe}(?:(?!ON\b){full}{gap}+)?(?:USING{gap}+\w+{gap}+)?"
            rf"ON{gap}+(?:ONLY{gap}+)?(?P<indexed>{full})",
            rf"(?:INSERT|REPLACE){gap}+{priority}{orders}INTO{gap}+(?:TABLE{gap}+)?(?P<inserted>{full})",
            rf"DELETE{gap}+{priority}FROM{gap}+(?:ONLY{gap}+)?(?P<deleted>{full})",
            rf"UPDATE{gap}+{priority}{orders}(?:ONLY{gap}+)?(?P<updated>{full})"
            rf"(?={gap}*(?:(?:AS{gap}+)?(?!SET\b){name}{gap}+)?SET\b|{gap}*,|{gap}+(?:\w+{gap}+)?(?:INNER|LEFT|JOIN))",
        )
    )
    return re.compile(rf"{skip}|(?<![\w$@.])(?:{touches})", re.IGNORECASE)


_PARTS = re.compile(r"\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|[\w$]+|[.,]", re.DOTALL)
_NOT_NAMES = frozenset(
    {"SELECT", "SET", "VALUES", "WHERE", "FROM", "TABLE", "CASCADE", "RESTRICT", "ON", "OF"}
)


def tables_touched(sql: str, dialect: str) -> list[str]:
    """See `sqltext.tables_touched`; `dialect` is one that `sqllex` knows."""
    found: dict[str, None] = {}
    pattern = _names(dialect)
    position, size = 0, len(sql)
    while position < size and (match := pattern.search(sql, position)) is not None:
        position = match.end()
        group = match.lastgroup
        if group == "dollar":
            end = skip_dollar(sql, match)
            if sql[max(0, match.start() - 40) : match.start()].rstrip()[-2:].upper() == "DO":
                tag = match.end() - match.start()
                found.update(dict.fromkeys(tables_touched(sql[match.end() : end - tag], dialect)))
            position = end
        elif group == "nested":
            position = skip_nested_comment(sql, match.end())
        elif group not in (None, "skip"):
            for name, text in match.groupdict().items():
                if text and name not in ("skip", "dollar", "nested"):
                    found.update(dict.fromkeys(_listed(text, name == "renames")))
    return list(found)


def _listed(text: str, has_to: bool) -> Iterator[str]:
    """The names in `a, "b".c` or, for renames, `a TO b, c TO d`."""
    parts: list[str] = []
    joined = False
    for part in _PARTS.findall(text):
        if part.startswith(("--", "/*")):
            continue
        if part == "." or part == ",":
            joined = part == "."
            continue
        if not joined and part.upper() in ("ONLY", "TO") and (has_to or part.upper() == "ONLY"):
            continue
        if not joined:
            if parts:
                yield ".".join(parts)
            parts = []
            if part.upper() in _NOT_NAMES:
                return
        parts.append(part[1:-1] if part[0] in '"`[' else part)
        joined = False
    if parts:
        yield ".".join(parts)
