"""Home and dashboard as a user meets them, over real databases."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.dashboard.silent import silent_server
from tests.kit import ChannelFailed, Shop
from tests.ui.conftest import App
from tests.ui.user import User


def file(up: str, down: str = "SELECT 1;") -> str:
    return f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


def two_tables(shop: Shop) -> None:
    for name in ("users", "orders"):
        shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")


def dashboard(user: User, shop: Shop) -> Locator:
    user.open(f"/c/{shop.id}/dashboard")
    expect(user.page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    return user.page.get_by_role("main")


def panel(user: User, name: str) -> Locator:
    return user.page.get_by_role("main").get_by_role("region", name=name)


@pytest.mark.parametrize("url", ["sqlite_url", "postgres_url"])
def test_the_dashboard_follows_a_run(app: App, user: User, request: pytest.FixtureRequest, url: str) -> None:
    shop = app.toolkit.connect(request.getfixturevalue(url))
    two_tables(shop)
    dashboard(user, shop)
    user.sees(re.compile(r"0\s*of 2 applied"))
    expect(panel(user, "Next up").get_by_role("link", name="users")).to_be_visible()

    panel(user, "Quick actions").get_by_role("button", name="Apply all 2 to shop…").click()
    user.runs("Apply 2 to shop")

    user.sees("Up to date")
    expect(panel(user, "Recent activity").get_by_role("link", name="Applied 2 migrations")).to_be_visible()
    expect(panel(user, "Figures")).to_contain_text("100%")


def test_a_run_of_the_bare_tool_appears_by_itself(app: App, user: User, sqlite_shop: Shop) -> None:
    two_tables(sqlite_shop)
    dashboard(user, sqlite_shop)
    user.sees(re.compile(r"0\s*of 2 applied"))
    sqlite_shop.up(count=1)
    user.sees(re.compile(r"1\s*of 2 applied"))


def test_a_file_written_by_hand_appears_by_itself(app: App, user: User, sqlite_shop: Shop) -> None:
    dashboard(user, sqlite_shop)
    user.sees("First steps on shop")
    sqlite_shop.write("20260101000000_by_hand.sql", file("CREATE TABLE x (id INTEGER);"))
    expect(panel(user, "Next up").get_by_role("link", name="by_hand")).to_be_visible()


def test_first_steps_lead_to_the_first_migration(user: User, sqlite_shop: Shop) -> None:
    dashboard(user, sqlite_shop)
    panel(user, "First steps").get_by_role("button", name="Write the first migration").click()
    expect(user.page).to_have_url(re.compile("/c/shop/new"))


def test_a_failed_migration_is_mended_and_retried_from_here(user: User, sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.write("20260101000000_adds.sql", file("INSERT INTO later VALUES (1);"))
    with pytest.raises(ChannelFailed):
        shop.up()
    database = sqlite3.connect(shop.connection["url"].removeprefix("sqlite:"))
    with database:
        database.execute("CREATE TABLE later (id INTEGER)")
    database.close()
    dashboard(user, shop)
    attention = panel(user, "Needs attention")
    expect(attention).to_contain_text("1 migration failed and is not applied.")
    expect(attention).to_contain_text("later")

    attention.get_by_role("button", name="Retry on shop").click()
    user.runs("Retry 1 on shop")

    expect(attention).to_contain_text("Nothing needs attention.")
    user.sees("Up to date")


def test_what_is_odd_leads_to_the_list_filtered(user: User, sqlite_shop: Shop) -> None:
    shop = sqlite_shop
    shop.write("20260102000000_second.sql", file("CREATE TABLE second (id INTEGER);"))
    shop.up()
    shop.write("20260101000000_late.sql", file("CREATE TABLE late (id INTEGER);"))
    dashboard(user, shop)
    panel(user, "Needs attention").get_by_role("button", name="Show it").click()
    expect(user.page).to_have_url(re.compile("flag=out_of_order"))
    user.sees_row("late", "Pending")
    expect(user.row("second")).to_have_count(0)


def test_a_file_that_is_refused_is_one_click_away(user: User, sqlite_shop: Shop) -> None:
    sqlite_shop.write("20260101000000_broken.sql", "CREATE TABLE x (id INTEGER);\n")
    dashboard(user, sqlite_shop)
    panel(user, "Needs attention").get_by_role("button", name="Open the file").click()
    expect(user.page).to_have_url(re.compile("/edit/20260101000000_broken.sql"))


def test_the_schema_file_is_written_from_here(user: User, sqlite_shop: Shop) -> None:
    two_tables(sqlite_shop)
    sqlite_shop.up()
    schema = Path(sqlite_shop.connection["schema_file"])
    schema.unlink(missing_ok=True)
    dashboard(user, sqlite_shop)
    panel(user, "Quick actions").get_by_role("button", name="Write schema.sql from shop").click()
    user.sees("The schema file is written")
    assert "users" in schema.read_text()


def test_a_read_only_connection_offers_no_change(app: App, user: User, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url, read_only=True)
    two_tables(shop)
    dashboard(user, shop)
    expect(panel(user, "Quick actions").get_by_role("button", name="Apply all 2 to shop…")).to_be_disabled()
    panel(user, "Needs attention").get_by_role("button", name="Connection settings").click()
    expect(user.page).to_have_url(re.compile("/c/shop/connection"))


def test_home_shows_each_environment_and_what_is_where(app: App, user: User, tmp_path: Path) -> None:
    folder = tmp_path / "billing" / "migrations"
    folder.mkdir(parents=True)
    for number in (1, 2, 3):
        (folder / f"2026010{number}000000_t{number}.sql").write_text(
            file(f"CREATE TABLE t{number} (id INTEGER);")
        )
    dev, live = (
        app.toolkit.connect(
            f"sqlite:{tmp_path / kind}.db", f"billing {kind}", environment=kind, migrations_dir=str(folder)
        )
        for kind in ("development", "production")
    )
    dev.up()
    live.up(count=1)
    user.open("/home")
    strip = panel(user, "billing").get_by_role("list", name="By environment")
    expect(strip).to_contain_text(re.compile(r"Development\s*3.*Production\s*2 pending"))

    panel(user, "billing").get_by_role("button", name="Apply 2 to billing production").click()
    user.runs("Apply 2 to billing production", typing="billing production")

    expect(strip).to_contain_text(re.compile(r"Production\s*3"))
    panel(user, "billing").get_by_role("link", name="billing production", exact=True).click()
    expect(user.page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()


def test_home_does_not_wait_for_a_database_that_says_nothing(app: App, user: User, sqlite_shop: Shop) -> None:
    two_tables(sqlite_shop)
    with silent_server() as server:
        app.toolkit.connect(f"postgres://app@127.0.0.1:{server.port}/x?sslmode=disable", "silent")
        user.open("/home")
        main = user.page.get_by_role("main")
        row = main.get_by_role("listitem").filter(
            has=user.page.get_by_role("link", name="silent", exact=True)
        )
        expect(main.get_by_text("0 of 2")).to_be_visible()
        expect(row).to_contain_text("Asking…")
        server.hang_up()
        expect(row).to_contain_text("cannot be reached")


def test_names_that_are_markup_are_shown_as_text(app: App, user: User, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url, "<img src=x onerror=alert(1)>")
    shop.write("20260101000000_<b>bold<b>.sql", file("CREATE TABLE;"))
    with pytest.raises(ChannelFailed):
        shop.up()
    for path in (f"/c/{shop.id}/dashboard", "/home", f"/c/{shop.id}/timeline", "/timeline"):
        user.open(path)
        expect(user.page.get_by_role("main").get_by_text("<b>bold<b>").first).to_be_visible()
        assert user.page.locator("main b, main img[src='x']").count() == 0
