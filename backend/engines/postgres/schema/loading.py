"""Schema texts and snapshots made in a scratch database: in one go where all of it runs, else one by one, and what is
lacking is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from backend.core.context import stop_if_cancelled
from backend.core.errors import SqlFailed
from backend.drivers.pgwire.connect import session
from backend.drivers.pgwire.errors import from_driver
from backend.drivers.pgwire.url import PgUrl
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import Loaded
from backend.engine.sqltext import client_commands, split
from backend.engine.target import Statement, Target

from .standins import make_role, prepare, words

if TYPE_CHECKING:
    from psycopg import Connection

# What another server, user or installation may lack; anything else is the schema's own fault.
_EXCUSED = {
    "42704": "there is no such role, type or object here",
    "0A000": "this server cannot do it",
    "58P01": "the extension is not installed here",
    "42501": "the user may not do it",
    "42710": "it is there already",
    "42P06": "it is there already",
    "42P07": "it is there already",
    "22023": "this server does not know it",
}
# Once something has been left out, these may only mean that what it would have made is missing.
_FOLLOWS = {"42P01", "42883", "42703", "3F000", "42P17", "42809", "42846", "42P10", "42830", "25P02"}
# These may only have come too early in the file.
_TOO_EARLY = {"42P01", "42883", "42704", "42703", "3F000", "42830", "2BP01"}
_SKIPPED = re.compile(
    r"(?:SET\s+(?!search_path|SCHEMA\b|SESSION\s+search_path|LOCAL\s+search_path)|"
    r"SELECT\s+(?:pg_catalog\.)?set_config\s*\(\s*'(?!search_path)|RESET\s(?!search_path)|"
    r"(?:INSERT|UPDATE|DELETE|COPY|TRUNCATE|LOCK|ANALYZE|VACUUM|REINDEX|CHECKPOINT)\b|"
    r"ALTER\s[^']*\sOWNER\s+TO\s|COMMENT\s+ON\s+(?:EXTENSION|DATABASE)\b|"
    r"(?:BEGIN|COMMIT|ROLLBACK|END|START\s+TRANSACTION|SAVEPOINT|RELEASE)\b|"
    r"(?:CREATE|DROP|ALTER)\s+(?:ROLE|USER(?!\s+MAPPING)|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION)\b|"
    r"SELECT\s+(?:pg_catalog\.)?setval\b|(?:GRANT|REVOKE)\s[^;]*\bON\s+(?:DATABASE|TABLESPACE)\b|"
    r"(?:CREATE|COMMENT\s+ON)\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?plpgsql\b|"
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:TRUSTED\s+)?(?:PROCEDURAL\s+)?LANGUAGE\s+\"?plpgsql\b|"
    r"CREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?public\"?\s*;?$)",
    re.IGNORECASE,
)
# psql lines that bring something in from elsewhere: what they would have made is missing.
_BRINGS_IN = {"\\i", "\\ir", "\\include", "\\include_relative", "\\connect", "\\c"}


def load(target: Target, url: PgUrl, text: str, source: str) -> Loaded:
    """Settings, rows, owners, roles and psql's lines are left out as no part of a schema. See SchemaTools.load."""
    import psycopg

    statements = [one for one in split(text, "postgres") if not _SKIPPED.match(one.text)]
    brought = tuple(
        f"line {command.line}: {command.text.split()[0]} is psql's own and is left out"
        for command in client_commands(text, "postgres")
        if command.text.split()[0] in _BRINGS_IN
    )
    with session(target, url) as connection:
        notes = prepare(connection, target, (one.text for one in statements))
        connection.execute(b"SELECT set_config('search_path', 'public', false)")
        try:
            with connection.transaction():
                connection.execute(_joined(one.text for one in statements).encode())
            return Loaded(len(statements), brought, notes)
        except psycopg.Error:
            # Undone as a whole; one by one it is seen what is to blame.
            connection.execute(b"SELECT set_config('search_path', 'public', false)")
        skipped = _one_by_one(connection, target, url, statements, source, missing=bool(brought))
    return Loaded(len(statements) - len(skipped), (*brought, *skipped), notes)


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(f"{one.rstrip().rstrip(';')}\n;" for one in texts)


