"""What the next start does and says after a restore that was killed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend.core.people import host_name
from backend.engine.backup import backup_tools
from tests.kit import Shop, Toolkit


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY);", "DROP TABLE users;")
    shop.up()
    return shop


def test_an_interrupted_restore_says_that_neither_may_be_there_and_which_backup_helps(shop: Shop) -> None:
    ledger = shop.toolkit.services.backups._ledger
    about = {
        "engine": "sqlite",
        "host": host_name(),
        "pid": 0,
        "backup_id": "20261201T045512123Z-before-restore",
    }
    ledger.begin("killed", shop.id, "restore", "down", [], about)
    shop.status()
    (run, *_) = shop.call("history:list")["rows"]
    assert run["state"] == "interrupted" and "neither whole" in run["error"]["message"]
    assert "20261201T045512123Z-before-restore" in run["error"]["message"]
    (told, *_) = shop.call("dashboard:show")["summary"]["attention"]
    assert (told["kind"], told["severity"], told["action"]) == ("interrupted", "critical", "backup")
    shop.new("more", "CREATE TABLE more (id INTEGER);", "DROP TABLE more;")
    shop.up()
    assert "interrupted" not in [one["kind"] for one in shop.call("dashboard:show")["summary"]["attention"]]


@pytest.mark.parametrize(("rows", "stays"), [(1, False), (3, True)])
def test_a_half_made_new_database_goes_unless_somebody_uses_it(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, stays: bool
) -> None:
    made = tmp_path / "copy.db"
    with closing(sqlite3.connect(made, isolation_level=None)) as half:
        half.execute("CREATE TABLE users (id INTEGER PRIMARY KEY)")
        half.executemany("INSERT INTO users VALUES (?)", [(number,) for number in range(rows)])
    leftovers = shop.toolkit.services.backups._leftovers
    leftovers._notes.begins(shop.id, created="copy.db", tables={"users": 2})
    assert leftovers.sweep() == [] and made.exists(), "its process lives"
    monkeypatch.setattr("backend.store.restores.psutil.pid_exists", lambda _: False)
    leftovers.sweep()
    assert made.exists() == stays and (tmp_path / "shop.db").exists()
    assert leftovers._notes.broken() == []


def test_what_was_set_aside_gets_its_name_back_and_what_was_staged_goes(
    toolkit: Toolkit, mongodb_url: str
) -> None:
    shop = toolkit.connect(mongodb_url)
    connections = toolkit.services.connections
    target = connections.target(connections.resolve(shop.id))
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        found = client[mongodb_url.partition("?")[0].rpartition("/")[2]]
        found["dbtoolkit_before_ab_0_my_users"].insert_one({"_id": 1})
        found["dbtoolkit_before_ab_1_orders"].insert_one({"_id": "old"})
        found["orders"].insert_one({"_id": "new"})
        found["dbtoolkit_before_cd_0_gone"].insert_one({"_id": 1})
        found["dbtoolkit_restore_ab_0"].insert_one({"_id": 1})
        seen = connections.resolve(shop.id).engine.fingerprint(target)
        assert "collection orders" in seen and not any("dbtoolkit_restore" in one for one in seen)
        assert backup_tools("mongodb").sweep(target) == ["dbtoolkit_restore_ab_0"]
        assert set(found.list_collection_names()) == {
            "my_users",
            "orders",
            "dbtoolkit_before_ab_1_orders",
            "dbtoolkit_before_cd_0_gone",
        }
        assert found["orders"].find_one() == {"_id": "new"}
