"""Short-lived sessions over psycopg, reaching the same server, database and schema that dbmate would reach."""

from __future__ import annotations

import getpass
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import ReadOnly
from backend.engine.target import Target

from .errors import translated
from .url import DEFAULT_SSL_MODE, PgUrl, default_host

if TYPE_CHECKING:
    from psycopg import Connection

_READER_LOCK_WAIT_MS = 10_000
"""Reading meets locks too (a definition during an ALTER); it must not wait for ever."""


@contextmanager
def reading(
    target: Target, url: PgUrl, *, database: str | None = None, plain: bool = False
) -> Iterator[Connection[Any]]:
    """A session that can only read, each statement on its own. `plain` sends no SET, for servers that only speak the
    protocol. Raises the errors of `errors.from_driver`."""
    with session(target, url, database=database, plain=plain) as connection:
        if not plain:
            connection.execute(
                f"SET default_transaction_read_only = on; SET lock_timeout = {_READER_LOCK_WAIT_MS}".encode()
            )
        yield connection


@contextmanager
def writing(target: Target, url: PgUrl, *, database: str | None = None) -> Iterator[Connection[Any]]:
    """A session that may write, with the target's lock timeout. Raises ReadOnly where the connection is read-only."""
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    with session(target, url, database=database) as connection:
        if target.lock_timeout_s is not None:
            connection.execute(f"SET lock_timeout = {milliseconds(target.lock_timeout_s)}".encode())
        yield connection


@contextmanager
def session(
    target: Target,
    url: PgUrl,
    *,
    database: str | None = None,
    application_name: str | None = None,
    options: str | None = None,
    plain: bool = False,
) -> Iterator[Connection[Any]]:
    """A session with the URL's settings and autocommit on; closed at the end. `options` replaces the user's own."""
    with translated(url):
        connection = _open(target, url, database, application_name, options)
        try:
            if not plain:
                _apply_settings(connection, url)
            yield connection
        finally:
            connection.close()


def rows(
    connection: Connection[Any], sql: str, arguments: Sequence[object] | Mapping[str, object] = ()
) -> list[Any]:
    return connection.execute(sql.encode(), arguments or None).fetchall()


def answers(connection: Connection[Any], *queries: str) -> list[list[Any]]:
    """The rows of each query, asked for in one round trip; the first that is refused raises."""
    found = []
    # Without arguments the plain protocol is spoken, which takes several statements and which poolers understand.
    with connection.execute(";".join(queries).encode()) as cursor:
        for _ in queries:
            found.append(cursor.fetchall())
            cursor.nextset()
    return found


def milliseconds(seconds: float) -> int:
    """At least one: zero would mean for ever."""
    return max(1, math.ceil(seconds * 1000))


def user_options(target: Target, url: PgUrl) -> str:
    """The command-line options the user set: those in the URL win over PGOPTIONS, as with lib/pq."""
    return url.parts.param("options") or target.env.get("PGOPTIONS", "")


def _open(
    target: Target, url: PgUrl, database: str | None, application_name: str | None, options: str | None
) -> Connection[Any]:
    import psycopg

    return psycopg.connect(
        autocommit=True,
        # Poolers hand each transaction another session, where a prepared statement is not known.
        prepare_threshold=None,
        **parameters(target, url, database=database),
        application_name=application_name or target.application_name,
        options=user_options(target, url) if options is None else options,
    )


def parameters(target: Target, url: PgUrl, *, database: str | None = None) -> dict[str, Any]:
    """libpq's connection parameters, complete, so that no PG variable of this process has a say."""
    found: dict[str, Any] = dict(url.client_params())
    found["host"] = url.socket or url.parts.host or default_host()
    found["port"] = url.parts.port or ("5439" if url.parts.scheme == "redshift" else "5432")
    found["dbname"] = database or url.database
    found["user"] = url.parts.user or target.env.get("PGUSER") or _system_user()
    password = url.parts.password if url.parts.password is not None else target.env.get("PGPASSWORD")
    if password:
        found["password"] = password
    found.setdefault("sslmode", target.env.get("PGSSLMODE") or DEFAULT_SSL_MODE)
    found.setdefault("connect_timeout", str(max(2, math.ceil(target.connect_timeout_s))))
    found.setdefault("client_encoding", "UTF8")
    for name, variable in (
        ("sslrootcert", "PGSSLROOTCERT"),
        ("sslcert", "PGSSLCERT"),
        ("sslkey", "PGSSLKEY"),
    ):
        if target.env.get(variable):
            found.setdefault(name, target.env[variable])
    return found


def _apply_settings(connection: Connection[Any], url: PgUrl) -> None:
    """The URL's server settings, after connecting: poolers refuse most of them at the start of a session."""
    settings = url.settings()
    if settings:
        calls = ", ".join(["set_config(%s, %s, false)"] * len(settings))
        connection.execute(f"SELECT {calls}".encode(), [part for pair in settings.items() for part in pair])


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "postgres"
