"""A CREATE TABLE's definitions as they are written, told apart by commas outside brackets, quotes and comments."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.sqllex import Kind, Words, lexer

from .snapshot import fold

_CONSTRAINTS = {"constraint", "primary", "unique", "check", "foreign"}


def definitions(sql: str) -> Iterator[tuple[str, str]]:
    """(column's name folded, its definition's text) of each column; table constraints are left out."""
    for text in _parts(sql):
        name = _first_name(text)
        if name is not None:
            yield fold(name), text


def _parts(sql: str) -> Iterator[str]:
    pattern = lexer("sqlite", words=Words.ALL, delimiter=";")
    depth, start, position = 0, -1, 0
    while position < len(sql):
        match = pattern.match(sql, position)
        if match is None:
            return
        if match.lastindex == Kind.RUN:
            for offset, char in enumerate(match.group(), position):
                if char == "(":
                    depth += 1
                    if depth == 1 and start < 0:
                        start = offset + 1
                elif char == ")":
                    depth -= 1
                    if depth == 0:
                        yield sql[start:offset].strip()
                        return
                elif char == "," and depth == 1:
                    yield sql[start:offset].strip()
                    start = offset + 1
        position = match.end()


def _first_name(text: str) -> str | None:
    pattern = lexer("sqlite", words=Words.ALL, delimiter=";")
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            return None
        word = match.group()
        position = match.end()
        if match.lastindex == Kind.COMMENT or (match.lastindex == Kind.RUN and not word.strip()):
            continue
        if match.lastindex == Kind.WORD:
            return None if word.lower() in _CONSTRAINTS else word
        if match.lastindex == Kind.QUOTED:
            closing = {"[": "]"}.get(word[0], word[0])
            return word[1:-1].replace(closing * 2, closing)
        return None
    return None
