"""Two schemas compared at the page: look, choose, generate, prove again, save; and drift, found and settled."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import psycopg
from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.scenes_schema import picks
from tests.ui.user import User

BASE = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);\nCREATE TABLE legacy (id INTEGER PRIMARY KEY);\n"
)
WANTED = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT, phone TEXT);
CREATE TABLE legacy (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
"""


def tree(user: User) -> Locator:
    return user.page.get_by_role("tree", name="Changes")


def item(user: User, name: str) -> Locator:
    return tree(user).get_by_role("treeitem", name=re.compile(rf"^\w+ {re.escape(name)}$"))


def compares_with(user: User, shop: Shop, wanted: str, tmp_path: Path) -> None:
    """The live database, and a file of this text."""
    if not shop.call("connection:test")["database_exists"]:
        shop.call("database:create")
    file = tmp_path / "wanted.sql"
    file.write_text(wanted)
    user.open(f"/c/{shop.id}/schema")
    picks(user, "To", "A file or dump")
    user.page.get_by_label("To: path").fill(str(file))
    user.press("Compare")
    expect(tree(user)).to_be_visible()


def apply(user: User, shop: Shop) -> None:
    user.press(re.compile(f"^Apply 1 to {shop.connection['name']}$"))
    user.runs(f"Apply 1 to {shop.connection['name']}")
    user.sees_outcome(shop.connection["name"], re.compile("applied"))


def test_from_difference_to_saved_migration_on_sqlite(user: User, sqlite_shop: Shop, tmp_path: Path) -> None:
    with sqlite3.connect(sqlite_shop.connection["url"].removeprefix("sqlite:")) as database:
        database.executescript(BASE)
    compares_with(user, sqlite_shop, WANTED, tmp_path)
    item(user, "users").click()
    expect(user.page.get_by_role("region", name="Table users")).to_be_visible()
    expect(user.page.get_by_text("phone").first).to_be_visible()
    # By the keyboard: the change of users stays out.
    tree(user).press(" ")
    expect(item(user, "users")).to_have_attribute("aria-checked", "false")
    user.press("Generate 1 of 2 changes")
    user.sees("Proven both ways, rows kept")
    user.reads("Up", "orders")
    expect(user.shown("Up").get_by_text("phone")).to_have_count(0)

    user.writes("Down", "SELECT 1;")
    user.sees("Not proven as it stands")
    user.press("Prove again")
    user.sees("Proven up, not down")
    user.writes("Down", "DROP TABLE orders;")
    user.press("Prove again")
    user.sees("Proven both ways, rows kept")

    user.page.get_by_label("Name of the migration").fill("add orders")
    user.press("Save as migration for shop")
    expect(user.page).to_have_url(re.compile(r"/edit/\d+_add_orders\.sql$"))
    user.reads("Down", "DROP TABLE orders;")
    [saved] = sqlite_shop.status()["migrations"]
    assert (saved["name"], saved["status"]) == ("add_orders", "pending")
    assert sqlite_shop.up()["ok"] and "orders" in sqlite_shop.tables()


def test_online_safe_files_are_saved_in_order_on_postgres(
    user: User, app: App, postgres_url: str, tmp_path: Path
) -> None:
    shop = app.toolkit.connect(postgres_url, "shop")
    with psycopg.connect(postgres_url) as database:
        database.execute("CREATE TABLE users (id int PRIMARY KEY, mail text)")
    wanted = "CREATE TABLE users (id int PRIMARY KEY, email text);\nCREATE INDEX by_email ON users (email);"
    compares_with(user, shop, wanted, tmp_path)
    user.sees("public.users.mail")
    user.press("Renamed")
    user.page.get_by_text("Online safe", exact=True).click()
    user.press("Generate migration")
    user.sees("Proven both ways, rows kept")
    expect(user.page.get_by_role("tablist", name="Files of the migration").get_by_role("tab")).to_have_count(
        2
    )
    user.press("Save as 2 migrations for shop")
    user.sees("2 migrations made")
    migrations = shop.status()["migrations"]
    assert [one["status"] for one in migrations] == ["pending", "pending"]
    texts = [(shop.folder / one["filename"]).read_text() for one in migrations]
    assert "RENAME COLUMN mail TO email" in texts[0]
    assert "-- migrate:up transaction:false" in texts[1] and "CONCURRENTLY" in texts[1]
    assert shop.up()["ok"]
    user.open(f"/c/{shop.id}/schema")
    picks(user, "To", "A file or dump")
    user.page.get_by_label("To: path").fill(str(tmp_path / "wanted.sql"))
    user.press("Compare")
    user.sees("The two schemas are equal")


