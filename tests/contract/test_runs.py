"""What every engine does when migrations run: the same stories on each real server."""

from __future__ import annotations

import pytest

from tests.contract.dialects import Dialect
from tests.kit import ChannelFailed, Shop, outcome


def test_new_files_are_pending_and_named_for_their_tool(
    shop: Shop, three: list[str], dialect: Dialect
) -> None:
    names = sorted(path.name for path in shop.folder.iterdir())
    separator = "-" if dialect.suffix == ".js" else "_"
    assert [name[14:] for name in names] == [
        f"{separator}{n}{dialect.suffix}" for n in ("users", "orders", "items")
    ]
    assert shop.statuses() == {"users": "pending", "orders": "pending", "items": "pending"}


def test_up_applies_everything_oldest_first(shop: Shop, three: list[str]) -> None:
    run = shop.up()
    assert run["ok"] and [one["version"] for one in run["migrations"]] == three
    assert {one["status"] for one in run["migrations"]} == {"applied"}
    assert shop.tables() == {"users", "orders", "items"}
    assert shop.status()["applied"] == 3


def test_up_again_does_nothing(shop: Shop, three: list[str]) -> None:
    shop.up()
    assert shop.up()["migrations"] == []


def test_up_by_count_to_and_chosen(shop: Shop, three: list[str]) -> None:
    assert len(shop.up(count=1)["migrations"]) == 1
    assert [one["version"] for one in shop.up(to=three[1])["migrations"]] == [three[1]]
    assert [one["version"] for one in shop.up(versions=[three[2]])["migrations"]] == [three[2]]
    assert shop.tables() == {"users", "orders", "items"}


def test_down_undoes_the_newest_one(shop: Shop, three: list[str]) -> None:
    shop.up()
    run = shop.down()
    assert outcome(run)[0][1] == "rolled_back" and run["migrations"][0]["version"] == three[2]
    assert shop.tables() == {"users", "orders"}
    assert shop.statuses()["items"] == "pending"


def test_down_by_count_to_and_chosen(shop: Shop, three: list[str]) -> None:
    shop.up()
    assert [one["version"] for one in shop.down(count=2)["migrations"]] == [three[2], three[1]]
    shop.up()
    assert [one["version"] for one in shop.down(to=three[0])["migrations"]] == [three[2], three[1]]
    shop.up()
    assert [one["version"] for one in shop.down(versions=[three[1]])["migrations"]] == [three[1]]
    assert shop.tables() == {"users", "items"}


def test_redo_rolls_back_and_applies_again(shop: Shop, three: list[str]) -> None:
    shop.up()
    run = shop.agree("migration:redo")
    assert [one["status"] for one in run["migrations"]] == ["rolled_back", "applied"]
    assert shop.status()["applied"] == 3


def test_a_failing_file_stops_the_run_and_says_what_ran(shop: Shop, dialect: Dialect) -> None:
    shop.new("users", *dialect.tables[0])
    shop.new("broken", *dialect.broken)
    shop.new("orders", *dialect.tables[1])
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code == "migration_failed"
    assert [one["status"] for one in failure.value.details["run"]["migrations"]] == [
        "applied",
        "failed",
        "not_run",
    ]
    assert shop.statuses() == {"users": "applied", "broken": "failed", "orders": "pending"}
    assert shop.tables() == {"users"}
    assert shop.status()["failed"] == 1


def test_a_failed_file_stays_failed_until_it_changes(shop: Shop, dialect: Dialect) -> None:
    version = shop.new("broken", *dialect.broken)["version"]
    with pytest.raises(ChannelFailed):
        shop.up()
    with pytest.raises(ChannelFailed):
        shop.agree("migration:retry")
    assert shop.statuses() == {"broken": "failed"}
    shop.call("migration:update", version=version, up=dialect.tables[0][0], down=dialect.tables[0][1])
    assert shop.statuses() == {"broken": "pending"}
    assert shop.up()["ok"] and shop.tables() == {"users"}


def test_what_a_failed_file_left_behind_is_named(shop: Shop, dialect: Dialect) -> None:
    shop.new("half", *dialect.half_broken)
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    (failed,) = failure.value.details["run"]["migrations"]
    if dialect.rolls_back_ddl:
        assert not failed["partial"] and shop.tables() == set()
    elif failed["landed"]:
        assert failed["partial"] and any("half" in line for line in failed["landed"])
        assert "partial" in shop.flags()["half"]
    else:
        # One statement a block: the server refused the whole of it.
        assert "half" not in shop.tables()


def test_baseline_records_without_running(shop: Shop, three: list[str]) -> None:
    run = shop.agree("migration:baseline", to=three[1])
    assert [one["status"] for one in run["migrations"]] == ["applied", "applied"]
    assert shop.tables() == set()
    assert shop.statuses() == {"users": "applied", "orders": "applied", "items": "pending"}
    shop.agree("migration:baseline", versions=[three[1]], mark="not_applied")
    assert shop.statuses() == {"users": "applied", "orders": "pending", "items": "pending"}


