"""Names, texts and errors that would be markup elsewhere are shown as the text they are."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import expect

from tests.ui.conftest import App
from tests.ui.user import User

BAD = '<img src=x onerror="window.pwned=1">'
FILE = "20260101000000_<img src=x onerror=window.pwned=1>.sql"


def test_markup_in_names_and_errors_is_text(user: User, app: App, sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:")) as database:
        quoted = BAD.replace('"', '""')
        database.execute(f'CREATE TABLE "{quoted}" (id INTEGER, "<b>bold</b>" TEXT)')
    shop = app.toolkit.connect(sqlite_url, "<b>shop</b>")
    shop.write(
        FILE, f"-- migrate:up\nSELECT * FROM `{BAD}` WHERE `<i>x</i>` = 1;\n\n-- migrate:down\nSELECT 1;\n"
    )
    user.opens_migrations(shop.id)
    name = "<img src=x onerror=window.pwned=1>"
    expect(user.row(name)).to_be_visible()
    user.press("Apply 1 to <b>shop</b>")
    expect(user.dialog()).to_contain_text(FILE)
    user.runs("Apply 1 to <b>shop</b>")
    panel = user.sees_outcome("<b>shop</b>", "Failed")
    expect(panel).to_contain_text("<i>x</i>")
    user.row(name).get_by_text("Failed").hover()
    expect(user.page.get_by_role("tooltip")).to_contain_text("<i>x</i>")

    user.chooses(name, "Rename…")
    expect(user.dialog()).to_be_visible()
    user.page.keyboard.press("Escape")
    user.press(name)
    expect(user.page.get_by_role("heading", level=1)).to_have_text(name)
    tree = user.page.get_by_role("list", name="Schema")
    expect(tree).to_contain_text(BAD)
    user.open(f"/c/{shop.id}/schema?tab=tables")
    expect(user.page.get_by_role("main")).to_contain_text(BAD)
    expect(user.page.get_by_role("main")).to_contain_text("<b>bold</b>")
    user.open("/connections")
    expect(user.page.get_by_role("link", name="<b>shop</b>", exact=True)).to_be_visible()
    user.page.keyboard.press("ControlOrMeta+k")
    user.page.get_by_role("textbox", name="Search or run a command").fill("<b>")
    expect(user.dialog()).to_contain_text("<b>shop</b>")

    assert user.page.evaluate("window.pwned") is None
    assert user.page.locator("img[src='x'], b, i").count() == 0
