"""Read-only refuses, production asks: the rules of consent over every channel that changes a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from backend.rpc.registry import channels
from tests.kit import ChannelFailed, Shop

UP, DOWN = "CREATE TABLE users (id INTEGER);", "DROP TABLE users;"


@dataclass(frozen=True)
class Change:
    """One channel that changes the database, ready to be called."""

    channel: str
    payload: dict[str, Any] = field(default_factory=dict)
    prepare: Callable[[Shop], None] = lambda shop: None
    mongodb: bool = False
    find: Callable[[Shop], dict[str, Any]] = lambda shop: {}
    """What of the payload is only known once it is prepared."""

    def asked_of(self, shop: Shop) -> dict[str, Any]:
        return {**self.payload, **self.find(shop)}


def _applied(shop: Shop) -> None:
    shop.up()


def _failed(shop: Shop) -> None:
    shop.new("broken", "SELECT * FROM nowhere;", "")
    with pytest.raises(ChannelFailed):
        shop.up()
    shop.call("connection:update", migrations_table="schema_migrations")


def _stopped(shop: Shop) -> dict[str, Any]:
    return {"run_id": shop.call("migration:last-batch")["batch"]["run_id"]}


def _backed_up(shop: Shop) -> None:
    shop.up()
    shop.call("backup:create")


def _backup(shop: Shop) -> dict[str, Any]:
    return {"backup_id": shop.call("backup:list")["backups"][-1]["id"]}


def _failed_one(shop: Shop) -> dict[str, Any]:
    (found,) = [one for one in shop.call("migration:list")["migrations"] if one["status"] == "failed"]
    return {"version": found["version"]}


def _dumped_and_dropped(shop: Shop) -> None:
    shop.up()
    shop.call("schema:dump")
    shop.agree("database:drop")


def _collection(shop: Shop) -> None:
    shop.call("collection:create", name="c")


def _beside(shop: Shop) -> None:
    """A folder of another tool's."""
    folder = shop.toolkit.home.parent / "theirs"
    folder.mkdir()
    (folder / "1_items.up.sql").write_text("CREATE TABLE items (id INTEGER);")


def _looked_at(shop: Shop) -> dict[str, Any]:
    path = str(shop.toolkit.home.parent / "theirs")
    return {"path": path, "sha256": shop.call("convert:inspect", path=path)["sha256"]}


def _bare(shop: Shop) -> None:
    """A database with a table, and no migration."""
    shop.up()
    shop.agree("migration:baseline", mark="not_applied")
    for one in shop.folder.iterdir():
        one.unlink()


def _dropped(shop: Shop) -> None:
    shop.agree("database:drop")


VALIDATOR = {"$jsonSchema": {"required": ["a"]}}
CHANGES = [
    Change("migration:up"),
    Change("migration:up", {"count": 1}),
    Change("migration:down", {}, _applied),
    Change("migration:redo", {}, _applied),
    Change("migration:retry", {}, _failed),
    Change("migration:resume", {}, _failed, find=_stopped),
    Change("migration:baseline", {"mark": "applied"}),
    Change("migration:baseline", {"mark": "not_applied"}, _applied),
    Change("convert:run", {}, _beside, find=_looked_at),
    Change("convert:baseline", {}, _bare),
    Change("backup:restore", {}, _backed_up, find=_backup),
    Change("failure:resolve", {"way": "mark_applied"}, _failed, find=_failed_one),
    Change("database:create", {}, _dropped),
    Change("database:drop", {}, _applied),
    Change("schema:load", {}, _dumped_and_dropped),
    Change("collection:create", {"name": "c"}, mongodb=True),
    Change("collection:create-index", {"collection": "c", "keys": [{"field": "a"}]}, _collection, mongodb=True),
    Change("collection:set-validator", {"collection": "c", "validator": VALIDATOR}, _collection, mongodb=True),
]  # fmt: skip

# Nouns that know no database, and channels that read it or change the app's own files.
HARMLESS_NOUNS = {
    "analytics", "app", "comment", "dashboard", "draft", "error", "history", "job", "live", "rule", "settings", "share",
    "template", "timeline",
}  # fmt: skip
HARMLESS = {
    "backup:commands", "backup:create", "backup:delete", "backup:get", "backup:list", "backup:plan", "backup:update",
    "backup:verify", "failure:list", "failure:show",
    "collection:check-validator", "connection:adopt", "connection:build-url", "connection:create", "connection:delete",
    "connection:engines", "connection:get", "connection:inspect-folder", "connection:list", "connection:remove-variable",
    "convert:export", "convert:inspect",
    "connection:create-local", "connection:sample",
    "preview:rehearsal", "preview:rehearsals", "preview:rehearse", "preview:scratch", "preview:show",
    "connection:set-variable", "connection:split-url", "connection:test", "connection:unlock",
    "connection:update", "connection:variables", "database:wait", "migration:definition", "migration:delete",
    "migration:detect-type", "migration:find", "migration:generate-down", "migration:last-batch",
    "migration:list", "migration:new", "migration:plan", "migration:read", "migration:restore", "migration:search",
    "migration:status", "migration:undelete", "migration:update", "migration:validate", "schema:catalog", "schema:compare",
    "schema:ddl", "schema:describe", "schema:diagram", "schema:docs", "schema:drift", "schema:dump", "schema:export",
    "schema:generate", "schema:outline", "schema:picture", "schema:prove", "schema:read", "schema:snapshot",
}  # fmt: skip


