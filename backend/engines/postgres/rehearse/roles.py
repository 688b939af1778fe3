"""On the app's own server migrations run as a role that is no superuser, made for one scratch and dropped with it.

So COPY … TO PROGRAM, pg_read_file and the like are refused there instead of reaching this machine's files.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from backend.core.redaction import learn_secret
from backend.drivers.pgwire.connect import rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Target
from backend.engines.postgres.schema.names import literal
from backend.engines.postgres.truth import maintenance, quoted

_log = logging.getLogger(__name__)
_NAMES = "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'"
_PREFIX = "dbtoolkit_scratch_"
NOTE = (
    "Migrations run as a role that is no superuser there: what only a superuser may do (files and programs on the server, "
    "extensions that are not trusted) is refused."
)


def role_of(url: PgUrl) -> str:
    """The role of a scratch: of the scratch's own name."""
    return url.database


def is_the_role(url: PgUrl) -> bool:
    """Whether a URL is that of a scratch on the app's own server, with its role."""
    return url.parts.user == role_of(url)


def make(connection: Any, name: str) -> None:
    """The role, as the owner of the database the connection is in."""
    connection.execute(f"CREATE ROLE {quoted(name)} LOGIN CREATEROLE NOSUPERUSER".encode())
    connection.execute(f"ALTER DATABASE {quoted(name)} OWNER TO {quoted(name)}".encode())


def as_the_role(scratch: Target, url: PgUrl) -> PgUrl:
    """The scratch's URL with its role and a password of its own."""
    name, password = role_of(url), secrets.token_urlsafe(24)
    learn_secret(password)
    with maintenance(scratch, url, write=True) as connection:
        connection.execute(f"ALTER ROLE {quoted(name)} PASSWORD {literal(password)}".encode())
    return replace(url, parts=replace(url.parts, user=name, password=password))


@contextmanager
def tidied(server: Target, url: PgUrl) -> Iterator[None]:
    """On the app's own server, roles that were made meanwhile are dropped at the end; on others none are."""
    if not server.private:
        yield
        return
    with maintenance(server, url, write=True) as connection:
        _drop_forsaken(connection)
        before = {name for (name,) in rows(connection, _NAMES)}
    try:
        yield
    finally:
        with maintenance(server, url, write=True) as connection:
            # A role can be a member of, or have granted, another: what is refused now may go after the others.
            for _ in range(3):
                made = [name for (name,) in rows(connection, _NAMES) if name not in before]
                for name in made:
                    if not name.startswith(_PREFIX) or not _in_use(connection, name):
                        _drop(connection, name)


def _drop_forsaken(connection: Any) -> None:
    """Roles of scratches that are gone: their process was killed."""
    for (name,) in rows(connection, f"{_NAMES} AND rolname LIKE 'dbtoolkit\\_scratch\\_%'"):
        if not _in_use(connection, name):
            _drop(connection, name)


def _in_use(connection: Any, name: str) -> bool:
    return bool(rows(connection, "SELECT 1 FROM pg_database WHERE datname = %s", (name,)))


def _drop(connection: Any, name: str) -> None:
    import psycopg

    try:
        connection.execute(f"DROP ROLE IF EXISTS {quoted(name)}".encode())
    except psycopg.Error as error:
        # Another database of this server uses it.
        _log.debug("The role %s stays: %s", name, error)
