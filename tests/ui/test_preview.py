"""From the preview to the rehearsal to the run, as a user goes: nothing runs before it was asked for."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User


def _rehearses(user: User) -> Locator:
    """In the panel that is open: go to the rehearsal, do it, and see its verdict."""
    panel = user.dialog()
    begin = panel.get_by_role("button", name="Rehearse…")
    if begin.is_visible():
        begin.click()
    panel.get_by_role("button", name="Rehearse now").click()
    verdict = panel.get_by_role("region", name="Verdict")
    expect(verdict).to_be_visible(timeout=30_000)
    return verdict


def _write(shop: Shop, name: str, up: str, down: str) -> None:
    shop.write(name, f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n")


def test_preview_rehearse_and_run_on_sqlite(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    _write(
        shop,
        "20260101000000_users.sql",
        "CREATE TABLE users (id INTEGER, name TEXT);\nINSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');",
        "DROP TABLE users;",
    )
    shop.up()
    _write(
        shop,
        "20260102000000_forget.sql",
        "DELETE FROM users WHERE name = 'Bob';\nDROP TABLE users;",
        "SELECT 1;",
    )
    user.opens_migrations(shop.id)
    user.chooses("forget", "Preview")
    panel = user.dialog()
    expect(panel.get_by_role("list", name="What changes")).to_contain_text("1 table removed")
    delete = panel.get_by_role("button", name=re.compile("DELETE"))
    expect(delete).to_contain_text("matches 1 row now")
    expect(panel.get_by_role("region", name=re.compile("^If .* is rolled back$"))).to_contain_text("users")
    # By the keyboard: the list has the focus, an arrow goes to the statement, another opens it.
    user.page.keyboard.press("ArrowDown")
    expect(delete).to_be_focused()
    user.page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("region", name="Statement at line 2")).to_contain_text("DELETE FROM users")
    assert shop.tables() == {"users"}

    verdict = _rehearses(user)
    expect(verdict).to_contain_text("Broken")
    panel.get_by_role("tab", name=re.compile("^Schema")).click()
    expect(panel.get_by_role("region", name="Left different by down")).to_contain_text("users")
    assert shop.tables() == {"users"}, "the target is as it was"

    panel.get_by_role("tab", name="Preview").click()
    expect(panel.get_by_text("Broken")).to_have_count(2)  # The tab's, and what the file remembers.
    user.runs("Apply 1 to shop", typing="shop")
    user.sees_outcome("shop", "Applied 1")
    assert shop.tables() == set()


def test_a_rewrite_and_its_lock_are_measured_on_postgres(user: User, app: App, postgres_url: str) -> None:
    shop = app.toolkit.connect(postgres_url)
    _write(
        shop,
        "20260101000000_orders.sql",
        "CREATE TABLE orders (id integer, total integer);\nINSERT INTO orders SELECT n, n FROM generate_series(1, 500) n;",
        "DROP TABLE orders;",
    )
    shop.up()
    _write(
        shop,
        "20260102000000_widen.sql",
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint;",
        "ALTER TABLE orders ALTER COLUMN total TYPE integer;",
    )
    user.opens_migrations(shop.id)
    user.press("Apply 1 to shop")
    panel = user.dialog()
    expect(panel.get_by_role("button", name=re.compile("ALTER TABLE"))).to_contain_text(
        "blocks reads, writes and schema changes"
    )
    expect(_rehearses(user)).to_contain_text("Reversible")
    statement = panel.get_by_role("region", name=re.compile("^Up: 1 statement")).get_by_role("button").first
    expect(statement).to_contain_text("Rewrites")
    expect(statement).to_contain_text("ACCESS EXCLUSIVE")
    statement.click()
    panel.get_by_text("Measured by").first.click()
    expect(panel.get_by_text(re.compile("pg_locks|relfilenode|pg_class")).first).to_be_visible()
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")


def test_the_editor_previews_what_is_not_saved(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    _write(shop, "20250101000000_first.sql", "CREATE TABLE first (id INTEGER);", "DROP TABLE first;")
    shop.up()
    _write(shop, "20260101000000_users.sql", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    user.open(f"/c/{shop.id}/edit/20260101000000_users.sql")
    user.writes("Up", "CREATE TABLE people (id INTEGER);")
    user.page.keyboard.press("ControlOrMeta+Enter")
    panel = user.dialog()
    expect(panel.get_by_role("button", name=re.compile("the table people"))).to_be_visible()
    expect(panel.get_by_role("region", name=re.compile("^If .* is rolled back$"))).to_contain_text("people")
    assert "people" not in (shop.folder / "20260101000000_users.sql").read_text()
    _rehearses(user)
    user.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    # Opened again, the rehearsal of this very text is still there.
    user.page.keyboard.press("ControlOrMeta+Enter")
    expect(user.dialog().get_by_role("tab", name=re.compile("Rehearsal"))).to_contain_text("Broken")
    expect(user.dialog().get_by_role("button", name="Save & apply 1 to shop")).to_be_focused()
    user.page.keyboard.press("Enter")
    user.sees_outcome("shop", "Applied 1")
    assert shop.tables() == {"first", "people"}