def test_every_channel_is_known_to_change_a_database_or_not() -> None:
    """A new channel has to be put into one of the lists above: this is where somebody thinks of consent."""
    asked = {name for name in channels() if name.split(":")[0] not in HARMLESS_NOUNS}
    assert asked == HARMLESS | {change.channel for change in CHANGES}


@pytest.fixture(params=CHANGES, ids=lambda change: f"{change.channel}{change.payload or ''}")
def change(request: pytest.FixtureRequest) -> Change:
    found: Change = request.param
    return found


@pytest.fixture
def shop(change: Change, toolkit: Any, sqlite_url: str, request: pytest.FixtureRequest) -> Shop:
    shop: Shop = toolkit.connect(request.getfixturevalue("mongodb_url") if change.mongodb else sqlite_url)
    if not change.mongodb:
        shop.new("users", UP, DOWN)
    change.prepare(shop)
    return shop


def _state(shop: Shop) -> tuple[dict[str, str], set[str], bool]:
    report = shop.status()
    tables = shop.tables() if report["database_exists"] else set()
    return shop.statuses(), tables, report["database_exists"]


def test_a_read_only_connection_refuses_it(shop: Shop, change: Change) -> None:
    shop.call("connection:update", read_only=True)
    before, payload = _state(shop), change.asked_of(shop)
    for confirm in ({}, {"confirm": "shop"}):
        with pytest.raises(ChannelFailed) as failure:
            shop.call(change.channel, **payload, **confirm)
        assert failure.value.code == "read_only" and "shop" in failure.value.message and failure.value.hint
    assert _state(shop) == before


def test_production_asks_for_its_name_and_goes_on_with_it(shop: Shop, change: Change) -> None:
    shop.call("connection:update", environment="production")
    before, payload = _state(shop), change.asked_of(shop)
    for confirm in ({}, {"confirm": ""}, {"confirm": "yes"}, {"confirm": "Shop"}, {"confirm": "shop "}):
        with pytest.raises(ChannelFailed) as failure:
            shop.call(change.channel, **payload, **confirm)
        assert failure.value.code == "confirmation_required", confirm
        assert failure.value.details["confirm"] == "shop" and isinstance(
            failure.value.details["losses"], list
        )
    assert _state(shop) == before
    answer = shop.toolkit.envelope(change.channel, connection=shop.id, **payload, confirm="shop")
    # The file that failed before fails again; it was tried.
    again = ("migration:retry", "migration:resume")
    assert answer["ok"] or (change.channel in again and answer["error"]["code"] == "migration_failed")


def test_the_database_itself_is_opened_read_only(sqlite_shop: Shop) -> None:
    """Not only the services refuse."""
    sqlite_shop.new("users", UP, DOWN)
    sqlite_shop.up()
    sqlite_shop.call("connection:update", read_only=True)
    for channel in ("migration:status", "schema:catalog", "schema:dump", "migration:plan", "connection:test"):
        assert sqlite_shop.toolkit.envelope(channel, connection="shop")["ok"], channel


def test_reading_never_asks_on_production(sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", UP, DOWN)
    sqlite_shop.call("connection:update", environment="production")
    for channel in (
        "migration:status",
        "migration:list",
        "migration:plan",
        "connection:test",
        "connection:get",
    ):
        assert sqlite_shop.toolkit.envelope(channel, connection="shop")["ok"], channel


def test_lowering_the_guard_of_production_asks_too(sqlite_shop: Shop) -> None:
    sqlite_shop.call("connection:update", environment="production", read_only=True)
    for changes in ({"environment": "development"}, {"read_only": False}):
        with pytest.raises(ChannelFailed) as failure:
            sqlite_shop.call("connection:update", **changes)
        assert failure.value.code == "confirmation_required" and failure.value.details["losses"]
    assert sqlite_shop.call("connection:update", name="renamed")["read_only"] is True
    for changes in ({"read_only": False}, {"environment": "staging"}):
        sqlite_shop.call("connection:update", **changes, confirm="renamed")
    assert sqlite_shop.call("connection:get")["environment"] == "staging"


def test_files_and_the_connection_of_production_go_only_with_consent(sqlite_shop: Shop) -> None:
    version = sqlite_shop.new("users", UP, DOWN)["version"]
    sqlite_shop.call("connection:update", environment="production")
    for channel, more in (
        ("migration:delete", {"version": version}),
        ("connection:delete", {"delete_files": True}),
    ):
        with pytest.raises(ChannelFailed) as failure:
            sqlite_shop.call(channel, **more)
        assert failure.value.code == "confirmation_required" and failure.value.details["losses"]
    assert sqlite_shop.status()["total"] == 1
    sqlite_shop.call("migration:delete", version=version, confirm="shop")
    sqlite_shop.call("connection:delete", delete_files=True, confirm="shop")
    assert sqlite_shop.toolkit.call("connection:list")["connections"] == []


def test_a_password_that_is_the_connections_name_can_be_confirmed(toolkit: Any, sqlite_url: str) -> None:
    """postgres://warehouse:warehouse@localhost/warehouse, and a connection named so."""
    toolkit.connect("postgres://depot:depot@127.0.0.1:1/depot", name="depot")
    shop = toolkit.connect(sqlite_url, name="depot", environment="production")
    shop.new("users", UP, DOWN)
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:up")
    assert shop.call("migration:up", confirm=failure.value.details["confirm"])["ok"]
