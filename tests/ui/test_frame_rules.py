"""The rules in the settings: found, read, switched off everywhere or for one connection."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.ui.conftest import App
from tests.ui.user import User


def codes(app: App, connection: str) -> set[str]:
    report = app.toolkit.call("migration:validate", connection=connection, scope="all")
    return {finding["code"] for file in report["files"] for finding in file["findings"]}


def test_a_finding_leads_to_its_rule_and_the_rule_to_its_switch(user: User, app: App, tmp_path: Path) -> None:
    shop = app.toolkit.connect(f"sqlite:{(tmp_path / 'shop.db').as_posix()}", "shop")
    shop.new("drop things", "DROP TABLE things;", "CREATE TABLE things (id INTEGER);")
    assert "drop-table" in codes(app, shop.id)
    user.opens_migrations("shop")
    user.press("drop_things")
    problems = user.page.get_by_role("region", name="Problems")
    problems.get_by_text("drop-table").first.click()
    user.page.get_by_role("link", name=re.compile("^Why\\?")).first.click()
    expect(user.page.get_by_role("heading", name="Table dropped", level=1)).to_be_visible()
    expect(user.page.get_by_role("heading", name="Instead")).to_be_visible()
    switch = user.page.get_by_role("switch", name="On for shop")
    expect(switch).to_be_checked()
    switch.locator("..").click()
    expect(switch).not_to_be_checked()
    assert "drop-table" not in codes(app, shop.id)
    switch.locator("..").click()
    expect(switch).to_be_checked()
    assert "drop-table" in codes(app, shop.id)
    user.page.keyboard.press("Escape")
    expect(user.page).to_have_url(re.compile("/c/shop/edit/"))


def test_a_rule_switched_off_in_the_settings_is_off_everywhere(user: User, app: App, tmp_path: Path) -> None:
    shop = app.toolkit.connect(f"sqlite:{(tmp_path / 'shop.db').as_posix()}", "shop")
    shop.new("drop things", "DROP TABLE things;", "CREATE TABLE things (id INTEGER);")
    user.open("/settings?section=rules")
    user.page.get_by_label("Search the rules").fill("drop-table")
    switch = user.page.get_by_role("switch", name="Table dropped", exact=True)
    switch.locator("..").click()
    expect(switch).not_to_be_checked()
    assert "drop-table" not in codes(app, shop.id)
    assert app.toolkit.call("settings:get")["lint"]["disabled"] == ["drop-table"]


def test_a_rule_that_is_not_there_says_so(user: User) -> None:
    user.open("/rules/no-such-rule")
    expect(user.page.get_by_role("main").get_by_role("alert")).to_be_visible()
    user.press("Back")
