"""Connections: made by form, adopted from a folder, in production, read-only, unreachable, locked; secrets unseen."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.servers import PASSWORD
from tests.ui.conftest import App
from tests.ui.user import User

UP, DOWN = "CREATE TABLE users (id integer);", "DROP TABLE users;"


def new_connection(user: User) -> None:
    user.page.get_by_role("button", name="New connection").first.click()
    expect(user.dialog("New connection")).to_be_visible()


def test_sqlite_by_form_is_tested_and_its_file_made(user: User, app: App, tmp_path: Path) -> None:
    new_connection(user)
    dialog = user.dialog("New connection")
    dialog.get_by_role("radio", name="SQLite").click()
    dialog.get_by_role("textbox", name="File").fill(str(tmp_path / "made.db"))
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("status")).to_contain_text("The database does not exist yet.")
    dialog.get_by_role("textbox", name="Name").fill("made")
    dialog.get_by_role("button", name="Save made").click()
    user.sees("No migrations yet")
    assert (tmp_path / "made.db").is_file()
    assert app.toolkit.call("connection:get", connection="made")["engine"] == "sqlite"


def test_postgres_by_form_says_what_is_missing_and_what_is_wrong(
    user: User, app: App, postgres_url: str
) -> None:
    parts = urlsplit(postgres_url)
    new_connection(user)
    dialog = user.dialog("New connection")
    dialog.get_by_role("radio", name="PostgreSQL PostgreSQL").click()
    dialog.get_by_label("Host").fill(parts.hostname or "")
    dialog.get_by_label("Port").fill(str(parts.port))
    dialog.get_by_label("User").fill(unquote(parts.username or ""))
    dialog.get_by_role("textbox", name="Password").fill("not it")
    dialog.get_by_role("button", name="Save connection").click()
    expect(dialog).to_contain_text("Database is needed")
    expect(dialog).to_contain_text("Name is needed")

    dialog.get_by_role("button", name="Advanced").click()
    dialog.get_by_role("combobox", name="TLS").click()
    user.page.get_by_role("option", name="disable", exact=True).click()
    dialog.get_by_role("textbox", name="Database").fill(parts.path.lstrip("/"))
    dialog.get_by_role("textbox", name="Name").fill("shop")
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("alert")).to_contain_text("password")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Test").click()
    expect(dialog.get_by_role("status")).to_contain_text("PostgreSQL 18")
    dialog.get_by_role("button", name="Save shop").click()
    user.sees("No migrations yet")
    assert app.toolkit.call("connection:test", connection="shop")["database_exists"]


def test_a_project_is_adopted_in_place(user: User, app: App, tmp_path: Path) -> None:
    project = tmp_path / "blog"
    migrations = project / "db" / "migrations"
    migrations.mkdir(parents=True)
    (project / ".env").write_text(f"DATABASE_URL=sqlite:{(project / 'blog.db').as_posix()}\n")
    file = migrations / "20260101000000_create_posts.sql"
    file.write_text("-- migrate:up\nCREATE TABLE posts (id INTEGER);\n\n-- migrate:down\nDROP TABLE posts;\n")
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}

    user.page.get_by_role("button", name="Open a folder").click()
    dialog = user.dialog("New connection")
    dialog.get_by_role("textbox", name="Folder", exact=True).fill(str(tmp_path))
    user.page.keyboard.press("Enter")
    dialog.get_by_role("option", name="blog").click()
    expect(dialog.get_by_role("status")).to_contain_text("1 migration for dbmate on SQLite")
    dialog.get_by_role("button", name="Use this folder as blog").click()
    user.sees_row("create_posts", "Pending")
    connection = app.toolkit.call("connection:get", connection="blog")
    assert connection["adopted"] and Path(connection["migrations_dir"]) == migrations
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before

    user.press("Apply 1 to blog")
    user.runs("Apply 1 to blog")
    user.sees_outcome("blog", "Applied 1")
    with sqlite3.connect(project / "blog.db") as database:
        assert database.execute("SELECT version FROM schema_migrations").fetchall() == [("20260101000000",)]


def test_production_is_framed_in_red_and_asks_for_its_name(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url, "shop live", environment="production")
    shop.new("create users", UP, DOWN)
    user.opens_migrations(shop.id)
    expect(user.page.get_by_role("region", name="Target").get_by_text("Production")).to_be_visible()
    frame = user.page.locator("[data-production]")
    outline = frame.evaluate(
        """frame => {
          const colours = [frame, ...frame.querySelectorAll('*')].slice(0, 40).flatMap(one => ['', '::before', '::after']
            .map(part => getComputedStyle(one, part || null)).flatMap(style => [
              [style.borderTopWidth, style.borderTopColor], [style.outlineWidth, style.outlineColor]]));
          return colours.filter(([width]) => parseFloat(width) >= 2).map(([, colour]) => colour);
        }"""
    )
    assert any(is_red(colour) for colour in outline), outline
    user.press("Apply 1 to shop live")
    user.runs("Apply 1 to shop live", typing="shop live")
    user.sees_outcome("shop live", "Applied 1")
    assert shop.status()["applied"] == 1


def is_red(colour: str) -> bool:
    red, green, blue = (int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return red > 150 and green < 100 and blue < 100


def test_a_read_only_connection_offers_no_change(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    made = shop.new("create users", UP, DOWN)
    shop.call("connection:update", read_only=True)
    user.opens_migrations(shop.id)
    expect(user.page.get_by_role("region", name="Target").get_by_text("Read-only")).to_be_visible()
    expect(user.button("Apply 1 to shop")).to_be_disabled()
    menu = user.opens_menu_of("create_users")
    expect(menu).to_contain_text("shop is read-only")
    for item in ("Apply up to here", "Apply only this one", "Mark as applied…"):
        expect(menu.get_by_role("menuitem", name=item)).to_be_disabled()
    user.page.keyboard.press("Escape")
    user.open(f"/c/{shop.id}/edit/{made['filename']}")
    expect(user.button("Apply this to shop")).to_be_disabled()


def test_an_unreachable_server_is_said_and_the_files_are_listed(user: User, app: App) -> None:
    shop = app.toolkit.connect("postgres://app:s3cret-word@127.0.0.1:1/shop?sslmode=disable")
    made = shop.new("create users", UP, DOWN)
    user.opens_migrations(shop.id)
    main = user.page.get_by_role("main")
    expect(main.get_by_role("alert")).to_contain_text("127.0.0.1")
    for action in ("Try again", "Edit the connection", "Copy details"):
        expect(main.get_by_role("button", name=action)).to_be_visible()
    user.sees_row("create_users", "Unknown")
    expect(user.page.get_by_role("button", name="Not reachable – shop. Try again")).to_be_visible()
    # Nothing is said to be pending there, since it was not asked.
    expect(user.button("Apply 1 to shop")).to_have_count(0)
    user.press("Details")
    expect(main.get_by_role("alert")).not_to_contain_text("s3cret-word")
    # The file can still be written.
    user.open(f"/c/{shop.id}/edit/{made['filename']}")
    expect(user.shown("Up")).to_contain_text("CREATE TABLE users")


@pytest.fixture
def asking(app: App, postgres_url: str) -> str:
    """A connection that is told its password at each start."""
    return app.toolkit.connect(postgres_url, secret="ask").id


def test_a_connection_that_asks_is_unlocked_with_its_password(user: User, app: App, asking: str) -> None:
    user.opens_migrations(asking)
    user.press("Unlock shop")
    dialog = user.dialog("Password of shop")
    dialog.get_by_role("textbox", name="Password").fill("not it")
    dialog.get_by_role("button", name="Unlock shop").click()
    expect(dialog.get_by_role("alert")).to_contain_text("password")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Unlock shop").click()
    expect(dialog).to_have_count(0)
    user.sees("Nothing pending")
    assert app.toolkit.call("connection:test", connection=asking)["database_exists"]
    kept = [
        path
        for path in app.toolkit.home.rglob("*")
        if path.is_file() and PASSWORD in path.read_bytes().decode("latin1")
    ]
    assert kept == []


def test_no_page_holds_a_secret(user: User, app: App, postgres_url: str) -> None:
    shop = app.toolkit.connect(postgres_url)
    shop.call("connection:set-variable", name="TOKEN", value="t0p-s3cret-value", secret=True)
    shop.call("connection:set-variable", name="REGION", value="eu-north", secret=False)
    places = [
        "migrations",
        "database",
        "database?tab=server",
        "connection",
        "connection?tab=variables",
        "connection?tab=files",
    ]
    for place in [*(f"/c/{shop.id}/{one}" for one in places), "/connections"]:
        user.open(place)
        expect(user.page.get_by_role("main").get_by_role("heading").first).to_be_visible()
        held = user.page.evaluate(
            "() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map(one => one.value)"
        )
        assert PASSWORD not in held and "t0p-s3cret-value" not in held, place
    user.open(f"/c/{shop.id}/connection?tab=variables")
    user.sees("eu-north")
    expect(user.page.get_by_role("row", name="TOKEN")).to_contain_text("secret")
    for answer in ("connection:list", "connection:variables"):
        payload = {} if answer == "connection:list" else {"connection": shop.id}
        assert PASSWORD not in str(app.toolkit.call(answer, **payload))


def test_a_connection_is_removed_and_its_database_and_files_stay(
    user: User, app: App, sqlite_url: str
) -> None:
    shop = app.toolkit.connect(sqlite_url)
    file = shop.folder / shop.new("create users", UP, DOWN)["filename"]
    shop.up()
    user.open(f"/c/{shop.id}/connection")
    user.press("Remove…")
    user.dialog("Remove shop?").get_by_role("button", name="Remove shop").click()
    user.sees("No database at hand?")
    assert app.toolkit.call("connection:list")["connections"] == []
    assert file.is_file() and Path(sqlite_url.removeprefix("sqlite:")).is_file()
