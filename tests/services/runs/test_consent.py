"""Consent is asked in the services: whoever calls a channel meets it."""

from __future__ import annotations

import pytest

from tests.kit import ChannelFailed, Shop

USERS = ("users", "CREATE TABLE users (id INTEGER);\nINSERT INTO users VALUES (1);", "DROP TABLE users;")


@pytest.mark.parametrize("confirm", [None, "", "Shop", "shop ", "yes", "users"])
def test_only_the_connections_name_is_consent(sqlite_shop: Shop, confirm: str | None) -> None:
    sqlite_shop.new(*USERS)
    sqlite_shop.up()
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call("migration:down", confirm=confirm)
    assert refused.value.code == "confirmation_required"
    assert refused.value.details["confirm"] == "shop" and refused.value.details["losses"]
    assert sqlite_shop.tables() == {"users"}
    assert sqlite_shop.call("migration:down", confirm="shop")["ok"]


@pytest.mark.parametrize("channel", ["migration:up", "migration:baseline"])
def test_on_production_every_change_asks(sqlite_shop: Shop, channel: str) -> None:
    version = sqlite_shop.new(*USERS)["version"]
    sqlite_shop.call("connection:update", environment="production")
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call(channel, versions=[version])
    assert refused.value.code == "confirmation_required" and refused.value.details["production"]
    assert sqlite_shop.status()["applied"] == 0
    assert sqlite_shop.call(channel, versions=[version], confirm="shop")["ok"]


@pytest.mark.parametrize(
    "channel", ["migration:up", "migration:down", "migration:baseline", "migration:redo"]
)
def test_a_read_only_connection_refuses_with_consent_too(sqlite_shop: Shop, channel: str) -> None:
    version = sqlite_shop.new(*USERS)["version"]
    sqlite_shop.up()
    sqlite_shop.call("connection:update", read_only=True)
    more = {"versions": [version]} if channel == "migration:baseline" else {}
    with pytest.raises(ChannelFailed) as refused:
        sqlite_shop.call(channel, confirm="shop", **more)
    assert refused.value.code == "read_only"
    assert sqlite_shop.status()["applied"] == 1


def test_the_plan_tells_beforehand_what_will_be_asked(sqlite_shop: Shop) -> None:
    sqlite_shop.new(*USERS)
    assert not sqlite_shop.call("migration:plan")["needs_confirmation"]
    sqlite_shop.up()
    plan = sqlite_shop.call("migration:plan", direction="down")
    assert plan["needs_confirmation"] and plan["confirm"] == "shop"
    assert plan["losses"] == ["Table users is dropped with 1 row."]
