"""A migration that stopped halfway: what stayed, the ways out, and one of them taken."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.kit import ChannelFailed, Shop
from tests.ui.conftest import App
from tests.ui.user import User

UP = """\
CREATE TABLE customers (id INT PRIMARY KEY);
CREATE TABLE orders (id INT PRIMARY KEY);
INSERT INTO nowhere VALUES (1);"""


@pytest.fixture
def shop(app: App, user: User, mysql_url: str) -> Shop:
    shop = app.toolkit.connect(mysql_url)
    shop.new("create both", UP, "DROP TABLE orders;\nDROP TABLE customers;")
    return shop


def test_half_a_migration_on_mariadb_is_cleaned_up(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.press("Apply 1 to shop")
    user.runs("Apply 1 to shop")
    panel = user.sees_outcome("shop", re.compile("^Failed"))
    panel.get_by_role("button", name="What now…").click()
    sheet = user.dialog(re.compile("^What happened to create_both on shop"))
    statements = sheet.get_by_role("region", name="Statement by statement").get_by_role("listitem")
    expect(statements.nth(0)).to_contain_text("Stayed")
    expect(statements.nth(1)).to_contain_text("Stayed")
    expect(statements.nth(2)).to_contain_text("Failed here")
    assert shop.tables() >= {"customers", "orders"}

    sheet.get_by_role("radio", name=re.compile("^Clean")).click()
    expect(sheet.get_by_text(re.compile("DROP TABLE")).first).to_be_visible()
    button = sheet.get_by_role("button", name="Clean up on shop")
    button.click()
    asked = sheet.get_by_label("Type shop to go on")
    done = sheet.get_by_role("region", name="What became of it")
    expect(asked.or_(done).first).to_be_visible()
    if asked.is_visible():
        asked.fill("shop")
        button.click()
    expect(done).to_contain_text("Done")
    assert not shop.tables() & {"customers", "orders"}
    sheet.get_by_role("button", name="Close", exact=True).click()
    expect(user.row("create_both").get_by_text("Partly run")).to_have_count(0)


def test_the_ways_out_are_where_the_failure_is_seen(user: User, shop: Shop) -> None:
    with pytest.raises(ChannelFailed):
        shop.up()
    user.opens_migrations(shop.id)
    user.button("Partly run: what happened to create_both, and what now").click()
    sheet = user.dialog(re.compile("^What happened to create_both on shop"))
    expect(sheet.get_by_role("region", name="What now")).to_be_visible()
    user.page.keyboard.press("Escape")
    user.open(f"/c/{shop.id}/dashboard")
    needs = user.page.get_by_role("region", name="Needs attention")
    needs.get_by_role("button", name="What now…").click()
    expect(sheet.get_by_role("region", name="What it left")).to_contain_text("customers")
