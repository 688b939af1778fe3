"""SQLite: half-done files are those with `transaction:false`. Also what is common to all engines, on the quickest one."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

from .kit import counts_of, fails, open_ways, recommended, schema_of, states, ways

UP = """\
PRAGMA foreign_keys = OFF;
CREATE TABLE orders (id INTEGER PRIMARY KEY);
INSERT INTO users VALUES (2, 'Bob');
ALTER TABLE users ADD COLUMN nick TEXT;
INSERT INTO missing VALUES (1);
CREATE INDEX users_nick ON users (nick);
"""


@pytest.fixture
def shop(sqlite_shop: Shop) -> Shop:
    sqlite_shop.new(
        "users",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\nINSERT INTO users VALUES (1, 'Eve');",
        "DROP TABLE users;",
    )
    sqlite_shop.up()
    return sqlite_shop


def half_done(shop: Shop) -> str:
    version: str = shop.new("grow", UP, "DROP TABLE orders;", transaction=False)["version"]
    fails(shop)
    return version


def test_each_way_leads_where_it_says(shop: Shop) -> None:
    before = schema_of(shop)
    version = half_done(shop)
    shown = shop.call("failure:show", version=version)
    assert states(shown)[1:] == ["landed"] * 3 + ["not_landed"] * 2 and recommended(shown) == "clean_up"
    assert shown["rows"][0] == {"table": "users", "before": 1, "after": 2}
    shop.agree("failure:resolve", version=version, way="clean_up")
    assert schema_of(shop) == before and counts_of(shop, "users") == {"users": 1}

    fails(shop)
    mended = UP.replace("INSERT INTO missing VALUES (1);\n", "")
    shop.call("migration:update", version=version, up=mended)
    rest = ways(shop.call("failure:show", version=version))["run_remainder"]
    assert rest["statements"] == ["CREATE INDEX users_nick ON users (nick)"]
    done = shop.agree("failure:resolve", version=version, way="run_remainder")
    assert done["status"] == "applied" and "index users_nick" in schema_of(shop)
    assert shop.flags()["grow"] == [], "what is recorded as run is the whole file"
    run = shop.toolkit.call("history:get", run_id=done["run_id"])
    assert (
        run["kind"] == "remainder"
        and run["files"][0]["content"] == shop.call("migration:read", version=version)["content"]
    )


def test_rows_of_a_table_that_the_file_itself_made_tell_what_landed(shop: Shop) -> None:
    up = """CREATE TABLE parcels (id INTEGER PRIMARY KEY);
INSERT INTO parcels VALUES (1), (2);
UPDATE users SET name = upper(name);
UPDATE stamps SET colour = 'red';"""
    version = shop.new("parcels", up, "DROP TABLE parcels;", transaction=False)["version"]
    fails(shop)
    _, inserted, changed, _ = shop.call("failure:show", version=version)["statements"]
    assert (inserted["state"], inserted["why"]) == (
        "landed",
        "Rows of parcels: none when it was made, 2 now.",
    )
    assert (changed["state"], changed["why"]) == (
        "unknown",
        "Rows of users: 1 before, 1 now. They do not tell whether it ran.",
    )


def test_the_flag_goes_only_when_the_database_shows_it_and_then_everywhere(shop: Shop) -> None:
    version = half_done(shop)

    def seen() -> tuple[bool, bool, bool]:
        return (
            "partial" in shop.flags()["grow"],
            any(one["kind"] == "partial" for one in dashboard(shop)["attention"]),
            any(one["partial"] for one in shop.call("failure:list")["failures"]),
        )

    assert seen() == (True, True, True)
    with closing(sqlite3.connect(path_of(shop))) as database:
        database.executescript("DROP TABLE orders; ALTER TABLE users DROP COLUMN nick;")
    assert shop.call("failure:show", version=version)["objects"] == []
    assert seen() == (True, True, True), "Bob's row is still there"
    with closing(sqlite3.connect(path_of(shop))) as database:
        database.executescript("DELETE FROM users WHERE id = 2;")
    assert not shop.call("failure:show", version=version)["partial"]
    assert seen() == (False, False, False)


def test_production_asks_and_read_only_refuses(shop: Shop) -> None:
    version = half_done(shop)
    shop.call("connection:update", environment="production")
    with pytest.raises(ChannelFailed) as asked:
        shop.call("failure:resolve", version=version, way="clean_up")
    assert asked.value.code == "confirmation_required" and any(
        "users" in one for one in asked.value.details["losses"]
    )
    shop.call("connection:update", read_only=True)
    with pytest.raises(ChannelFailed) as refused:
        shop.call("failure:resolve", version=version, way="clean_up", confirm="shop")
    assert refused.value.code == "read_only" and "orders" in shop.tables()


def test_a_crash_before_the_end_is_settled_and_shown(shop: Shop, toolkit: Toolkit) -> None:
    """The app went away after the tool had stopped half way: only what was kept beforehand is known."""
    version = half_done(shop)
    with closing(sqlite3.connect(toolkit.home / "toolkit.db")) as ledger:
        (run_id,) = ledger.execute("SELECT run_id FROM run WHERE state = 'failed'").fetchone()
        kept = ledger.execute("SELECT content FROM half_done").fetchall()
        assert kept
        restore_before(ledger, run_id, version)
        ledger.execute("UPDATE run SET state = 'running', pid = 999999 WHERE run_id = ?", (run_id,))
        ledger.execute(
            "UPDATE run_migration SET status = 'running', partial = 0, landed = NULL WHERE run_id = ?",
            (run_id,),
        )
        ledger.execute("DELETE FROM half_done")
        ledger.commit()
    again = Toolkit(toolkit.home)
    try:
        shop = Shop(again, shop.connection)
        assert "partial" in shop.flags()["grow"]
        shown = shop.call("failure:show", version=version)
        assert "interrupted" in shown["summary"] and states(shown)[1:4] == ["landed"] * 3
        assert "clean_up" in open_ways(shown)
    finally:
        again.close()


def restore_before(ledger: sqlite3.Connection, run_id: str, version: str) -> None:
    """What stood in `before_file` while it ran, made again from what the failure kept."""
    (blob,) = ledger.execute("SELECT content FROM half_done WHERE version = ?", (version,)).fetchone()
    left = json.loads(zlib.decompress(blob))
    before = {
        "objects": {"table users": "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)"},
        "snapshot": left["snapshot"],
        "rows": {table: one[0] for table, one in left["rows"].items()},
    }
    ledger.execute(
        "INSERT INTO before_file VALUES (?, ?, ?)",
        (run_id, version, zlib.compress(json.dumps(before).encode())),
    )


def dashboard(shop: Shop) -> dict[str, Any]:
    shown = shop.call("dashboard:show")
    found: dict[str, Any] = next(
        one for one in [shown, *shown.values()] if isinstance(one, dict) and "attention" in one
    )
    return found


def path_of(shop: Shop) -> Path:
    return Path(shop.connection["url"].removeprefix("sqlite:"))
