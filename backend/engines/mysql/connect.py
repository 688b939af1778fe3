"""Short-lived MySQL and MariaDB connections over PyMySQL, opened as the URL says and as dbmate would."""

from __future__ import annotations

import math
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.engine.target import Target

from . import url as urls
from .errors import translated

if TYPE_CHECKING:
    from pymysql.connections import Connection

_READER_LOCK_WAIT_S = 10
"""Reading waits for metadata locks too (SHOW CREATE TABLE during an ALTER); it must not wait for ever."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


@contextmanager
def reading(target: Target, *, database: bool = True) -> Iterator[Connection[Any]]:
    """A session that can only read, in a plain SQL mode. Raises the errors of `errors.from_driver`."""
    with _session(target, database=database) as connection:
        run(connection, f"SET SESSION sql_mode = '', lock_wait_timeout = {_READER_LOCK_WAIT_S}")
        run(connection, "SET SESSION TRANSACTION READ ONLY")
        yield connection


@contextmanager
def writing(target: Target, *, database: bool = True) -> Iterator[Connection[Any]]:
    """A session with the URL's variables and the target's lock timeout. The caller has asked `target.read_only`."""
    with _session(target, database=database) as connection:
        if target.lock_timeout_s is not None:
            seconds = lock_wait(target.lock_timeout_s)
            run(
                connection, f"SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"
            )
        yield connection


def lock_wait(timeout_s: float) -> int:
    """Whole seconds, at least one: the server knows no less."""
    return max(1, math.ceil(timeout_s))


def rows(connection: Connection[Any], sql: str, arguments: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return list(cursor.fetchall())


def records(connection: Connection[Any], sql: str, arguments: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Rows by column name in lower case, as MySQL 8 and MariaDB differ in it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        names = [str(column[0]).lower() for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def run(connection: Connection[Any], sql: str, arguments: Sequence[object] = ()) -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute(sql, arguments or None))


@contextmanager
def _session(target: Target, *, database: bool) -> Iterator[Connection[Any]]:
    parsed = urls.parse(target.url)
    with translated(parsed):
        connection = _open(target, parsed, database=database)
        try:
            for name, value in parsed.session_variables.items():
                # As dbmate's driver does: name and value as they stand.
                run(connection, f"SET SESSION {name} = {value}")
            yield connection
        finally:
            connection.close()


def _open(target: Target, parsed: urls.MysqlUrl, *, database: bool) -> Connection[Any]:
    import pymysql

    timeout_s = max(1, math.ceil(_duration(parsed.param("timeout")) or target.connect_timeout_s))
    arguments: dict[str, Any] = {
        "user": parsed.user or None,
        # As bytes: PyMySQL would encode text as Latin-1, and dbmate sends UTF-8.
        "password": (parsed.password or "").encode(),
        "database": parsed.database if database else None,
        "charset": (parsed.param("charset") or "utf8mb4").split(",")[0],
        "autocommit": True,
        "connect_timeout": timeout_s,
        # connect_timeout ends with the TCP handshake; a port that accepts and says nothing must not be waited for.
        "read_timeout": timeout_s,
        "program_name": target.application_name,
        **_tls(parsed),
    }
    if parsed.param("collation"):
        arguments["collation"] = parsed.param("collation")
    if parsed.socket:
        arguments["unix_socket"] = parsed.socket
    else:
        arguments["host"] = parsed.host
        arguments["port"] = int(parsed.port or urls.DEFAULT_PORT)
    connection = pymysql.connect(**arguments)
    # Statements may take as long as they take.
    vars(connection)["_read_timeout"] = None
    if parsed.tls.lower() in ("true", "skip-verify") and not getattr(connection, "_secure", False):
        connection.close()
        raise pymysql.err.OperationalError(2026, "TLS requested but server does not support TLS")
    return connection


def _tls(parsed: urls.MysqlUrl) -> dict[str, Any]:
    """go-sql-driver's `tls` in PyMySQL's words: true verifies, skip-verify only encrypts, preferred if it can."""
    mode = parsed.tls.lower()
    if mode == "true":
        return {"ssl": ssl.create_default_context()}
    if mode == "skip-verify":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}
    return {} if mode == "preferred" else {"ssl_disabled": True}


def _duration(text: str | None) -> float:
    """Go's duration (`1m30s`, `500ms`) in seconds; 0 where there is none."""
    return sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION.findall(text or ""))


@contextmanager
def unbuffered(connection: Connection[Any]) -> Iterator[Any]:
    """A cursor that takes the rows from the server as they are asked for. Where the connection is lost, PyMySQL's own
    closing would read on from a socket that is gone, and hide what happened behind an AttributeError."""
    from pymysql.cursors import SSCursor

    cursor = connection.cursor(SSCursor)
    try:
        yield cursor
    except BaseException:
        try:
            cursor.close()
        except Exception:
            if (result := vars(cursor).get("_result")) is not None:
                result.unbuffered_active = False
        raise
    cursor.close()
