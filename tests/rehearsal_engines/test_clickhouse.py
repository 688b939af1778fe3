"""ClickHouse: what a rehearsal says of a statement is what the parts, mutations and answers of the server say."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.errors import Cancelled
from backend.engine.rehearsal.port import Block, Played, rehearsal_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.rehearse.copy import on_this_server_alone
from backend.models.migration import Direction
from backend.models.rehearsal import RehearsedStatement, RowsWanted
from tests.servers import Server

TOOLS = rehearsal_tools("clickhouse")
SCHEMA = schema_tools("clickhouse")
SHOP = """
CREATE TABLE events (id UInt64, at DateTime, name String, shout String MATERIALIZED upper(name), n Nullable(Float32) DEFAULT 1)
  ENGINE = MergeTree ORDER BY id;
CREATE TABLE totals (name String, n UInt64) ENGINE = SummingMergeTree ORDER BY name;
CREATE MATERIALIZED VIEW adds TO totals AS SELECT name, count() AS n FROM events GROUP BY name;
CREATE VIEW named AS SELECT name FROM events;
CREATE TABLE elsewhere (id UInt64) ENGINE = URL('http://127.0.0.1:9/x', 'CSV');
CREATE TABLE schema_migrations (version String, ts DateTime, applied UInt8) ENGINE = ReplacingMergeTree(ts) ORDER BY version;
INSERT INTO events (id, at, name) SELECT number, toDateTime('2026-01-01 00:00:00') + number, concat('e', toString(number % 10)) FROM numbers(1000)
"""  # noqa: E501


@pytest.fixture(scope="module")
def shop(clickhouse_server: Server) -> Iterator[Target]:
    database = clickhouse_server.new_database()
    target = Target("clickhouse", database.url, Path("/"), "schema_migrations")
    try:
        with session(target) as server:
            for statement in SHOP.split(";\n"):
                server.query(statement, database=url.parse(target.url).database)
        yield target
    finally:
        clickhouse_server.drop_database(database.name)


@pytest.fixture
def scratch(shop: Target) -> Iterator[Target]:
    with SCHEMA.scratch(shop, "rehearsal") as made:
        yield made


@pytest.fixture
def small(shop: Target, scratch: Target) -> Target:
    TOOLS.copy(shop, scratch, RowsWanted.SAMPLE, 100, CancelToken())
    return scratch


def play(scratch: Target, sql: str, limit_s: float = 60, cancel: CancelToken | None = None) -> Played:
    block = Block(sql, Direction.UP, True, first_line=2)
    return TOOLS.play(scratch, block, lambda one: None, cancel or CancelToken(), limit_s)


def said(played: Played) -> RehearsedStatement:
    assert played.ok, played.error
    (one,) = played.statements
    return one


def told(played: Played) -> str:
    assert played.error is not None
    return f"{played.error['code']}: {played.error['message']}"


def test_a_copy_is_the_schema_with_rows_and_leaves_the_source_as_it_was(
    shop: Target, scratch: Target
) -> None:
    before = (SCHEMA.snapshot(shop), SCHEMA.row_digest(shop))
    copied = TOOLS.copy(shop, scratch, RowsWanted.ALL, 0, CancelToken())
    assert (copied.tables, copied.rows) == (2, 1010)
    assert copied.missing == ("table elsewhere: URL only shows, or takes in, what is kept elsewhere",)
    made = {one.id: one.text for one in SCHEMA.snapshot(scratch).objects}
    assert made == {one.id: one.text for one in before[0].objects if one.name != "elsewhere"}
    # The materialized view added nothing of its own while rows came.
    assert SCHEMA.row_digest(scratch) == before[1]
    assert (SCHEMA.snapshot(shop), SCHEMA.row_digest(shop)) == before
    size = TOOLS.size(shop)
    assert size.rows == 1010 and size.bytes is not None and size.bytes > 0 and size.tables == 3


def test_a_sample_has_so_many_rows_of_each_table(shop: Target, small: Target) -> None:
    assert {name: one["*"] for name, one in SCHEMA.row_digest(small).items()} == {
        "table events": "100",
        "table totals": "10",
    }


def test_a_replicated_table_is_copied_without_its_replicas() -> None:
    made = on_this_server_alone(
        "ENGINE = ReplicatedReplacingMergeTree('/tables/shop/t', '{replica}', at)\nORDER BY a"
    )
    assert made == "ENGINE = ReplacingMergeTree(at)\nORDER BY a"
    assert on_this_server_alone("ENGINE = ReplicatedMergeTree ORDER BY a") == "ENGINE = MergeTree ORDER BY a"


def test_an_added_column_writes_no_part_and_a_retyped_one_writes_all_anew(small: Target) -> None:
    added = said(play(small, "ALTER TABLE events ADD COLUMN note String"))
    assert (added.kind, added.rewrites, added.bytes_written, added.algorithm) == ("ALTER TABLE", [], 0, None)
    retyped = said(play(small, "ALTER TABLE events MODIFY COLUMN n Nullable(Float64)"))
    assert retyped.rewrites is not None and [one.table for one in retyped.rewrites] == ["events"]
    assert " → all_1_1_0_" in retyped.rewrites[0].detail and retyped.bytes_written
    assert retyped.algorithm == "mutation" and any("mutation changed" in why for why in retyped.unknown)


def test_a_mutation_is_waited_for(small: Target) -> None:
    one = said(play(small, "ALTER TABLE events DELETE WHERE id < 40"))
    assert one.algorithm == "mutation" and one.warnings == [] and one.locks is None
    assert SCHEMA.row_digest(small)["table events"]["*"] == "60"


def test_inserted_rows_are_counted_by_a_query_that_is_named(small: Target) -> None:
    one = said(play(small, "INSERT INTO totals SELECT concat('x', toString(number)), 1 FROM numbers(7)"))
    assert one.rows == 7 and any(
        found.fact == "rows" and "system.parts" in found.query for found in one.evidence
    )
    assert one.bytes_written is not None and one.bytes_written > 0


def test_several_statements_in_one_block_are_refused_as_dbmates_are(small: Target) -> None:
    played = play(
        small, "CREATE TABLE a (id Int8) ENGINE = Memory;\nCREATE TABLE b (id Int8) ENGINE = Memory;"
    )
    assert told(played).startswith("syntax_error") and len(played.statements) == 1
    assert {one.name for one in SCHEMA.snapshot(small).objects}.isdisjoint({"a", "b"})


def test_an_error_names_the_line_of_the_file(small: Target) -> None:
    played = play(small, "-- comment\nALTER TABLE events\n  ADD COLUM x Int8")
    assert played.error is not None and isinstance(played.error["details"], dict)
    assert played.error["details"]["line"] == 4


@pytest.mark.parametrize(
    "sql",
    ["TRUNCATE TABLE {}.events", "INSERT INTO `{}`.`totals` VALUES ('x', 1)", "USE {}",
     "INSERT INTO totals SELECT name, 1 FROM {}.events",
     "CREATE TABLE m (name String) ENGINE = Merge('{}', 'totals')"],
)  # fmt: skip
def test_another_database_is_never_touched(shop: Target, small: Target, sql: str) -> None:
    before = SCHEMA.row_digest(shop)
    played = play(small, sql.format(url.parse(shop.url).database))
    assert told(played).startswith("not_supported") and url.parse(shop.url).database in told(played)
    assert SCHEMA.row_digest(shop) == before


def test_what_belongs_to_the_whole_server_is_not_run(small: Target) -> None:
    one = said(play(small, "CREATE FUNCTION dbt_never AS (x) -> x + 1"))
    assert one.duration_ms is None and "belongs to the whole server" in one.unknown[0]
    with session(small) as server:
        assert server.query("SELECT count() FROM system.functions WHERE name = 'dbt_never'") == [[0]]


SLOW = "INSERT INTO totals SELECT toString(sleepEachRow(1)), 1 FROM numbers(600) SETTINGS max_block_size = 1"


def running(scratch: Target) -> list[list[object]]:
    # Of this scratch: other tests share the server.
    slow = (
        f"current_database = '{url.parse(scratch.url).database}' AND query LIKE 'INSERT INTO totals SELECT%'"
    )
    with session(scratch) as server:
        return server.query(f"SELECT query_id FROM system.processes WHERE {slow}")


def test_when_the_time_is_up_the_servers_query_is_gone(small: Target) -> None:
    played = play(small, SLOW, limit_s=1)
    assert played.stopped and told(played).startswith("timeout") and not played.statements[0].ok
    assert running(small) == []


def test_cancel_ends_the_servers_query_and_a_copy(shop: Target, small: Target) -> None:
    token = CancelToken()
    done: list[Played] = []
    thread = threading.Thread(target=lambda: done.append(play(small, SLOW, cancel=token)))
    thread.start()
    while not running(small):
        time.sleep(0.02)
    token.cancel()
    thread.join()
    assert done[0].stopped and told(done[0]).startswith("cancelled") and running(small) == []
    with SCHEMA.scratch(shop, "again") as again, pytest.raises(Cancelled):
        TOOLS.copy(shop, again, RowsWanted.ALL, 0, token)
