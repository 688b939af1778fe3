"""Why no connection comes about: each reason met at a real server, port, name or file."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from backend.core.catalogue import because, entries
from backend.core.errors import AppError, ConnectionFailed, LockTimeout
from backend.drivers.pgwire.errors import from_driver
from backend.engine.port import Engine
from backend.engine.target import FailedBlock
from backend.engines.clickhouse import ENGINE as CLICKHOUSE
from backend.engines.mongodb import ENGINE as MONGODB
from backend.engines.mysql import ENGINE as MYSQL
from backend.engines.postgres import ENGINE as POSTGRES
from backend.engines.postgres.url import parsed
from backend.engines.sqlite import ENGINE as SQLITE
from tests.engines.sqlite.project import Project
from tests.servers import Server

ENGINES: dict[str, Engine] = {
    "postgres": POSTGRES,
    "mysql": MYSQL,
    "clickhouse+http": CLICKHOUSE,
    "mongodb": MONGODB,
}

CONNECTING = [
    ("postgres://u:p@127.0.0.1:1/d?sslmode=disable", "connection_failed", "connection_refused"),
    ("postgres://u:p@nosuch.invalid/d?sslmode=disable", "connection_failed", "host_unknown"),
    ("postgres://u:p@/d?socket=/nowhere/at/all", "connection_failed", "socket_missing"),
    ("mysql://u:p@127.0.0.1:1/d", "connection_failed", "connection_refused"),
    ("mysql://u:p@nosuch.invalid/d", "connection_failed", "host_unknown"),
    ("mysql://u:p@/d?socket=/nowhere/at/all.sock", "connection_failed", "socket_missing"),
    ("clickhouse+http://u:p@127.0.0.1:1/d", "connection_failed", "connection_refused"),
    ("clickhouse+http://u:p@nosuch.invalid:8123/d", "connection_failed", "host_unknown"),
    ("mongodb://u:p@127.0.0.1:1/d", "connection_failed", "connection_refused"),
    ("mongodb://u:p@nosuch.invalid/d", "connection_failed", "host_unknown"),
]
REASONS_HERE = {
    "connection_refused", "host_unknown", "socket_missing", "wrong_password", "no_answer", "tls_missing",
    "wrong_protocol", "too_many_connections", "not_a_database", "file_damaged", "cannot_open_file",
    "file_not_writable", "file_locked", "transaction_aborted", "deadlock", "serialization",
}  # fmt: skip

# Their servers cannot be had here: the words are those the tools print, as recorded from them.
RECORDED = [
    (POSTGRES, "Error: pq: no pg_hba.conf entry for host \"10.0.0.9\", user \"app\", database \"shop\", no encryption (28000)",
     "authentication_failed", "host_refused"),
    (POSTGRES, "Error: tls: failed to verify certificate: x509: certificate signed by unknown authority",
     "connection_failed", "tls_failed"),
    (POSTGRES, "Error: pq: the database system is starting up (57P03)", "connection_failed", "server_starting"),
    (MONGODB, '{"kind": "run", "name": "MongoServerError", "code": 10107, "message": "not primary"}',
     "connection_failed", "not_primary"),
    (MONGODB, '{"kind": "run", "name": "MongoServerError", "code": 20, "message": '
     '"Transaction numbers are only allowed on a replica set member or mongos"}',
     "migration_failed", "needs_replica_set"),
]  # fmt: skip


def met(engine: Engine, url: str, folder: Path, **changes: object) -> AppError:
    """What a look at the server raises."""
    project = Project(folder, url, engine, changes={"connect_timeout_s": 2.0, **changes})
    with pytest.raises(AppError) as caught:
        engine.applied(project.target)
    return caught.value


def shown(error: AppError) -> tuple[str, object]:
    return error.code, error.details.get("reason")


@pytest.mark.parametrize(("url", "code", "reason"), CONNECTING)
def test_a_server_that_cannot_be_reached(url: str, code: str, reason: str, tmp_path: Path) -> None:
    error = met(ENGINES[urlsplit(url).scheme], url, tmp_path)
    assert shown(error) == (code, reason), error.message
    assert error.hint


@contextmanager
def listening(answer: bytes | None) -> Iterator[int]:
    """A port at which something else answers, or takes the call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    one, _ = server.accept()
                except OSError:
                    return
                held.append(one)
                if answer is not None:
                    one.recv(100)
                    one.sendall(answer)
                    one.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        for one in held:
            one.close()


def test_a_server_that_is_silent_or_something_else(tmp_path: Path) -> None:
    with listening(None) as port:
        error = met(POSTGRES, f"postgres://u:p@127.0.0.1:{port}/d?sslmode=disable", tmp_path)
    assert shown(error) == ("connection_failed", "no_answer"), error.message
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        error = met(POSTGRES, f"postgres://u:p@127.0.0.1:{port}/d?sslmode=disable", tmp_path)
    assert shown(error) == ("connection_failed", "wrong_protocol"), error.message


def test_postgresql_lets_nobody_in(postgres_server: Server, postgres_url: str, tmp_path: Path) -> None:
    wrong = postgres_url.replace(postgres_server.password, "wrong")
    assert shown(met(POSTGRES, wrong, tmp_path)) == ("authentication_failed", "wrong_password")
    with_tls = postgres_url.replace("sslmode=disable", "sslmode=require")
    assert shown(met(POSTGRES, with_tls, tmp_path)) == ("connection_failed", "tls_missing")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("drop role if exists dbt_full")
        admin.execute("create role dbt_full login password 'dbt_full' connection limit 0")
    full = postgres_url.replace(f"{postgres_server.user}:{postgres_server.password}", "dbt_full:dbt_full")
    assert shown(met(POSTGRES, full, tmp_path)) == ("connection_failed", "too_many_connections")


