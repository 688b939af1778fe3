"""MongoDB's and ClickHouse's backups through the service: made, and restored with what was proven."""

from __future__ import annotations

from typing import Any

from backend.engine.target import Target
from backend.engines.clickhouse.connect import session
from backend.engines.mongodb.connect import database
from tests.kit import Shop, Toolkit


def restored(shop: Shop) -> Any:
    made = shop.call("backup:list")["backups"][0]
    assert made["state"] == "good"
    return shop.agree("backup:restore", backup_id=made["id"], safety_backup=False)


def test_mongodb(toolkit: Toolkit, mongodb_url: str) -> None:
    shop = toolkit.connect(mongodb_url)
    target = Target("mongodb", mongodb_url, shop.folder, "changelog")
    with database(target) as found:
        found.users.insert_many([{"_id": 1}, {"_id": 2}])
        shop.call("backup:create")
        found.users.delete_one({"_id": 1})
        answer = restored(shop)
        assert answer["equal"], answer["checks"]
        assert found.users.count_documents({}) == 2


def test_clickhouse(toolkit: Toolkit, clickhouse_url: str) -> None:
    shop = toolkit.connect(clickhouse_url)
    target = Target("clickhouse", clickhouse_url, shop.folder, "schema_migrations")
    name = clickhouse_url.rpartition("/")[2]
    with session(target) as server:
        server.query("CREATE TABLE users (id UInt8) ENGINE = MergeTree ORDER BY id", database=name)
        server.query("INSERT INTO users VALUES (1), (2)", database=name)
        shop.call("backup:create")
        server.query("TRUNCATE TABLE users", database=name)
        answer = restored(shop)
        assert answer["equal"], answer["checks"]
        assert server.query("SELECT count() FROM users", database=name) == [[2]]
