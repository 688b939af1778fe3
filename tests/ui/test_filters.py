"""Every filter and the search, on real databases: chips, the address, saved ones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

FILES = {
    "20260101000000_create_users.sql": "CREATE TABLE users (id INTEGER);",
    "20260201000000_create_orders.sql": "-- of users\nCREATE TABLE orders (id INTEGER);",
    "20260301000000_fill_users.sql": "INSERT INTO users VALUES (1);",
    "20260401000000_create_items.sql": "CREATE TABLE items (id INTEGER);",
}


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def shop(app: App, request: pytest.FixtureRequest) -> Shop:
    app.toolkit.call("settings:update", changes={"author": "Ann Lee"})
    shop = app.toolkit.connect(request.getfixturevalue(request.param))
    for filename, up in FILES.items():
        shop.write(filename, f"-- migrate:up\n{up}\n\n-- migrate:down\nSELECT 1;\n")
    shop.up(count=2)
    return shop


def _sees_only(user: User, *names: str) -> None:
    expect(user.grid.get_by_role("row")).to_have_count(len(names) + 1)
    for name in names:
        expect(user.row(name)).to_be_visible()


def _types(user: User, text: str) -> None:
    search = user.page.get_by_role("textbox", name="Search names, versions and text")
    search.fill("")
    search.press_sequentially(text)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("users", ["create_users", "create_orders", "fill_users"]),
        ("table:users status:applied ", ["create_users"]),
        ("users -orders", ["create_users", "fill_users"]),
        ('"into users" ', ["fill_users"]),
        ("author:ann -name:orders ", ["create_users"]),
        ("version:202604", ["create_items"]),
    ],
)
def test_what_is_typed(user: User, shop: Shop, typed: str, names: list[str]) -> None:
    user.opens_migrations(shop.id)
    _types(user, typed)
    _sees_only(user, *names)


def test_status_table_author_flag_and_day_are_chips_in_the_address(user: User, shop: Shop) -> None:
    shop.write("20251201000000_older.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    user.opens_migrations(shop.id)
    user.press(re.compile(r"^Pending 3"))
    _sees_only(user, "older", "fill_users", "create_items")
    user.press("Flag")
    user.page.get_by_role("option", name="Out of order").click()
    _sees_only(user, "older")
    user.press("Remove the filter Flag: Out of order")
    user.press(re.compile(r"^All 5"))
    user.press("Table")
    user.page.get_by_role("option", name="users").click()
    user.press("Table: or choose more")
    user.page.get_by_role("option", name="items").click()
    _sees_only(user, "create_users", "fill_users", "create_items")
    user.page.keyboard.press("Escape")
    user.press("Author")
    user.page.get_by_role("option", name="Ann Lee").click()
    _sees_only(user, "create_users")
    user.press("Applied")
    user.press("7 days")
    _sees_only(user, "create_users")
    expect(user.page).to_have_url(
        re.compile(r"table=users&table=items&author=Ann\+Lee&from=\d{4}-\d\d-\d\d$")
    )
    user.page.reload()
    _sees_only(user, "create_users")
    user.press("Clear")
    _sees_only(user, "older", *(name[15:-4] for name in FILES))


def test_a_filter_is_kept_by_name_across_a_reload(user: User, shop: Shop) -> None:
    user.open(f"/c/{shop.id}/migrations?table=users")
    user.press("Save filters")
    user.page.get_by_label("Name of the filter").fill("Mine")
    user.press("Save")
    expect(user.button("Mine")).to_be_visible()
    user.page.wait_for_timeout(700)
    user.opens_migrations(shop.id)
    user.press("Saved")
    user.press("Mine")
    _sees_only(user, "create_users", "fill_users")
    user.press("Mine")
    user.press("Rename the filter Mine")
    user.page.get_by_label("New name of Mine").fill("<b>Ours</b>")
    user.press("Rename")
    user.press("Remove the saved filter <b>Ours</b>")
    expect(user.button("Save filters")).to_be_visible()


def test_a_completion_becomes_a_chip(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.page.keyboard.press("/")
    user.page.keyboard.type("ta")
    user.page.keyboard.press("Tab")
    expect(user.page.get_by_role("option", name="table:orders")).to_be_visible()
    user.page.keyboard.type("ord")
    user.page.keyboard.press("Tab")
    expect(user.button("Remove the filter Table: orders")).to_be_visible()
    _sees_only(user, "create_orders")


def test_an_unreachable_database_lists_files_of_unknown_status(user: User, app: App) -> None:
    shop = app.toolkit.connect("postgres://app@127.0.0.1:1/gone?sslmode=disable", "gone")
    shop.new("users", "CREATE TABLE users (id int);", "DROP TABLE users;")
    user.opens_migrations(shop.id)
    user.sees_row("users", "Unknown")
    _types(user, "table:users ")
    _sees_only(user, "users")
