"""Scratch databases on a PostgreSQL server: made, loaded, run on, filled, read, dropped, and swept after a crash."""

from __future__ import annotations

import os
import re
import secrets
import socket
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil

from backend.core.errors import ReadOnly, SqlFailed
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.errors import from_driver
from backend.drivers.pgwire.url import PgUrl
from backend.engine.schema.model import Snapshot, Step
from backend.engine.schema.port import Applied, Loaded
from backend.engine.sqltext import split
from backend.engine.target import Statement, Target
from backend.engines.postgres.truth import maintenance, quoted

if TYPE_CHECKING:
    from psycopg import Connection

_PREFIX = "dbtoolkit_scratch_"
_SETTINGS = (
    "SET client_min_messages = error; SET check_function_bodies = false; SET synchronous_commit = off;"
    " SET row_security = off"
)
# What another server, user or installation may lack; anything else is the schema's own fault.
_EXCUSED = {
    "42704": "there is no such role, type or object here",
    "0A000": "this server cannot do it",
    "58P01": "the extension is not installed here",
    "42501": "the user may not do it",
    "42710": "it is there already",
    "42P06": "it is there already",
}
_SKIPPED = re.compile(
    r"(?:SET\s+(?!search_path)|SELECT\s+pg_catalog\.set_config\((?!'search_path')|RESET\s|INSERT\s|COPY\s|ALTER\s[\s\S]*\sOWNER\sTO\s|COMMENT\sON\sEXTENSION|BEGIN\b|COMMIT\b|"
    r"CREATE\s+(?:ROLE|USER|DATABASE)\b|ALTER\s+(?:ROLE|DATABASE)\b|SELECT\s+pg_catalog\.setval)",
    re.IGNORECASE,
)


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


@contextmanager
def scratch(server: Target, url: PgUrl, purpose: str) -> Iterator[tuple[Target, PgUrl]]:
    """An empty database; dropped at the end whatever happened."""
    if server.read_only:
        raise ReadOnly("The connection is read-only: nothing is created on its server.")
    name = f"{_PREFIX}{_host()}_{os.getpid()}_{secrets.token_hex(4)}_{purpose}"[:63]
    with maintenance(server, url, write=True) as connection:
        connection.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE template0".encode())
    inside = url.with_database(name).without("search_path")
    try:
        yield replace(server, url=inside.text(), read_only=False), inside
    finally:
        _drop(server, url, name)


def _drop(server: Target, url: PgUrl, name: str) -> None:
    with maintenance(server, url, write=True) as connection:
        force = " WITH (FORCE)" if connection.info.server_version >= 130000 else ""
        connection.execute(f"DROP DATABASE IF EXISTS {quoted(name)}{force}".encode())


def sweep(server: Target, url: PgUrl) -> list[str]:
    """Drop what ended processes of this machine left."""
    if server.read_only:
        return []
    with maintenance(server, url) as connection:
        names = [
            name
            for (name,) in rows(
                connection,
                "SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit\\_scratch\\_%%'",
                {},
            )
        ]
    swept = []
    for name in names:
        parts = name.removeprefix(_PREFIX).split("_")
        if (
            len(parts) >= 2
            and parts[0] == _host()
            and parts[1].isdigit()
            and not psutil.pid_exists(int(parts[1]))
        ):
            _drop(server, url, name)
            swept.append(name)
    return swept


def load(target: Target, url: PgUrl, text: str, source: str) -> Loaded:
    """psql's lines, settings, rows and owners are left out; in one go where all of it runs, else statement by statement,
    and what this server lacks is named."""
    import psycopg

    statements = [one for one in split(text, "postgres") if not _SKIPPED.match(one.text)]
    with session(target, url) as connection:
        connection.execute(_SETTINGS.encode())
        connection.execute(b"SELECT set_config('search_path', 'public', false)")
        try:
            with connection.transaction():
                connection.execute("\n".join(f"{one.text.rstrip().rstrip(';')};" for one in statements).encode())
            return Loaded(len(statements))
        except psycopg.Error:
            # Undone as a whole; one by one it is seen what is to blame.
            connection.execute(b"SELECT set_config('search_path', 'public', false)")
        return _one_by_one(connection, url, statements, source)


