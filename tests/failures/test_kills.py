"""The app and its tool killed in the middle of a file: the server may go on, and then what it did is shown and undone."""

from __future__ import annotations

import time
from typing import Any

from backend.core.errors import AppError
from tests.faults.child import Child
from tests.kit import Shop, Toolkit

from .kit import fails, open_ways, recommended, schema_of, states

UP = "CREATE TABLE a (id int);\nDO SLEEP(4);\nCREATE TABLE b (id int);\nINSERT INTO missing VALUES (1);"


def test_a_kill_in_the_middle_is_settled_shown_and_cleaned_up(toolkit: Toolkit, mysql_url: str) -> None:
    shop = toolkit.connect(mysql_url)
    before = schema_of(shop)
    version = shop.new("slow", UP, "")["version"]
    child = Child(toolkit.home, "migration:up", connection=shop.id)
    child.wait_until_it_runs()
    while "table a" not in _seen(shop):
        time.sleep(0.05)
    child.kill_everything()
    child.end()
    shown = _settled(shop, version)
    assert "interrupted" in shown["summary"] and "+ table a" in shown["objects"]
    assert states(shown)[0] == "landed" and states(shown)[3] != "landed"
    assert "partial" in shop.flags()["slow"] and recommended(shown) in {
        "clean_up",
        "run_remainder",
        "mark_applied",
    }
    assert "clean_up" in open_ways(shown)
    done = shop.agree("failure:resolve", version=version, way="clean_up")
    assert done["left"] == [] and schema_of(shop) == before and shop.flags()["slow"] == []
    fails(shop)


def _seen(shop: Shop) -> set[str]:
    try:
        return set(schema_of(shop))
    except AppError:
        return set()


def _settled(shop: Shop, version: str) -> dict[str, Any]:
    """As soon as the server has nothing of the run left to do."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        shown: dict[str, Any] = shop.call("failure:show", version=version)
        if shown["run_id"] is not None:
            return shown
        time.sleep(0.2)
    raise AssertionError("It was never settled.")
