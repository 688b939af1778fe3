"""Rolling back with something to lose: what it costs, the backup, the check afterwards; and a rollback that cannot be."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.user import User


def _write(shop: Shop, sql: str) -> None:
    with closing(sqlite3.connect(shop.connection["url"].removeprefix("sqlite:"))) as database:
        database.executescript(sql)


def test_a_rollback_names_its_losses_and_is_held_against_what_was_before(
    user: User, sqlite_shop: Shop
) -> None:
    shop = sqlite_shop
    shop.new("create users", "CREATE TABLE users (id INTEGER PRIMARY KEY);", "DROP TABLE users;")
    shop.up()
    shop.new("create orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY);", "DROP TABLE orders;")
    shop.up()
    _write(shop, "INSERT INTO orders VALUES (1), (2), (3);")
    user.opens_migrations(shop.id)
    user.chooses("create_orders", "Roll back only this one")
    sheet = user.dialog()
    expect(sheet.get_by_text(re.compile(r"3 rows")).first).to_be_visible()
    sheet.get_by_role("switch", name="Back up shop first").click()
    user.runs("Roll back 1 on shop", typing="shop")
    panel = user.sees_outcome("shop", re.compile("^Rolled back 1"))
    expect(panel).to_contain_text("The schema is what it was before they were applied")
    panel.get_by_role("link", name="the backup").click()
    expect(user.dialog("Before rolling back create_orders")).to_contain_text("orders")


def test_what_a_rollback_leaves_behind_is_named(user: User, sqlite_shop: Shop) -> None:
    sqlite_shop.new(
        "create users",
        "CREATE TABLE users (id INTEGER PRIMARY KEY);\nCREATE TABLE forgotten (id INTEGER);",
        "DROP TABLE users;",
    )
    sqlite_shop.up()
    user.opens_migrations(sqlite_shop.id)
    user.chooses("create_users", "Roll back only this one")
    button = user.dialog().get_by_role("button", name="Roll back 1 on shop")
    asked = user.dialog().get_by_label("Type shop to go on")
    expect(asked.or_(button).first).to_be_visible()
    if asked.is_visible():
        asked.fill("shop")
    button.click()
    panel = user.sees_outcome("shop", re.compile("^Rolled back 1"))
    expect(panel.get_by_role("list", name="Differences from before")).to_contain_text("forgotten")


def test_a_rollback_without_a_down_is_refused_and_the_down_is_generated(
    user: User, sqlite_shop: Shop
) -> None:
    sqlite_shop.write(
        "20260101000000_create_users.sql",
        "-- migrate:up\nCREATE TABLE users (id INTEGER PRIMARY KEY);\n\n-- migrate:down\n",
    )
    sqlite_shop.up()
    user.opens_migrations(sqlite_shop.id)
    user.chooses("create_users", "Roll back only this one")
    sheet = user.dialog()
    expect(sheet.get_by_role("button", name="Mark as not applied")).to_be_visible()
    sheet.get_by_role("button", name="Generate the down part").click()
    user.reads("Down", "DROP TABLE")
    user.press("Save")
    expect(user.page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    user.opens_migrations(sqlite_shop.id)
    user.chooses("create_users", "Roll back only this one")
    expect(user.dialog().get_by_role("button", name="Roll back 1 on shop")).to_be_visible()
    expect(user.dialog().get_by_role("button", name="Generate the down part")).to_have_count(0)


def test_a_down_that_is_missing_is_written_at_its_place(user: User, sqlite_shop: Shop) -> None:
    sqlite_shop.write(
        "20260101000000_create_users.sql",
        "-- migrate:up\nCREATE TABLE users (id INTEGER PRIMARY KEY);\n\n-- migrate:down\n",
    )
    sqlite_shop.up()
    user.opens_migrations(sqlite_shop.id)
    user.chooses("create_users", "Roll back only this one")
    user.dialog().get_by_role("button", name="Write the down part").click()
    expect(user.text("Down")).to_be_focused()
    user.page.keyboard.type("DROP TABLE users;")
    expect(user.shown("Down")).to_contain_text("DROP TABLE users;")
