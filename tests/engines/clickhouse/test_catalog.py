"""Catalog and fingerprint: every kind of object is listed, and every change is seen."""

from __future__ import annotations

import pytest

from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.createsql import parts
from tests.engines.sqlite.project import Project

SCHEMA = (
    "CREATE TABLE users (id UInt64, email Nullable(String) DEFAULT 'x' COMMENT 'mail', n Int32 MATERIALIZED id + 1,"
    " INDEX by_email email TYPE bloom_filter GRANULARITY 4, CONSTRAINT positive CHECK id > 0,"
    " PROJECTION daily (SELECT count() GROUP BY email)) ENGINE = MergeTree ORDER BY id COMMENT 'people'",
    "CREATE VIEW names AS SELECT email FROM users",
    "CREATE MATERIALIZED VIEW totals ENGINE = SummingMergeTree ORDER BY id AS SELECT id, n FROM users",
    "CREATE DICTIONARY lookup (id UInt64, email String) PRIMARY KEY id"
    " SOURCE(CLICKHOUSE(TABLE 'users')) LAYOUT(FLAT()) LIFETIME(10)",
)


def run(shop: Project, *statements: str) -> None:
    database = ENGINE.split_url(shop.url)["database"]
    with session(shop.target) as server:
        for statement in statements:
            server.query(statement, database=database)


def fingerprint(shop: Project) -> dict[str, str]:
    """Without the functions: they belong to the server, which other tests use at the same time."""
    return {
        key: value
        for key, value in ENGINE.fingerprint(shop.target).items()
        if not key.startswith("function ")
    }


def test_the_catalog_lists_tables_views_columns_and_indexes(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    shop.up()
    run(shop, *SCHEMA, "INSERT INTO users (id) SELECT number + 1 FROM numbers(7)")
    catalog = ENGINE.catalog(shop.target)
    by_name = {table.name: table for table in catalog.tables}
    assert {name: table.kind for name, table in by_name.items()} == {
        "users": "table", "names": "view", "totals": "materialized_view", "lookup": "table",
    }  # fmt: skip
    users = by_name["users"]
    assert users.rows == 7
    assert [(c.name, c.type, c.nullable, c.default, c.primary_key) for c in users.columns] == [
        ("id", "UInt64", False, None, True),
        ("email", "Nullable(String)", True, "'x'", False),
        ("n", "Int32", False, "MATERIALIZED id + 1", False),
    ]
    assert [(index.name, index.columns) for index in users.indexes] == [("by_email", ["email"])]


def test_the_fingerprint_names_every_object_and_not_the_migrations_table(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    shop.up()
    run(shop, *SCHEMA)
    assert set(fingerprint(shop)) == {
        "table users", "column users.id", "column users.email", "column users.n", "index users.by_email",
        "constraint users.positive", "projection users.daily", "view names", "column names.email",
        "materialized view totals", "column totals.id", "column totals.n", "dictionary lookup",
        "column lookup.id", "column lookup.email",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ("ALTER TABLE users MODIFY COLUMN email Nullable(String) DEFAULT 'y'", {"column users.email"}),
        ("ALTER TABLE users COMMENT COLUMN email 'post'", {"column users.email"}),
        ("ALTER TABLE users MODIFY COMMENT 'folk'", {"table users"}),
        ("ALTER TABLE users MODIFY SETTING merge_with_ttl_timeout = 7200", {"table users"}),
        ("ALTER TABLE users ADD COLUMN age UInt8", {"column users.age"}),
        ("ALTER TABLE users DROP CONSTRAINT positive", {"constraint users.positive"}),
        ("ALTER TABLE users DROP INDEX by_email", {"index users.by_email"}),
        ("ALTER TABLE users DROP PROJECTION daily", {"projection users.daily"}),
        ("CREATE OR REPLACE VIEW names AS SELECT email FROM users WHERE id > 1", {"view names"}),
        ("DROP DICTIONARY lookup", {"dictionary lookup", "column lookup.id", "column lookup.email"}),
        ("INSERT INTO users (id) VALUES (5)", set()),
    ],
)
def test_the_fingerprint_shows_exactly_what_changed(shop: Project, change: str, changed: set[str]) -> None:
    run(shop, *SCHEMA)
    before = fingerprint(shop)
    run(shop, change)
    after = fingerprint(shop)
    assert {key for key in before | after if before.get(key) != after.get(key)} == changed


def test_a_function_is_in_the_fingerprint_and_the_catalog(shop: Project) -> None:
    # Functions belong to the server, so the name is this database's.
    name = f"f_{ENGINE.split_url(shop.url)['database']}"
    run(shop, f"CREATE FUNCTION {name} AS (x) -> x + 1")
    try:
        before = ENGINE.fingerprint(shop.target)[f"function {name}"]
        assert name in ENGINE.catalog(shop.target).functions
        run(shop, f"CREATE OR REPLACE FUNCTION {name} AS (x) -> x + 2")
        assert ENGINE.fingerprint(shop.target)[f"function {name}"] != before
    finally:
        run(shop, f"DROP FUNCTION {name}")


def test_five_hundred_tables_take_a_handful_of_queries(shop: Project) -> None:
    asked = []
    with session(shop.target) as server:
        kind = type(server)
        original = kind.query

        def counting(self: object, sql: str, **options: object) -> object:
            asked.append(sql)
            return original(self, sql, **options)  # type: ignore[arg-type]

        for number in range(60):
            server.query(
                f"CREATE TABLE t{number} (a Int8) ENGINE = Memory",
                database=ENGINE.split_url(shop.url)["database"],
            )
    kind.query = counting  # type: ignore[method-assign,assignment]
    try:
        assert len(ENGINE.catalog(shop.target).tables) == 60
        assert len(ENGINE.fingerprint(shop.target)) == 120
    finally:
        kind.query = original  # type: ignore[method-assign]
    assert len(asked) < 16


def test_the_real_old_server_is_catalogued_too(old_shop: Project) -> None:
    run(
        old_shop,
        "CREATE TABLE users (id UInt64, d Date) ENGINE = MergeTree ORDER BY id",
        "CREATE VIEW v AS SELECT 1 AS one",
    )
    assert [(table.name, table.kind) for table in ENGINE.catalog(old_shop.target).tables] == [
        ("users", "table"),
        ("v", "view"),
    ]
    assert set(ENGINE.fingerprint(old_shop.target)) == {
        "table users",
        "column users.id",
        "column users.d",
        "view v",
        "column v.one",
    }


def test_parts_of_a_create_statement_are_read_through_quotes_and_parentheses() -> None:
    sql = (
        r"CREATE TABLE d.t (`a,(` String DEFAULT 'x,)(', CONSTRAINT `odd \`)` CHECK length(`a,(`) > 0,"
        " INDEX i a TYPE set(0)) ENGINE = Memory"
    )
    found = {name: kind for kind, name, _ in parts(sql)}
    assert found == {"odd `)": "constraint", "i": "index"}
