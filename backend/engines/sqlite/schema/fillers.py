"""What rows that are there get in a new column that takes no NULL and has no default. Found by trying, and told."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from backend.engines.sqlite.connect import quoted

from .memory import Column, Table

_STRING = re.compile(r"'(?:[^']|'')*'")
_NUMERIC = ("REAL", "FLOA", "DOUB", "NUM", "DEC", "BOOL")


def needs_filler(column: Column, table: Table) -> bool:
    if column.is_generated or column.default is not None or not column.not_null:
        return False
    # The rowid fills itself.
    alone = sum(bool(one.key) for one in table.columns) == 1
    return not (column.key and column.type.upper() == "INTEGER" and alone)


def filler(column: Column, table: Table, definition: str = "", rowid: str | None = None) -> str | None:
    """An expression over the old row, or None where none is needed.

    A column that must be unique gets the row's number (`rowid` names it in the old table), one with a CHECK the first
    value its `definition` takes: an empty one, a date, a string it names itself.
    """
    if not needs_filler(column, table):
        return None
    kind = column.type.upper()
    is_number = "INT" in kind or any(word in kind for word in _NUMERIC)
    if column.is_unique:
        number = quoted(rowid) if rowid is not None else "random()"
        return (
            number if is_number or not kind else f"CAST({number} AS {'BLOB' if 'BLOB' in kind else 'TEXT'})"
        )
    plain = "0" if is_number else "x''" if "BLOB" in kind or not kind else "''"
    if "CHECK" not in definition.upper():
        return plain
    named = _STRING.findall(definition)
    return next(
        (one for one in (plain, "1", "'{}'", "'2000-01-01'", *named) if _takes(definition, column, one)),
        plain,
    )


def _takes(definition: str, column: Column, value: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute(f"CREATE TABLE tried ({definition})")
            connection.execute(f"INSERT INTO tried ({quoted(column.name)}) VALUES ({value})")
        except sqlite3.Error:
            return False
    return True
