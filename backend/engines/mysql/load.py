"""Loads a schema.sql into a MySQL database, DELIMITER lines and all, as the mysql client would."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import AppError, ReadOnly, SqlFailed
from backend.engine import sqltext
from backend.engine.target import Target

from .connect import run, writing
from .errors import from_driver
from .locate import place_of


def load_schema(target: Target, sql: str, source: Path) -> None:
    """Run the file's statements one by one. Raises SqlFailed with file, line and column.

    MySQL commits every one of them: where one fails, those before it stay, and the error's hint says so.
    """
    import pymysql

    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    with writing(target) as connection:
        for statement in sqltext.split(sql, "mysql"):
            try:
                run(connection, statement.text)
            except pymysql.err.MySQLError as error:
                made = from_driver(error)
                if isinstance(made, SqlFailed):
                    _place(made, statement.text, statement.line, statement.start, sql, source)
                raise made from None


def _place(error: AppError, text: str, line: int, start: int, sql: str, source: Path) -> None:
    column = start - (sql.rfind("\n", 0, start) + 1) + 1
    number = int(error.details.get("errno") or 0)
    inner = place_of(number, str(error.message).rstrip("."), text) if number == 1064 else None
    if inner and isinstance(inner["line"], int) and isinstance(inner.get("column"), int):
        found = int(str(inner["column"]))
        column = found if inner["line"] > 1 else column + found - 1
        line += inner["line"] - 1
    error.details.update(file=str(source), line=line, column=column, statement=text[:500])
    stays = "What came before this statement in the file has been loaded and stays."
    error.hint = f"{error.hint} {stays}" if error.hint else stays
