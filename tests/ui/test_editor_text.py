"""The text itself: made tidy, mended by a quick fix, its down generated, and large or odd files."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

# How long the page was busy in one piece while keys were pressed: what a user feels as stuttering.
WATCH = """() => {
  window.longest = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
    window.watching = requestAnimationFrame(tick);
  };
  window.watching = requestAnimationFrame(tick);
}"""


@pytest.fixture
def postgres(app: App, postgres_url: str) -> Shop:
    shop = app.toolkit.connect(postgres_url, "shop")
    shop.write(
        "20260101000000_customers.sql",
        "-- migrate:up\nCREATE TABLE customers (id int PRIMARY KEY, mail varchar(99) DEFAULT 'x');\n\n"
        "-- migrate:down\nDROP TABLE customers;\n",
    )
    shop.up()
    shop.write("20260102000000_next.sql", "-- migrate:up\n\n-- migrate:down\n")
    return shop


def opens(user: User, shop: Shop, filename: str = "20260102000000_next.sql") -> None:
    user.open(f"/c/{shop.id}/edit/{filename}")
    expect(user.text("Up")).to_be_focused()


def test_the_down_is_generated_from_the_text_and_the_live_schema(user: User, postgres: Shop) -> None:
    opens(user, postgres)
    user.writes(
        "Up", "CREATE TABLE notes (id int);\nALTER TABLE customers DROP COLUMN mail;\nDELETE FROM customers;"
    )
    user.press("Generate")
    down = user.shown("Down")
    expect(down).to_contain_text("DROP TABLE notes;")
    # Only the live schema knows what the column was.
    expect(down).to_contain_text("varchar(99)" if "varchar" in down.inner_text() else "character varying(99)")
    user.sees("cannot be undone")
    user.text("Down").focus()
    user.page.keyboard.press("ControlOrMeta+z")
    expect(down).not_to_contain_text("DROP TABLE notes;")

    user.writes("Down", "SELECT 'mine';")
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Alt+d")
    dialog = user.dialog("Down has text already")
    expect(dialog).to_contain_text("DROP TABLE notes;")
    dialog.get_by_role("button", name="Replace").click()
    expect(down).to_contain_text("DROP TABLE notes;")
    expect(down).not_to_contain_text("mine")


def test_the_down_of_a_javascript_file_is_generated_too(user: User, app: App, mongodb_url: str) -> None:
    shop = app.toolkit.connect(mongodb_url, "documents")
    shop.write(
        "20260101000000-a.js", "module.exports = {\n  async up(db) {\n  },\n  async down(db) {\n  },\n};\n"
    )
    opens(user, shop, "20260101000000-a.js")
    user.writes("Up", "await db.collection('people').createIndex({ email: 1 }, { name: 'by_email' });")
    user.press("Generate")
    expect(user.shown("Down")).to_contain_text("dropIndex")


def test_javascript_is_made_tidy(user: User, app: App, mongodb_url: str) -> None:
    shop = app.toolkit.connect(mongodb_url, "documents")
    shop.write(
        "20260101000000-a.js", "module.exports = {\n  async up(db) {\n  },\n  async down(db) {\n  },\n};\n"
    )
    opens(user, shop, "20260101000000-a.js")
    user.writes("Up", "await db.collection('people').insertOne({a:1,b:'x'})")
    user.press("Format")
    expect(user.shown("Up")).to_contain_text('insertOne({ a: 1, b: "x" });')


def test_a_quick_fix_writes_the_safe_form_and_is_undone_by_a_key(user: User, postgres: Shop) -> None:
    opens(user, postgres)
    user.writes("Up", "CREATE INDEX by_mail ON customers (mail);")
    rows = user.page.get_by_role("list", name="Findings").get_by_role("button")
    expect(rows.filter(has_text="pg-index-not-concurrent")).to_have_count(1)
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Home")
    user.page.keyboard.press("ControlOrMeta+.")
    fix = user.page.locator(".action-widget").get_by_text("Build it CONCURRENTLY")
    expect(fix).to_be_visible()
    user.page.keyboard.press("Enter")
    # The directive of one half alone changes too, so the whole file is shown.
    whole = user.shown("The whole file")
    expect(whole).to_contain_text("migrate:up transaction:false")
    expect(whole).to_contain_text("CREATE INDEX CONCURRENTLY")
    expect(rows.filter(has_text="pg-index-not-concurrent")).to_have_count(0)
    user.text("The whole file").focus()
    user.page.keyboard.press("ControlOrMeta+z")
    expect(whole).not_to_contain_text("CONCURRENTLY")


def test_typing_in_two_megabytes_never_waits(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    rows = "INSERT INTO words (id, text) VALUES (1, 'some words of some length');\n" * 32_000
    shop.write("20260101000000_large.sql", f"-- migrate:up\n{rows}\n-- migrate:down\nSELECT 1;\n")
    user.open(f"/c/{shop.id}/edit/20260101000000_large.sql")
    user.sees("without colours")
    user.text("Up").focus()
    user.page.evaluate(WATCH)
    user.page.keyboard.type("-- every key is on the screen at once", delay=30)
    expect(user.shown("Up")).to_contain_text("every key is on the screen at once")
    longest = user.page.evaluate("() => { cancelAnimationFrame(window.watching); return window.longest; }")
    print(f"the longest pause while typing: {longest:.0f} ms")
    user.sees("Unsaved")


def test_a_thousand_errors_are_listed_and_walked_through(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    shop.write(
        "20260101000000_wrong.sql",
        "-- migrate:up\n" + "DELETE FROM things;\nSELEC 1;\n" * 600 + "\n-- migrate:down\nSELECT 1;\n",
    )
    user.open(f"/c/{shop.id}/edit/20260101000000_wrong.sql")
    user.sees("more: filter to see them")
    user.text("Up").focus()
    user.page.keyboard.press("F8")
    expect(user.page.get_by_role("region", name="The chosen finding")).to_be_visible()


def test_a_file_that_is_not_text_opens_and_says_so(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    shop.write("20260101000000_binary.sql", bytes(range(256)) * 40)
    user.open(f"/c/{shop.id}/edit/20260101000000_binary.sql")
    expect(user.page.get_by_role("heading", name="binary", level=1)).to_be_visible()
    expect(user.page.get_by_role("region", name="Problems").get_by_role("list").first).to_be_visible()