def _one_by_one(
    connection: Connection[Any], url: PgUrl, statements: Sequence[Statement], source: str
) -> Loaded:
    import psycopg

    skipped: list[str] = []
    for statement in statements:
        try:
            connection.execute(statement.text.encode())
        except psycopg.Error as error:
            excuse = _EXCUSED.get(error.sqlstate or "")
            if excuse:
                skipped.append(f"line {statement.line}: {_words(error)} ({excuse})")
                continue
            told = from_driver(error, url)
            raise SqlFailed(
                f"{source or 'The schema'}, line {statement.line}: {told.message}",
                hint=told.hint,
                file=source,
                line=statement.line,
                statement=statement.text[:500],
            ) from None
    return Loaded(len(statements) - len(skipped), tuple(skipped))


def restore(target: Target, url: PgUrl, snapshot: Snapshot) -> Loaded:
    """The snapshot's own texts in their order, in one go where they all run, one by one where one does not."""
    import psycopg

    skipped: list[str] = []
    with session(target, url) as connection:
        connection.execute(_SETTINGS.encode())
        connection.execute(b"SELECT set_config('search_path', '', false)")
        texts = [(one.id, one.sql.rstrip()) for one in snapshot.objects if not _is_there(one.kind, one.name)]
        try:
            with connection.transaction():
                connection.execute("\n".join(text for _, text in texts).encode())
            return Loaded(len(texts))
        except psycopg.Error:
            pass
        waiting = texts
        while waiting:
            failed = []
            for one, text in waiting:
                try:
                    with connection.transaction():
                        connection.execute(text.encode())
                except psycopg.Error as error:
                    failed.append((one, text, _words(error)))
            if len(failed) == len(waiting):
                skipped += [f"{one}: {words}" for one, _, words in failed]
                break
            waiting = [(one, text) for one, text, _ in failed]
    return Loaded(len(texts) - len(skipped), tuple(skipped))


def _is_there(kind: str, name: str) -> bool:
    return (
        (kind == "schema" and name == "public")
        or (kind == "extension" and name == "plpgsql")
        or (kind == "comment" and name == "EXTENSION plpgsql")
    )


def run(target: Target, url: PgUrl, steps: Sequence[Step], *, retry: bool) -> Applied:
    """As dbmate would: one transaction a file where the file has one. With `retry` each statement by itself, those that
    fail again after the others, until nothing changes."""
    import psycopg

    order: list[int] = []
    with session(target, url) as connection:
        connection.execute(b"SET client_min_messages = error")
        if retry:
            return _retried(connection, steps, order)
        numbers = sorted({step.file for step in steps})
        for number in numbers:
            here = [(place, step) for place, step in enumerate(steps) if step.file == number]
            in_one = all(step.transaction for _, step in here)
            try:
                if in_one:
                    connection.execute(b"BEGIN")
                for place, step in here:
                    connection.execute(step.sql.encode())
                    order.append(place)
                if in_one:
                    connection.execute(b"COMMIT")
            except psycopg.Error as error:
                if in_one:
                    connection.execute(b"ROLLBACK")
                place = here[len([one for one in order if any(one == other for other, _ in here)])][0]
                return Applied(False, len(order), _words(error), place, tuple(order))
    return Applied(True, len(steps), order=tuple(order))


def _retried(connection: Connection[Any], steps: Sequence[Step], order: list[int]) -> Applied:
    import psycopg

    waiting = list(range(len(steps)))
    error_text, failed_at = None, None
    while waiting:
        failed: list[int] = []
        for place in waiting:
            step = steps[place]
            if step.sql.startswith("SET LOCAL "):
                connection.execute(step.sql.replace("SET LOCAL ", "SET ", 1).encode())
                order.append(place)
                continue
            try:
                connection.execute(step.sql.encode())
                order.append(place)
            except psycopg.Error as error:
                if not failed:
                    error_text, failed_at = _words(error), place
                failed.append(place)
        if len(failed) == len(waiting):
            return Applied(False, len(order), error_text, failed_at, tuple(order))
        waiting = failed
    return Applied(True, len(steps), order=tuple(order))


def _words(error: Any) -> str:
    diagnosis = getattr(error, "diag", None)
    return str(getattr(diagnosis, "message_primary", None) or error).strip()


__all__ = ["load", "restore", "run", "scratch", "sweep"]
