"""What a MySQL or MariaDB server says of itself and of one database; making and dropping it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Conflict, DatabaseMissing, ReadOnly
from backend.engine.target import OtherTable, Target
from backend.models.connection import Applied, ServerInfo

from . import url as urls
from .connect import quoted, reading, records, rows, run, writing

if TYPE_CHECKING:
    from pymysql.connections import Connection

_NO_SUCH_TABLE = 1146
_DATABASE_EXISTS = 1007


def probe(target: Target) -> ServerInfo:
    """Reach the server; a missing database is no error. Raises PermissionDenied where the user may not see it."""
    database = urls.parse(target.url).database
    started = time.perf_counter()
    with reading(target, database=False) as connection:
        version, comment = rows(connection, "SELECT version(), @@version_comment")[0]
        latency_ms = (time.perf_counter() - started) * 1000
        exists = _exists(connection, database)
        is_read_only = _is_read_only(connection)
    product, number = _product(str(version), str(comment))
    notes = ["The server is read-only for users without special privileges."] if is_read_only else []
    return ServerInfo(
        product=product,
        version=number,
        database_exists=exists,
        latency_ms=latency_ms,
        read_only=is_read_only,
        notes=notes,
    )


def _product(version: str, comment: str) -> tuple[str, str]:
    # MariaDB once put 5.5.5- before its version, for old replicas.
    number = re.match(r"(?:5\.5\.5-(?=1\d))?(\d+(?:\.\d+)*)", version)
    name = "MariaDB" if "mariadb" in f"{version} {comment}".lower() else "MySQL"
    if "tidb" in version.lower():
        name = "TiDB"
    return name, number[1] if number else version


def _exists(connection: Connection[Any], database: str) -> bool:
    if rows(connection, "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (database,)):
        return True
    # A user without rights on a database does not see it listed; only entering it tells the two apart.
    import pymysql

    try:
        run(connection, f"USE {quoted(database)}")
    except pymysql.err.MySQLError as error:
        if error.args and error.args[0] == 1049:
            return False
        raise
    return True


def _is_read_only(connection: Connection[Any]) -> bool:
    found = rows(connection, "SELECT @@global.read_only")[0][0]
    return str(found).upper() not in ("0", "OFF", "NO_LOCK")


def create(target: Target) -> None:
    """CREATE DATABASE, as dbmate does. Raises Conflict where it exists."""
    _refuse_read_only(target)
    database = urls.parse(target.url).database
    try:
        with writing(target, database=False) as connection:
            run(connection, f"CREATE DATABASE {quoted(database)}")
    except AppError as error:
        if error.details.get("errno") == _DATABASE_EXISTS:
            raise Conflict(f"There is a database {database!r} already.") from None
        raise


def drop(target: Target) -> None:
    """DROP DATABASE IF EXISTS. Raises LockTimeout while other sessions use its tables, after the lock timeout."""
    _refuse_read_only(target)
    with writing(target, database=False) as connection:
        if target.lock_timeout_s is None:
            run(connection, "SET SESSION lock_wait_timeout = 30")
        run(connection, f"DROP DATABASE IF EXISTS {quoted(urls.parse(target.url).database)}")


def _refuse_read_only(target: Target) -> None:
    if target.read_only:
        raise ReadOnly("The connection is read-only.")


def applied(target: Target) -> list[Applied]:
    """The versions in the migrations table, as text in order; empty where database or table is missing."""
    try:
        with reading(target) as connection:
            found = rows(
                connection,
                f"SELECT CAST(version AS CHAR) FROM {quoted(target.migrations_table)} ORDER BY version",
            )
    except DatabaseMissing:
        return []
    except AppError as error:
        if error.details.get("errno") == _NO_SUCH_TABLE:
            return []
        raise
    return [Applied(version=str(version)) for (version,) in found if version is not None]


def table_rows(target: Target, table: str) -> OtherTable | None:
    """The table's rows as text; None where database or table is missing."""
    name = ".".join(quoted(part) for part in table.split("."))
    try:
        with reading(target) as connection:
            about = rows(
                connection,
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = coalesce(%s, database()) AND table_name = %s ORDER BY ordinal_position",
                (table.rpartition(".")[0] or None, table.rpartition(".")[2]),
            )
            found = records(connection, f"SELECT * FROM {name}")
            return OtherTable(
                tuple(str(column).lower() for (column,) in about),
                tuple({key: _as_text(value) for key, value in row.items()} for row in found),
            )
    except DatabaseMissing:
        return None
    except AppError as error:
        if error.details.get("errno") == _NO_SUCH_TABLE:
            return None
        raise


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
