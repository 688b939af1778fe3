"""INSERTs of plain rows, thousands in a file, read by their shape: one match each instead of a token a value. Pure.

What begins exactly like one that was read in full, and goes on with rows of plain values alone, does the same to the
same columns; only its rows are counted. Anything else (a query, ON CONFLICT, a function) is left to the reader.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from backend.engine.lint import ops
from backend.engine.lint.source import Stmt

_HEAD = re.compile(r"(?:[^'()]*+\([^'()]*+\))?[^'()]*?\bVALUES\s*+(?=\()", re.IGNORECASE)
_BACKSLASH = r"'[^'\\]*+(?:(?:\\[\s\S]|'')[^'\\]*+)*+'"
_PLAIN = r"'[^']*+(?:''[^']*+)*+'"
# After any of these it is no plain row any more, or the rows are not all.
_NOT_CALLED = "SELECT|WITH|VALUES|CASE|NOT|EXISTS|CAST|CONVERT|INTERVAL|ROW|ARRAY|CONFLICT|DUPLICATE|KEY|ON|AS|IN|IS|LIKE|BETWEEN|AND|OR"
_ESCAPES = frozenset({"mysql", "clickhouse", "bigquery"})
_MOST_HEADS = 500


@cache
def _rows(dialect: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The whole of the rows, and one row."""
    text = _BACKSLASH if dialect in _ESCAPES else _PLAIN
    # `now()`, `upper('a')`, `'a' || 'b'`, `'1'::int`: what reads nothing and makes no row more. No comments, no keywords.
    plain = rf"(?:{text}|[-+]?[\d.][\w.]*+(?:[-+]\d++)?|NULL|TRUE|FALSE|DEFAULT)"
    given = rf"\s*+{plain}\s*+"
    call = rf"(?!(?:{_NOT_CALLED})\b)[A-Za-z_]\w*+(?:\((?:{given}(?:,{given})*+)?\s*+\))?"
    one = rf"(?:{plain}|{call})"
    value = rf"\s*+{one}\s*+(?:(?:\|\||::|[+*%]|-(?!-)|/(?!\*))\s*+{one}\s*+)*+"
    row = rf"\({value}(?:,{value})*+\)"
    whole = re.compile(rf"{row}(?:\s*+,\s*+{row})*+\s*+;?\s*+\Z", re.IGNORECASE)
    return whole, re.compile(row, re.IGNORECASE)


class SimpleInserts:
    """The heads of one half's INSERTs, with what they insert into."""

    def __init__(self, dialect: str) -> None:
        self._whole, self._row = _rows(dialect)
        self._known: dict[str, ops.Insert] = {}

    def read(self, text: str, start: int) -> Stmt | None:
        """The statement, or None where it has to be read in full."""
        head = _HEAD.match(text) if self._known else None
        known = self._known.get(head[0]) if head is not None else None
        if head is None or known is None or not self._whole.match(text, head.end()):
            return None
        rows = 1 if text.count("(", head.end()) == 1 else sum(1 for _ in self._row.finditer(text, head.end()))
        return Stmt(text, start, start + len(text), (replace(known, rows=rows),))

    def learn(self, statement: Stmt) -> Stmt:
        """Keep what one that was read in full begins with, where its rows are plain; the statement again."""
        found = statement.ops[0] if len(statement.ops) == 1 else None
        if not isinstance(found, ops.Insert) or len(self._known) >= _MOST_HEADS:
            return statement
        head = _HEAD.match(statement.text)
        if head is not None and self._whole.match(statement.text, head.end()):
            self._known[head[0]] = found
        return statement


__all__ = ["SimpleInserts"]
