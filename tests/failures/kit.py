"""Words for the stories of failures."""

from __future__ import annotations

from typing import Any

import pytest

from backend.engine.registry import engine_named
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from tests.kit import ChannelFailed, Shop


def target_of(shop: Shop) -> Target:
    """The shop's database, as the services get it."""
    connections = shop.toolkit.services.connections
    return connections.target(connections.resolve(shop.id))


def schema_of(shop: Shop) -> dict[str, str]:
    """The schema as its engine prints it: what is compared with what it should be."""
    target = target_of(shop)
    return {one.id: one.text for one in schema_tools(target.engine).snapshot(target).objects}


def counts_of(shop: Shop, *tables: str) -> dict[str, int]:
    target = target_of(shop)
    return engine_named(target.engine).row_counts(target, tables)


def fails(shop: Shop, channel: str = "migration:up", **payload: Any) -> ChannelFailed:
    """Run what must fail."""
    with pytest.raises(ChannelFailed) as failed:
        shop.agree(channel, **payload)
    assert failed.value.code == "migration_failed", failed.value
    return failed.value


def states(failure: dict[str, Any]) -> list[str]:
    return [one["state"] for one in failure["statements"]]


def ways(failure: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in failure["ways"]}


def open_ways(failure: dict[str, Any]) -> set[str]:
    return {one["code"] for one in failure["ways"] if one["available"]}


def recommended(failure: dict[str, Any]) -> str | None:
    return next((one["code"] for one in failure["ways"] if one["recommended"]), None)
