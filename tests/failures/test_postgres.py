"""PostgreSQL rolls a file back, but for what cannot stand in a transaction and for files that commit by themselves."""

from __future__ import annotations

import pytest

from tests.kit import Shop, Toolkit

from .kit import counts_of, fails, open_ways, recommended, schema_of, states, ways


@pytest.fixture
def shop(toolkit: Toolkit, postgres_url: str) -> Shop:
    shop = toolkit.connect(postgres_url)
    shop.new(
        "users",
        "CREATE TABLE users (id int, name text);\nINSERT INTO users VALUES (1, 'Eve'), (1, 'Eve');",
        "DROP TABLE users;",
    )
    shop.up()
    return shop


def test_a_file_in_a_transaction_leaves_nothing_and_may_run_again(shop: Shop) -> None:
    version = shop.new(
        "grow", "CREATE TABLE a (id int);\nSELECT nothing FROM a;\nCREATE TABLE b (id int);", ""
    )["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert not shown["partial"] and states(shown) == ["not_landed"] * 3
    assert [one["failed_here"] for one in shown["statements"]] == [False, True, False]
    assert recommended(shown) == "retry" and "clean_up" not in open_ways(shown)
    assert "rolled back" in shown["summary"]
    shop.call("migration:update", version=version, up="CREATE TABLE a (id int);")
    done = shop.agree("failure:resolve", version=version, way="retry")
    assert done["status"] == "applied" and shop.call("failure:list")["failures"] == []


def test_the_invalid_index_of_a_failed_concurrent_build_is_found_and_dropped(shop: Shop) -> None:
    before = schema_of(shop)
    version = shop.new(
        "unique name",
        "CREATE UNIQUE INDEX CONCURRENTLY users_id ON users (id);",
        "DROP INDEX users_id;",
        transaction=False,
    )["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert shown["partial"] and shown["invalid_indexes"] == ["users_id"]
    assert recommended(shown) == "drop_invalid_indexes"
    assert ways(shown)["drop_invalid_indexes"]["statements"] == ["DROP INDEX CONCURRENTLY public.users_id;"]
    done = shop.agree("failure:resolve", version=version, way="drop_invalid_indexes")
    assert done["left"] == [] and schema_of(shop) == before
    assert shop.flags()["unique-name" if "unique-name" in shop.flags() else "unique_name"] == []
    # One that no failed file left is shown with any migration.
    fails(shop)
    shop.agree("migration:baseline", versions=[version])
    applied = shop.call("failure:show", version=version)
    assert applied["statements"] == [] and open_ways(applied) == {"drop_invalid_indexes"}


def test_a_file_that_commits_and_then_fails_stays_half_done(shop: Shop) -> None:
    before = schema_of(shop)
    up = "CREATE TABLE a (id int);\nINSERT INTO users VALUES (2, 'Bob');\nCOMMIT;\nCREATE TABLE b (id int);\nSELECT 1/0;"
    version = shop.new("commits", up, "DROP TABLE a;")["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert shown["partial"] and "+ table a" in shown["objects"]
    assert states(shown)[:2] == ["landed", "landed"] and states(shown)[3:] == ["not_landed", "not_landed"]
    shop.agree("failure:resolve", version=version, way="clean_up")
    # No key tells Bob from another: his row stays, and that was said.
    assert "did to rows stays" in ways(shown)["clean_up"]["says"]
    assert schema_of(shop) == before and counts_of(shop, "users") == {"users": 3}


def test_a_file_that_commits_by_itself_and_is_recorded_is_told_for_what_it_is(shop: Shop) -> None:
    shop.new("commits", "CREATE TABLE a (id int);\nCOMMIT;", "DROP TABLE a;")
    run = shop.up()
    assert run["ok"] and "by itself" in run["warnings"][0]
    assert shop.statuses()["commits"] == "applied" and "a" in shop.tables()


def test_of_a_batch_that_stops_it_is_told_what_ran(shop: Shop) -> None:
    shop.new("one", "CREATE TABLE one (id int);", "DROP TABLE one;")
    shop.new("two", "SELECT 1/0;", "")
    shop.new("three", "CREATE TABLE three (id int);", "DROP TABLE three;")
    error = fails(shop)
    assert [one["status"] for one in error.details["run"]["migrations"]] == ["applied", "failed", "not_run"]
    assert [one["filename"] for one in shop.call("failure:list")["failures"]] == [
        one["filename"] for one in error.details["run"]["migrations"] if one["status"] == "failed"
    ]
