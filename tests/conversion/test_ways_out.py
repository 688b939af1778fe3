"""Out to other tools' names, and the first migration of a database that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conversion.folders import INDEX, ORDERS, USERS
from tests.conversion.test_tools import by_hand, converted
from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.mark.parametrize("tool", ["flyway", "golang-migrate"])
def test_what_goes_out_comes_back_as_it_was(
    tool: str, toolkit: Toolkit, sqlite_shop: Shop, tmp_path: Path
) -> None:
    sqlite_shop.new("users", USERS, "DROP TABLE users;")
    sqlite_shop.new("index", f"{ORDERS}\n{INDEX}", "DROP TABLE orders;", transaction=tool != "flyway")
    out = sqlite_shop.call("convert:export", tool=tool, path=str(tmp_path / "out"))
    assert len(out["files"]) == (6 if tool == "flyway" else 4)
    back = toolkit.connect(f"sqlite:{tmp_path / 'back.db'}", "back")
    assert len(converted(back, tmp_path / "out")["files"]) == 2
    for one, other in zip(sqlite_shop.status()["migrations"], back.status()["migrations"], strict=True):
        read = [
            shop.call("migration:read", version=m["version"])
            for shop, m in ((sqlite_shop, one), (back, other))
        ]
        assert read[0]["content"] == read[1]["content"] and one["version"] == other["version"]


def test_nothing_goes_out_into_a_folder_that_holds_something(sqlite_shop: Shop, tmp_path: Path) -> None:
    sqlite_shop.new("users", USERS, "")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(ChannelFailed, match="is not empty"):
        sqlite_shop.call("convert:export", tool="flyway", path=str(tmp_path / "out"))
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_database_gets_its_first_migration_marked_as_applied(toolkit: Toolkit, tmp_path: Path) -> None:
    by_hand(tmp_path / "old.db", [USERS, ORDERS, INDEX])
    shop = toolkit.connect(f"sqlite:{tmp_path / 'old.db'}", "old")
    look = shop.call("convert:baseline", preview=True)
    assert look["proven"] and look["filename"] is None and list(shop.folder.iterdir()) == []
    made = shop.call("convert:baseline", sha256=look["sha256"])
    assert shop.statuses() == {"baseline": "applied"} and made["run"]["ok"]
    fresh = toolkit.connect(f"sqlite:{tmp_path / 'fresh.db'}", "fresh")
    (fresh.folder / made["filename"]).write_text((shop.folder / made["filename"]).read_text())
    fresh.up()
    assert toolkit.call("schema:compare", **{"from": {"connection": "old"}, "to": {"connection": "fresh"}})[
        "equal"
    ]


def test_another_tools_table_in_the_schema_is_named(toolkit: Toolkit, tmp_path: Path) -> None:
    by_hand(tmp_path / "old.db", [USERS, "CREATE TABLE goose_db_version (id INTEGER)"])
    shop = toolkit.connect(f"sqlite:{tmp_path / 'old.db'}", "old")
    (note,) = shop.call("convert:baseline", preview=True)["notes"]
    assert "goose_db_version" in note and "converted instead" in note


def test_a_first_migration_is_refused_where_there_are_some_or_nothing_is_there(sqlite_shop: Shop) -> None:
    with pytest.raises(ChannelFailed, match="nothing in the database"):
        sqlite_shop.call("convert:baseline")
    sqlite_shop.new("users", USERS, "")
    sqlite_shop.up()
    with pytest.raises(ChannelFailed, match="has migrations already"):
        sqlite_shop.call("convert:baseline")


def test_mongodb_has_no_part_in_it(toolkit: Toolkit, tmp_path: Path) -> None:
    shop = toolkit.connect("mongodb://127.0.0.1:1/shop", "documents")
    for channel, more in (
        ("convert:inspect", {}),
        ("convert:export", {"tool": "flyway"}),
        ("convert:baseline", {}),
    ):
        with pytest.raises(ChannelFailed) as failure:
            shop.call(channel, **({} if channel == "convert:baseline" else {"path": str(tmp_path)}), **more)
        assert failure.value.code == "not_supported", channel
