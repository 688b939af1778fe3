"""Names in the editor: what they are, what made them, and what can be written there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

# Monaco draws several words as one piece, so a word is found by where its letters stand.
PLACE = """([label, word]) => {
  const pane = document.querySelector(`textarea[aria-label^="${label}"], [role="textbox"][aria-label^="${label}"]`)
    .closest('.monaco-editor');
  const walker = document.createTreeWalker(pane.querySelector('.view-lines'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(word);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + word.length);
    const box = range.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }
  return null;
}"""


def place(user: User, pane: str, word: str) -> tuple[float, float]:
    """The middle of a word of the text, on the screen."""
    expect(user.shown(pane)).to_contain_text(word)
    found = user.page.evaluate(PLACE, [pane, word])
    assert found, f"{word} is not in sight"
    return found[0], found[1]


def rests_on(user: User, pane: str, word: str) -> Locator:
    """Rest the pointer on a word until something is said of it."""
    tip = user.page.locator(".monaco-hover").filter(visible=True)
    for _ in range(60):
        x, y = place(user, pane, word)
        user.page.mouse.move(x - 40, y + 60)
        user.page.mouse.move(x, y, steps=3)
        user.page.wait_for_timeout(900)
        if tip.count():
            break
    return tip.first


@pytest.fixture
def shop(app: App, postgres_url: str) -> Shop:
    shop = app.toolkit.connect(postgres_url, "shop")
    for name, up in (
        ("20260101000000_customers", "CREATE TABLE customers (\n  id int PRIMARY KEY,\n  postcode text\n);"),
        (
            "20260102000000_mail",
            "SELECT 1;\nALTER TABLE customers ADD COLUMN mail varchar(99) NOT NULL DEFAULT '-';",
        ),
        ("20260103000000_comment", "COMMENT ON COLUMN customers.mail IS 'Where the bill goes';"),
    ):
        shop.write(f"{name}.sql", f"-- migrate:up\n{up}\n\n-- migrate:down\nSELECT 1;\n")
    shop.up()
    shop.write(
        "20260104000000_next.sql",
        "-- migrate:up\nUPDATE customers SET mail = 'x';\n\n-- migrate:down\nSELECT 1;\n",
    )
    return shop


@pytest.fixture
def opened(user: User, shop: Shop) -> Shop:
    user.open(f"/c/{shop.id}/edit/20260104000000_next.sql")
    expect(user.page.get_by_role("list", name="Schema").get_by_text("customers")).to_be_visible()
    expect(user.shown("Up")).to_contain_text("UPDATE customers")
    return shop


def test_a_column_tells_its_type_its_comment_and_what_made_it(user: User, opened: Shop) -> None:
    tip = rests_on(user, "Up", "mail")
    expect(tip).to_contain_text("mail character varying(99)")
    expect(tip).to_contain_text("not null")
    expect(tip).to_contain_text("Where the bill goes")
    tip.get_by_text("20260102000000_mail.sql").click()
    expect(user.page.get_by_role("heading", name="mail", level=1)).to_be_visible()
    expect(user.page.get_by_role("textbox", name="Up")).to_be_focused()
    assert "line=3" in user.page.url


def go_to_end_of(user: User, text: str) -> None:
    """Into the word that the text ends with: written anew, so that the cursor stands behind it."""
    user.writes("Up", text)
    user.page.keyboard.press("ControlOrMeta+End")


def test_f12_goes_to_the_migration_that_made_the_table(user: User, opened: Shop) -> None:
    go_to_end_of(user, "SELECT * FROM customers")
    user.page.keyboard.press("F12")
    expect(user.page.get_by_role("heading", name="customers", level=1)).to_be_visible()
    expect(user.shown("Up")).to_contain_text("CREATE TABLE customers")
    # What was typed is kept as a draft, without a question.
    user.page.go_back()
    expect(user.shown("Up")).to_contain_text("SELECT * FROM customers")
    user.sees("are back")


def test_control_and_a_click_goes_there_too(user: User, opened: Shop) -> None:
    user.page.keyboard.down("ControlOrMeta")
    user.page.mouse.click(*place(user, "Up", "mail"))
    user.page.keyboard.up("ControlOrMeta")
    expect(user.page.get_by_role("heading", name="mail", level=1)).to_be_visible()


def test_a_name_that_nothing_makes_is_said_so(user: User, opened: Shop) -> None:
    go_to_end_of(user, "DROP TABLE nobody_made_this")
    user.page.keyboard.press("F12")
    user.sees("No migration makes nobody_made_this")


def test_completion_knows_types_aliases_and_comments(user: User, opened: Shop) -> None:
    options = user.page.get_by_role("option")
    user.writes("Up", "ALTER TABLE customers ADD COLUMN age ")
    user.page.keyboard.type("smal", delay=20)
    expect(options.filter(has_text="smallint").first).to_be_visible()
    user.page.keyboard.press("Enter")
    user.page.keyboard.type(";\nSELECT c.post", delay=20)
    user.page.keyboard.press("Escape")
    user.writes("Up", "WITH recent AS (SELECT id AS number FROM customers) SELECT r. FROM recent r")
    for _ in range(len(" FROM recent r")):
        user.page.keyboard.press("ArrowLeft")
    user.page.keyboard.press("Control+Space")
    expect(options.filter(has_text="number").first).to_be_visible()
    user.page.keyboard.press("Escape")
    user.writes("Up", "-- UPDATE ")
    user.page.keyboard.type("custo", delay=20)
    user.page.keyboard.press("Control+Space")
    expect(options.filter(has_text="customers")).to_have_count(0)


@pytest.fixture
def documents(app: App, mongodb_url: str) -> Shop:
    shop = app.toolkit.connect(mongodb_url, "documents")
    made = (
        "module.exports = {\n  async up(db) {\n    await db.createCollection('people');\n"
        "    await db.collection('people').insertOne({ email: 'a', address: { city: 'Ulm', zip: 1 } });\n  },\n"
        "  async down(db) {\n    await db.collection('people').drop();\n  },\n};\n"
    )
    shop.write("20260101000000-people.js", made)
    shop.up()
    shop.write(
        "20260102000000-next.js",
        "module.exports = {\n  async up(db) {\n    await db.collection('people').find({ email: 1 });\n  },\n"
        "  async down(db) {},\n};\n",
    )
    return shop


def test_mongodb_offers_collections_fields_and_operators_where_they_belong(
    user: User, documents: Shop
) -> None:
    user.open(f"/c/{documents.id}/edit/20260102000000-next.js")
    expect(user.page.get_by_role("list", name="Schema").get_by_text("people")).to_be_visible()
    options = user.page.get_by_role("option")
    user.writes("Up", "await db.collection('")
    user.page.keyboard.press("Control+Space")
    expect(options.filter(has_text="people").first).to_be_visible()
    user.page.keyboard.press("Enter")
    expect(user.shown("Up")).to_contain_text("db.collection('people")

    user.writes("Up", "await db.collection('people').updateMany({ ")
    user.page.keyboard.type("addr", delay=20)
    expect(options.filter(has_text="address.city").first).to_be_visible()
    user.page.keyboard.press("ArrowDown")
    user.page.keyboard.press("Enter")
    expect(user.shown("Up")).to_contain_text('{ "address.')
    user.page.keyboard.type(": { $exi", delay=20)
    expect(options.filter(has_text="$exists").first).to_be_visible()
    user.page.keyboard.press("Enter")
    user.page.keyboard.press("Escape")
    user.writes("Up", "await db.collection('people').updateMany({}, { ")
    user.page.keyboard.type("$ren", delay=20)
    expect(options.filter(has_text="$rename").first).to_be_visible()
    expect(options.filter(has_text="$regex")).to_have_count(0)


def test_a_field_tells_its_type_and_a_collection_what_made_it(user: User, documents: Shop) -> None:
    user.open(f"/c/{documents.id}/edit/20260102000000-next.js")
    expect(user.page.get_by_role("list", name="Schema").get_by_text("people")).to_be_visible()
    expect(rests_on(user, "Up", "email")).to_contain_text("email string")
    user.writes("Up", "await db.collection('people")
    user.page.keyboard.press("F12")
    expect(user.page.get_by_role("heading", name=re.compile("people"), level=1)).to_be_visible()
