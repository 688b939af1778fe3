"""An error leads to what mends it, and its report holds what is needed and no secret."""

from __future__ import annotations

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

SECRET = "Zr8-not-to-be-shown"


@pytest.fixture
def shop(app: App, user: User, sqlite_url: str) -> Shop:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:")) as database:
        database.execute("CREATE TABLE users (id INTEGER)")
    database.close()
    shop = app.toolkit.connect(sqlite_url)
    shop.new("create users", "SELECT 1;\n\nCREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    user.opens_migrations(shop.id)
    return shop


def test_a_failed_migration_leads_to_its_line_and_to_the_page_of_its_reason(user: User, shop: Shop) -> None:
    user.press("Apply 1 to shop")
    user.runs("Apply 1 to shop")
    panel = user.sees_outcome("shop", "Failed")
    expect(panel).to_contain_text("Table users already exists")
    expect(panel.get_by_role("button", name="Mark as applied…")).to_be_visible()
    expect(panel.get_by_role("button", name="Compare the schema")).to_be_visible()
    panel.get_by_role("button", name="Open at line 4").click()
    expect(user.text("Up")).to_be_focused()
    expect(user.page).to_have_url(re.compile(r"/edit/.*create_users\.sql"))
    panel.get_by_role("link", name="About this error").click()
    expect(user.page.get_by_role("heading", name="It is there already")).to_be_visible()
    user.press("All errors")
    user.page.get_by_label("Search the errors").fill("two sessions")
    user.page.get_by_role("link", name="Two sessions waited for each other").click()
    expect(user.page.get_by_role("heading", name="What to do")).to_be_visible()


def test_the_report_says_what_is_needed_and_holds_no_secret(app: App, user: User) -> None:
    vault = app.toolkit.connect(f"postgres://app:{SECRET}@127.0.0.1:1/vault?sslmode=disable", "vault")
    user.open(f"/c/{vault.id}/migrations")
    alert = user.page.get_by_role("alert").first
    expect(alert).to_contain_text("Nothing listens there")
    alert.get_by_role("button", name="Report issue").click()
    text = user.dialog("Report issue").get_by_label("Text of the report")
    expect(text).to_have_value(re.compile("Engine: postgres"))
    report = text.input_value()
    assert "Reason: connection_refused" in report and "DB Toolkit: " in report and "System: " in report
    assert "### What I did" in report and SECRET not in report
    user.press("Copy the text")
    assert user.page.evaluate("navigator.clipboard.readText()") == report
    user.press("Done")
    alert.get_by_role("button", name="Copy details").click()
    copied = user.page.evaluate("navigator.clipboard.readText()")
    assert "connection_failed" in copied and SECRET not in copied
    alert.get_by_role("button", name="Edit the connection").click()
    expect(user.page).to_have_url(re.compile(f"/c/{vault.id}/connection"))
