"""Rolling back: what stands against it beforehand, and whether the schema is what it was afterwards."""

from __future__ import annotations

import pytest

from tests.kit import ChannelFailed, Shop


def refused(shop: Shop) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as found:
        shop.agree("migration:down")
    return found.value


def test_a_rollback_says_whether_the_schema_is_what_it_was(sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    sqlite_shop.up()
    sqlite_shop.new(
        "grow",
        "ALTER TABLE users ADD COLUMN nick TEXT;\nCREATE TABLE orders (id INTEGER);",
        "DROP TABLE orders;",
    )
    sqlite_shop.up()
    run = sqlite_shop.down()
    check = run["rollback_check"]
    assert check["known"] and not check["equal"] and check["taken_at"]
    assert "+ column users.nick" in check["differences"] and "+ table orders" not in check["differences"]
    record = sqlite_shop.toolkit.call("history:get", run_id=run["run_id"])
    assert record["rollback_check"] == check
    # The first one alone was never seen applied together with nothing else changed: its state was.
    assert sqlite_shop.down()["rollback_check"]["equal"] is True


def test_what_was_never_seen_is_not_known(sqlite_shop: Shop) -> None:
    for name in ("one", "two"):
        sqlite_shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")
    assert sqlite_shop.up()["rollback_check"] is None
    assert sqlite_shop.down()["rollback_check"] == {
        "known": False,
        "equal": None,
        "taken_at": None,
        "differences": [],
    }
    assert sqlite_shop.down()["rollback_check"]["equal"] is True


@pytest.mark.parametrize("down", ["SELECT 1;", "-- no way back\nSELECT 1;\nSELECT 'done' AS done;"])
def test_a_down_that_only_selects_is_refused_with_the_ways_out(sqlite_shop: Shop, down: str) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", down)
    sqlite_shop.up()
    error = refused(sqlite_shop)
    assert error.details["reason"] == "down_does_nothing"
    assert [way["code"] for way in error.details["ways"]] == [
        "write_down",
        "generate_down",
        "mark_not_applied",
    ]
    assert sqlite_shop.statuses() == {"users": "applied"}
    plan = sqlite_shop.call("migration:plan", direction="down")
    assert plan["problems"][0]["details"]["reason"] == "down_does_nothing"


def test_where_the_up_does_nothing_either_there_is_nothing_to_refuse(sqlite_shop: Shop) -> None:
    sqlite_shop.new("nothing", "SELECT 1;", "SELECT 1;")
    sqlite_shop.up()
    assert sqlite_shop.down()["ok"]


def test_a_down_that_no_server_takes_is_refused_at_its_line(toolkit_postgres: Shop) -> None:
    shop = toolkit_postgres
    shop.new("users", "CREATE TABLE users (id int);", "DROP TABLE users;\nDROP TABEL orders;")
    shop.up()
    error = refused(shop)
    assert error.details["reason"] == "down_unparsable"
    content = shop.call("migration:read", version=error.details["files"][0])["content"]
    assert content.splitlines()[error.details["line"] - 1] == "DROP TABEL orders;"
    assert "users" in shop.tables()


@pytest.fixture
def toolkit_postgres(toolkit: object, postgres_url: str) -> Shop:
    from tests.kit import Toolkit

    assert isinstance(toolkit, Toolkit)
    return toolkit.connect(postgres_url)
