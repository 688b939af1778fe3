"""ClickHouse described: engine, order, partition, TTL, settings, codecs, as the system tables have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.url import parse
from tests.engines.sqlite.project import Project

SCHEMA = [
    """CREATE TABLE visits (
        at DateTime COMMENT 'when; it was',
        site LowCardinality(Nullable(String)),
        bytes UInt64 DEFAULT 7 CODEC(Delta, ZSTD(1)),
        day Date MATERIALIZED toDate(at),
        INDEX by_bytes bytes TYPE minmax GRANULARITY 2,
        CONSTRAINT some CHECK bytes > 0,
        PROJECTION daily (SELECT day, sum(bytes) GROUP BY day)
    ) ENGINE = MergeTree PARTITION BY toYYYYMM(at) PRIMARY KEY at ORDER BY (at, bytes)
    TTL at + INTERVAL 1 MONTH SETTINGS index_granularity = 4096 COMMENT 'Visits ''to'' us'""",
    "CREATE TABLE `odd.name` (`a b` Int8) ENGINE = Memory",
    "CREATE VIEW daily AS SELECT day, count() AS n FROM visits GROUP BY day",
    "CREATE MATERIALIZED VIEW totals ENGINE = SummingMergeTree ORDER BY day AS SELECT day, bytes FROM visits",
]


@pytest.fixture
def shop(clickhouse_url: str, tmp_path: Path) -> Project:
    project = Project(tmp_path, clickhouse_url, ENGINE)
    with session(project.target) as server:
        for statement in SCHEMA:
            server.query(statement, database=parse(clickhouse_url).database)
    return project


def test_a_table_has_its_engine_order_partition_and_columns(shop: Project) -> None:
    detail = ENGINE.describe(shop.target)
    assert detail.problems == []
    tables = {one.id: one for one in detail.tables}
    assert set(tables) == {"visits", r"odd\.name", "daily", "totals"}
    visits = tables["visits"]
    columns = {one.name: one for one in visits.columns}
    assert visits.comment == "Visits 'to' us"
    assert visits.partition_by == "toYYYYMM(at)"
    properties = {one.name: one.value for one in visits.properties}
    assert properties["engine"] == "MergeTree"
    assert properties["order by"] == "at, bytes"
    assert properties["TTL"] == "at + toIntervalMonth(1)"
    assert properties["settings"] == "index_granularity = 4096"
    assert "sum(bytes)" in properties["projection daily"]
    assert visits.primary_key is not None and visits.primary_key.columns == ["at"]
    assert (columns["at"].comment, columns["at"].primary_key) == ("when; it was", True)
    assert columns["site"].nullable and not columns["at"].nullable
    assert columns["bytes"].default == "7"
    assert columns["bytes"].notes == ["CODEC(Delta(8), ZSTD(1))", "in the order"]
    assert (columns["day"].generated, columns["day"].default) == ("toDate(at)", None)
    assert [(one.name, one.definition) for one in visits.checks] == [("some", "CHECK bytes > 0")]
    assert (visits.indexes[0].name, visits.indexes[0].method) == ("by_bytes", "minmax")
    assert tables["daily"].kind == "view" and "count()" in (tables["daily"].definition or "")
    assert tables["totals"].kind == "materialized_view"


def test_named_tables_come_alone_and_what_is_not_there_is_said(shop: Project) -> None:
    detail = ENGINE.describe(shop.target, [r"odd\.name", "it's"])
    assert ([one.id for one in detail.tables], detail.missing) == ([r"odd\.name"], ["it's"])


def test_the_outline_knows_the_same_tables(shop: Project) -> None:
    outline = ENGINE.outline(shop.target)
    assert [one.id for one in outline.tables] == [one.id for one in ENGINE.describe(shop.target).tables]
    assert outline.relations == []


def test_the_statements_of_a_table_are_the_servers_own(shop: Project) -> None:
    text = ENGINE.table_ddl(shop.target, "visits").text
    assert "CREATE TABLE" in text and "ORDER BY (at, bytes)" in text and text.count("\n") > 5
