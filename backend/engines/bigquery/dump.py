"""schema.sql as dbmate 2.37 writes it for BigQuery, and the way back, statement by statement."""

from __future__ import annotations

import re
from pathlib import Path

from backend.core.errors import AppError, DatabaseMissing, NotSupported, SqlFailed
from backend.engine import sqltext
from backend.engine.target import Statement, Target

from . import errors, truth
from .connect import Api, session
from .errors import ApiError
from .lock import LOCK_TABLE
from .text import information

_HEAD = re.compile(r"\s*CREATE\b[^`(]*`([\w-]+)\.(\w+)[.`]", re.IGNORECASE)


def dump_schema(target: Target) -> str:
    """Tables and views, then routines, each as the server writes it, then the applied versions.

    dbmate leaves the order within a kind to chance; here it is by name. Raises DatabaseMissing, NotSupported.
    """
    with session(target) as api:
        _require_dataset(api)
        try:
            tables = api.query(
                f"SELECT table_name AS name, ddl FROM {information(api.url, 'TABLES')} ORDER BY table_name"
            )
            routines = api.query(
                f"SELECT routine_name AS name, ddl FROM {information(api.url, 'ROUTINES')} ORDER BY routine_name"
            )
        except ApiError as error:
            if error.reason == "invalidQuery" and "ddl" in error.text:
                raise NotSupported(
                    "This BigQuery server (an emulator?) does not give the DDL of its tables, so neither dbmate nor "
                    "DB Toolkit can write schema.sql.",
                    capability="dump_schema",
                ) from None
            raise
    objects = [row["ddl"] for row in (*tables, *routines) if row["name"] != LOCK_TABLE]
    text = "\n--\n-- Database schema\n--\n\n" + "".join(f"{ddl}\n" for ddl in objects)
    text += "\n--\n-- Dbmate schema migrations\n--\n\n"
    versions = [row.version.replace("'", "''") for row in truth.applied(target)]
    if versions:
        text += (
            f"INSERT INTO {target.migrations_table} (version) VALUES\n    ('"
            + "'),\n    ('".join(versions)
            + "');\n"
        )
    return text


def load_schema(target: Target, sql: str, source: Path) -> None:
    """Run every statement in this dataset: a dump names the dataset it came from, and that name is replaced.

    A statement that misses an object is tried again after the others. Raises SqlFailed with the position in
    `source`, DatabaseMissing.
    """
    pending = sqltext.split(sql, "bigquery")
    with session(target) as api:
        _require_dataset(api)
        named = {(match[1], match[2]) for one in pending if (match := _HEAD.match(one.text))}
        while pending:
            waiting: list[tuple[Statement, ApiError]] = []
            for statement in pending:
                try:
                    api.query(_here(statement.text, named, api), reads=False)
                except ApiError as error:
                    if not error.is_missing:
                        raise _placed(error, statement, source) from None
                    waiting.append((statement, error))
            if len(waiting) == len(pending):
                raise _placed(waiting[0][1], waiting[0][0], source) from None
            pending = [statement for statement, _ in waiting]


def _here(sql: str, named: set[tuple[str, str]], api: Api) -> str:
    for project, dataset in named:
        for end in (".", "`"):
            sql = sql.replace(f"`{project}.{dataset}{end}", f"`{api.url.project}.{api.url.dataset}{end}")
    return sql


def _require_dataset(api: Api) -> None:
    try:
        api.call("GET", api.dataset_path)
    except ApiError as error:
        if not error.is_missing:
            raise
        raise DatabaseMissing(f"The dataset {api.url.dataset} does not exist.") from None


def _placed(error: ApiError, statement: Statement, source: Path) -> AppError:
    found = errors.translate(error)
    if isinstance(found, SqlFailed):
        place = re.search(r" at \[(\d+):(\d+)\]", error.text)
        line = statement.line + (int(place[1]) - 1 if place else 0)
        found.details.update(file=str(source), line=line, **({"column": int(place[2])} if place else {}))
    return found
