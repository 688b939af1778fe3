"""History in the browser: filters, the full record, one file's story, the export."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from backend.store.database import Database
from tests.history.ledgers import fill
from tests.history.test_history import a_history
from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User


@pytest.fixture
def shop(app: App, sqlite_url: str) -> Shop:
    shop = app.toolkit.connect(sqlite_url, "shop")
    a_history(shop)
    return shop


def rows(user: User) -> Locator:
    return user.page.get_by_role("grid", name="Runs").get_by_role("row")


def test_a_run_is_found_and_its_record_read(user: User, shop: Shop) -> None:
    user.opens_migrations(shop.id)
    user.page.keyboard.press("g")
    user.page.keyboard.press("h")
    user.sees("3 runs")
    user.press("Failed")
    user.sees("1 run")
    expect(user.page).to_have_url(re.compile("state=failed"))
    user.page.reload()
    user.sees("1 run")
    rows(user).nth(1).click()
    record = user.dialog()
    expect(record.get_by_role("alert")).to_contain_text("nowhere")
    record.get_by_role("tab", name="Files as run").click()
    expect(record.locator(".view-lines")).to_contain_text("INSERT")
    record.get_by_role("tab", name="Facts").click()
    expect(record).to_contain_text("dbmate 2.")
    user.page.keyboard.press("Escape")
    expect(record).to_have_count(0)
    user.press("All")
    user.sees("3 runs")


def test_the_story_of_a_file_shows_its_edit(user: User, shop: Shop) -> None:
    user.open(f"/c/{shop.id}/history")
    user.sees("3 runs")
    user.page.get_by_role("grid", name="Runs").focus()
    user.page.keyboard.press("Enter")
    user.dialog().get_by_role("tab", name="Files as run").click()
    user.press("History of this file")
    story = user.dialog(re.compile("^History of items"))
    expect(story.get_by_role("listitem")).to_have_count(3)
    story.get_by_text("The file had been edited").click()
    expect(story.get_by_role("region", name="What changed")).to_contain_text("name TEXT")


def test_the_filtered_rows_are_exported(user: User, shop: Shop, tmp_path: Path) -> None:
    user.open(f"/c/{shop.id}/history?direction=down")
    user.sees("1 run")
    user.press("Export")
    user.page.get_by_role("menuitem", name="CSV…").click()
    dialog = user.dialog("Export as CSV")
    path = tmp_path / "history.csv"
    path.write_text("mine")
    dialog.get_by_label("File on this machine").fill(str(path))
    dialog.get_by_role("button", name="Save the file").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is there already")
    dialog.get_by_role("button", name="Overwrite the file").click()
    expect(dialog).to_have_count(0)
    with path.open(newline="") as lines:
        assert [row["kind"] for row in csv.DictReader(lines)] == ["down"]
    user.press("Export")
    user.page.get_by_role("menuitem", name="JSON…").click()
    with user.page.expect_download() as download:
        user.dialog().get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".json")


def test_a_hundred_thousand_runs_are_scrolled_and_searched(user: User, app: App, sqlite_url: str) -> None:
    app.toolkit.connect(sqlite_url, "shop")
    fill(Database(app.toolkit.home / "toolkit.db"), 100_000, files=500)
    user.open("/c/shop/history")
    user.sees("100,000 runs")
    assert rows(user).count() <= 150
    grid = user.page.get_by_role("grid", name="Runs")
    grid.focus()
    user.page.keyboard.press("End")
    expect(grid.get_by_title("20260000000000_change_0.sql")).to_be_visible()
    assert rows(user).count() <= 150
    user.page.keyboard.press("/")
    user.page.keyboard.type("change_499")
    user.sees("200 runs")


def test_markup_in_names_is_text(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url, "<b>shop</b>")
    shop.write(
        "1_=cmd()<img src=x onerror=alert(1)>.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n"
    )
    shop.up()
    user.open(f"/c/{shop.id}/history?all=1")
    expect(rows(user).nth(1)).to_contain_text("=cmd()<img src=x onerror=alert(1)>")
    expect(rows(user).nth(1)).to_contain_text("<b>shop</b>")
    assert user.page.locator("img[src='x']").count() == 0
