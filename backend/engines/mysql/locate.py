"""Finds the line of a failed MySQL statement in its block. Pure.

The server counts lines from the start of the failing *statement*, so its number alone says little; but a syntax error
quotes the text from the token it stumbled over.
"""

from __future__ import annotations

import re

from backend.engine import sqltext
from backend.engine.target import Statement

_NEAR = re.compile(r"near '(?P<text>.*)' at line (?P<line>\d+)\s*$", re.DOTALL)
_OBJECT = (
    re.compile(r"(?:Table|View|table) '(?P<name>[^']+)' already exists"),
    re.compile(r"Table '(?P<name>[^']+)' doesn't exist"),
    re.compile(r"Unknown (?:table|column|database|view|trigger|SEQUENCE) '(?P<name>[^']+)'"),
    re.compile(r"Duplicate (?:column|key|foreign key constraint) name '(?P<name>[^']+)'"),
    re.compile(r"(?:PROCEDURE|FUNCTION|EVENT) (?P<name>\S+) (?:already exists|does not exist)"),
    re.compile(r"CONSTRAINT `(?P<constraint>[^`]+)` failed for `[^`]+`\.`(?P<name>[^`]+)`"),
    re.compile(r"foreign key constraint fails \(`[^`]+`\.`(?P<name>[^`]+)`"),
    re.compile(r"Can't DROP (?:\w+ )?[`'](?P<name>[^`']+)[`']"),
)
_VERBS = {
    1050: "CREATE|RENAME|ALTER",
    1051: "DROP",
    1060: "ALTER|CREATE",
    1061: "ALTER|CREATE",
    1091: "ALTER|DROP",
    1304: "CREATE",
    4025: "INSERT|UPDATE|REPLACE|LOAD|ALTER|WITH",
    1452: "INSERT|UPDATE|REPLACE|LOAD|ALTER|WITH",
    1451: "DELETE|UPDATE|REPLACE|TRUNCATE|DROP",
    1062: r"INSERT|UPDATE|REPLACE|LOAD|ALTER|CREATE\s+UNIQUE|WITH",
}
"""How a statement that can fail with this number begins."""


def place_of(number: int, said: str, block: str) -> dict[str, object] | None:
    """`{line, [column], statement, position}` in the block, or None where it cannot be known.

    `position` says how: `quoted` (the server's own words, found once), `only_statement`, `only_mention`.
    """
    if not block.strip():
        return None
    near = _NEAR.search(said)
    if near:
        return _near_place(near["text"], int(near["line"]), block)
    statements = sqltext.split(block, "mysql")
    verbs = _VERBS.get(number)
    if verbs:
        statements = [one for one in statements if re.match(rf"(?:{verbs})\b", one.text, re.IGNORECASE)]
    if len(statements) == 1:
        return _line(statements[0], "only_statement")
    name = next((found["name"] for rule in _OBJECT if (found := rule.search(said))), None)
    if name is None:
        return None
    word = name.rsplit(".", 1)[-1].strip("`'")
    mentions = [one for one in statements if _mentions(one.text, word)]
    return _line(mentions[0], "only_mention") if len(mentions) == 1 else None


def _near_place(text: str, line_in_statement: int, block: str) -> dict[str, object] | None:
    statements = sqltext.split(block, "mysql")
    if not text:
        # The statement ended too early, which only the last one can.
        return _line(statements[-1], "quoted") if statements else None
    # The server quotes 80 bytes (MariaDB's end in dots); where it is less, the text runs to the end of the block.
    is_cut = text.endswith("...") or len(text.encode()) >= 80
    text = text.removesuffix("...")
    ending = None if is_cut else re.search(rf"{re.escape(text)}[\s;]*\Z", block)
    places = (
        [ending.start()]
        if ending
        else [found.start() for found in re.finditer(rf"(?={re.escape(text)})", block)]
    )
    if len(places) > 1:
        places = [
            place for place in places if _line_in_statement(place, block, statements) == line_in_statement
        ]
    if not places:
        return _line(statements[0], "only_statement") if len(statements) == 1 else None
    # Of equal statements the first one is the one that failed.
    at = places[0]
    owner = next((one for one in statements if one.start <= at < max(one.end, one.start + 1)), None)
    place: dict[str, object] = {
        "line": block.count("\n", 0, at) + 1,
        "column": at - (block.rfind("\n", 0, at) + 1) + 1,
        "position": "quoted",
    }
    if owner is not None:
        place["statement"] = owner.text[:500]
    return place


def _line_in_statement(place: int, block: str, statements: list[Statement]) -> int:
    """The line as the server counts it: from the end of the statement before, for the first one from the block."""
    start = 0
    for before, statement in zip([None, *statements], statements, strict=False):
        if statement.start > place:
            break
        start = 0 if before is None else statement.start
    return block.count("\n", start, place) + 1


def _mentions(text: str, word: str) -> bool:
    plain = sqltext.strip_comments(text, "mysql")
    return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", plain, re.IGNORECASE) is not None


def _line(statement: Statement, position: str) -> dict[str, object]:
    return {"line": statement.line, "statement": statement.text[:500], "position": position}
