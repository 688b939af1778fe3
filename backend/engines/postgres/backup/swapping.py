"""Restores beside and swaps: the old database stays whole until the new one takes its name, in one transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Conflict
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.errors import from_driver
from backend.engines.postgres.schema.scratch import drop, scratch_name
from backend.engines.postgres.truth import maintenance, quoted

from . import described, making

if TYPE_CHECKING:
    from psycopg import Connection

    from .restoring import Work

_log = logging.getLogger(__name__)
_LOCK_WAIT_MS = 15_000
_END_EVERY_S = 0.05
_IN_USE = "55006"
_MAY = """
SELECT (r.rolsuper OR r.rolcreatedb) AND (r.rolsuper OR pg_has_role(d.datdba, 'USAGE')),
       (SELECT count(*) FROM pg_replication_slots s WHERE s.database = d.datname),
       (SELECT count(*) FROM pg_subscription s WHERE s.subdbid = d.oid),
       (SELECT count(*) FROM pg_prepared_xacts x WHERE x.database = d.datname)
FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user
"""
# Who works there, but for our own sessions; what cannot be ended makes the swap fail, and then nothing has changed.
_OTHERS = """
SELECT coalesce(nullif(application_name, ''), usename, 'unknown'), count(*) FROM pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND application_name NOT LIKE 'db-toolkit%%' GROUP BY 1 ORDER BY 1
"""
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def why_not(work: Work) -> str | None:
    """Why no database can be put in this one's place, as a clause; None where one can. Raises Conflict where others
    depend on this very database."""
    import psycopg

    with session(work.target, work.url, application_name=work.tag) as connection:
        try:
            may, slots, subscriptions, prepared = rows(connection, _MAY, {})[0]
        except psycopg.Error:
            return "this server does not tell who may make databases"
    if prepared:
        raise Conflict(
            "A transaction is prepared in this database and not finished.",
            hint="COMMIT PREPARED or ROLLBACK PREPARED it (see pg_prepared_xacts), then restore.",
        )
    if slots or subscriptions:
        return "others replicate from or into this very database"
    if not may:
        return "this user may not make databases, or does not own this one"
    with maintenance(work.target, work.url, write=True) as connection:
        if connection.info.dbname == work.url.database:
            return "it is the database from which others are made"
    return None


def restore(work: Work) -> list[str]:
    from .restoring import beside, fill

    kept, _ = described.kept(work.folder)
    name = work.url.database
    with maintenance(work.target, work.url) as connection:
        old = described.database(connection, name)
    with beside(work, kept or old) as (connection, new, notes):
        notes += fill(work, new)
        work.say("the new database takes the old one's place")
        # Who may enter stays as it is now; what the database says of itself is the backup's.
        notes += making.give(connection, new, old, kept or old)
        gone = kept_name()
        others = rows(connection, _OTHERS, (name,))
        _swap(work, connection, name, new, gone)
    if others:
        who = ", ".join(f"{application} ({count})" for application, count in others)
        notes.append(f"Sessions that were using the database were ended: {who}.")
    try:
        drop(work.target, work.url, gone)
    except AppError as error:
        _log.warning("The replaced database stays as %s: %s", gone, error.message)
        notes.append(f"The replaced database is still there as {gone}; drop it when you need it no longer.")
    return notes


def kept_name() -> str:
    """Of the database that is replaced, until it is dropped: none that is swept, for after a kill in this very moment it
    holds what was there."""
    return scratch_name("").replace("dbtoolkit_scratch_", "dbtoolkit_replaced_").rstrip("_")


def _swap(work: Work, connection: Connection[Any], name: str, new: str, gone: str) -> None:
    """Both renames or none. While they wait, sessions are ended, and new ones wait for the outcome."""
    import psycopg

    connection.execute(f"SET lock_timeout = {_LOCK_WAIT_MS}".encode())
    try:
        with _ending_sessions(work, name), connection.transaction():
            connection.execute(f"ALTER DATABASE {quoted(name)} RENAME TO {quoted(gone)}".encode())
            connection.execute(f"ALTER DATABASE {quoted(new)} RENAME TO {quoted(name)}".encode())
    except psycopg.Error as error:
        if error.sqlstate == _IN_USE:
            others = ", ".join(str(who) for who, _ in rows(connection, _OTHERS, (name,)))
            raise Conflict(
                f"The database {name!r} is in use{f' by {others}' if others else ''} and this user may not end those sessions.",
                hint="Close these programs' connections, then restore again. The database is as it was.",
            ) from None
        raise from_driver(error, work.url) from None


@contextmanager
def _ending_sessions(work: Work, name: str) -> Iterator[None]:
    over = threading.Event()

    def end() -> None:
        import psycopg

        try:
            with maintenance(work.target, work.url, write=True) as connection:
                while not over.wait(_END_EVERY_S):
                    try:
                        connection.execute(_END.encode(), (name,))
                    except psycopg.errors.InsufficientPrivilege:
                        for (pid,) in rows(
                            connection,
                            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                            (name,),
                        ):
                            connection.execute(b"SELECT pg_terminate_backend(%s)", (pid,))
        except AppError as error:
            _log.info("Sessions could not be ended: %s", error.message)

    thread = threading.Thread(target=end, name="pg-restore-swap", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)
