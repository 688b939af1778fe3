"""Every batch on every engine: what it takes, in which order, what stops it, and what is left when it stopped."""

from __future__ import annotations

import pytest

from tests.contract.dialects import Dialect
from tests.kit import ChannelFailed, Shop, Toolkit


def versions(run: dict[str, object]) -> list[str]:
    return [one["version"] for one in run["migrations"]]  # type: ignore[attr-defined]


def plan(shop: Shop, **payload: object) -> dict[str, object]:
    answer: dict[str, object] = shop.call("migration:plan", **payload)
    return answer


def names(filenames: list[str]) -> list[str]:
    """users from 2026…_users.sql."""
    return [name[15:].partition(".")[0] for name in filenames]


@pytest.fixture
def stopped(shop: Shop, dialect: Dialect) -> str:
    """A batch of four of which the second fails; its run's id."""
    shop.new("users", *dialect.tables[0])
    shop.new("broken", *dialect.broken)
    shop.new("orders", *dialect.tables[1])
    shop.new("items", *dialect.tables[2])
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    run_id: str = failure.value.details["run"]["run_id"]
    return run_id


def mend(shop: Shop, dialect: Dialect) -> None:
    shop.call(
        "migration:update",
        version=version_of(shop, "broken"),
        up=dialect.tables[0][0].replace("users", "mended"),
    )


def version_of(shop: Shop, name: str) -> str:
    version: str = next(one["version"] for one in shop.status()["migrations"] if one["name"] == name)
    return version


def test_the_plan_is_what_runs(shop: Shop, three: list[str]) -> None:
    for payload in ({}, {"to": three[1]}, {"versions": [three[2], three[0]]}, {"count": 2}):
        planned = [one["version"] for one in plan(shop, **payload)["migrations"]]  # type: ignore[attr-defined]
        assert versions(shop.up(**payload)) == planned
        back = {"count": len(planned)}
        if payload != {"versions": [three[2], three[0]]}:
            planned = [one["version"] for one in plan(shop, direction="down", **back)["migrations"]]  # type: ignore[attr-defined]
            assert versions(shop.down(**back)) == planned
        else:
            shop.down(versions=three[::2], allow_out_of_order=True)
    assert shop.status()["applied"] == 0


def test_one_failure_stops_the_batch_and_says_what_ran_and_what_did_not(shop: Shop, stopped: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    said = failure.value.message
    assert "broken" in said and "Not run:" in said and "orders" in said and "items" in said
    assert shop.statuses() == {
        "users": "applied",
        "broken": "failed",
        "orders": "pending",
        "items": "pending",
    }


def test_the_rest_of_a_batch_is_resumed(shop: Shop, dialect: Dialect, stopped: str) -> None:
    batch = shop.call("migration:last-batch")["batch"]
    assert batch["run_id"] == stopped and batch["planned"] == 4 and batch["direction"] == "up"
    assert names(batch["done"]) == ["users"] and names(batch["failed"]) == ["broken"]
    assert names(batch["left"]) == ["broken", "orders", "items"]
    mend(shop, dialect)
    run = shop.agree("migration:resume", run_id=stopped)
    assert [one["status"] for one in run["migrations"]] == ["applied"] * 3
    assert shop.tables() == {"users", "mended", "orders", "items"}
    assert shop.call("migration:last-batch")["batch"] is None
    assert shop.agree("migration:resume", run_id=stopped)["migrations"] == []


def test_what_was_done_by_hand_meanwhile_is_not_run_again(shop: Shop, stopped: str) -> None:
    shop.agree("migration:baseline", versions=[version_of(shop, "broken")])
    assert names(shop.call("migration:last-batch")["batch"]["left"]) == ["orders", "items"]
    assert len(shop.agree("migration:resume", run_id=stopped)["migrations"]) == 2
    assert shop.tables() == {"users", "orders", "items"}


def test_a_batch_is_resumed_after_a_restart(shop: Shop, dialect: Dialect, stopped: str) -> None:
    mend(shop, dialect)
    other = Toolkit(shop.toolkit.home)
    try:
        batch = other.call("migration:last-batch", connection=shop.id)["batch"]
        assert batch["run_id"] == stopped and len(batch["left"]) == 3
        assert other.agree("migration:resume", connection=shop.id, run_id=stopped)["ok"]
    finally:
        other.close()
    assert shop.status()["applied"] == 4


def test_a_rollback_that_stopped_is_resumed_newest_first(
    shop: Shop, dialect: Dialect, three: list[str]
) -> None:
    down = (
        dialect.tables[1][1].replace("orders", "no_such_table")
        if dialect.suffix == ".sql"
        else dialect.broken[0]
    )
    shop.call("migration:update", version=three[1], down=down)
    shop.up()
    with pytest.raises(ChannelFailed) as failure:
        shop.down(count=3)
    run = failure.value.details["run"]
    if [one["status"] for one in run["migrations"]] != ["rolled_back", "failed", "not_run"]:
        pytest.fail(str(run["migrations"]))
    batch = shop.call("migration:last-batch")["batch"]
    assert batch["direction"] == "down" and names(batch["left"]) == ["orders", "users"]
    shop.call("migration:update", version=three[1], down=dialect.tables[1][1])
    assert versions(shop.agree("migration:resume", run_id=run["run_id"])) == [three[1], three[0]]
    assert shop.tables() == set()


def test_a_run_that_is_not_there_or_of_another_connection_is_not_resumed(shop: Shop, stopped: str) -> None:
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:resume", run_id="nothing")
    assert failure.value.code == "not_found"


def test_failed_ones_are_retried(shop: Shop, dialect: Dialect, stopped: str) -> None:
    mend(shop, dialect)
    broken = version_of(shop, "broken")
    assert versions(shop.up(versions=[broken])) == [broken]
    assert shop.statuses()["orders"] == "pending"


def test_marking_is_taken_back(shop: Shop, three: list[str]) -> None:
    shop.agree("migration:baseline", to=three[1])
    shop.agree("migration:baseline", versions=three[:2], mark="not_applied")
    assert set(shop.statuses().values()) == {"pending"} and shop.tables() == set()


def test_a_deleted_file_comes_back_as_it_was(shop: Shop, three: list[str]) -> None:
    before = shop.call("migration:read", version=three[1])
    token = shop.call("migration:delete", version=three[1])["token"]
    assert "orders" not in shop.statuses()
    shop.call("migration:undelete", token=token)
    assert shop.call("migration:read", version=three[1])["content"] == before["content"]
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:undelete", token=token)
    assert failure.value.code == "not_found"


def test_a_deleted_file_is_not_written_over_another(shop: Shop, three: list[str]) -> None:
    filename = shop.call("migration:read", version=three[1])["migration"]["filename"]
    token = shop.call("migration:delete", version=three[1])["token"]
    shop.write(filename, "somebody else's")
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:undelete", token=token)
    assert failure.value.code == "conflict"
    assert (shop.folder / filename).read_text() == "somebody else's"


def test_a_rename_is_taken_back_letter_by_letter(shop: Shop, dialect: Dialect, three: list[str]) -> None:
    old = shop.folder / shop.call("migration:read", version=three[2])["migration"]["filename"]
    odd = old.with_name(old.name.replace("items", "Add-Items"))
    old.rename(odd)
    renamed = shop.call("migration:update", version=odd.name, name="things")
    assert "things" in renamed["filename"]
    back = shop.call("migration:update", version=renamed["filename"], name="Add-Items")
    assert back["filename"] == odd.name and odd.is_file()
