"""Names, texts and errors that would be markup elsewhere are shown as the text they are."""

from __future__ import annotations

import sqlite3

import psycopg
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
    user.page.add_init_script(
        "window.refused = []; window.alert = window.confirm = window.prompt = () => { window.pwned = 2 };"
        "document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective))"
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

    assert user.page.evaluate("window.pwned") is None and user.page.evaluate("window.refused") == []
    assert user.page.locator("img[src='x'], b, i").count() == 0


def test_markup_in_comments_defaults_and_bodies_is_text(user: User, app: App, postgres_url: str) -> None:
    """What a server tells of itself: comments, defaults, a view's text, an enum's values, an error it raises."""
    script = "<script>window.pwned=1</script>"
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute(f"CREATE TYPE mood AS ENUM ('{BAD}', '{script}')")
        db.execute(f"CREATE TABLE users (id integer, note text DEFAULT '{BAD}', m mood DEFAULT '{script}')")
        db.execute(f"COMMENT ON TABLE users IS '{script}{BAD}'")
        db.execute(f"COMMENT ON COLUMN users.note IS '{BAD}<svg onload=window.pwned=1>'")
        db.execute(f"CREATE VIEW shown AS SELECT '{script}'::text AS \"{BAD.replace(chr(34), chr(34) * 2)}\"")
    shop = app.toolkit.connect(postgres_url, "shop")
    shop.new("fails", f"DO $$ BEGIN RAISE EXCEPTION '{BAD}{script}'; END $$;", "SELECT 1;")
    assert not app.toolkit.envelope("migration:up", connection=shop.id)["ok"]
    user.page.add_init_script(
        "window.refused = []; window.alert = () => { window.pwned = 2 };"
        "document.addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective))"
    )
    for path, text in (
        (f"/c/{shop.id}/schema?tab=tables", "users"),
        (f"/c/{shop.id}/schema?tab=diagram", "users"),
        (f"/c/{shop.id}/migrations", "fails"),
        (f"/c/{shop.id}/history", "fails"),
        (f"/c/{shop.id}", "shop"),
    ):
        user.open(path)
        expect(user.page.get_by_role("main")).to_contain_text(text)
        assert user.page.evaluate("window.pwned") is None and user.page.evaluate("window.refused") == [], path
        assert user.page.locator("main img[src='x'], main script, main svg[onload]").count() == 0, path
