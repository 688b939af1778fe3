"""Damaged files of the app's own: named, kept, worked around. Never deleted, never a reason not to start."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '"text"', "{}", "\0\0\0", '{"name": 5, "engine": "sqlite", "tool": "dbmate", "url": "x"}',
        '{"name": "a", "engine": "oracle", "tool": "dbmate", "url": "x"}',
        '{"name": "a", "engine": "sqlite", "tool": "dbmate", "url": "x", "environment": "moon"}',
        '{"name": "a", "engine": "sqlite", "tool": "dbmate", "url": "x", "migrations_dirs": "text"}',
        '{"name": "a", "engine": "sqlite", "tool": "dbmate", "url": "x", "migrations_dirs": []}',
        '{"name": "a", "engine": "sqlite", "tool": "dbmate", "url": "x", "secret": "in the drawer"}',
        '{"name": "a", "engine": "sqlite", "tool": "dbmate", "url": "x", "read_only": "no"}',
    ],
)  # fmt: skip
def test_a_damaged_connection_is_named_and_the_others_work(
    toolkit: Toolkit, sqlite_shop: Shop, text: str
) -> None:
    toolkit.connect("sqlite:other.db", name="Other")
    path = toolkit.home / "connections" / "other" / "connection.json"
    path.write_text(text)
    listed = toolkit.call("connection:list")
    assert [one["id"] for one in listed["connections"]] == ["shop"]
    assert len(listed["problems"]) == 1 and str(path) in listed["problems"][0]
    for channel in ("connection:get", "migration:status", "migration:up", "connection:delete"):
        with pytest.raises(ChannelFailed) as failure:
            toolkit.call(channel, connection="other")
        assert failure.value.code == "storage_failed" and str(path) in failure.value.message
        assert failure.value.hint
    assert path.read_text() == text
    assert toolkit.connect("sqlite:other.db", name="Other").id == "other-2"


def test_a_connection_of_a_newer_version_is_read_as_far_as_it_is_known(
    toolkit: Toolkit, sqlite_shop: Shop
) -> None:
    path = toolkit.home / "connections" / "shop" / "connection.json"
    path.write_text("\ufeff" + json.dumps({**json.loads(path.read_text()), "invented_later": {"a": 1}}))
    assert toolkit.call("connection:get", connection="shop")["name"] == "shop"


@pytest.mark.parametrize("text", ["{", "[]", '{"theme": "neon"}', '{"safety": 5}', "\0"])
def test_damaged_settings_are_kept_aside_and_defaults_used(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for _ in range(2):
        (home / "settings.json").write_text(text)
        toolkit = Toolkit(home)
        assert toolkit.call("settings:get")["theme"] == "system"
        toolkit.call("settings:update", changes={"theme": "dark"})
        toolkit.close()
    kept = list(home.glob("settings.damaged-*.json"))
    assert [path.read_text() for path in kept] == [text, text]
    assert json.loads((home / "settings.json").read_text()) == {"theme": "dark"}


def test_settings_with_a_mark_are_read_and_what_is_unknown_is_kept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.json").write_text(
        '\ufeff{"theme": "dark", "from_the_future": {"a": [1]}}', encoding="utf-8"
    )
    toolkit = Toolkit(home)
    assert toolkit.call("settings:get")["theme"] == "dark"
    toolkit.call("settings:update", changes={"editor": {"font_size": 15}})
    written = json.loads((home / "settings.json").read_text())
    assert written["from_the_future"] == {"a": [1]} and written["theme"] == "dark"


def test_two_apps_on_one_home_do_not_undo_each_others_settings(toolkit: Toolkit) -> None:
    other = Toolkit(toolkit.home)
    toolkit.call("settings:update", changes={"theme": "dark"})
    other.call("settings:update", changes={"editor": {"font_size": 16}})
    for app in (toolkit, other):
        now = app.call("settings:get")
        assert (now["theme"], now["editor"]["font_size"]) == ("dark", 16)
    other.close()


@pytest.mark.parametrize(
    "damage", [b"this is no database", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_a_damaged_ledger_is_kept_aside_and_the_table_still_tells_the_truth(
    toolkit: Toolkit, sqlite_shop: Shop, damage: bytes
) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    sqlite_shop.up()
    toolkit.services.jobs._database.close()
    for suffix in ("-wal", "-shm"):
        (toolkit.home / f"toolkit.db{suffix}").unlink(missing_ok=True)
    (toolkit.home / "toolkit.db").write_bytes(damage)
    again = Toolkit(toolkit.home)
    report = again.call("migration:status", connection="shop")
    assert [one["status"] for one in report["migrations"]] == ["applied"]
    kept = [
        path for path in toolkit.home.glob("toolkit.db.damaged-*") if not path.name.endswith(("-wal", "-shm"))
    ]
    assert [path.read_bytes() for path in kept] == [damage]
    again.call("draft:save", connection="shop", key="new:1", content="text")
    assert len(again.call("draft:list", connection="shop")["drafts"]) == 1
    again.close()


def test_a_ledger_of_a_newer_version_is_refused_and_left_as_it_is(
    toolkit: Toolkit, sqlite_shop: Shop
) -> None:
    path = toolkit.home / "toolkit.db"
    toolkit.call("draft:save", connection="shop", key="k", content="x")
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    again = Toolkit(toolkit.home)
    for channel in ("draft:list", "migration:status", "migration:up"):
        with pytest.raises(ChannelFailed, match="newer DB Toolkit") as failure:
            again.call(channel, connection="shop")
        assert failure.value.code == "storage_failed" and failure.value.hint
    assert again.call("connection:list")["connections"]
    again.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM draft").fetchone() == (1,)
    db.close()
    assert not list(toolkit.home.glob("toolkit.db.damaged*"))


def test_a_ledger_that_is_a_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "home" / "toolkit.db").mkdir(parents=True)
    toolkit = Toolkit(tmp_path / "home")
    toolkit.connect(f"sqlite:{tmp_path}/a.db")
    with pytest.raises(ChannelFailed, match=r"toolkit\.db") as failure:
        toolkit.call("draft:list", connection="shop")
    assert failure.value.code == "storage_failed"
    toolkit.close()
