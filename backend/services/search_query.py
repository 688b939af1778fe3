"""What is typed into the search: words, "phrases", -exclusions and `key:value` pairs. Pure.

`status:pending table:users author:ann "exact phrase" -word`. A key nobody knows is a word like any other (`a::int`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

KEYS = ("status", "flag", "table", "author", "name", "version", "after", "before")
_ALIASES: Mapping[str, str] = {"is": "flag", "by": "author", "collection": "table"}
_PART = re.compile(r'(?P<minus>-)?(?:(?P<key>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a migration must have, or (`excluded`) must not have. `key` None: in its name, version or text."""

    key: str | None
    value: str
    excluded: bool = False
    is_phrase: bool = False


def read_query(text: str) -> list[Term]:
    """The terms in the order typed. A pair without a value yet (`status:`) is no term; an open quote ends with the text."""
    found: list[Term] = []
    begun = {f"{key}:" for key in (*KEYS, *_ALIASES)}
    for match in _PART.finditer(text):
        minus, key, phrase, word = match["minus"], match["key"], match["phrase"], match["word"]
        if phrase is None and word is None:
            continue
        known = None
        if key is not None:
            known = _ALIASES.get(key.lower(), key.lower())
            if known not in KEYS:
                # No key of ours: the whole of it is what is looked for.
                known, word, phrase = None, f"{key}:{word if word is not None else phrase}", None
        value = word if phrase is None else _SPACE.sub(" ", phrase)
        value = (value or "").strip()
        if not value or value == "-" or (phrase is None and value.lower() in begun):
            continue
        found.append(Term(known, value, bool(minus), phrase is not None))
    return found


def day_of(text: str) -> datetime | None:
    """The beginning of the day (UTC) of `2026-01-17`, `2026-01` or `2026`, `today` or `7d` (so long ago)."""
    text = text.lower()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if text == "today":
        return today
    if text == "yesterday":
        return today - timedelta(days=1)
    if match := re.fullmatch(r"([0-9]{1,4})([dwm])", text):
        return today - timedelta(days=int(match[1]) * {"d": 1, "w": 7, "m": 30}[match[2]])
    if match := re.fullmatch(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?", text):
        try:
            day = date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        except ValueError:
            return None
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return None
