"""Going through the sample as a newcomer would: apply, look, undo, choose, search."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

NAME = "Sample shop"
LAST_TWO = ("create_reviews", "add_phone_to_customers")


@pytest.fixture
def sample(app: App, user: User) -> Shop:
    shop = Shop(app.toolkit, app.toolkit.call("connection:sample"))
    user.opens_migrations(shop.id)
    return shop


def tables(shop: Shop) -> set[str]:
    """As the database file itself says."""
    with sqlite3.connect(Path(shop.connection["folder"]) / "shop.db") as database:
        return {row[0] for row in database.execute("SELECT name FROM sqlite_schema")}


def test_what_is_pending_is_applied_from_the_header(user: User, sample: Shop) -> None:
    user.press(f"Apply 2 to {NAME}")
    expect(user.dialog()).to_contain_text("create_reviews")
    user.runs(f"Apply 2 to {NAME}")
    user.sees_outcome(NAME, "Applied 2")
    for name in LAST_TWO:
        user.sees_row(name, "Applied")
    user.sees("Nothing pending")
    assert "reviews" in tables(sample)
    assert sample.status()["pending"] == 0


def test_an_applied_file_opens_read_only_until_edit_anyway(user: User, sample: Shop) -> None:
    file = next(sample.folder.glob("*_create_products.sql"))
    before = file.read_text()
    user.press("create_products")
    user.sees("A change of the file changes nothing there")
    user.writes("Up", "DROP TABLE products;")
    expect(user.shown("Up")).not_to_contain_text("DROP TABLE")
    expect(user.button("Save")).to_have_count(0)

    user.press("Edit anyway")
    user.writes("Up", "CREATE TABLE products (id INTEGER PRIMARY KEY);")
    user.press("Save")
    user.sees("the file is no longer what ran there")
    assert "CREATE TABLE products (id INTEGER PRIMARY KEY);" in file.read_text() != before
    assert sample.flags()["create_products"] == ["edited"]

    user.press("Compare with what ran")
    expect(user.dialog("What ran, and the file now")).to_be_visible()
    user.page.keyboard.press("Escape")
    user.press("Back to the migrations")
    user.sees_row("create_products", "Edited")


def test_run_to_here_and_roll_back_to_here(user: User, sample: Shop) -> None:
    user.chooses("create_reviews", "Apply up to here")
    user.runs(f"Apply 1 to {NAME}")
    user.sees_outcome(NAME, "Applied 1")
    user.sees_row("create_reviews", "Applied")
    user.sees_row("add_phone_to_customers", "Pending")

    user.chooses("index_orders_by_customer", "Roll back to here, keeping this")
    user.runs(f"Roll back 2 on {NAME}")
    user.sees_outcome(NAME, "Rolled back 2")
    user.sees_row("index_orders_by_customer", "Applied")
    for name in ("create_reviews", "create_order_totals_view"):
        user.sees_row(name, "Pending")
    assert not {"reviews", "order_totals"} & tables(sample)


def test_several_are_chosen_and_run_together(user: User, sample: Shop) -> None:
    for name in LAST_TWO:
        user.row(name).get_by_role("checkbox").click()
    user.press(f"Apply 2 chosen to {NAME}")
    user.runs(f"Apply 2 to {NAME}")
    user.sees_outcome(NAME, "Applied 2")
    expect(user.page.get_by_role("toolbar", name="Chosen migrations")).to_have_count(0)

    user.row("add_phone_to_customers").get_by_role("checkbox").click()
    user.row("create_order_totals_view").get_by_role("checkbox").click(modifiers=["Shift"])
    user.press(f"Roll back 3 chosen on {NAME}")
    # Nothing is in what goes (nobody has a phone yet), so no name is to be typed.
    user.runs(f"Roll back 3 on {NAME}")
    user.sees_outcome(NAME, "Rolled back 3")
    assert sample.status()["applied"] == 5


def test_marking_as_applied_runs_nothing(user: User, sample: Shop) -> None:
    user.chooses("create_reviews", "Mark as applied…")
    user.runs(f"Mark 1 as applied on {NAME}")
    user.sees_outcome(NAME, "Marked 1 as applied")
    user.sees_row("create_reviews", "Applied")
    assert "reviews" not in tables(sample)

    user.chooses("create_reviews", "Mark as not applied…")
    user.runs(f"Mark 1 as not applied on {NAME}")
    user.sees_row("create_reviews", "Pending")


def test_search_and_filters_survive_a_reload(user: User, sample: Shop) -> None:
    search = user.page.get_by_role("textbox", name="Search names, versions and text")
    user.page.keyboard.press("/")
    expect(search).to_be_focused()
    # In the text of the view's file only, not in any name.
    search.fill("SUM(")
    user.sees("1 of 8")
    expect(user.row("create_order_totals_view")).to_be_visible()

    search.fill("create")
    user.press(re.compile(r"^Applied \d"))
    user.press("Table")
    user.page.get_by_role("option", name="orders", exact=True).click()
    expect(user.button("Remove the filter Table: orders")).to_be_visible()
    shown = user.grid.get_by_role("row")
    count = shown.count()
    user.page.reload()
    expect(search).to_have_value("create")
    expect(user.button(re.compile(r"^Applied \d"))).to_have_attribute("aria-pressed", "true")
    expect(user.button("Remove the filter Table: orders")).to_be_visible()
    expect(shown).to_have_count(count)

    user.press("Remove the filter Table: orders")
    search.fill("no such thing")
    user.press("Show all 8")
    expect(shown).to_have_count(9)


def test_a_file_is_renamed_duplicated_and_deleted(user: User, sample: Shop) -> None:
    user.chooses("create_reviews", "Rename…")
    dialog = user.dialog("Rename the migration")
    dialog.get_by_label("Name").fill("create ratings")
    dialog.get_by_role("button", name="Rename", exact=True).click()
    user.sees_row("create_ratings", "Pending")

    user.chooses("create_ratings", "Duplicate…")
    expect(user.page.get_by_label("What does it do?")).to_have_value("create_ratings_copy")
    user.press(f"Create for {NAME}")
    expect(user.shown("Up")).to_contain_text("CREATE TABLE reviews")
    user.press("Back to the migrations")

    user.chooses("create_ratings_copy", "Delete the file…")
    user.dialog("Delete create_ratings_copy?").get_by_role("button", name="Delete the file").click()
    expect(user.row("create_ratings_copy")).to_have_count(0)
    assert [path.name.split("_", 1)[1] for path in sorted(sample.folder.glob("*.sql"))][-2:] == [
        "create_ratings.sql",
        "add_phone_to_customers.sql",
    ]
