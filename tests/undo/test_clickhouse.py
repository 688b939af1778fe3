# ruff: noqa: E501 (tables of cases)
"""The down of ClickHouse's statements: generated, run on the ClickHouse engine, and the schema is as it was."""

from __future__ import annotations

import pytest

from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import session
from tests.kit import Toolkit
from tests.undo.bench import Bench, Case, parameters

SHOP = [
    "CREATE TABLE events (id UInt64, at DateTime DEFAULT now(), kind LowCardinality(String) COMMENT 'it\\'s; --', n Int32 DEFAULT 3 CODEC(ZSTD(1)), "
    "INDEX by_n n TYPE minmax GRANULARITY 2, CONSTRAINT positive CHECK n >= 0, PROJECTION daily (SELECT kind, count() GROUP BY kind)) "
    "ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (id, at) TTL at + INTERVAL 1 YEAR SETTINGS index_granularity = 4096",
    "CREATE TABLE target (kind String, n UInt64) ENGINE = SummingMergeTree ORDER BY kind",
    "CREATE VIEW rich AS SELECT id, kind FROM events WHERE n > 10",
    "CREATE MATERIALIZED VIEW counts TO target AS SELECT kind, toUInt64(1) AS n FROM events",
    "CREATE TABLE loose (a Int32, b String) ENGINE = MergeTree ORDER BY a",
]
CASES = [
    Case("create_table", "CREATE TABLE `select;--` (a Int32) ENGINE = MergeTree ORDER BY a", holds=("DROP TABLE `select;--`;",)),
    Case("create_view", "CREATE VIEW v AS SELECT a FROM loose", holds=("DROP VIEW v;",)),
    Case("create_materialized_view", "CREATE MATERIALIZED VIEW m TO target AS SELECT b AS kind, toUInt64(a) AS n FROM loose", holds=("DROP VIEW m;",)),
    Case("add_columns", "ALTER TABLE loose ADD COLUMN c String DEFAULT 'x', ADD COLUMN IF NOT EXISTS b String, ADD COLUMN d Int8 AFTER a", lacks=(" b",)),
    Case("drop_column", "ALTER TABLE loose DROP COLUMN b", holds=("The values of loose.b do not come back",)),
    Case("drop_middle_column", "ALTER TABLE wide DROP COLUMN b", seed="CREATE TABLE wide (a Int32, b String DEFAULT 'z;', c Int8) ENGINE = MergeTree ORDER BY a", holds=("AFTER a",)),
    Case("modify_columns", "ALTER TABLE loose MODIFY COLUMN b LowCardinality(String) DEFAULT 'x' COMMENT 'c'", holds=("REMOVE DEFAULT", "REMOVE COMMENT")),
    Case("rename_column", "ALTER TABLE loose RENAME COLUMN b TO bb"),
    Case("rename_table", "RENAME TABLE loose TO tight", holds=("RENAME TABLE tight TO loose;",)),
    Case("drop_table", "DROP TABLE events", holds=("The rows of events do not come back",)),
    Case("drop_view", "DROP VIEW rich"),
    Case("drop_materialized_view", "DROP VIEW counts"),
    Case("add_parts", "ALTER TABLE loose ADD INDEX i b TYPE set(10) GRANULARITY 1, ADD CONSTRAINT c CHECK a > 0, ADD PROJECTION p (SELECT b ORDER BY b)"),
    Case("drop_index", "ALTER TABLE events DROP INDEX by_n"),
    Case("drop_constraint", "ALTER TABLE events DROP CONSTRAINT positive"),
    Case("drop_projection", "ALTER TABLE events DROP PROJECTION daily"),
    Case("ttl", "ALTER TABLE events MODIFY TTL at + INTERVAL 2 DAY", holds=("MODIFY TTL",)),
    Case("ttl_new", "ALTER TABLE dated MODIFY TTL at + INTERVAL 2 DAY", seed="CREATE TABLE dated (at DateTime) ENGINE = MergeTree ORDER BY at", holds=("REMOVE TTL",)),
    Case("settings", "ALTER TABLE loose MODIFY SETTING max_parts_in_total = 5000"),
    Case("comments", "ALTER TABLE events COMMENT COLUMN kind 'new'"),
    Case("exchange", "EXCHANGE TABLES loose AND target", holds=("EXCHANGE TABLES loose AND target;",)),
    Case("nothing", "OPTIMIZE TABLE loose"),
    Case("rows", "INSERT INTO loose (a, b) VALUES (1, 'x')", says="No key of the table tells these rows apart"),
    Case("mutation", "ALTER TABLE loose UPDATE b = 'x' WHERE a = 1", says="The values it overwrites are nowhere"),
    Case("traps", "-- DROP TABLE events\nCREATE /* TABLE nope */ TABLE\n t -- x\n (s String DEFAULT 'DROP TABLE events; --') ENGINE = MergeTree\nORDER BY s", holds=("DROP TABLE t;",)),
]  # fmt: skip


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_down_brings_the_schema_back(toolkit: Toolkit, clickhouse_url: str, case: Case) -> None:
    bench = Bench(toolkit, clickhouse_url)
    # One statement a block is all that ClickHouse takes.
    with session(bench.target) as server:
        for statement in SHOP:
            server.query(statement, database=url.parse(clickhouse_url).database)
    bench.check(case)


def test_a_cluster_is_carried_along(toolkit: Toolkit) -> None:
    up = "ALTER TABLE events ON CLUSTER '{cluster}' ADD COLUMN c String;"
    found = toolkit.call("migration:generate-down", engine="clickhouse", up=up)
    assert found["down"] == "ALTER TABLE events ON CLUSTER '{cluster}' DROP COLUMN c;\n"
