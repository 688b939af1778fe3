"""Connections: changed, removed and made again without mixing anything up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

UP, DOWN = "CREATE TABLE users (id INTEGER);", "DROP TABLE users;"


def test_a_connection_made_again_does_not_inherit_the_history_of_the_one_before(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "20260101000000_users.sql").write_text(
        f"-- migrate:up\n{UP}\nSELECT * FROM x;\n-- migrate:down\n{DOWN}\n"
    )
    first = toolkit.connect("sqlite:a.db", migrations_dir=str(folder))
    with pytest.raises(ChannelFailed):
        first.up()
    assert first.statuses() == {"users": "failed"}
    first.call("connection:delete", delete_files=True)
    second = toolkit.connect("sqlite:b.db", migrations_dir=str(folder))
    assert second.statuses() == {"users": "pending"}, "nothing was ever run against this one"


def test_what_was_removed_is_in_the_trash_with_its_files(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", UP, DOWN)
    sqlite_shop.call("draft:save", key="new:1", content="text")
    sqlite_shop.call("connection:delete", delete_files=True)
    (kept,) = (toolkit.home / "trash").iterdir()
    assert len(list((kept / "migrations").iterdir())) == 1 and (kept / "connection.json").is_file()
    assert not (toolkit.home / "connections" / "shop").exists()


def test_without_delete_files_the_files_stay_for_the_bare_tool(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.new("users", UP, DOWN)
    sqlite_shop.call("connection:delete")
    folder = toolkit.home / "connections" / "shop"
    assert (folder / ".env").is_file() and len(list((folder / "migrations").iterdir())) == 1
    assert toolkit.call("connection:list")["connections"] == []
    assert toolkit.connect("sqlite:a.db").id == "shop-2"


def test_a_removal_that_fails_leaves_everything(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    sqlite_shop.call("draft:save", key="new:1", content="text")
    (toolkit.home / "trash").write_text("somebody's file in the way")
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.call("connection:delete", delete_files=True)
    assert failure.value.code in {"storage_failed", "permission_denied"}
    assert sqlite_shop.call("draft:list")["drafts"] and sqlite_shop.call("connection:get")["name"] == "shop"


def test_another_engine_needs_another_connection(sqlite_shop: Shop) -> None:
    with pytest.raises(ChannelFailed, match="PostgreSQL") as failure:
        sqlite_shop.call("connection:update", url="postgres://h/x")
    assert failure.value.code == "invalid_request" and failure.value.hint
    assert sqlite_shop.call("connection:get")["engine"] == "sqlite"


@pytest.mark.parametrize(
    "changes",
    [{"name": " "}, {"color": "red"}, {"migrations_table": "a;b"}, {"url": "nonsense"}, {"environment": "x"}],
)
def test_an_update_that_is_wrong_changes_nothing(sqlite_shop: Shop, changes: dict[str, str]) -> None:
    before = sqlite_shop.call("connection:get")
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.call("connection:update", **{"read_only": True, **changes})
    assert failure.value.code in {"invalid_request", "invalid_url"}
    assert sqlite_shop.call("connection:get") == before


def test_a_migrations_folder_that_went_away_is_said(toolkit: Toolkit, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shop = toolkit.connect("sqlite:a.db", migrations_dir=str(folder))
    assert shop.connection["warnings"] == []
    folder.rmdir()
    assert str(folder) in shop.call("connection:get")["warnings"][0]
