"""Every batch from the list, by key and by mouse, on real databases."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.kit import ChannelFailed, Shop
from tests.ui.conftest import App
from tests.ui.user import User

NAMES = ("users", "orders", "items", "tags")


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def shop(app: App, request: pytest.FixtureRequest) -> Shop:
    shop = app.toolkit.connect(request.getfixturevalue(request.param))
    for number, name in enumerate(NAMES, 1):
        _write(shop, number, name)
    return shop


def _write(shop: Shop, number: int, name: str, up: str | None = None) -> None:
    up = up or f"CREATE TABLE {name} (id INTEGER);"
    shop.write(
        f"20260{number}01000000_{name}.sql", f"-- migrate:up\n{up}\n\n-- migrate:down\nDROP TABLE {name};\n"
    )


def _plan(user: User, *names: str) -> Locator:
    """The sheet, with these files in this order."""
    region = user.dialog().get_by_role("region", name="Migrations in the order they run")
    files = region.get_by_role("heading", level=3)
    expect(files).to_have_count(len(names))
    for at, name in enumerate(names):
        expect(files.nth(at)).to_contain_text(name)
    return user.dialog()


def _goes_to(user: User, name: str) -> None:
    """The row by the keyboard: the newest is first."""
    expect(user.grid).to_be_focused()
    user.page.keyboard.press("Home")
    for _ in range(NAMES[::-1].index(name)):
        user.page.keyboard.press("ArrowDown")


def test_applying_by_key(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    _goes_to(user, "orders")
    user.page.keyboard.press("Shift+a")
    _plan(user, "users", "orders")
    user.page.keyboard.press("Enter")
    user.sees_outcome("shop", "Applied 2")
    assert shop.tables() == {"users", "orders"}
    user.grid.focus()
    user.page.keyboard.press("a")
    _plan(user, "items", "tags")
    user.page.keyboard.press("Enter")
    user.sees_row("tags", "Applied")
    assert shop.tables() == set(NAMES)


def test_a_range_is_chosen_and_only_that_is_applied_then_rolled_back(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    _goes_to(user, "orders")
    user.page.keyboard.press("x")
    user.page.keyboard.press("Shift+ArrowDown")
    user.sees("2 chosen")
    user.page.keyboard.press("o")
    _plan(user, "users", "orders")
    user.page.keyboard.press("Enter")
    user.sees_outcome("shop", "Applied 2")
    assert shop.tables() == {"users", "orders"}
    user.grid.focus()
    user.page.keyboard.press("ControlOrMeta+a")
    user.sees("4 chosen")
    user.page.keyboard.press("u")
    _plan(user, "orders", "users")
    user.runs("Roll back 2 on shop")
    user.sees_outcome("shop", "Rolled back 2")
    assert shop.tables() == set()


def test_the_last_ones_are_rolled_back_as_many_as_is_said(user: User, shop: Shop) -> None:
    shop.up()
    user.opens_migrations(shop.id)
    expect(user.grid).to_be_focused()
    user.page.keyboard.press("r")
    count = user.page.get_by_label("How many of the newest")
    expect(count).to_be_focused()
    count.fill("3")
    _plan(user, "tags", "items", "orders")
    user.runs("Roll back 3 on shop")
    user.sees_outcome("shop", "Rolled back 3")
    assert shop.tables() == {"users"}


def test_rolling_back_to_a_version_and_redoing_one(user: User, shop: Shop) -> None:
    shop.up()
    user.opens_migrations(shop.id)
    _goes_to(user, "orders")
    user.page.keyboard.press("Shift+r")
    _plan(user, "tags", "items")
    user.runs("Roll back 2 on shop")
    user.sees_outcome("shop", "Rolled back 2")
    user.grid.focus()
    _goes_to(user, "orders")
    user.page.keyboard.press("e")
    _plan(user, "orders")
    user.runs("Redo on shop")
    user.sees_outcome("shop", "Rolled back 1, applied 1")
    assert shop.tables() == {"users", "orders"}


def test_one_failure_stops_the_batch_and_the_rest_is_resumed(user: User, shop: Shop) -> None:
    _write(shop, 2, "orders", "INSERT INTO nowhere VALUES (1);")
    with pytest.raises(ChannelFailed):
        shop.up()
    user.opens_migrations(shop.id)
    user.sees("1 of 4 migrations ran, 3 are left.")
    _write(shop, 2, "orders")
    user.press("Resume 3 on shop")
    _plan(user, "orders", "items", "tags")
    user.runs("Resume: apply 3 to shop")
    user.sees_outcome("shop", "Applied 3")
    expect(user.button("Resume 3 on shop")).to_have_count(0)
    assert shop.tables() == set(NAMES)


def test_what_failed_is_retried(user: User, shop: Shop) -> None:
    _write(shop, 1, "users", "INSERT INTO nowhere VALUES (1);")
    with pytest.raises(ChannelFailed):
        shop.up(count=1)
    if shop.connection["engine"] == "postgres":
        shop.new("later", "CREATE TABLE nowhere (id INTEGER);", "DROP TABLE nowhere;")
        shop.up(versions=[shop.status()["migrations"][-1]["version"]])
    user.opens_migrations(shop.id)
    user.sees_row("users", "Failed")
    user.page.keyboard.press("t")
    sheet = user.dialog()
    if shop.connection["engine"] == "postgres":
        sheet.get_by_label("Run them out of order anyway").check()
        user.runs("Retry 1 on shop")
        user.sees_outcome("shop", "Applied 1")
        assert shop.statuses()["users"] == "applied"
    else:
        user.runs("Retry 1 on shop")
        expect(user.panel("shop").get_by_text("no such table: nowhere").first).to_be_visible()


def test_marking_is_undone_from_the_toast(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    _goes_to(user, "users")
    user.page.keyboard.press("m")
    user.runs("Mark 1 as applied on shop")
    user.sees_row("users", "Applied")
    assert shop.tables() == set()
    user.press("Undo")
    user.sees_row("users", "Pending")


def test_a_deleted_file_and_a_renamed_one_come_back_from_the_toast(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.chooses("tags", "Delete the file…")
    user.press("Delete the file")
    expect(user.row("tags")).to_have_count(0)
    user.press("Undo")
    user.sees_row("tags", "Pending")
    user.chooses("items", "Rename…")
    user.dialog().get_by_role("textbox", name="Name").fill("things")
    user.press("Rename")
    user.sees_row("things", "Pending")
    user.page.get_by_role("button", name="Undo").last.click()
    user.sees_row("items", "Pending")
    assert sorted(path.name for path in shop.folder.iterdir()) == [
        f"20260{number}01000000_{name}.sql" for number, name in enumerate(NAMES, 1)
    ]


def test_a_missing_file_is_refused_and_restored_from_the_plan(user: User, shop: Shop) -> None:
    shop.up()
    (shop.folder / "20260401000000_tags.sql").unlink()
    user.opens_migrations(shop.id)
    user.sees_row("tags", "Missing file")
    user.page.keyboard.press("r")
    user.sees("The file is missing of 20260401000000_tags.sql")
    expect(user.dialog().get_by_role("button", name="Roll back 1 on shop")).to_be_disabled()
    user.press("Restore the file from what ran")
    user.runs("Roll back 1 on shop")
    user.sees_outcome("shop", "Rolled back 1")
    assert shop.tables() == {"users", "orders", "items"}


def test_one_between_is_rolled_back_too(user: User, shop: Shop) -> None:
    shop.up()
    user.opens_migrations(shop.id)
    for name in ("items", "users"):
        user.row(name).get_by_role("gridcell").first.click()
    user.press("Roll back 2 chosen on shop")
    user.sees("Between the chosen ones 20260201000000_orders.sql would stay applied.")
    user.press("Roll these back too")
    _plan(user, "items", "orders", "users")
    user.runs("Roll back 3 on shop")
    user.sees_outcome("shop", "Rolled back 3")
    assert shop.tables() == {"tags"}


def test_the_keys_are_in_the_list_of_keys(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.page.keyboard.press("?")
    for label in (
        "Apply all pending to shop",
        "Roll back the last ones on shop",
        "Retry what failed on shop",
    ):
        expect(user.dialog().get_by_text(label)).to_be_visible()
