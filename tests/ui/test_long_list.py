"""Ten thousand migrations: only what is in sight is in the page, and the rest is a key or a word away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

COUNT = 10_000
MOST_ROWS = 150


@pytest.fixture
def long(app: App, sqlite_url: str) -> Shop:
    shop = app.toolkit.connect(sqlite_url)
    for number in range(COUNT):
        shop.write(
            f"2020{number:010d}_change_{number}.sql",
            f"-- migrate:up\nCREATE TABLE t{number} (id INTEGER);\n\n-- migrate:down\nDROP TABLE t{number};\n",
        )
    return shop


def test_ten_thousand_migrations_are_scrolled_and_searched(user: User, long: Shop) -> None:
    user.opens_migrations(long.id)
    user.sees("10,000 files")
    rows = user.grid.get_by_role("row")
    user.sees_row("change_9999", "Pending")
    assert rows.count() <= MOST_ROWS

    user.page.keyboard.press("End")
    user.sees_row("change_0", "Pending")
    expect(user.row("change_9999")).to_have_count(0)
    assert rows.count() <= MOST_ROWS
    user.grid.hover()
    user.page.mouse.wheel(0, -36 * 5000)
    expect(user.row("change_0")).to_have_count(0)
    user.page.keyboard.press("Home")
    user.sees_row("change_9999", "Pending")

    user.page.keyboard.press("/")
    user.page.keyboard.type("change_7777")
    user.sees("1 of 10,000")
    user.sees_row("change_7777", "Pending")
    search = user.page.get_by_role("textbox", name="Search names, versions and text")
    search.fill("t4321 integer")
    user.sees("1 of 10,000")
    user.sees_row("change_4321", "Pending")

    user.page.keyboard.press("ControlOrMeta+k")
    user.page.get_by_role("textbox", name="Search or run a command").fill("change_1234")
    expect(user.dialog().get_by_role("button", name="change_1234")).to_be_visible()
