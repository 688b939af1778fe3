"""What a PostgreSQL server says of itself and of one database; making and dropping it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    AppError,
    Conflict,
    ConnectionFailed,
    DatabaseMissing,
    PermissionDenied,
    ReadOnly,
)
from backend.drivers.pgwire.connect import reading, rows, session, writing
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import OtherTable, Target
from backend.models.connection import ServerInfo

if TYPE_CHECKING:
    from psycopg import Connection

_MAINTENANCE = ("postgres", "template1", "defaultdb")
_ABOUT = """
SELECT version(), current_setting('server_version'), pg_is_in_recovery(),
       (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') = 'on'
"""
_OTHER_PRODUCTS = (
    "Redshift",
    "CockroachDB",
    "YugabyteDB",
    "EnterpriseDB",
    "Greenplum",
    "Materialize",
    "TimescaleDB",
)


def probe(target: Target, url: PgUrl) -> ServerInfo:
    """Reach the server; a missing database is no error. Creates nothing."""
    started = time.perf_counter()
    exists = True
    try:
        with session(target, url) as connection:
            latency_ms = (time.perf_counter() - started) * 1000
            about = _about(connection)
    except DatabaseMissing:
        exists = False
        with maintenance(target, url) as connection:
            latency_ms = (time.perf_counter() - started) * 1000
            about = _about(connection)
    version, number, is_replica, is_read_only = about
    return ServerInfo(
        product=next((name for name in _OTHER_PRODUCTS if name.lower() in version.lower()), "PostgreSQL"),
        version=str(number).split()[0],
        database_exists=exists,
        latency_ms=latency_ms,
        read_only=bool(is_replica or is_read_only),
        notes=_notes(url, bool(is_replica)),
    )


def _about(connection: Connection[Any]) -> tuple[str, str, bool, bool]:
    version, number, is_replica, is_read_only = rows(connection, _ABOUT)[0]
    return str(version), str(number), bool(is_replica), bool(is_read_only)


def _notes(url: PgUrl, is_replica: bool) -> list[str]:
    notes = list(url.notes)
    if is_replica:
        notes.append("The server is a replica: it can be read, not changed.")
    if url.parts.scheme == "redshift":
        notes.append("Redshift: pg_dump cannot read it, and it has no advisory locks to keep two runs apart.")
    odd = sorted(set(url.settings()) - {"search_path"})
    if odd:
        notes.append(
            f"The URL sets {', '.join(odd)} on the server. Plain `dbmate dump` fails on such a URL, because pg_dump "
            "refuses what it does not know; DB Toolkit hands it over as PGOPTIONS."
        )
    return notes


@contextmanager
def maintenance(target: Target, url: PgUrl, *, write: bool = False) -> Iterator[Connection[Any]]:
    """A session beside the database in question: in `postgres`, as dbmate does, or in another that is always there."""
    names = [url.database] if url.parts.scheme == "redshift" else [*_MAINTENANCE]
    opened = writing if write else reading
    # Settings such as search_path belong to the database that is meant, not to this one.
    bare = url.without(*url.settings())
    with ExitStack() as stack:
        for name in names:
            try:
                connection = stack.enter_context(opened(target, bare, database=name))
            except (DatabaseMissing, PermissionDenied):
                continue
            yield connection
            return
    raise ConnectionFailed(
        "The server has no database to connect to from which another could be created or dropped.",
        hint=f"dbmate, too, uses the database `postgres` for that. Tried: {', '.join(names)}.",
    )


def create(target: Target, url: PgUrl) -> None:
    """CREATE DATABASE, as dbmate does. Raises Conflict where it exists."""
    with maintenance(target, url, write=True) as connection:
        try:
            connection.execute(f"CREATE DATABASE {quoted(url.database)}".encode())
        except _errors() as error:
            if error.sqlstate == "42P04":
                raise Conflict(f"There is a database {url.database!r} already.") from None
            raise


def drop(target: Target, url: PgUrl) -> None:
    """DROP DATABASE IF EXISTS. Raises Conflict naming who is still connected to it."""
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    with maintenance(target, url, write=True) as connection:
        try:
            connection.execute(f"DROP DATABASE IF EXISTS {quoted(url.database)}".encode())
        except _errors() as error:
            if error.sqlstate == "55006":
                raise _in_use(connection, url.database) from None
            raise


def _in_use(connection: Connection[Any], database: str) -> AppError:
    found = rows(
        connection,
        "SELECT DISTINCT coalesce(nullif(application_name, ''), usename, 'unknown') FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid() LIMIT 5",
        (database,),
    )
    names = ", ".join(str(name) for (name,) in found)
    return Conflict(
        f"The database {database!r} is in use{f' by {names}' if names else ''}.",
        hint="Close these programs' connections, then drop it again.",
        sessions=[str(name) for (name,) in found],
    )


def table_rows(target: Target, url: PgUrl, table: str) -> OtherTable | None:
    """The table's rows as text, found by search_path unless it names its schema; None where it is missing."""
    name = ".".join(quoted(part) for part in table.split("."))
    try:
        with reading(target, url) as connection:
            if rows(connection, "SELECT to_regclass(%s)", (name,))[0][0] is None:
                return None
            found = connection.execute(f"SELECT * FROM {name}".encode())
            columns = tuple(one.name.lower() for one in found.description or ())
            return OtherTable(
                columns,
                tuple(
                    {
                        key: None if value is None else str(value)
                        for key, value in zip(columns, row, strict=True)
                    }
                    for row in found.fetchall()
                ),
            )
    except DatabaseMissing:
        return None


def _errors() -> Any:
    import psycopg

    return psycopg.Error


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
