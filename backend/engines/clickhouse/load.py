"""Runs a schema file statement by statement, which dbmate's own `load` cannot: the server takes one at a time."""

from __future__ import annotations

import re
from pathlib import Path

from backend.core.errors import AppError, DatabaseMissing, SqlFailed
from backend.engine import sqltext
from backend.engine.target import Statement, Target

from . import errors, url
from .connect import exists, session
from .errors import UNKNOWN_TABLE, ServerSaid

# The hidden table of a materialized view comes back with the view itself, under another id.
_HIDDEN = re.compile(r"\s*CREATE\s+TABLE\s+\S*\.[`\"]?\.inner", re.IGNORECASE)
_VERSIONS = re.compile(
    r"\s*INSERT\s+INTO\s+(?P<table>\S+)\s*\(version\)\s*VALUES\s*(?P<rows>\(.*\))\s*", re.S | re.I
)
_VERSION = re.compile(r"\(\s*('(?:[^'\\]|\\.)*')\s*\)")


def load_schema(target: Target, sql: str, source: Path) -> None:
    """Run every statement. dbmate sorts tables by name, so a view may stand before what it reads: such a statement
    is tried again after the others. Raises SqlFailed with the position in `source`, DatabaseMissing."""
    parsed = url.parse(target.url)
    pending = [one for one in sqltext.split(sql, "clickhouse") if not _HIDDEN.match(one.text)]
    with session(target) as server:
        if not exists(server, parsed.database):
            raise DatabaseMissing(f"The database {parsed.database} does not exist.")
        while pending:
            waiting: list[tuple[Statement, ServerSaid]] = []
            for statement in pending:
                try:
                    server.query(_runnable(statement.text), database=parsed.database)
                except ServerSaid as error:
                    if error.code != UNKNOWN_TABLE:
                        raise _placed(error, statement, source) from None
                    waiting.append((statement, error))
            if len(waiting) == len(pending):
                raise _placed(waiting[0][1], waiting[0][0], source) from None
            pending = [statement for statement, _ in waiting]


def _runnable(sql: str) -> str:
    """The native protocol wants rows apart from the statement; the versions are sent as a query instead."""
    match = _VERSIONS.fullmatch(sql)
    if match is None:
        return sql
    values = ", ".join(_VERSION.findall(match["rows"]))
    return f"INSERT INTO {match['table']} (version) SELECT arrayJoin([{values}])"


def _placed(error: ServerSaid, statement: Statement, source: Path) -> AppError:
    """The error with the line of the file: the server counts from the statement's first."""
    found = errors.translate(error)
    line, column = statement.line, None
    if place := re.search(r"\(line (\d+), col (\d+)\)", error.text):
        line, column = statement.line + int(place[1]) - 1, int(place[2])
    if not isinstance(found, SqlFailed):
        return found
    found.details.update(file=str(source), line=line, **({"column": column} if column else {}))
    return found