def _one_by_one(
    connection: Connection[Any],
    target: Target,
    url: PgUrl,
    statements: Sequence[Statement],
    source: str,
    *,
    missing: bool,
) -> list[str]:
    """What was skipped, with the reasons. What came too early in the file is tried again after the rest."""
    skipped: list[str] = []
    failed: list[tuple[Statement, Any]] = []
    for statement in statements:
        error = _tried(connection, target, statement.text)
        if error is None:
            continue
        code = error.sqlstate or ""
        if code in _TOO_EARLY:
            failed.append((statement, error))
        elif code in _EXCUSED or ((missing or skipped or failed) and code in _FOLLOWS):
            skipped.append(_left_out(statement, error))
        else:
            raise _told(statement, error, url, source) from None
    while failed:
        again = [(one, error) for one, _ in failed if (error := _tried(connection, target, one.text))]
        if len(again) == len(failed):
            break
        failed = again
    for statement, error in failed:
        if not (missing or skipped or any((other.sqlstate or "") in _EXCUSED for _, other in failed)):
            raise _told(statement, error, url, source) from None
        skipped.append(_left_out(statement, error))
    return skipped


def _tried(connection: Connection[Any], target: Target, text: str) -> Any | None:
    """The server's refusal, if it is one; roles that a private server lacks are made on the way."""
    import psycopg

    while True:
        stop_if_cancelled()
        try:
            # Several statements in one text are one transaction of their own.
            connection.execute(text.encode())
        except psycopg.Error as error:
            if not make_role(connection, target, error):
                return error
        else:
            return None


def _left_out(statement: Statement, error: Any) -> str:
    reason = _EXCUSED.get(error.sqlstate or "", "what it needs was left out")
    return f"line {statement.line}: {words(error)} ({reason}), so `{_head(statement.text)}` is left out"


def _head(text: str) -> str:
    return " ".join(text.split())[:80]


def _told(statement: Statement, error: Any, url: PgUrl, source: str) -> SqlFailed:
    told = from_driver(error, url)
    return SqlFailed(
        f"{source or 'The schema'}, line {statement.line}: {told.message}",
        hint=told.hint,
        file=source,
        line=statement.line,
        statement=statement.text[:500],
    )


def restore(target: Target, url: PgUrl, snapshot: Snapshot) -> Loaded:
    """The snapshot's own texts in their order, in one go where they all run, one by one where one does not."""
    import psycopg

    texts = [(one.id, one.sql.rstrip()) for one in snapshot.objects if not _is_there(one.kind, one.name)]
    with session(target, url) as connection:
        notes = prepare(connection, target, (text for _, text in texts))
        connection.execute(b"SELECT set_config('search_path', '', false)")
        try:
            with connection.transaction():
                connection.execute("\n".join(text for _, text in texts).encode())
            return Loaded(len(texts), notes=notes)
        except psycopg.Error:
            pass
        waiting = texts
        failed: list[tuple[str, str, str]] = []
        while waiting:
            failed = [
                (one, text, words(error))
                for one, text in waiting
                if (error := _tried(connection, target, text)) is not None
            ]
            if len(failed) == len(waiting):
                break
            waiting = [(one, text) for one, text, _ in failed]
    skipped = tuple(f"{one}: {why}" for one, _, why in failed)
    return Loaded(len(texts) - len(skipped), skipped, notes)


def _is_there(kind: str, name: str) -> bool:
    return (
        (kind == "schema" and name == "public")
        or (kind == "extension" and name == "plpgsql")
        or (kind == "comment" and name == "EXTENSION plpgsql")
    )
