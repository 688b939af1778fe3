"""Finding one's way: the outline of a file, a text in all files, the findings one after the other."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

LONG = "\n".join(f"INSERT INTO notes VALUES ({number});" for number in range(200))


@pytest.fixture
def shop(app: App, sqlite_url: str) -> Shop:
    shop = app.toolkit.connect(sqlite_url)
    shop.write(
        "20260101000000_notes.sql",
        f"-- migrate:up\nCREATE TABLE notes (id INTEGER);\n{LONG}\nCREATE INDEX by_id ON notes (id);\n\n"
        "-- migrate:down\nDROP TABLE notes;\n",
    )
    shop.write(
        "20260102000000_more.sql",
        "-- migrate:up\nALTER TABLE notes ADD COLUMN Needle TEXT;\n\n-- migrate:down\nSELECT 'needle';\n",
    )
    return shop


@pytest.fixture
def opened(user: User, shop: Shop) -> Shop:
    user.open(f"/c/{shop.id}/edit/20260101000000_notes.sql")
    expect(user.shown("Up")).to_contain_text("CREATE TABLE notes")
    return shop


def test_the_outline_leads_to_a_statement_and_follows_the_cursor(user: User, opened: Shop) -> None:
    user.page.get_by_role("tab", name="Outline").click()
    up = user.page.get_by_role("region", name="Up", exact=True)
    expect(up.get_by_role("heading")).to_contain_text("202 statements")
    up.get_by_role("button", name="by_id").click()
    expect(user.shown("Up")).to_contain_text("CREATE INDEX by_id")
    expect(up.locator("[aria-current=true]")).to_contain_text("by_id")
    user.page.keyboard.press("ControlOrMeta+Home")
    expect(up.locator("[aria-current=true]")).to_contain_text("CREATE TABLE")
    down = user.page.get_by_role("region", name="Down", exact=True)
    down.get_by_role("button", name="notes").click()
    expect(user.text("Down")).to_be_focused()


def test_the_keys_show_the_statements_as_symbols(user: User, opened: Shop) -> None:
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Shift+o")
    # All of them at once, before anything is typed.
    expect(user.page.get_by_role("option").filter(has_text="CREATE TABLE notes")).to_be_visible()
    user.page.keyboard.type("by_id")
    expect(user.page.get_by_role("option").filter(has_text="CREATE INDEX by_id")).to_be_visible()
    user.page.keyboard.press("Enter")
    expect(user.shown("Up")).to_contain_text("CREATE INDEX by_id")


def test_a_text_is_found_in_every_migration_and_opens_at_its_line(user: User, opened: Shop) -> None:
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Shift+f")
    field = user.page.get_by_role("textbox", name="Find in all migrations")
    expect(field).to_be_focused()
    field.fill("needle")
    user.sees("2 places in 1 file")
    user.press("Match case")
    user.sees("1 place in 1 file")
    user.press("Match case")
    found = user.page.get_by_role("region", name="20260102000000_more.sql")
    found.get_by_role("button").last.click()
    expect(user.page.get_by_role("heading", name="more", level=1)).to_be_visible()
    expect(user.text("Down")).to_be_focused()
    # The search is still there.
    expect(user.page.get_by_role("textbox", name="Find in all migrations")).to_have_value("needle")

    user.press("Regular expression")
    user.page.get_by_role("textbox", name="Find in all migrations").fill("(a+)+(")
    user.sees("This regular expression cannot be read")


def test_the_palette_leads_to_the_search(user: User, opened: Shop) -> None:
    user.page.keyboard.press("ControlOrMeta+k")
    user.page.keyboard.type("find in all migr")
    user.page.get_by_role("dialog").get_by_text("Find in all migrations").first.click()
    expect(user.page.get_by_role("textbox", name="Find in all migrations")).to_be_visible()


def test_f8_walks_through_the_findings(user: User, opened: Shop) -> None:
    user.writes("Up", "DROP TABLE notes;\nSELECT 1;\nDELETE FROM notes;")
    problems = user.page.get_by_role("region", name="Problems")
    rows = problems.get_by_role("list", name="Findings").get_by_role("button")
    # What was said of the text before had other findings in the same lines.
    expect(rows.filter(has_text="delete-without-where")).to_contain_text("Line 4")
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Home")
    user.page.keyboard.press("F8")
    first = problems.locator("[aria-current=true]")
    expect(first).to_contain_text("Line 2")
    said = first.inner_text()
    user.page.keyboard.press("F8")
    expect(first).not_to_have_text(said)
    user.page.keyboard.press("Shift+F8")
    expect(first).to_contain_text("Line 2")
    expect(problems.get_by_role("region", name="The chosen finding")).to_be_visible()
