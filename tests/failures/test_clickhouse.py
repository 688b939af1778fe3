"""ClickHouse knows no transaction: what a file did before it failed stays."""

from __future__ import annotations

import pytest

from tests.kit import Shop, Toolkit

from .kit import fails, open_ways, schema_of, states


@pytest.fixture
def shop(toolkit: Toolkit, clickhouse_url: str) -> Shop:
    return toolkit.connect(clickhouse_url)


def test_what_landed_is_named_and_cleaned_up(shop: Shop) -> None:
    shop.new("users", "CREATE TABLE users (id UInt32) ENGINE = MergeTree ORDER BY id;", "DROP TABLE users;")
    shop.up()
    before = schema_of(shop)
    up = (
        "CREATE TABLE orders (id UInt32) ENGINE = MergeTree ORDER BY id;\n"
        "ALTER TABLE users ADD COLUMN nick String;\n"
        "ALTER TABLE missing ADD COLUMN x UInt32;\n"
        "ALTER TABLE users ADD COLUMN more String;"
    )
    version = shop.new("grow", up, "DROP TABLE orders;")["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    if not shown["partial"]:
        # A server that takes one statement at a time refuses the whole block.
        assert states(shown) == ["not_landed"] * 4 and "retry" in open_ways(shown)
        assert schema_of(shop) == before
        return
    assert states(shown) == ["landed", "landed", "not_landed", "not_landed"]
    shop.agree("failure:resolve", version=version, way="clean_up")
    assert schema_of(shop) == before and shop.flags()["grow"] == []


def test_a_single_statement_that_fails_half_way_is_seen_by_its_rows(shop: Shop) -> None:
    shop.new("users", "CREATE TABLE users (id UInt32) ENGINE = MergeTree ORDER BY id;", "DROP TABLE users;")
    shop.up()
    up = (
        "INSERT INTO users SELECT throwIf(number = 250000) + number FROM numbers(300000)"
        " SETTINGS max_block_size = 10000, max_insert_block_size = 10000, min_insert_block_size_rows = 0,"
        " min_insert_block_size_bytes = 0;"
    )
    version = shop.new("fill", up, "TRUNCATE TABLE users;")["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    (rows,) = shown["rows"]
    assert rows["before"] == 0
    assert shown["partial"] == (rows["after"] > 0)
