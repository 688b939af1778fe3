"""One story over every engine that is backed up: made, restored with what is there kept, brought back, put elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.services.backups import restoring
from tests.kit import ChannelFailed, Shop, Toolkit

SQL = (
    ("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40));", "DROP TABLE users;"),
    ("INSERT INTO users VALUES (1, 'Ada'), (2, 'Zoë'), (3, NULL);", "DELETE FROM users;"),
    ("CREATE TABLE orders (id INTEGER PRIMARY KEY);", "DROP TABLE orders;"),
    ("INSERT INTO users VALUES (4, 'Later');", "DELETE FROM users WHERE id = 4;"),
)
CLICKHOUSE = (
    (
        "CREATE TABLE users (id UInt8, name Nullable(String)) ENGINE = MergeTree ORDER BY id;",
        "DROP TABLE users;",
    ),
    SQL[1],
    ("CREATE TABLE orders (id UInt8) ENGINE = MergeTree ORDER BY id;", "DROP TABLE orders;"),
    SQL[3],
)
MONGODB = (
    ("await db.createCollection('users');", "await db.collection('users').drop();"),
    (
        "await db.collection('users').insertMany([{ _id: 1, name: 'Ada' }, { _id: 2 }, { _id: 3, at: new Date(0) }]);",
        "await db.collection('users').deleteMany({});",
    ),
    ("await db.createCollection('orders');", "await db.collection('orders').drop();"),
    (
        "await db.collection('users').insertOne({ _id: 4 });",
        "await db.collection('users').deleteOne({ _id: 4 });",
    ),
)
ENGINES = {
    "sqlite_url": SQL, "postgres_url": SQL, "postgres15_url": SQL, "mysql_url": SQL, "clickhouse_url": CLICKHOUSE,
    "mongodb_url": MONGODB,
}  # fmt: skip


@pytest.fixture(params=ENGINES, ids=lambda name: name.removesuffix("_url"))
def shop(toolkit: Toolkit, request: pytest.FixtureRequest) -> Shop:
    shop = toolkit.connect(request.getfixturevalue(request.param))
    names = ("create users", "fill users", "create orders", "one more user")
    for name, (up, down) in zip(names, ENGINES[request.param], strict=True):
        shop.new(name, up, down)
    shop.agree("migration:up", count=2)
    return shop


def users(backup: dict[str, Any]) -> int:
    (found,) = [one["rows"] for one in backup["tables"] if one["table"].rpartition(".")[2] == "users"]
    return int(found)


def statuses(shop: Shop) -> list[str]:
    return [one["status"] for one in shop.call("migration:list")["migrations"]]


def test_what_was_backed_up_comes_back_and_what_was_there_too(shop: Shop, toolkit: Toolkit) -> None:
    planned = shop.call("backup:plan")
    assert planned["possible"] and planned["tool"] and planned["free_bytes"]
    made = shop.call("backup:create")
    assert (made["state"], users(made), len(made["applied"])) == ("good", 3, 2)
    run = shop.agree("migration:up", backup=True)
    assert statuses(shop) == ["applied"] * 4
    before = shop.call("backup:get", backup_id=run["backup_id"])
    assert (before["reason"], before["run_state"], users(before)) == ("before_up", "ok", 3)

    back = shop.agree("backup:restore", backup_id=made["id"])
    assert back["equal"], back["checks"]
    assert statuses(shop) == ["applied", "applied", "pending", "pending"]
    (newest, *_) = toolkit.call("history:list", connection=shop.id)["rows"]
    assert (newest["kind"], newest["state"]) == ("restore", "ok")

    safety = shop.call("backup:get", backup_id=back["safety_backup_id"])
    assert (safety["reason"], users(safety)) == ("before_restore", 4)
    forth = shop.agree("backup:restore", backup_id=safety["id"])
    assert forth["equal"], forth["checks"]
    assert statuses(shop) == ["applied"] * 4
    # What came back can be worked with.
    shop.agree("migration:down", count=2)
    assert statuses(shop) == ["applied", "applied", "pending", "pending"]
    assert shop.call("backup:verify", backup_id=safety["id"])["state"] == "good"
    assert shop.call("backup:commands", backup_id=made["id"])["shell"]


def test_into_a_new_database_and_never_through_read_only(shop: Shop, toolkit: Toolkit) -> None:
    made = shop.call("backup:create")
    name = f"dbt_back_{abs(hash(shop.connection['url'])) % 10**9}"
    done = shop.call("backup:restore", backup_id=made["id"], into="new", database=name)
    assert done["equal"], done["checks"]
    new = done["new_connection"]
    found = toolkit.call("migration:status", connection=new)
    assert (found["database_exists"], found["applied"], found["pending"]) == (True, 2, 2)
    toolkit.agree("database:drop", connection=new)
    shop.call("connection:update", read_only=True)
    with pytest.raises(ChannelFailed) as refused:
        shop.agree("backup:restore", backup_id=made["id"])
    assert refused.value.code == "read_only"
    assert shop.call("backup:verify", backup_id=made["id"])["state"] == "good"


def test_nobody_runs_migrations_while_a_restore_is_proven(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    made = shop.call("backup:create")
    other = Toolkit(tmp_path / "other-home")
    url = request.getfixturevalue(request.node.callspec.params["shop"])
    theirs = other.connect(url, migrations_dir=str(shop.folder))
    capable = (
        shop.toolkit.services.connections.resolve(shop.id).engine.capabilities()["database_lock"].supported
    )
    refused: list[str] = []
    real: Callable[..., Any] = restoring.checks

    def meanwhile(*given: Any) -> Any:
        answer = other.envelope("migration:up", connection=theirs.id)
        refused.append("ran" if answer["ok"] else answer["error"]["code"])
        return real(*given)

    monkeypatch.setattr(restoring, "checks", meanwhile)
    try:
        if capable:
            shop.agree("backup:restore", backup_id=made["id"])
            assert refused == ["busy"]
            monkeypatch.undo()
            assert other.agree("migration:up", connection=theirs.id)["ok"], "the lock is given back"
    finally:
        other.close()
