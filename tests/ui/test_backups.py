"""Backups as a user meets them: made, looked at, relied on, and gone back to."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User


def rows(shop: Shop, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file_of(shop))) as database:
        return database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def write(shop: Shop, sql: str) -> None:
    with closing(sqlite3.connect(file_of(shop))) as database:
        database.executescript(sql)


def file_of(shop: Shop) -> Path:
    return Path(shop.connection["url"].removeprefix("sqlite:"))


@pytest.fixture
def shop(sqlite_shop: Shop) -> Shop:
    """Users with two rows, applied."""
    sqlite_shop.new(
        "create users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);", "DROP TABLE users;"
    )
    sqlite_shop.up()
    write(sqlite_shop, "INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');")
    return sqlite_shop


def opens_backups(user: User, shop: Shop) -> None:
    user.open(f"/c/{shop.id}/backups")
    expect(user.page.get_by_role("heading", name="Backups", level=1)).to_be_visible()


def the_row(user: User, text: str | re.Pattern[str]) -> Locator:
    grid = user.page.get_by_role("grid", name="Backups")
    return grid.get_by_role("row").filter(has_text=text)


def sees_proof(user: User) -> Locator:
    proof = user.dialog().get_by_role("region", name="Proof")
    expect(proof).to_contain_text("Restored, and proven")
    return proof


def test_a_backup_is_made_checked_and_gone_back_to(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.page.keyboard.press("g")
    user.page.keyboard.press("b")
    user.sees("No backup of shop yet")
    user.button("Back up shop now").first.click()
    made = the_row(user, "By hand")
    expect(made).to_contain_text("Good")
    # The migrations table is counted too.
    expect(made).to_contain_text("3 rows")

    made.click()
    details = user.dialog("By hand")
    details.get_by_label("Note").fill("before the clean-up")
    details.get_by_label("Note").press("Enter")
    details.get_by_role("button", name="Verify now").click()
    user.sees("The backup is good")
    details.get_by_role("tab", name=re.compile("^Files")).click()
    expect(details.get_by_text(re.compile("sha256 [0-9a-f]{64}")).first).to_be_visible()
    details.get_by_role("tab", name="By hand").click()
    expect(details.get_by_text("sqlite3").first).to_be_visible()
    user.page.keyboard.press("Escape")
    expect(the_row(user, "before the clean-up")).to_be_visible()

    write(shop, "DELETE FROM users WHERE id = 1; INSERT INTO users VALUES (3, 'Eve');")
    the_row(user, "before the clean-up").get_by_role("button", name=re.compile("^Restore")).click()
    sheet = user.dialog(re.compile("^Restore a backup of shop"))
    into = sheet.get_by_role("button", name=re.compile("^Restore into .* on shop$"))
    into.click()
    lost = sheet.get_by_text("What would be lost")
    expect(lost).to_be_visible()
    assert rows(shop, "users") == [(2, "Bob"), (3, "Eve")], "nothing happens before the name is typed"
    sheet.get_by_label("Type shop to go on").fill("shop")
    into.click()
    sees_proof(user)
    assert rows(shop, "users") == [(1, "Ada"), (2, "Bob")]

    # What was there is a backup too, and the sheet leads to it.
    sheet.get_by_role("link", name="the backup of it").click()
    expect(user.dialog("Before a restore")).to_be_visible()


def test_a_backup_is_looked_at_in_a_new_database_beside(user: User, app: App, shop: Shop) -> None:
    shop.call("backup:create")
    write(shop, "DELETE FROM users;")
    opens_backups(user, shop)
    the_row(user, "By hand").get_by_role("button", name=re.compile("^Restore")).click()
    sheet = user.dialog(re.compile("^Restore a backup of shop"))
    sheet.get_by_role("radio", name="Into a new database").click()
    sheet.get_by_role("button", name=re.compile("^Restore into the new ")).click()
    sees_proof(user)
    sheet.get_by_role("button", name=re.compile("^Open ")).click()
    made = next(one for one in app.toolkit.call("connection:list")["connections"] if one["id"] != shop.id)
    expect(user.page).to_have_url(re.compile(rf"/c/{made['id']}/"))
    assert rows(shop, "users") == []
    assert rows(Shop(app.toolkit, made), "users") == [(1, "Ada"), (2, "Bob")]


def test_a_run_is_backed_up_as_the_settings_say_and_gone_back_from(user: User, shop: Shop) -> None:
    shop.new("drop users", "DROP TABLE users;", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);")
    user.open(f"/c/{shop.id}/connection?tab=backups")
    user.page.get_by_role("combobox", name="Back up before applying").click()
    user.page.get_by_role("option", name="Always").click()
    user.press("Save shop")
    user.sees("The backup settings of shop are saved")

    user.opens_migrations(shop.id)
    user.press("Apply 1 to shop")
    sheet = user.dialog()
    expect(sheet.get_by_role("switch", name="Back up shop first")).to_be_checked()
    user.runs("Apply 1 to shop", typing="shop")
    panel = user.sees_outcome("shop", re.compile("^Applied 1"))
    panel.get_by_role("link", name="the backup").click()
    details = user.dialog("Before applying drop_users")
    expect(details.get_by_role("link", name="the run")).to_be_visible()
    details.get_by_role("button", name="Restore…").click()
    restore = user.dialog(re.compile("^Restore a backup of shop"))
    restore.get_by_role("button", name=re.compile("^Restore into .* on shop$")).click()
    restore.get_by_label("Type shop to go on").fill("shop")
    restore.get_by_role("button", name=re.compile("^Restore into .* on shop$")).click()
    sees_proof(user)
    assert rows(shop, "users") == [(1, "Ada"), (2, "Bob")]
    restore.get_by_role("button", name="Migrations of shop").click()
    user.sees_row("drop_users", "Pending")


def test_a_backup_that_runs_is_found_again_and_cancelled(user: User, shop: Shop) -> None:
    shop.call("backup:create", note="while nobody writes")
    opens_backups(user, shop)
    expect(the_row(user, "while nobody writes")).to_be_visible()
    with closing(sqlite3.connect(file_of(shop), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        user.press("Back up shop now")
        running = user.page.get_by_role("region", name="Backing up shop")
        expect(running).to_be_visible()
        user.page.reload()
        expect(running).to_be_visible()
        running.get_by_role("button", name="Cancel the backup").click()
        expect(running).to_have_count(0)
    assert len(shop.call("backup:list")["backups"]) == 1
    folder = Path(shop.call("backup:plan")["folder"])
    assert len(list(folder.iterdir())) == 1, "nothing half written is left"


def test_a_damaged_backup_is_found_and_deleted(user: User, shop: Shop) -> None:
    backup = shop.call("backup:create")
    file = Path(backup["path"]) / backup["files"][0]["name"]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    opens_backups(user, shop)
    the_row(user, "By hand").click()
    details = user.dialog("By hand")
    details.get_by_role("button", name="Verify now").click()
    expect(details.get_by_role("alert")).to_contain_text("This backup is damaged")
    details.get_by_role("button", name="Delete…").click()
    delete = details.get_by_role("button", name="Delete the backup of shop")
    delete.click()
    # One that somebody made by hand is not thrown away by a slip.
    details.get_by_label("Type shop to go on").fill("shop")
    delete.click()
    user.sees("No backup of shop yet")
    assert not file.exists()


def test_rows_changed_on_postgresql_come_back_and_are_proven_equal(
    user: User, app: App, postgres_url: str
) -> None:
    shop = app.toolkit.connect(postgres_url)
    shop.new(
        "create users",
        "CREATE TABLE users (id int PRIMARY KEY, name text);\nINSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');",
        "DROP TABLE users;",
    )
    shop.up()

    def users(change: str = "SELECT 1") -> list[tuple[object, ...]]:
        with psycopg.connect(postgres_url, autocommit=True) as database:
            database.execute(change)
            return database.execute("SELECT id, name FROM users ORDER BY 1").fetchall()

    opens_backups(user, shop)
    user.button("Back up shop now").first.click()
    expect(the_row(user, "By hand")).to_contain_text("Good")
    assert users("UPDATE users SET name = 'Eve' WHERE id = 1") == [(1, "Eve"), (2, "Bob")]
    the_row(user, "By hand").get_by_role("button", name=re.compile("^Restore")).click()
    sheet = user.dialog(re.compile("^Restore a backup of shop"))
    into = sheet.get_by_role("button", name=re.compile("^Restore into .* on shop$"))
    into.click()
    sheet.get_by_label("Type shop to go on").fill("shop")
    into.click()
    sees_proof(user)
    assert users() == [(1, "Ada"), (2, "Bob")]


def test_a_folder_that_cannot_be_one_is_refused_under_its_field(user: User, shop: Shop) -> None:
    user.open(f"/c/{shop.id}/connection?tab=backups")
    folder = user.page.get_by_role("textbox", name="Folder", exact=True)
    folder.fill("not/absolute")
    user.press("Save shop")
    expect(folder).to_have_attribute("aria-invalid", "true")
    expect(user.page.get_by_text("is not an absolute path")).to_have_count(1)
    assert shop.call("backup:plan")["folder"] != "not/absolute"

    user.open("/settings?section=safety")
    folder = user.page.get_by_role("textbox", name="Where backups are")
    folder.fill("not/absolute")
    folder.press("Enter")
    expect(folder).to_have_attribute("aria-invalid", "true")
    expect(folder).to_have_value("not/absolute")
