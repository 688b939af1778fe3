"""Two apps over one home, as a window and the command line: each sees what the other did, none loses anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def other(toolkit: Toolkit) -> Iterator[Toolkit]:
    second = Toolkit(toolkit.home)
    yield second
    second.close()


def test_each_sees_the_others_connections_and_changes(
    toolkit: Toolkit, other: Toolkit, sqlite_shop: Shop
) -> None:
    assert other.call("connection:get", connection="shop")["name"] == "shop"
    other.call("connection:update", connection="shop", name="Renamed")
    assert toolkit.call("connection:get", connection="shop")["name"] == "Renamed"
    toolkit.call("connection:delete", connection="shop")
    assert other.call("connection:list")["connections"] == []


def test_the_same_name_twice_at_once_makes_two_connections(toolkit: Toolkit, other: Toolkit) -> None:
    made: list[str] = []

    def create(app: Toolkit) -> None:
        for _ in range(5):
            answer = app.envelope("connection:create", name="Same", url="sqlite:a.db")
            made.append(answer["data"]["id"] if answer["ok"] else answer["error"]["code"])

    threads = [threading.Thread(target=create, args=(app,)) for app in (toolkit, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 10, made
    assert sorted(one["id"] for one in toolkit.call("connection:list")["connections"]) == sorted(made)


def test_one_run_at_a_time(toolkit: Toolkit, other: Toolkit, sqlite_shop: Shop) -> None:
    slow = (
        "CREATE TABLE users (id INTEGER);\nINSERT INTO users WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT count(*) FROM n;"
    )
    sqlite_shop.new("users", slow, "DROP TABLE users;")
    outcomes: list[str] = []

    def run(app: Toolkit) -> None:
        answer = app.envelope("migration:up", connection="shop")
        outcomes.append("ok" if answer["ok"] else answer["error"]["code"])

    threads = [threading.Thread(target=run, args=(app,)) for app in (toolkit, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["busy", "ok"], ["ok", "ok"]), outcomes
    for app in (toolkit, other):
        report = app.call("migration:status", connection="shop")
        assert [one["status"] for one in report["migrations"]] == ["applied"]
    assert Shop(other, sqlite_shop.connection).tables() == {"users"}


def test_what_one_ran_the_other_knows_with_time_and_author(
    toolkit: Toolkit, other: Toolkit, sqlite_shop: Shop
) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    there = Shop(other, sqlite_shop.connection)
    assert there.statuses() == {"users": "pending"}
    sqlite_shop.up()
    (seen,) = there.status()["migrations"]
    assert seen["status"] == "applied" and seen["applied_at"] and seen["author"] and seen["duration_ms"]


def test_a_draft_of_one_is_there_for_the_other(toolkit: Toolkit, other: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.call("draft:save", key="new:1", content="text")
    assert other.call("draft:list", connection="shop")["drafts"][0]["content"] == "text"


def test_both_edit_one_file_and_the_second_is_told(
    toolkit: Toolkit, other: Toolkit, sqlite_shop: Shop
) -> None:
    version = sqlite_shop.new("users", "SELECT 1;", "SELECT 1;")["version"]
    there = Shop(other, sqlite_shop.connection)
    mine, theirs = (shop.call("migration:read", version=version)["sha256"] for shop in (sqlite_shop, there))
    sqlite_shop.call("migration:update", version=version, up="SELECT 2;", expected_sha256=mine)
    with pytest.raises(ChannelFailed) as failure:
        there.call("migration:update", version=version, up="SELECT 3;", expected_sha256=theirs)
    assert failure.value.code == "edited_on_disk" and "SELECT 2;" in failure.value.details["content"]
