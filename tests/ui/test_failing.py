"""A migration that fails: what happened, where, what it means, and the way from there to a run that works."""

from __future__ import annotations

import psycopg
import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

UP = """\
CREATE TABLE users (id integer PRIMARY KEY);

INSERT INTO users (id)
  SELECT no_such_column FROM users;"""


@pytest.fixture
def shop(app: App, user: User, postgres_url: str) -> Shop:
    shop = app.toolkit.connect(postgres_url)
    shop.new("add names", UP, "DROP TABLE users;")
    shop.new("create orders", "CREATE TABLE orders (id integer);", "DROP TABLE orders;")
    user.opens_migrations(shop.id)
    return shop


def test_a_failure_is_found_mended_and_retried(user: User, shop: Shop, postgres_url: str) -> None:
    user.press("Apply 2 to shop")
    user.runs("Apply 2 to shop")
    panel = user.sees_outcome("shop", "Failed")
    expect(panel).to_contain_text('Column "no_such_column" does not exist')
    expect(panel).to_contain_text(
        "the database rolled back: nothing of it stayed. 1 migration after it was not run."
    )

    files = panel.get_by_role("region", name="Files of the run").get_by_role("listitem")
    expect(files.nth(0)).to_contain_text("add_names.sql")
    expect(files.nth(0)).to_contain_text("Failed")
    expect(files.nth(1)).to_contain_text("Not run")
    user.sees_row("add_names", "Failed")

    # Line 4 of the text is line 5 of the file, whose first line is the directive.
    panel.get_by_role("button", name="Open at line 5").click()
    expect(user.text("Up")).to_be_focused()
    user.page.keyboard.press("End")
    user.page.keyboard.type(" -- here")
    expect(user.shown("Up")).to_contain_text("no_such_column FROM users; -- here")

    user.writes("Up", "CREATE TABLE users (id integer PRIMARY KEY, name text);")
    user.press("Save")
    expect(user.page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Resume 2 on shop").click()
    user.runs("Resume: apply 2 to shop")
    user.sees_outcome("shop", "Applied 2")
    with psycopg.connect(postgres_url) as database:
        rows = database.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_name IN ('users', 'orders') ORDER BY 1, 2"
        ).fetchall()
    assert rows == [("orders", "id"), ("users", "id"), ("users", "name")]
    assert shop.statuses() == {"add_names": "applied", "create_orders": "applied"}


def test_a_file_that_cannot_run_is_refused_before_anything_runs(user: User, shop: Shop) -> None:
    shop.write("20200101000000_no_up.sql", "CREATE TABLE x (id integer);\n")
    user.sees_row("no_up", "Invalid")
    user.press("Apply 3 to shop")
    sheet = user.dialog()
    expect(sheet.get_by_role("button", name="Apply 3 to shop")).to_be_disabled()
    sheet.get_by_role("button", name="Open 20200101000000_no_up.sql").first.click()
    expect(user.page.get_by_role("region", name="Problems")).to_be_visible()
    assert shop.status()["applied"] == 0
