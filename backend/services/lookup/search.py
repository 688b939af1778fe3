"""A text in all migration files, by the folder index. Plain text over 10,000 files answers in some milliseconds."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.core.errors import AppError, InvalidRequest, TimedOut
from backend.engine.tool import ParsedFile
from backend.models.lookup import SearchMatch, SearchResult
from backend.services.folder_index import FileRecord, FolderIndex

from .pattern import Pattern

_KEPT_CHARACTERS = 32_000_000
_INDEXED_CHARACTERS = 200_000
_LONGEST_QUERY = 1_000
_CONTEXT = 120
_TIME_LIMIT_S = 10.0

Half = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    regex: bool = False
    case: bool = False
    whole_word: bool = False
    half: str | None = None

    @property
    def is_plain(self) -> bool:
        """The folder's index alone can count it."""
        return not (self.regex or self.case or self.whole_word or self.half)


@dataclass(frozen=True, slots=True)
class _Text:
    """A file as it is searched; `halves` are (first line, line after the last, half)."""

    content: str
    lower: str
    halves: tuple[tuple[int, int, Half], ...]

    def half(self, line: int) -> Half | None:
        return next((half for first, end, half in self.halves if first <= line < end), None)


class Searcher:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], _Text] = OrderedDict()
        self._characters = 0

    def search(self, index: FolderIndex, query: Query, limit: int) -> SearchResult:
        """The newest file first, its places from above. Raises InvalidRequest, TimedOut."""
        if not query.text:
            return SearchResult()
        if len(query.text) > _LONGEST_QUERY:
            raise InvalidRequest(f"A search is at most {_LONGEST_QUERY:,} characters long.")
        pattern = Pattern(query.text, case=query.case, whole_word=query.whole_word) if query.regex else None
        lower = query.text.lower()
        until = time.monotonic() + _TIME_LIMIT_S
        scan = index.scan()
        result = SearchResult()
        for record in reversed(scan.files):
            indexed = scan.texts.get(record.filename, "")
            is_whole = record.size_bytes <= _INDEXED_CHARACTERS
            if pattern is None and is_whole and lower not in indexed:
                continue
            if query.is_plain and is_whole and len(result.matches) >= limit:
                found = indexed.count(lower, len(record.filename) + 1)
                result.total += found
                result.files += found > 0
                continue
            if time.monotonic() > until:
                raise TimedOut(
                    f"The search was stopped after {_TIME_LIMIT_S:.0f} seconds.",
                    hint="Search for more letters, or for plain text instead of a regular expression.",
                )
            text = self._text(index, record)
            if text is not None:
                _add(result, record, text, _places(text, query, pattern), query, limit)
        result.truncated = result.total > len(result.matches)
        return result

    def _text(self, index: FolderIndex, record: FileRecord) -> _Text | None:
        key = (id(index), record.sha256)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        try:
            parsed = index.read(record)
        except AppError:
            return None  # It went, or cannot be read; the list of migrations says so.
        text = _Text(parsed.content, parsed.content.lower(), tuple(_halves(parsed)))
        size = 2 * len(text.content)
        if size <= _KEPT_CHARACTERS // 4:
            with self._lock:
                self._kept[key] = text
                self._characters += size
                while self._characters > _KEPT_CHARACTERS:
                    self._characters -= 2 * len(self._kept.popitem(last=False)[1].content)
        return text


def _halves(parsed: ParsedFile) -> Iterator[tuple[int, int, Half]]:
    if parsed.up is not None:
        yield parsed.up.line, parsed.up.line + parsed.up.text.count("\n") + 1, "up"
    if parsed.down is not None:
        yield parsed.down.line, parsed.down.line + parsed.down.text.count("\n") + 1, "down"


def _places(text: _Text, query: Query, pattern: Pattern | None) -> Iterator[tuple[int, int]]:
    """From and up to, in the content, from above."""
    if pattern is not None:
        yield from _by_pattern(text.content, pattern)
        return
    # Some letters change their number when they are made small: then only the text as it is can be compared.
    is_same = len(text.lower) == len(text.content)
    body, wanted = (
        (text.lower, query.text.lower()) if not query.case and is_same else (text.content, query.text)
    )
    at = body.find(wanted)
    while at != -1:
        end = at + len(wanted)
        if not query.whole_word or _is_word(body, at, end):
            yield at, end
        at = body.find(wanted, end)


def _by_pattern(content: str, pattern: Pattern) -> Iterator[tuple[int, int]]:
    if not pattern.is_in(content):
        return
    at = 0
    for line in content.split("\n"):
        place = pattern.place(line.rstrip("\r"))
        if place is not None:
            yield at + place[0], at + place[1]
        at += len(line) + 1


def _is_word(body: str, start: int, end: int) -> bool:
    def inside(at: int) -> bool:
        return 0 <= at < len(body) and (body[at].isalnum() or body[at] == "_")

    return not (inside(start) and inside(start - 1)) and not (inside(end - 1) and inside(end))


def _add(
    result: SearchResult,
    record: FileRecord,
    text: _Text,
    places: Iterator[tuple[int, int]],
    query: Query,
    limit: int,
) -> None:
    content = text.content
    breaks: list[int] | None = None
    before = result.total
    for start, end in places:
        if breaks is None:
            breaks = _breaks(content)
        line = bisect_right(breaks, start - 1)
        half = text.half(line)
        if query.half is not None and half != query.half:
            continue
        result.total += 1
        if len(result.matches) >= limit:
            continue
        begin = breaks[line - 1] + 1
        stop = content.find("\n", start)
        rest = content[end : stop if stop >= end else (len(content) if stop == -1 else end)].rstrip("\r")
        ahead = content[begin:start]
        result.matches.append(
            SearchMatch(
                version=record.version,
                name=record.name,
                filename=record.filename,
                line=line,
                column=start - begin + 1,
                text=content[start : min(end, start + 2 * _CONTEXT)],
                before=ahead if len(ahead) <= _CONTEXT else "…" + ahead[-_CONTEXT:],
                after=rest if len(rest) <= _CONTEXT else rest[:_CONTEXT] + "…",
                half=half,
            )
        )
    result.files += result.total > before


def _breaks(content: str) -> list[int]:
    """The offset before each line's first character; the first is -1."""
    found, at = [-1], -1
    while (at := content.find("\n", at + 1)) != -1:
        found.append(at)
    return found
