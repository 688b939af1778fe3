"""One run a connection in this app."""

from __future__ import annotations

import threading

import pytest

from tests.faults.stories import Background, eventually, job
from tests.kit import ChannelFailed, Shop, Toolkit

SLOW = (
    "CREATE TABLE n AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400000000)"
    " SELECT count(*) FROM c;"
)


def test_a_second_run_is_refused_at_once_and_says_what_runs(sqlite_shop: Shop) -> None:
    sqlite_shop.new("slow", SLOW, "SELECT 1;")
    run = Background(sqlite_shop, "migration:up", "first")
    eventually(lambda: "Applying" in job(sqlite_shop, "first")["message"])
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.up()
    assert refused.value.code == "busy" and "up" in refused.value.message
    sqlite_shop.toolkit.call("job:cancel", job_id="first")
    run.join(20)
    assert sqlite_shop.status()["applied"] == 0
    sqlite_shop.new("after", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    versions = [one["version"] for one in sqlite_shop.status()["migrations"]]
    assert sqlite_shop.up(versions=versions[1:])["ok"]


def test_a_refused_run_gives_the_lock_back(sqlite_shop: Shop) -> None:
    sqlite_shop.write("20260101000000_bad.sql", "no directives here")
    for _ in range(2):
        with pytest.raises(ChannelFailed) as refused:
            sqlite_shop.up()
        assert refused.value.code == "migration_invalid"


def test_two_connections_run_at_the_same_time(toolkit: Toolkit, sqlite_shop: Shop, tmp_path: object) -> None:
    other = toolkit.connect(f"sqlite:{tmp_path}/other.db", name="other")
    for shop in (sqlite_shop, other):
        shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    runs: list[bool] = []
    threads = [
        threading.Thread(target=lambda shop: runs.append(shop.up()["ok"]), args=(shop,))
        for shop in (sqlite_shop, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert runs == [True, True]
