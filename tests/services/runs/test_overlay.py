"""Of thousands of migrations only those are made anew of which something changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import Shop

TABLE = ("CREATE TABLE {0} (id INTEGER);", "DROP TABLE {0};")


def look(shop: Shop) -> dict[str, object]:
    return {one.name: one for one in shop.toolkit.services.migrations.view(shop.id).migrations}


def test_what_changed_is_made_anew_and_the_rest_is_kept(sqlite_shop: Shop) -> None:
    for name in ("a", "b", "c"):
        sqlite_shop.new(name, *(part.format(name) for part in TABLE))
    first = look(sqlite_shop)
    path = sqlite_shop.folder / sqlite_shop.status()["migrations"][1]["filename"]
    path.write_text(path.read_text() + "\n")
    second = look(sqlite_shop)
    assert second["a"] is first["a"] and second["c"] is first["c"]
    assert second["b"] is not first["b"] and second["b"] != first["b"]


def test_status_and_order_changes_reach_files_that_did_not_change(sqlite_shop: Shop) -> None:
    versions = [
        sqlite_shop.new(name, *(part.format(name) for part in TABLE))["version"] for name in ("a", "b", "c")
    ]
    assert sqlite_shop.flags() == {"a": [], "b": [], "c": []}
    sqlite_shop.up(versions=[versions[1]])
    assert sqlite_shop.statuses() == {"a": "pending", "b": "applied", "c": "pending"}
    assert sqlite_shop.flags() == {"a": ["out_of_order"], "b": [], "c": []}
    sqlite_shop.down()
    assert sqlite_shop.statuses() == {"a": "pending", "b": "pending", "c": "pending"}
    assert sqlite_shop.flags() == {"a": [], "b": [], "c": []}


def test_a_twin_flags_both_and_going_away_clears_it(sqlite_shop: Shop) -> None:
    version = sqlite_shop.new("a", *(part.format("a") for part in TABLE))["version"]
    twin = sqlite_shop.write(f"{version}_twin.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    assert sqlite_shop.flags() == {"a": ["duplicate_version"], "twin": ["duplicate_version"]}
    twin.unlink()
    assert sqlite_shop.flags() == {"a": []}


def test_a_file_that_goes_and_comes_back_as_it_was_is_seen_again(sqlite_shop: Shop) -> None:
    sqlite_shop.new("a", *(part.format("a") for part in TABLE))
    (path,) = sqlite_shop.folder.iterdir()
    aside = path.rename(path.with_name("aside"))
    assert sqlite_shop.statuses() == {}
    aside.rename(path)
    assert sqlite_shop.statuses() == {"a": "pending"}
    assert sqlite_shop.call("migration:list", query="create table")["total"] == 1
    assert sqlite_shop.call("migration:list", table="A")["total"] == 1
    assert sqlite_shop.call("migration:list", query="create nothing")["total"] == 0


def test_a_file_that_is_gone_between_the_listing_and_the_reading_is_read_when_it_is_back(
    sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_shop.write("20260101000000_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")

    really = Path.read_bytes

    def gone(self: Path) -> bytes:
        if self.suffix == ".sql":
            raise FileNotFoundError(str(self))
        return really(self)

    with monkeypatch.context() as away:
        away.setattr(Path, "read_bytes", gone)
        assert sqlite_shop.toolkit.services.migrations.view(sqlite_shop.id).migrations == []
    assert sqlite_shop.statuses() == {"a": "pending"}