def test_an_older_pending_file_is_refused_unless_allowed(
    shop: Shop, three: list[str], dialect: Dialect
) -> None:
    shop.up(versions=three[1:])
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code == "out_of_order"
    assert shop.tables() == {"orders", "items"}
    assert shop.up(allow_out_of_order=True)["ok"]
    assert shop.tables() == {"users", "orders", "items"}


def test_an_edited_file_is_flagged_and_the_text_that_ran_is_kept(shop: Shop, three: list[str]) -> None:
    shop.up()
    before = shop.call("migration:read", version=three[0])
    path = shop.folder / before["migration"]["filename"]
    path.write_text(path.read_text() + "\n")
    assert shop.flags()["users"] == ["edited"]
    assert shop.call("migration:read", version=three[0])["ran"] == before["content"]


def test_a_missing_file_is_shown_and_refused(shop: Shop, three: list[str]) -> None:
    shop.up()
    (shop.folder / shop.status()["migrations"][2]["filename"]).unlink()
    assert shop.flags()["items"] == ["missing_file"]
    assert shop.status()["total"] == 3
    with pytest.raises(ChannelFailed) as failure:
        shop.down()
    assert failure.value.code == "migration_not_found"
    assert shop.tables() == {"users", "orders", "items"}


def test_an_applied_migration_is_not_deleted(shop: Shop, three: list[str]) -> None:
    shop.up(count=1)
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:delete", version=three[0])
    assert failure.value.code == "migration_applied"
    shop.call("migration:delete", version=three[2])
    assert shop.statuses() == {"users": "applied", "orders": "pending"}


def test_a_read_only_connection_refuses_to_run(shop: Shop, three: list[str]) -> None:
    shop.call("connection:update", read_only=True)
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code == "read_only"
    assert shop.status()["applied"] == 0


def test_production_asks_for_its_name(shop: Shop, three: list[str]) -> None:
    shop.call("connection:update", environment="production")
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:up")
    assert failure.value.code == "confirmation_required" and failure.value.details["confirm"] == "shop"
    assert shop.status()["applied"] == 0
    assert shop.call("migration:up", confirm="shop")["ok"]


def test_rolling_back_rows_asks_first(shop: Shop, dialect: Dialect) -> None:
    shop.new("users", *dialect.tables[0])
    shop.new(
        "ada",
        dialect.insert,
        dialect.tables[0][1].replace("DROP TABLE users", "DELETE FROM users WHERE id = 1"),
    )
    shop.up()
    with pytest.raises(ChannelFailed) as failure:
        shop.call("migration:down", count=2)
    assert failure.value.code == "confirmation_required" and failure.value.details["losses"]
    assert shop.status()["applied"] == 2


def test_the_database_can_be_dropped_and_made(shop: Shop, three: list[str]) -> None:
    if not _can(shop, "drop_database"):
        pytest.skip("the engine says why in its capabilities")
    shop.up()
    assert shop.agree("database:drop")["database_exists"] is False
    assert shop.status()["applied"] == 0
    shop.agree("database:create")
    assert shop.up()["ok"]


def test_the_schema_file_loads_into_an_empty_database(shop: Shop, three: list[str], dialect: Dialect) -> None:
    if "load_schema" in dialect.cannot:
        pytest.skip(dialect.cannot["load_schema"])
    if not (_can(shop, "dump_schema") and _can(shop, "drop_database")):
        pytest.skip("the engine says why in its capabilities")
    shop.up()
    dumped = shop.call("schema:dump")
    assert dumped["exists"] and "users" in dumped["content"]
    shop.agree("database:drop")
    shop.agree("schema:load")
    assert shop.tables() == {"users", "orders", "items"}
    assert shop.status()["applied"] == 3


def test_wait_answers_when_the_server_does(shop: Shop) -> None:
    assert shop.call("database:wait", timeout_s=20)["version"]


def test_another_apps_view_is_the_same(shop: Shop, three: list[str], dialect: Dialect) -> None:
    from tests.kit import Toolkit

    shop.up(count=2)
    other = Toolkit(shop.toolkit.home)
    report = other.call("migration:status", connection=shop.id)
    assert [one["status"] for one in report["migrations"]] == ["applied", "applied", "pending"]
    assert report["migrations"][0]["applied_at"] and report["migrations"][0]["author"]
    other.close()


def _can(shop: Shop, capability: str) -> bool:
    engines = shop.toolkit.call("connection:engines")["engines"]
    (engine,) = [one for one in engines if one["name"] == shop.connection["engine"]]
    return bool(engine["capabilities"][capability]["supported"])


def test_what_stayed_is_named_until_it_is_gone(shop: Shop, dialect: Dialect) -> None:
    shop.new("half", *dialect.half_broken)
    for _ in range(2):
        with pytest.raises(ChannelFailed) as failure:
            shop.agree("migration:up")
        (failed,) = failure.value.details["run"]["migrations"]
        assert failed["partial"] == ("half" in shop.tables())
        assert any("half" in line for line in failed["landed"]) == ("half" in shop.tables())