def test_mariadb_lets_nobody_in(mariadb_server: Server, mysql_url: str, tmp_path: Path) -> None:
    wrong = mysql_url.replace(mariadb_server.password, "wrong")
    assert shown(met(MYSQL, wrong, tmp_path)) == ("authentication_failed", "wrong_password")


def test_mongodb_lets_nobody_in(mongodb_server: Server, mongodb_url: str, tmp_path: Path) -> None:
    wrong = mongodb_url.replace(mongodb_server.password, "wrong")
    error = met(MONGODB, wrong, tmp_path, migrations_table="changelog")
    assert shown(error) == ("authentication_failed", "wrong_password")


def test_files_that_are_no_database_or_not_to_be_used(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is a text, and long enough to be looked at as a database" * 20)
    assert shown(met(SQLITE, "sqlite:text.db", tmp_path)) == ("connection_failed", "not_a_database")
    (tmp_path / "folder.db").mkdir()
    shop = Project(tmp_path, "sqlite:shop.db", SQLITE)
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE t (x)")
        made.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 200)
    made.close()
    failure = Project(tmp_path, "sqlite:folder.db", SQLITE).failure("1_a.sql", "SELECT 1;")
    assert shown(SQLITE.explain_failure(failure)) == ("connection_failed", "cannot_open_file")
    failure = Project(tmp_path, "sqlite:shop.db?_query_only=1", SQLITE).failure(
        "1_a.sql", "CREATE TABLE a (x);"
    )
    assert shown(SQLITE.explain_failure(failure)) == ("permission_denied", "file_not_writable")
    with sqlite3.connect(tmp_path / "shop.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        failure = Project(tmp_path, "sqlite:shop.db?_busy_timeout=40", SQLITE).failure("1_a.sql", "SELECT 1;")
        assert shown(SQLITE.explain_failure(failure)) == ("lock_timeout", "file_locked")
    other.close()
    whole = (tmp_path / "shop.db").read_bytes()
    (tmp_path / "shop.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    damaged = SQLITE.explain_failure(shop.failure("1_a.sql", "CREATE TABLE c AS SELECT * FROM t;"))
    assert shown(damaged) == ("connection_failed", "file_damaged")


def test_a_failed_transaction_takes_no_more(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        for statement in ("select 1/0", "select 1"):
            try:
                connection.execute(statement.encode())
            except psycopg.Error as problem:
                error = from_driver(problem, parsed(postgres_url))
    assert shown(error) == ("migration_failed", "transaction_aborted")


@pytest.mark.parametrize(
    ("mine", "theirs", "reason"),
    [
        ("set transaction isolation level repeatable read;\nselect * from a;\nselect pg_sleep(60);\nupdate a set n = 2;",
         ["update a set n = 3"], "serialization"),
        ("set deadlock_timeout = '60ms';\nupdate a set n = 2;\nselect pg_sleep(60);\nupdate b set n = 2;",
         ["set deadlock_timeout = '60s'", "update b set n = 3", "update a set n = 3"], "deadlock"),
    ],
)  # fmt: skip
def test_two_sessions_get_in_each_others_way(
    postgres_url: str, tmp_path: Path, mine: str, theirs: list[str], reason: str
) -> None:
    """Mine sleeps until theirs is where it is wanted; its sleep is then ended by what it waits for being done."""
    # The sleep is a wait for an advisory lock, so that no clock decides.
    mine = mine.replace("pg_sleep(60)", "pg_advisory_lock_shared(7)")
    project = Project(tmp_path, postgres_url, POSTGRES)
    found: list[FailedBlock] = []
    with psycopg.connect(postgres_url, autocommit=True) as gate, psycopg.connect(postgres_url) as other:
        for table in ("a", "b"):
            gate.execute(f"create table {table} (n int)".encode())
            gate.execute(f"insert into {table} values (1)".encode())
        gate.execute("select pg_advisory_lock(7)")
        run = threading.Thread(target=lambda: found.append(project.failure("1_x.sql", mine)))
        run.start()
        _until(gate, "select count(*) from pg_locks where locktype = 'advisory' and not granted")
        *first, last = theirs
        for statement in first:
            other.execute(statement.encode())
        if reason == "serialization":
            other.execute(last.encode())
            other.commit()
            gate.execute("select pg_advisory_unlock(7)")
        else:
            blocked = threading.Thread(target=lambda: other.execute(last.encode()))
            blocked.start()
            _until(gate, "select count(*) from pg_locks where locktype = 'transactionid' and not granted")
            gate.execute("select pg_advisory_unlock(7)")
            blocked.join(30)
            other.rollback()
        run.join(30)
    error = POSTGRES.explain_failure(found[0])
    assert isinstance(error, LockTimeout) and error.details["reason"] == reason, error.message


def _until(connection: psycopg.Connection[tuple[int, ...]], question: str) -> None:
    deadline = time.monotonic() + 30
    while connection.execute(question.encode()).fetchone() == (0,):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("engine", "text", "code", "reason"), RECORDED)
def test_what_was_recorded_is_understood(engine: Engine, text: str, code: str, reason: str) -> None:
    assert shown(engine.explain_failure(FailedBlock(text))) == (code, reason)


def test_the_catalogues_advice_stands_in_where_nobody_knew_better() -> None:
    told = because(ConnectionFailed("x"), "connection_refused", "mysql")
    assert told.hint == entries()["connection_refused"].advice
    assert because(ConnectionFailed("x", hint="mine"), "connection_refused", "mysql").hint == "mine"
