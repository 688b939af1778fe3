"""A Flyway project moves here in a minute: looked through, converted, what was applied stays applied, the rest runs."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from playwright.sync_api import expect

from tests.conversion.test_tools import by_hand
from tests.ui.conftest import App
from tests.ui.scenes_conversion import FLYWAY, looks_through
from tests.ui.user import User


def test_a_flyway_folder_becomes_applied_and_pending_migrations(user: User, app: App, tmp_path: Path) -> None:
    by_hand(tmp_path / "shop.db", [*FLYWAY.ups[:2], *FLYWAY.table])
    shop = app.toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}", "moved")
    looks_through(user, shop, str(FLYWAY.write(tmp_path / "flyway")))
    user.sees(re.compile("2 migrations applied"))
    user.press(re.compile("orders.sql"))
    expect(user.page.get_by_role("region", name=re.compile("Text of"))).to_contain_text("DROP TABLE orders;")
    user.press("Convert 4 into moved")
    user.press("Show the migrations of moved")
    for name, status in (("orders", "Applied"), ("index", "Pending")):
        user.sees_row(name, status)
    shop.up()
    assert {one["status"] for one in shop.status()["migrations"]} == {"applied"}


def test_a_database_that_is_there_gets_its_first_migration(user: User, app: App, tmp_path: Path) -> None:
    by_hand(tmp_path / "old.db", FLYWAY.ups)
    shop = app.toolkit.connect(f"sqlite:{tmp_path / 'old.db'}", "old")
    user.open(f"/c/{shop.id}/migrations")
    user.press("Start from the existing database")
    expect(user.page.get_by_role("region", name="The first migration")).to_contain_text("CREATE TABLE users")
    user.press("Write and mark on old")
    user.sees_row("baseline", "Applied")
    with sqlite3.connect(tmp_path / "old.db") as connection:
        assert len(connection.execute("SELECT version FROM schema_migrations").fetchall()) == 1
