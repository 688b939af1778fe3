"""Finds the line of a failed statement, which dbmate does not tell for SQLite. Parses in memory; runs nothing."""

from __future__ import annotations

import re
import sqlite3
from itertools import islice

from backend.engine import sqltext
from backend.engine.target import Statement

_NEAR = re.compile(r'near "(.*)": syntax error', re.DOTALL)
_TOKEN_ERROR = re.compile(r'unrecognized token: "(.*)"', re.DOTALL)
_NAMED = (
    re.compile(
        r"no such (?:table|view|index|trigger|column|function|collation sequence|module): (?P<name>\S+)"
    ),
    re.compile(
        r"(?:table|view|index|trigger|there is already (?:a table|an index) named)"
        r" \"?(?P<name>[^\"]+?)\"? already exists"
    ),
    re.compile(r"duplicate column name: (?P<name>.+)"),
    re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (?P<name>[^.,\s]+)"),
    re.compile(r"CHECK constraint failed: (?P<name>\S+)"),
    re.compile(r"table (?P<name>\S+) has (?:no column|\d+ columns)"),
)
_VERBS = (
    ("already exists", "CREATE|ALTER"),
    ("constraint failed", r"INSERT|UPDATE|REPLACE|WITH|CREATE\s+UNIQUE|ALTER"),
)
"""Only statements that begin so can be what SQLite complains of."""
_LONGEST_SEARCH = 200
"""Tokens of the same text tried in one statement; a syntax error behind them stays without its column."""


def place_of(said: str, block: str) -> dict[str, object] | None:
    """`{line, column, statement, position}` in the block for SQLite's words, or None where it cannot be known.

    Syntax errors are found by parsing (`position` = `parsed`); other errors by the only statement that speaks of the
    named object (`only_mention`).
    """
    if not block.strip():
        return None
    statements = sqltext.split(block, "sqlite")
    syntax = _NEAR.search(said) or _TOKEN_ERROR.search(said)
    if syntax or "incomplete input" in said:
        return _syntax_place(said, syntax[1] if syntax else "", block, statements)
    name = next((found["name"] for rule in _NAMED if (found := rule.search(said))), None)
    if name is None:
        return _line(statements[0], "only_mention") if len(statements) == 1 else None
    word = name.strip("'\"`[]").rsplit(".", 1)[-1]
    mentions = [statement for statement in statements if _mentions(statement.text, word)]
    verbs = next((verbs for words, verbs in _VERBS if words in said), None)
    if verbs:
        mentions = [one for one in mentions if re.match(rf"\s*({verbs})\b", one.text, re.IGNORECASE)]
    return _line(mentions[0], "only_mention") if len(mentions) == 1 else None


def _syntax_place(said: str, token: str, block: str, statements: list[Statement]) -> dict[str, object] | None:
    for statement in statements:
        complaint = _complaint(statement.text)
        if not complaint or (complaint not in said and said not in complaint):
            continue
        offset = _token_offset(statement.text, token) if token else None
        if offset is None:
            return _line(statement, "parsed")
        at = statement.start + offset
        line_start = block.rfind("\n", 0, at) + 1
        return {
            "line": block.count("\n", 0, at) + 1,
            "column": at - line_start + 1,
            "statement": statement.text[:500],
            "position": "parsed",
        }
    return None


def _token_offset(text: str, token: str) -> int | None:
    """Where the parser stopped: the first place at which the text up to there makes it complain of this token."""
    for found in islice(re.finditer(re.escape(token), text), _LONGEST_SEARCH):
        complaint = _complaint(text[: found.end()])
        if _NEAR.search(complaint) or _TOKEN_ERROR.search(complaint):
            return found.start()
    return None


def _complaint(statement: str) -> str:
    """SQLite's syntax complaint about a statement, or nothing; names need not exist, nothing runs (EXPLAIN)."""
    with_explain = (
        statement if re.match(r"\s*EXPLAIN\b", statement, re.IGNORECASE) else f"EXPLAIN {statement}"
    )
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute(with_explain)
    except sqlite3.Error as error:
        text = str(error)
        return (
            text
            if "syntax error" in text or "incomplete input" in text or "unrecognized token" in text
            else ""
        )
    finally:
        connection.close()
    return ""


def _mentions(text: str, word: str) -> bool:
    plain = sqltext.strip_comments(text, "sqlite")
    return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", plain, re.IGNORECASE) is not None


def _line(statement: Statement, position: str) -> dict[str, object]:
    return {"line": statement.line, "statement": statement.text[:500], "position": position}
