"""Writing a migration: what the editor offers, and doing it all without the mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User


@pytest.fixture
def shop(app: App, sqlite_url: str) -> Shop:
    shop = app.toolkit.connect(sqlite_url)
    shop.new(
        "create customers", "CREATE TABLE customers (id INTEGER, postcode TEXT);", "DROP TABLE customers;"
    )
    shop.up()
    return shop


@pytest.fixture
def fresh(user: User, shop: Shop) -> str:
    """A new migration's file, open in the editor."""
    made = shop.new("next", "", "")
    user.open(f"/c/{shop.id}/edit/{made['filename']}")
    user.text("Up").focus()
    return str(made["filename"])


def test_completion_offers_the_live_tables_and_their_columns(user: User, fresh: str) -> None:
    options = user.page.get_by_role("option")
    user.writes("Up", "UPDATE ")
    user.page.keyboard.type("custo", delay=20)
    expect(options.filter(has_text="customers").first).to_be_visible()
    user.page.keyboard.press("Enter")
    user.page.keyboard.type(" SET postc", delay=20)
    expect(options.filter(has_text="postcode").first).to_be_visible()
    user.page.keyboard.press("Enter")
    expect(user.shown("Up")).to_contain_text("UPDATE customers SET postcode")


def test_a_table_made_meanwhile_is_offered_too(user: User, shop: Shop, fresh: str) -> None:
    tree = user.page.get_by_role("list", name="Schema")
    expect(tree.get_by_role("button", name="customers", exact=True)).to_be_visible()
    shop.write(
        "20200101000000_create_invoices.sql",
        "-- migrate:up\nCREATE TABLE invoices (id INTEGER);\n\n-- migrate:down\nDROP TABLE invoices;\n",
    )
    shop.up(versions=["20200101000000"], allow_out_of_order=True)
    expect(tree.get_by_role("button", name="invoices", exact=True)).to_be_visible()
    tree.get_by_role("button", name="invoices", exact=True).click()
    expect(user.shown("Up")).to_contain_text("invoices")


def test_format_lays_the_text_out(user: User, fresh: str) -> None:
    user.writes("Up", "create table a(id integer,name text);insert into a values(1,'x y');")
    user.press("Format")
    expect(user.shown("Up")).to_contain_text("create table a (id integer, name text);")
    expect(user.shown("Up")).to_contain_text("(1, 'x y');")
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+z")
    expect(user.shown("Up")).to_contain_text("create table a(id integer,name text);")


def test_the_transaction_switch_writes_the_directive(user: User, shop: Shop, fresh: str) -> None:
    user.writes("Up", "PRAGMA user_version = 7;")
    user.page.get_by_role("switch", name="Transaction").uncheck(force=True)
    user.press("Save")
    expect(user.page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    content = (shop.folder / fresh).read_text()
    assert "-- migrate:up transaction:false\nPRAGMA user_version = 7;" in content
    assert shop.call("migration:read", version=fresh)["migration"]["transaction"] is False

    user.page.get_by_text("File", exact=True).click()
    expect(user.shown("The whole file")).to_contain_text("-- migrate:up transaction:false")


def test_a_snippet_fills_both_halves(user: User, fresh: str) -> None:
    user.page.get_by_role("tab", name="Snippets").click()
    user.page.get_by_role("complementary", name="Schema and snippets").get_by_role("button").first.click()
    expect(user.shown("Up")).to_contain_text("TABLE")
    expect(user.shown("Down")).to_contain_text("DROP TABLE")


def test_a_migration_is_made_and_run_without_the_mouse(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    keys = user.page.keyboard
    keys.press("?")
    expect(user.dialog("Keys")).to_contain_text("New migration")
    expect(user.dialog("Keys")).to_contain_text("Search the migrations")
    keys.press("Escape")
    expect(user.dialog()).to_have_count(0)

    keys.press("ControlOrMeta+k")
    expect(user.page.get_by_role("textbox", name="Search or run a command")).to_be_focused()
    keys.type("new migration")
    expect(user.page.get_by_role("button", name="New migration shop")).to_be_visible()
    keys.press("Enter")
    expect(user.page.get_by_role("combobox", name="Search templates")).to_be_focused()
    keys.press("Enter")
    expect(user.page.get_by_label("What does it do?")).to_be_focused()
    keys.type("create notes")
    keys.press("Enter")
    expect(user.text("Up")).to_be_focused()
    keys.type("CREATE TABLE notes (id INTEGER);")
    keys.press("Escape")
    keys.press("ControlOrMeta+Enter")
    expect(user.dialog().get_by_role("button", name="Apply 1 to shop")).to_be_focused()
    keys.press("Enter")
    user.sees_outcome("shop", "Applied 1")
    assert "notes" in shop.tables()

    user.opens_migrations(shop.id)
    expect(user.grid).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(user.page.get_by_role("heading", name="create_customers")).to_be_visible()
    keys.press("g")
    keys.press("s")
    expect(user.page.get_by_role("heading", name="Schema", exact=True, level=1)).to_be_visible()


def test_every_page_has_its_keys(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    for keys, heading in (
        ("gs", "Schema"),
        ("gr", "Database"),
        ("ge", "Connection"),
        ("gt", "Timeline"),
        ("gh", "History"),
        ("ga", "Analytics"),
        ("gc", "Connections"),
        ("g,", "Settings"),
    ):
        for key in keys:
            user.page.keyboard.press(key)
        expect(user.page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
