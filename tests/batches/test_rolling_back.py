"""Rollbacks that would undo something else than what was asked, or pull it out from under others, on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.dialects import Dialect
from tests.kit import ChannelFailed, Shop


def refused(shop: Shop, **payload: Any) -> ChannelFailed:
    """Why this rollback is refused; the plan says the same, and nothing was changed."""
    before = shop.tables()
    with pytest.raises(ChannelFailed) as failure:
        shop.down(**payload)
    planned = shop.call("migration:plan", direction="down", **payload)["problems"]
    assert failure.value.code in [problem["code"] for problem in planned]
    assert shop.tables() == before
    return failure.value


def ways(error: ChannelFailed) -> list[str]:
    found = [*error.details.get("ways", ())]
    found += [
        way for one in error.details.get("problems_found", ()) for way in one["details"].get("ways", ())
    ]
    return [f"{way['channel']} {way.get('mark', '')}".strip() for way in found]


def lose(shop: Shop, version: str) -> None:
    filename = shop.call("migration:read", version=version)["migration"]["filename"]
    (shop.folder / filename).unlink()


@pytest.fixture
def late(shop: Shop, three: list[str]) -> list[str]:
    """users and items were applied, orders after them although it is older than items."""
    shop.up(versions=[three[0]])
    shop.up(versions=[three[2]])
    shop.up(versions=[three[1]], allow_out_of_order=True)
    return three


@pytest.mark.parametrize("how", ["last", "two", "to", "chosen"])
def test_a_missing_file_is_refused_and_restored(shop: Shop, three: list[str], how: str) -> None:
    shop.up()
    lose(shop, three[2])
    asked: dict[str, Any] = {
        "last": {},
        "two": {"count": 2},
        "to": {"to": three[0]},
        "chosen": {"versions": [three[2]]},
    }[how]
    error = refused(shop, **asked)
    assert error.code == "migration_not_found"
    assert ways(error) == ["migration:restore", "migration:baseline not_applied"]
    shop.call("migration:restore", version=three[2])
    shop.down(**asked)
    assert "items" not in shop.tables()


def test_a_missing_file_above_the_chosen_one_is_refused(shop: Shop, three: list[str]) -> None:
    shop.up()
    lose(shop, three[2])
    error = refused(shop, versions=[three[1]])
    assert error.details["reason"] == "missing_file_above"
    shop.agree("migration:baseline", versions=[three[2]], mark="not_applied")
    shop.down(versions=[three[1]])
    assert shop.tables() == {"users", "items"}


def test_a_missing_file_below_is_no_obstacle(shop: Shop, three: list[str]) -> None:
    shop.up()
    lose(shop, three[0])
    shop.down(count=2)
    assert shop.tables() == {"users"}


@pytest.mark.parametrize("how", ["last", "two", "to", "chosen", "below"])
def test_one_applied_out_of_order_is_refused(shop: Shop, late: list[str], how: str) -> None:
    asked: dict[str, Any] = {
        "last": {},
        "two": {"count": 2},
        "to": {"to": late[0]},
        "chosen": {"versions": [late[2]]},
        "below": {"versions": [late[0]]},
    }[how]
    error = refused(shop, **asked)
    assert error.code == "out_of_order" and error.details["reason"] == "applied_out_of_order"
    assert "orders" in error.details["files"][0] and "migration:down" in ways(error)


def test_the_way_out_of_an_odd_order_is_what_was_applied_last(shop: Shop, late: list[str]) -> None:
    error = refused(shop)
    (first, *_) = error.details["ways"]
    shop.down(versions=first["versions"])
    assert shop.tables() == {"users", "items"}
    shop.down()
    assert shop.tables() == {"users"}


def test_an_odd_order_that_is_allowed_goes_by_how_they_were_applied(shop: Shop, late: list[str]) -> None:
    run = shop.down(to=late[0], allow_out_of_order=True)
    assert [one["version"] for one in run["migrations"]] == [late[1], late[2]]
    assert shop.tables() == {"users"}


def test_a_redo_does_not_make_an_odd_order(shop: Shop, three: list[str]) -> None:
    shop.up()
    shop.agree("migration:redo", version=three[0])
    shop.down()
    assert shop.tables() == {"users", "orders"}


def test_a_file_marked_by_hand_does_not_make_an_odd_order(shop: Shop, three: list[str]) -> None:
    shop.up(versions=three[1:])
    shop.agree("migration:baseline", versions=[three[0]])
    shop.down()
    assert shop.tables() == {"orders"}


def test_one_between_that_would_stay_is_refused(shop: Shop, three: list[str]) -> None:
    shop.up()
    error = refused(shop, versions=[three[0], three[2]])
    assert error.code == "out_of_order" and error.details["reason"] == "stays_between"
    (way,) = error.details["ways"]
    assert len(way["versions"]) == 3
    shop.down(versions=way["versions"])
    assert shop.tables() == set()


def test_one_between_may_stay_where_that_is_wanted(shop: Shop, three: list[str]) -> None:
    shop.up()
    shop.down(versions=[three[0], three[2]], allow_out_of_order=True)
    assert shop.tables() == {"orders"}


def test_newer_ones_that_stay_are_named(shop: Shop, three: list[str]) -> None:
    shop.up()
    plan = shop.call("migration:plan", direction="down", versions=[three[0]])
    assert plan["problems"] == []
    assert any("Newer ones stay applied" in warning and "items" in warning for warning in plan["warnings"])


def test_one_without_a_down_is_refused_with_a_way_out(shop: Shop, dialect: Dialect, three: list[str]) -> None:
    shop.up()
    content = shop.call("migration:read", version=three[2])
    bare = content["content"].replace(content["down"], "") if content["down"].strip() else content["content"]
    shop.call("migration:update", version=three[2], content=bare)
    error = refused(shop, count=2)
    assert error.details["reason"] == "no_down"
    codes = [way["code"] for way in error.details["ways"]]
    assert codes == ["write_down", "generate_down", "mark_not_applied"]
    shop.agree("migration:baseline", versions=[three[2]], mark="not_applied")
    shop.down()
    assert "orders" not in shop.tables()


def test_a_target_that_is_not_applied_or_not_there_is_refused(shop: Shop, three: list[str]) -> None:
    shop.up(count=1)
    for asked, code in (({"to": three[2]}, "invalid_request"), ({"to": "1"}, "migration_not_found")):
        with pytest.raises(ChannelFailed) as failure:
            shop.down(**asked)
        assert failure.value.code == code


def test_every_problem_is_told_at_once(shop: Shop, late: list[str]) -> None:
    lose(shop, late[2])
    error = refused(shop, to=late[0])
    found = {one["details"].get("reason") for one in error.details["problems_found"]}
    assert found == {"missing_file", "applied_out_of_order"}
    assert shop.status()["applied"] == 3
