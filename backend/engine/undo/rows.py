"""INSERT of literal rows as DELETE by key, and INSERT … SELECT of plain columns. By tokens. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend.engine.lint.ops import Name
from backend.engine.sqlrules.tokens import Cursor, ReadError, T, tokenize

from .model import Undone, cannot, undone

_MOST = 500
"""A down with more rows than this is nobody's to read."""
_CONSTANTS = frozenset({"TRUE", "FALSE"})


def delete_rows(
    text: str,
    dialect: str,
    table: str,
    quote: Callable[[str], str],
    keys: Sequence[Sequence[str]],
    all_columns: Sequence[str],
) -> Undone:
    """DELETE for an INSERT … VALUES; `keys` in the order of preference, `all_columns` for one without a column list."""
    if len(text) > 200_000:
        return cannot("It adds too many rows to name each")
    try:
        columns, rows = literal_rows(text, dialect)
    except ReadError:
        return cannot("Its rows are not all written out")
    columns = columns or list(all_columns)
    folded = [one.casefold() for one in columns]
    if len(rows) > _MOST:
        return cannot("It adds too many rows to name each")
    for key in keys:
        places = [folded.index(one.casefold()) for one in key if one.casefold() in folded]
        if not key or len(places) < len(key):
            continue
        picked = [[row[place] if place < len(row) else None for place in places] for row in rows]
        if all(value is not None for values in picked for value in values):
            known = [[value or "" for value in values] for values in picked]
            return undone(
                f"DELETE FROM {table} WHERE {condition([quote(one) for one in key], known)}", source="schema"
            )
    return cannot("No key of the table is written out in its rows")


def condition(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """`id IN (1, 2)`; for a key of several columns each row by itself."""
    if len(columns) == 1:
        values = [row[0] for row in rows]
        return f"{columns[0]} = {values[0]}" if len(values) == 1 else f"{columns[0]} IN ({', '.join(values)})"
    each = [" AND ".join(f"{c} = {v}" for c, v in zip(columns, row, strict=True)) for row in rows]
    return each[0] if len(each) == 1 else "\n  OR ".join(f"({one})" for one in each)


def literal_rows(text: str, dialect: str) -> tuple[list[str], list[list[str | None]]]:
    """The column list and the values; None for a value that is no constant (or is NULL). Raises ReadError."""
    cursor = Cursor(text, tokenize(text, dialect), dialect)
    cursor.until("INTO")
    cursor.expect("INTO")
    cursor.take("TABLE")
    cursor.name()
    columns: list[str] = []
    if cursor.word == "(":
        columns = [item.part() for item in cursor.parens().items()]
    while cursor.word not in ("VALUES", "VALUE", ""):
        cursor.next()
    cursor.next()
    rows: list[list[str | None]] = []
    while cursor.word == "(":
        rows.append([_constant(item) for item in cursor.parens().items()])
        if not cursor.take(","):
            break
    if not rows:
        raise ReadError("No rows are written out", None)
    return columns, rows


def _constant(item: Cursor) -> str | None:
    tokens = item.tokens
    if len(tokens) == 2 and tokens[0].upper == "-" and tokens[1].kind is T.NUMBER:
        return item.text(0, 2)
    # A number with a fraction is three tokens to the reader.
    if tokens and all(one.kind is T.NUMBER or one.upper in (".", "-") for one in tokens):
        return item.text(0, len(tokens))
    if len(tokens) != 1:
        return None
    one = tokens[0]
    return one.text if one.kind in (T.STRING, T.NUMBER) or one.upper in _CONSTANTS else None


def plain_copy(text: str, dialect: str) -> tuple[Name, tuple[str, ...], tuple[str, ...]] | None:
    """(from, columns here, columns there) of `INSERT INTO a (x, y) SELECT x, y FROM b`; None for anything more."""
    try:
        cursor = Cursor(text, tokenize(text, dialect), dialect)
        cursor.until("INTO")
        cursor.expect("INTO")
        cursor.name()
        if cursor.word != "(":
            return None
        here = tuple(item.part() for item in cursor.parens().items())
        cursor.expect("SELECT")
        begin, end = cursor.until("FROM")
        listed = Cursor(text, cursor.tokens[begin:end], dialect).items()
        if any(len(item.tokens) != 1 for item in listed):
            return None
        there = tuple(item.part() for item in listed)
        cursor.expect("FROM")
        source = cursor.name()
        cursor.take(";")
    except ReadError:
        return None
    return (source, here, there) if cursor.done and len(here) == len(there) else None
