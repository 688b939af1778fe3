"""The ClickHouse engine behind HTTP: what clickhouse-connect and clickhouse-go see is what a server would show."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import clickhouse_connect
import pytest
import requests
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.servers import PASSWORD, Server
from tests.servers.clickhouse_native import BLOCK_INFO, at_revision, column_end, string, varint

Connect = Callable[..., Client]
EVERY_TYPE = """
SELECT toInt8(-1) a, toUInt64(7) b, toDecimal64('1.5', 4) c, toFixedString('ab', 3) d, now64(3, 'UTC') e,
       [[1, 2], []] f, map('k', [toNullable('v'), NULL]) g, tuple(1, 'x')::Tuple(`a b` UInt8, c String) h,
       toLowCardinality(toString(number % 3)) i, [toLowCardinality(toNullable('q'))] j, NULL k, generateUUIDv4() l,
       CAST('y' AS Enum8('x, (' = 1, 'y' = 2)) m, toIPv6('::1') n, (1.5, 2.5)::Point o, INTERVAL 3 DAY p,
       [(1, 'n')]::Nested(id UInt8, name String) q, true r, toDate32('2026-01-02') s, [(toLowCardinality('t'), 1)] t
FROM numbers(500)
"""


@pytest.fixture
def connect(clickhouse_server: Server, clickhouse_url: str) -> Iterator[Connect]:
    """Open clients of the fresh database; options as of clickhouse_connect.get_client."""
    with ExitStack() as stack:

        def make(**options: Any) -> Client:
            usual = {
                "host": clickhouse_server.host,
                "port": clickhouse_server.port,
                "username": clickhouse_server.user,
                "password": clickhouse_server.password,
                "database": urlsplit(clickhouse_url).path[1:],
            }
            client = clickhouse_connect.get_client(**{**usual, **options})
            stack.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def post(clickhouse_server: Server) -> Callable[..., requests.Response]:
    """One request to the bare HTTP interface; parameters of the address by name."""

    def send(sql: str | bytes, method: str = "POST", **asked: str) -> requests.Response:
        login = {"X-ClickHouse-User": clickhouse_server.user, "X-ClickHouse-Key": clickhouse_server.password}
        address = f"http://{clickhouse_server.host}:{clickhouse_server.port}/"
        return requests.request(method, address, params=asked, data=sql, headers=login, timeout=30)

    return send


def test_rows_of_many_types_go_in_and_come_out(client: Client) -> None:
    client.command(
        "CREATE TABLE t (id UInt64, n Nullable(String), lc LowCardinality(String), at DateTime, price Decimal(10, 2),"
        " a Array(Nullable(Int32)), m Map(String, UInt8), u UUID, e Enum8('x' = 1)) ENGINE = MergeTree ORDER BY id"
    )
    row = (1, None, "a", datetime(2026, 1, 2, 3, 4), Decimal("1.50"), [1, None], {"k": 1}, UUID(int=5), "x")
    client.insert("t", [row], column_names=["id", "n", "lc", "at", "price", "a", "m", "u", "e"])
    client.insert("t", [(2, "\x00ÿ 漢")], column_names=["id", "n"])
    assert client.query("SELECT * FROM t WHERE id = 1").result_rows == [row]
    assert client.query("SELECT n FROM t WHERE id = 2").result_rows == [("\x00ÿ 漢",)]


def test_a_large_result_arrives_whole(client: Client) -> None:
    assert client.query("SELECT number, toString(number) FROM numbers(200000)").row_count == 200000


def test_server_settings_and_version_are_those_of_the_engine(
    client: Client, clickhouse_server: Server
) -> None:
    assert client.command("SELECT version()") == clickhouse_server.version == client.server_version
    assert len(client.server_settings) > 500


def test_parameters_are_bound_by_the_server(client: Client) -> None:
    query = client.query("SELECT {x:UInt8} + 1, {text:String}", parameters={"x": 4, "text": "a\tb'\\"})
    assert query.result_rows == [(5, "a\tb'\\")]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM nope", 60),
        ("SELECT * FROM no_such_database.t", 81),
        ("SELECT nope", 47),
        ("CREATE TALBE t (id UInt8)", 62),
        ("creat t", 62),
        ("SELECT 1; SELECT 2", 62),
        ("SELECT 1 FORMAT Nope", 73),
        ("SELECT throwIf(number = 3) FROM numbers(5)", 395),
        ("DROP TABLE nope", 60),
    ],
)
def test_errors_carry_the_servers_own_code(
    sql: str, code: int, client: Client, post: Callable[..., requests.Response]
) -> None:
    with pytest.raises(DatabaseError, match=f"Code: {code}"):
        client.command(sql)
    assert post(sql).headers["X-ClickHouse-Exception-Code"] == str(code)
    assert post(sql).status_code >= 400


@pytest.mark.parametrize(
    "text", ["SELECT ';'", "SELECT 1 -- ; SELECT 2", "SELECT 1 /* ; */;", "SELECT `;` FROM (SELECT 1 `;`)"]
)
def test_a_semicolon_in_quotes_or_comments_is_no_second_statement(text: str, client: Client) -> None:
    client.command(text)


def test_a_wrong_password_is_refused_by_all_three_ways(clickhouse_server: Server) -> None:
    address = f"http://{clickhouse_server.host}:{clickhouse_server.port}/"
    user = clickhouse_server.user
    for password, status, code in ((PASSWORD, 200, None), ("wrong", 403, "516"), ("", 403, "516")):
        ways: list[dict[str, Any]] = [
            {"headers": {"X-ClickHouse-User": user, "X-ClickHouse-Key": password}},
            {"auth": (user, password)},
            {"params": {"user": user, "password": password}},
        ]
        for way in ways:
            answer = requests.post(address, data="SELECT 1", timeout=30, **way)
            assert (answer.status_code, answer.headers.get("X-ClickHouse-Exception-Code")) == (status, code)
    assert requests.post(address, data="SELECT 1", timeout=30).text == "1\n"  # default, empty password
    assert requests.post(address, data="SELECT 1", timeout=30, auth=("default", "x")).status_code == 403


def test_an_unknown_database_is_81(connect: Connect) -> None:
    with pytest.raises(DatabaseError, match="Code: 81"):
        connect(database="nope")


def test_use_and_settings_do_not_reach_other_requests(
    connect: Connect, post: Callable[..., requests.Response]
) -> None:
    database = connect().database
    assert post(
        "SELECT currentDatabase(), getSetting('max_threads')", database=database, max_threads="3"
    ).text == (f"{database}\t3\n")
    assert post("SELECT currentDatabase()").text == "default\n"
    assert post("SELECT getSetting('max_threads')").text != "3\n"
    assert post("SELECT 1", no_such_setting="1").headers["X-ClickHouse-Exception-Code"] == "115"


def test_a_session_keeps_temporary_tables_and_settings_to_itself(connect: Connect) -> None:
    mine, other = connect(), connect()
    mine.command("CREATE TEMPORARY TABLE scratch (x UInt8)")
    mine.command("SET max_threads = 3")
    assert mine.command("SELECT getSetting('max_threads')", settings={"max_threads": 5}) == 5
    assert mine.command("SELECT getSetting('max_threads')") == 3
    assert mine.command("SELECT count() FROM scratch") == 0
    with pytest.raises(DatabaseError, match="Code: 60"):
        other.command("SELECT count() FROM scratch")


def test_a_session_runs_one_query_at_a_time_and_must_exist_when_checked(
    post: Callable[..., requests.Response],
) -> None:
    assert (
        post("SELECT 1", session_id="nobody", session_check="1").headers["X-ClickHouse-Exception-Code"]
        == "372"
    )
    slow = threading.Thread(target=post, args=("SELECT sleep(1)",), kwargs={"session_id": "busy"})
    slow.start()
    time.sleep(0.4)
    busy = post("SELECT 1", session_id="busy")
    slow.join()
    assert busy.headers["X-ClickHouse-Exception-Code"] == "373"
    assert post("SELECT 1", session_id="busy", session_check="1").text == "1\n"


def test_a_get_request_is_read_only(post: Callable[..., requests.Response]) -> None:
    assert post("", "GET", query="SELECT 1").text == "1\n"
    assert post("", "GET", query="CREATE DATABASE nope").headers["X-ClickHouse-Exception-Code"] == "164"
    assert post("", "GET").text == "Ok.\n"


@pytest.mark.parametrize(
    "by", ["query_id = '{own_id}'", "query_id = '{engine_id}'", "query LIKE 'SELECT /* {own_id}%'"]
)
@pytest.mark.parametrize("mode", ["SYNC", "ASYNC", ""])
def test_a_running_query_is_seen_and_killed(
    by: str, mode: str, post: Callable[..., requests.Response]
) -> None:
    own_id = f"mine-{uuid4()}"  # another worker may be killing too
    answers: list[requests.Response] = []
    sql = f"SELECT /* {own_id} */ sleepEachRow(0.1) FROM numbers(200)"
    slow = threading.Thread(target=lambda: answers.append(post(sql, query_id=own_id, max_block_size="1")))
    slow.start()
    seen = ""
    for _ in range(50):
        time.sleep(0.1)
        seen = post(f"SELECT query_id FROM system.processes WHERE query_id = '{own_id}'").text.strip()
        if seen:
            break
    assert seen
    killed = post(f"KILL QUERY WHERE {by.format(own_id=own_id, engine_id=seen)} {mode}")
    assert killed.status_code == 200, killed.text
    assert seen in killed.text
    slow.join(15)
    assert answers
    assert answers[0].headers["X-ClickHouse-Exception-Code"] == "394"


def test_databases_and_tables_are_dropped_with_and_without_sync(client: Client) -> None:
    client.command("CREATE DATABASE `sync ``me`")
    client.command("CREATE TABLE `sync ``me`.t (x UInt8) ENGINE = MergeTree ORDER BY x")
    client.command("INSERT INTO `sync ``me`.t VALUES (1)")
    client.command("DROP TABLE `sync ``me`.t SYNC")
    client.command("DROP DATABASE `sync ``me` SYNC")
    assert "sync `me" not in str(client.command("SHOW DATABASES"))


def test_mutations_and_views_really_run(client: Client) -> None:
    client.command("CREATE TABLE t (id UInt64, n UInt64) ENGINE = ReplacingMergeTree(n) ORDER BY id")
    client.command(
        "CREATE MATERIALIZED VIEW v ENGINE = MergeTree ORDER BY id AS SELECT id, n * 2 AS twice FROM t"
    )
    client.command("INSERT INTO t VALUES (1, 1), (1, 2), (2, 5)")
    client.command("ALTER TABLE t ADD COLUMN extra String DEFAULT 'e'")
    client.command("ALTER TABLE t UPDATE extra = 'u' WHERE id = 2 SETTINGS mutations_sync = 1")
    client.command("OPTIMIZE TABLE t FINAL")
    assert client.query("SELECT * FROM t ORDER BY id").result_rows == [(1, 2, "e"), (2, 5, "u")]
    assert client.command("SELECT sum(twice) FROM v") == 16


def test_inserted_data_may_follow_in_the_body(
    post: Callable[..., requests.Response], clickhouse_url: str
) -> None:
    database = urlsplit(clickhouse_url).path[1:]
    post("CREATE TABLE t (id UInt64, s String) ENGINE = Memory", database=database)
    assert (
        post('{"id": 1, "s": "a;b"}', query="INSERT INTO t FORMAT JSONEachRow", database=database).text == ""
    )
    assert post('INSERT INTO t FORMAT CSV\n2,"x; y"\n', database=database).text == ""
    assert post("INSERT INTO t VALUES (3, 'INSERT INTO q FORMAT CSV')", database=database).text == ""
    assert post("INSERT INTO t SELECT 4, 'FORMAT CSV\n'", database=database).text == ""
    rows = post("SELECT s FROM t ORDER BY id FORMAT TSVRaw", database=database).text
    assert rows == "a;b\nx; y\nINSERT INTO q FORMAT CSV\nFORMAT CSV\n\n"


@pytest.mark.parametrize("revision", [54405, 54460])
def test_native_blocks_of_a_later_revision_hold_the_same_columns(
    revision: int, post: Callable[..., requests.Response]
) -> None:
    plain = post(EVERY_TYPE, default_format="Native", database="default", max_block_size="200")
    later = post(
        EVERY_TYPE,
        default_format="Native",
        database="default",
        max_block_size="200",
        client_protocol_version=str(revision),
    )
    assert plain.status_code == later.status_code == 200, later.text
    blocks = list(split_blocks(plain.content, 0))
    assert sum(rows for rows, _ in blocks) == 500 and len(blocks) > 1
    flagged = list(split_blocks(later.content, revision))
    assert [(rows, [name for name, _ in columns]) for rows, columns in flagged] == [
        (rows, [name for name, _ in columns]) for rows, columns in blocks
    ]
    again = b"".join(BLOCK_INFO for _ in blocks)
    flags = sum(len(columns) for _, columns in blocks) if revision >= 54454 else 0
    assert len(later.content) == len(plain.content) + len(again) + flags


def split_blocks(data: bytes, revision: int) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
    """Read blocks as a client does: row count, and name and content of each column."""
    pos = 0
    while pos < len(data):
        if revision:
            assert data.startswith(BLOCK_INFO, pos)
            pos += len(BLOCK_INFO)
        width, pos = varint(data, pos)
        rows, pos = varint(data, pos)
        columns = []
        for _ in range(width):
            name, pos = string(data, pos)
            type_name, pos = string(data, pos)
            if revision >= 54454:
                assert data[pos] == 0
                pos += 1
            end = column_end(type_name.decode(), rows, data, pos)
            columns.append((name, data[pos:end]))
            pos = end
        yield rows, columns


def test_an_empty_result_stays_empty() -> None:
    assert at_revision(b"", 54460) == b""


@pytest.mark.parametrize(
    ("type_name", "size"),
    [
        ("UInt256", 32),
        ("Decimal(38, 4)", 16),
        ("Decimal(76, 4)", 32),
        ("BFloat16", 2),
        ("DateTime64(3, 'a,b(')", 8),
    ],
)
def test_types_that_this_engine_lacks_have_their_width_too(type_name: str, size: int) -> None:
    assert column_end(type_name, 3, b"", 1) == 1 + 3 * size
