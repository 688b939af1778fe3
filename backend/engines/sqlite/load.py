"""Loads a schema.sql into a SQLite file, all of it or nothing."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from backend.core.errors import DatabaseMissing, SqlFailed
from backend.engine import sqltext
from backend.engine.target import Statement, Target

from .connect import database_file, writing
from .errors import from_text

_HAS_COLUMNS_COMMENT = re.compile(r"CREATE (?:VIEW|VIRTUAL TABLE) ")
_COLUMNS_COMMENT = re.compile(r"(?:\n/\* [^\n]*\([^\n]*\) \*/)+\Z")


def load_schema(target: Target, sql: str, source: Path) -> None:
    """Run the file's statements in one transaction. Raises SqlFailed with file, line and column, nothing loaded."""
    if not database_file(target).exists():
        raise DatabaseMissing(f"There is no file {database_file(target)}.")
    with writing(target) as connection:
        # A schema made of CREATE TABLE with references loads in any order while nothing is checked.
        connection.execute("PRAGMA foreign_keys = off")
        connection.execute("BEGIN IMMEDIATE")
        for statement in sqltext.split(sql, "sqlite"):
            try:
                connection.execute(_as_stored(sql, statement))
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise _failure(error, statement, sql, source) from error
        if connection.in_transaction:
            connection.execute("COMMIT")


def _as_stored(sql: str, statement: Statement) -> str:
    return statement_as_stored(sql, statement.start, statement.end)


def statement_as_stored(sql: str, start: int, end: int) -> str:
    """The statement with the user's comments before its semicolon, which SQLite keeps, without the dump's own.

    dbmate's dump writes `/* view(columns) */` there; loaded as it stands it would be kept and written twice next time.
    """
    return without_columns_comment(whole_statement(sql, start, end))


def whole_statement(sql: str, start: int, end: int) -> str:
    """The statement with all comments before its semicolon."""
    while (semicolon := sql.find(";", end)) >= 0 and not sqlite3.complete_statement(sql[start:end]):
        end = semicolon + 1
    return sql[start:end].removesuffix(";")


def without_columns_comment(text: str) -> str:
    """A view's text without the columns that a dump of it names behind."""
    return _COLUMNS_COMMENT.sub("", text) if _HAS_COLUMNS_COMMENT.match(text) else text


def _failure(error: sqlite3.Error, statement: Statement, sql: str, source: Path) -> Exception:
    made = from_text(str(error))
    if not isinstance(made, SqlFailed):
        return made
    column = statement.start - (sql.rfind("\n", 0, statement.start) + 1) + 1
    made.details.update(file=str(source), line=statement.line, column=column, statement=statement.text[:500])
    return made
