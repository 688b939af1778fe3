"""One connection's dashboard: figures from the database and the ledger, and what needs attention, gravest first."""

from __future__ import annotations

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


def file(up: str, down: str = "SELECT 1;") -> str:
    return f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


def kinds(shop: Shop) -> list[str]:
    return [one["kind"] for one in shop.call("dashboard:show")["summary"]["attention"]]


def fails(shop: Shop) -> None:
    with pytest.raises(ChannelFailed):
        shop.up()


def test_success_rates_count_files_and_leave_out_what_was_only_marked(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.new("one", "CREATE TABLE one (id INTEGER);", "DROP TABLE one;")
    shop.new("two", "CREATE TABLE two (id INTEGER);", "DROP TABLE nowhere;")
    shop.up()
    with pytest.raises(ChannelFailed):
        shop.down()
    shop.new("three", "CREATE TABLE;", "SELECT 1;")
    fails(shop)
    shop.agree("migration:baseline", versions=[shop.status()["migrations"][-1]["filename"]])

    report = shop.call("dashboard:show")

    assert report["migrations_rate"] == {"good": 2, "total": 3}
    assert report["rollbacks_rate"] == {"good": 0, "total": 1}
    assert report["restores_rate"] is None
    assert [run["kind"] for run in report["recent"]] == ["baseline", "up", "down", "up"]


def test_attention_is_told_in_order_of_gravity(sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.write("20260101000000_first.sql", file("CREATE TABLE first (id INTEGER);"))
    shop.write("20260102000000_second.sql", file("CREATE TABLE second (id INTEGER);"))
    shop.up()
    shop.write("20260101000000_first.sql", file("CREATE TABLE first (id TEXT);"))
    (shop.folder / "20260102000000_second.sql").unlink()
    shop.write("20251231000000_late.sql", file("CREATE TABLE late (id INTEGER);"))
    shop.write("20260103000000_fails.sql", file("CREATE TABLE;"))
    with pytest.raises(ChannelFailed):
        shop.up(versions=["20260103000000"])
    shop.write("20260104000000_no_marker.sql", "CREATE TABLE x (id INTEGER);\n")
    shop.write("20260105000000_twin_a.sql", file("SELECT 1;"))
    shop.write("20260105000000_twin_b.sql", file("SELECT 1;"))
    shop.write("20260106000000_no_way_back.sql", file("SELECT 1;", ""))

    assert kinds(shop) == [
        "failed",
        "duplicate",
        "invalid",
        "out_of_order",
        "missing_file",
        "edited",
        "no_down",
    ]


def test_a_failure_says_why_and_offers_to_try_again(sqlite_shop: Shop) -> None:
    sqlite_shop.write("20260103000000_fails.sql", file("INSERT INTO nowhere VALUES (1);"))
    fails(sqlite_shop)
    (failed,) = sqlite_shop.call("dashboard:show")["summary"]["attention"]
    assert failed["action"] == "retry" and failed["count"] == 1
    assert failed["filenames"] == ["20260103000000_fails.sql"]
    assert "nowhere" in failed["detail"]


def test_what_stayed_of_a_failed_file_is_graver_than_the_failure(toolkit: Toolkit, mysql_url: str) -> None:
    shop = toolkit.connect(mysql_url)
    shop.new("half", "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);", "DROP TABLE half;")
    fails(shop)
    assert kinds(shop) == ["partial"]


def test_of_many_the_first_five_are_named(sqlite_shop: Shop) -> None:
    for number in range(8):
        sqlite_shop.write(f"2026010{number}000000_empty.sql", "nothing\n")
    (invalid,) = sqlite_shop.call("dashboard:show")["summary"]["attention"]
    assert invalid["count"] == 8 and "8 files" in invalid["message"]
    assert invalid["versions"] == [f"2026010{number}000000" for number in range(5)]


def test_a_read_only_connection_says_that_nothing_can_be_applied(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url, read_only=True)
    assert kinds(shop) == []
    shop.new("one", "SELECT 1;", "SELECT 1;")
    assert kinds(shop) == ["read_only"]


def test_the_risk_of_what_is_pending_is_told(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("people", "CREATE TABLE people (id integer, name text);", "DROP TABLE people;")
    shop.up()
    shop.new("harmless", "CREATE TABLE pets (id integer);", "DROP TABLE pets;")
    shop.new(
        "loses names", "ALTER TABLE people DROP COLUMN name;", "ALTER TABLE people ADD COLUMN name text;"
    )
    risks = shop.call("dashboard:risks")
    assert risks["checked"] == 2 and risks["unchecked"] == 0
    assert risks["attention"]["kind"] == "risky_pending"
    assert [name.split("_", 1)[1] for name in risks["attention"]["filenames"]] == ["loses_names.sql"]


def test_no_secret_is_in_the_answer(toolkit: Toolkit) -> None:
    secret = "hunter2-verysecret"
    shop = toolkit.connect(f"postgres://app:{secret}@127.0.0.1:1/crm?sslmode=disable", "crm")
    assert secret not in str(toolkit.envelope("dashboard:show", connection=shop.id))
    assert secret not in str(toolkit.envelope("dashboard:all"))
