"""Reads INSERT, UPDATE, DELETE and SELECT into operations, and finds `*` and `= NULL` in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.engine.lint import ops
from backend.engine.lint.ops import Op

from .tokens import Cursor, T, Token

_CONDITION = frozenset(
    {"WHERE", "ON", "HAVING", "WHEN", "AND", "OR", "NOT", "QUALIFY", "PREWHERE", "CHECK", "USING"}
)
_ASSIGNMENT = frozenset({"SET", "VALUES", "UPDATE", "DECLARE", "INTO", "THEN", "RETURNING"})


def read_insert(cursor: Cursor, *, cut: bool = False) -> list[Op]:
    """INSERT or REPLACE. `cut`: the text goes on beyond the tokens, so the rows cannot be counted."""
    tolerant = cursor.next().upper == "REPLACE"
    while not cursor.done and cursor.word in (
        "LOW_PRIORITY",
        "DELAYED",
        "HIGH_PRIORITY",
        "IGNORE",
        "OR",
        "REPLACE",
        "ABORT",
        "FAIL",
        "ROLLBACK",
        "OVERWRITE",
        "UPDATE",
    ):
        tolerant = cursor.next().upper in ("IGNORE", "REPLACE", "UPDATE") or tolerant
    cursor.take("INTO")
    cursor.take("TABLE")
    table = cursor.name()
    if cursor.take("AS"):
        cursor.next()
    columns: tuple[str, ...] | None = None
    if cursor.word == "(" and cursor.peek(1).upper not in ("SELECT", "WITH"):
        columns = tuple(item.text(0, len(item.tokens)) for item in cursor.parens().items())
    rows: int | None = None
    rest = {token.upper for token in cursor.tokens[cursor.at :]}
    tolerant = tolerant or ("CONFLICT" in rest) or ("DUPLICATE" in rest and "KEY" in rest)
    while cursor.word in ("OVERRIDING", "SYSTEM", "USER", "VALUE", "PARTITION", "SETTINGS") and cursor.word:
        cursor.next()
    if cursor.take("VALUES"):
        rows = None if cut else max(1, _groups(cursor))
        star: list[Op] = []
    elif cursor.ahead("DEFAULT", "VALUES") or cursor.word == "SET":
        rows, star = 1, []
        if cursor.word == "SET":
            columns = ()
    else:
        star = read_query(cursor)
        tolerant = tolerant or ("NOT" in rest and "EXISTS" in rest)
    return [ops.Insert(table=table, columns=columns, rows=rows, tolerant=tolerant), *star]


def _groups(cursor: Cursor) -> int:
    depth = count = 0
    for token in cursor.tokens[cursor.at :]:
        if token.upper == "(":
            count += depth == 0
            depth += 1
        elif token.upper == ")":
            depth -= 1
        elif depth == 0 and token.kind is T.WORD:
            break
    return count


def read_update(cursor: Cursor) -> list[Op]:
    cursor.expect("UPDATE")
    while cursor.word in ("LOW_PRIORITY", "IGNORE", "OR", "ABORT", "FAIL", "REPLACE", "ROLLBACK", "ONLY"):
        cursor.next()
    table = cursor.name()
    where, limited = _filter(cursor)
    columns: list[str] = []
    begin = next((i for i, t in enumerate(cursor.tokens) if t.upper == "SET"), None)
    if begin is not None:
        cursor.at = begin + 1
        _, end = cursor.until("WHERE", "FROM", "ORDER", "LIMIT", "RETURNING")
        for item in Cursor(cursor.sql, cursor.tokens[begin + 1 : end], cursor.dialect).items():
            if item.tokens and item.peek().kind in (T.WORD, T.NAME):
                columns.append(item.name().name)
    update = ops.Update(table=table, has_where=where, columns=tuple(columns), limited=limited)
    return [update, *null_comparisons(cursor.tokens)]


def read_delete(cursor: Cursor) -> list[Op]:
    cursor.expect("DELETE")
    while cursor.word in ("LOW_PRIORITY", "QUICK", "IGNORE"):
        cursor.next()
    cursor.take("FROM")
    cursor.take("ONLY")
    table = cursor.name()
    where, limited = _filter(cursor)
    return [ops.Delete(table=table, has_where=where, limited=limited), *null_comparisons(cursor.tokens)]


def _filter(cursor: Cursor) -> tuple[bool, bool]:
    """(is there a WHERE that chooses, does a LIMIT bound it)."""
    depth, where = 0, None
    for index in range(cursor.at, len(cursor.tokens)):
        sign = cursor.tokens[index].upper
        depth += (sign == "(") - (sign == ")")
        if sign == "WHERE" and depth == 0:
            where = index
    limited = any(token.upper == "LIMIT" for token in cursor.tokens[cursor.at :])
    if where is None:
        # A join or a CTE in USING/FROM narrows it too, but by what is not known: it still has no WHERE.
        return False, limited
    condition = [token for token in cursor.tokens[where + 1 :] if token.upper not in (";", "(", ")")]
    return not _always_true(condition), limited


def _always_true(condition: list[Token]) -> bool:
    """`WHERE true`, `WHERE 1`, `WHERE 1 = 1`, `WHERE 'a' = 'a'`."""
    words = [token.text.upper() if token.kind is T.WORD else token.text for token in condition]
    if words in (["TRUE"], ["1"]):
        return True
    constant = all(token.kind in (T.NUMBER, T.STRING) for token in condition[::2])
    return len(words) == 3 and words[1] == "=" and words[0] == words[2] and constant


def read_query(cursor: Cursor) -> list[Op]:
    """What stands from here on, as a query: its `*`, its comparisons with NULL."""
    tokens = cursor.tokens[cursor.at :]
    star = next(_stars(tokens), None)
    query = ops.Query(star=star is not None, star_span=(star.start, star.end) if star else None)
    return [query, *null_comparisons(tokens)]


def _stars(tokens: Sequence[Token]) -> Iterator[Token]:
    """`SELECT *` and `t.*`, not count(*), not a product, not EXISTS (SELECT * …)."""
    for index, token in enumerate(tokens):
        if token.upper != "*" or index == 0:
            continue
        before = tokens[index - 1].upper
        in_exists = index >= 3 and tokens[index - 2].upper == "(" and tokens[index - 3].upper == "EXISTS"
        if before in ("SELECT", "DISTINCT", "ALL", ".", ",") and not in_exists:
            yield token


def null_comparisons(tokens: Sequence[Token]) -> Iterator[Op]:
    """`= NULL` where a condition stands; `SET a = NULL` is an assignment."""
    stack = [False]
    for index, token in enumerate(tokens):
        sign = token.upper
        if sign == "(":
            stack.append(stack[-1])
        elif sign == ")":
            if len(stack) > 1:
                stack.pop()
        elif sign in _CONDITION:
            stack[-1] = True
        elif sign in _ASSIGNMENT:
            stack[-1] = False
        elif sign == "NULL" and stack[-1] and index and tokens[index - 1].upper in ("=", "<>", "!="):
            operator = tokens[index - 1]
            operand = tokens[index - 2].text if index > 1 else ""
            yield ops.NullComparison(
                negated=operator.upper != "=", operand=operand, span=(operator.start, token.end)
            )