def drifted(shop: Shop) -> None:
    shop.new("create users", BASE, "DROP TABLE legacy; DROP TABLE users;")
    shop.up()
    with sqlite3.connect(shop.connection["url"].removeprefix("sqlite:")) as database:
        database.execute("ALTER TABLE users ADD COLUMN phone TEXT")


def test_drift_is_shown_and_kept_as_a_migration(user: User, sqlite_shop: Shop) -> None:
    drifted(sqlite_shop)
    user.open(f"/c/{sqlite_shop.id}/dashboard")
    user.sees("Drift was never looked for")
    user.press("Check now")
    user.sees("Drift: 1 object")
    user.press("Generate migration")
    user.press("Settle the drift")
    user.page.get_by_role("menuitem", name=re.compile("^Keep the change")).click()
    user.runs("Mark 1 as applied on shop")
    user.sees("In sync")
    assert {one["status"] for one in sqlite_shop.status()["migrations"]} == {"applied"}


def test_drift_is_undone_by_bringing_the_database_back(user: User, sqlite_shop: Shop) -> None:
    drifted(sqlite_shop)
    user.open(f"/c/{sqlite_shop.id}/schema?compare=drift")
    user.sees("Drift: 1 object")
    user.press("Generate migration")
    user.press("Settle the drift")
    user.page.get_by_role("menuitem", name=re.compile("^Bring shop back")).click()
    user.runs("Mark 1 as applied on shop")
    user.runs("Roll back 1 on shop")
    user.sees("In sync")
    columns = {c["name"] for t in sqlite_shop.call("schema:catalog")["tables"] for c in t["columns"]}
    assert "phone" not in columns
    user.press("Delete it")
    expect(user.page.get_by_text("Apply 1 to shop")).to_have_count(0)
    assert [one["name"] for one in sqlite_shop.status()["migrations"]] == ["create_users"]


def test_an_export_is_written_where_it_is_asked_for(user: User, sqlite_shop: Shop, tmp_path: Path) -> None:
    compares_with(user, sqlite_shop, WANTED, tmp_path)
    user.press("Export")
    user.page.get_by_role("menuitem", name="HTML…").click()
    path = tmp_path / "diff.html"
    user.page.get_by_label("File on this machine").fill(str(path))
    user.press("Save the file")
    user.sees("Exported")
    assert "CREATE TABLE orders" in path.read_text()


def test_the_wizard_takes_what_the_diff_wrote(user: User, sqlite_shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "wanted.sql").write_text(WANTED)
    sqlite_shop.call("database:create")
    user.open(f"/c/{sqlite_shop.id}/new")
    user.page.get_by_role("combobox", name="Search templates").fill("schema diff")
    user.page.keyboard.press("Enter")
    picks(user, "To", "A file or dump")
    user.page.get_by_label("To: path").fill(str(tmp_path / "wanted.sql"))
    user.press("Compare")
    user.press("Generate migration")
    user.press("Use this migration")
    user.reads("Up", "CREATE TABLE legacy")
    user.press("Save for shop")
    expect(user.page).to_have_url(re.compile(r"/edit/\d+_create_users_and_legacy_and_orders\.sql$"))
    assert "DROP TABLE" in (next(sqlite_shop.folder.glob("*.sql"))).read_text()


def test_a_thousand_changes_stay_fluid(user: User, sqlite_shop: Shop, tmp_path: Path) -> None:
    wanted = "\n".join(f"CREATE TABLE t{n:04} (id INTEGER PRIMARY KEY);" for n in range(1000))
    compares_with(user, sqlite_shop, wanted, tmp_path)
    user.sees("1,000")
    tree(user).press("End")
    expect(item(user, "t0999")).to_be_visible()
    assert tree(user).get_by_role("treeitem").count() <= 60
    for _ in range(20):
        tree(user).press("ArrowUp")
    expect(item(user, "t0979")).to_have_attribute("aria-selected", "true")
    user.page.get_by_label("Filter changes").fill("t05 t0500")
    expect(tree(user).get_by_role("treeitem")).to_have_count(2)
