"""Runs a schema file into the database: all of it or nothing, with the line of what failed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, SqlFailed, SyntaxProblem
from backend.drivers.pgwire.connect import rows, writing
from backend.drivers.pgwire.errors import from_driver
from backend.drivers.pgwire.url import PgUrl
from backend.engine.sqltext import client_commands, split
from backend.engine.target import Statement, Target

if TYPE_CHECKING:
    from psycopg import Connection

# psql's own lines that change nothing in the database; others (\connect, \i) would be missing if they were skipped.
_HARMLESS = {
    "\\restrict",
    "\\unrestrict",
    "\\set",
    "\\unset",
    "\\echo",
    "\\qecho",
    "\\encoding",
    "\\pset",
    "\\timing",
}
_SET = re.compile(r"SET\s+(?:SESSION\s+)?(\w+)\s*(?:=|TO\b)", re.IGNORECASE)
_COPY = re.compile(r"COPY\b[^;]*\bFROM\s+STDIN\b[^;]*;", re.IGNORECASE)


def load_schema(target: Target, url: PgUrl, sql: str, source: Path) -> None:
    """In one transaction. Settings this server does not know are skipped, as a newer pg_dump writes them; psql's
    harmless lines too. Raises SqlFailed with `file`, `line` and, where the server tells, `column`."""
    import psycopg

    for command in client_commands(sql, "postgres"):
        name = command.text.split()[0]
        if name not in _HARMLESS:
            raise SyntaxProblem(
                f"{name} is a command of psql, which only psql can run.",
                hint="Load this file with psql, or take the line out.",
                file=str(source), line=command.line, column=1,
            )  # fmt: skip
    with writing(target, url) as connection:
        known = {name for (name,) in rows(connection, "SELECT name FROM pg_settings")}
        with connection.transaction():
            for statement in split(sql, "postgres"):
                if _sets_something_unknown(statement, known):
                    continue
                try:
                    _run(connection, statement)
                except psycopg.Error as error:
                    raise _located(from_driver(error, url), statement, source) from None


def _sets_something_unknown(statement: Statement, known: set[str]) -> bool:
    match = _SET.match(statement.text)
    # SET TIME ZONE, SET ROLE and the like are no settings with a name of their own.
    return match is not None and match[1].lower() not in known and match[1].lower() not in ("role", "names")


def _run(connection: Connection[Any], statement: Statement) -> None:
    copy = _COPY.match(statement.text)
    if copy is None:
        connection.execute(statement.text.encode())
        return
    data = statement.text[copy.end() :].lstrip("\r").removeprefix("\n").rpartition("\\.")[0]
    with connection.cursor().copy(copy[0].rstrip(";").encode()) as stream:
        stream.write(data)


def _located(error: AppError, statement: Statement, source: Path) -> AppError:
    """The error with its place in the file; the server counts in the statement, from 1."""
    position = error.details.pop("position", None)
    details: dict[str, Any] = {**error.details, "file": str(source), "line": statement.line}
    if position is not None:
        before = statement.text[: position - 1]
        details["line"] = statement.line + before.count("\n")
        details["column"] = len(before) - (before.rfind("\n") + 1) + 1
    if isinstance(error, SqlFailed):
        error.details = details
        return error
    return SqlFailed(error.message, hint=error.hint, **details)
