"""What happens elsewhere appears by itself, and a run that is under way is never out of sight or out of control."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Locator, expect

from backend.drivers import tools
from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

FILE = "-- migrate:up\nCREATE TABLE written (id INTEGER);\n\n-- migrate:down\nDROP TABLE written;\n"


def test_files_and_runs_of_others_appear_by_themselves(user: User, app: App, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    user.opens_migrations(shop.id)
    shop.write("20260101000000_written.sql", FILE)
    user.sees_row("written", "Pending")
    expect(user.button("Apply 1 to shop")).to_be_visible()

    bare = [str(tools.dbmate_path()), "--url", sqlite_url, "--migrations-dir", str(shop.folder)]
    subprocess.run([*bare, "--no-dump-schema", "up"], check=True, capture_output=True, timeout=60)
    user.sees_row("written", "Applied")
    user.sees("Nothing pending")

    shop.write("20260101000000_written.sql", FILE.replace("INTEGER", "TEXT"))
    subprocess.run([*bare, "--no-dump-schema", "rollback"], check=True, capture_output=True, timeout=60)
    user.sees_row("written", "Pending")

    (shop.folder / "20260101000000_written.sql").unlink()
    user.sees("No migrations yet")


@pytest.fixture
def slow(app: App, user: User, postgres_url: str) -> Shop:
    """A connection whose first migration is quick and whose second takes longer than any test."""
    shop = app.toolkit.connect(postgres_url)
    shop.new("create users", "CREATE TABLE users (id integer);", "DROP TABLE users;")
    shop.new("count sheep", "SELECT pg_sleep(600);\nCREATE TABLE sheep (id integer);", "DROP TABLE sheep;")
    user.opens_migrations(shop.id)
    return shop


def starts(user: User) -> Locator:
    user.press("Apply 2 to shop")
    user.runs("Apply 2 to shop")
    panel = user.panel("shop")
    expect(panel.get_by_role("heading", name="Applying to shop")).to_be_visible()
    files = panel.get_by_role("region", name="Files of the run").get_by_role("listitem")
    expect(files.filter(has_text="count_sheep")).to_contain_text("Running")
    return panel


def sleeping(postgres_url: str) -> int:
    """Sessions on the server that are in the slow statement now."""
    with psycopg.connect(postgres_url) as database:
        row = database.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' "
            "AND datname = current_database() AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def sleeps(postgres_url: str, sessions: int) -> bool:
    """The server says so within ten seconds: the tool tells of a file a moment before it sends its text."""
    until = time.monotonic() + 10
    while (seen := sleeping(postgres_url)) != sessions and time.monotonic() < until:
        time.sleep(0.05)
    return seen == sessions


def test_a_reload_finds_the_run_again_and_cancel_ends_it(user: User, slow: Shop, postgres_url: str) -> None:
    panel = starts(user)
    user.sees_row("count_sheep", "Running")
    assert sleeps(postgres_url, 1)

    user.page.reload()
    expect(panel.get_by_role("heading", name="Applying to shop")).to_be_visible()
    files = panel.get_by_role("region", name="Files of the run").get_by_role("listitem")
    expect(files.filter(has_text="count_sheep")).to_contain_text("Running")
    expect(user.button(re.compile("show the run on shop$"))).to_be_visible()

    panel.get_by_role("button", name="Cancel the run").click()
    expect(panel.get_by_role("heading", name=re.compile("^Cancelled"))).to_be_visible()
    assert sleeps(postgres_url, 0)
    user.sees_row("create_users", "Applied")
    assert slow.statuses()["create_users"] == "applied"
    assert slow.statuses()["count_sheep"] in {"pending", "failed"}
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT to_regclass('sheep')").fetchone() == (None,)


def test_a_hidden_run_goes_on_and_is_shown_again(user: User, slow: Shop, postgres_url: str) -> None:
    panel = starts(user)
    panel.get_by_role("button", name="Hide the run").click()
    expect(panel).to_have_count(0)
    assert sleeps(postgres_url, 1)
    user.page.get_by_role("link", name="Settings").click()
    user.page.get_by_role("link", name=re.compile("^PostgreSQL shop")).click()
    user.press(re.compile("show the run on shop$"))
    panel.get_by_role("button", name="Cancel the run").click()
    expect(panel.get_by_role("heading", name=re.compile("^Cancelled"))).to_be_visible()
    assert sleeps(postgres_url, 0)


def test_a_lock_that_is_waited_for_names_who_holds_it(user: User, app: App, postgres_url: str) -> None:
    shop = app.toolkit.connect(postgres_url)
    with psycopg.connect(postgres_url, application_name="the blocker") as blocker:
        blocker.execute("CREATE TABLE users (id integer)")
        blocker.commit()
        blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        shop.new("add a column", "ALTER TABLE users ADD COLUMN name text;", "SELECT 1;")
        user.opens_migrations(shop.id)
        user.press("Apply 1 to shop")
        user.runs("Apply 1 to shop")
        activity = user.panel("shop").get_by_role("region", name="What the server is doing")
        expect(activity).to_contain_text("Blocked by")
        expect(activity).to_contain_text("the blocker")
        blocker.rollback()
        user.sees_outcome("shop", "Applied 1")


def test_another_window_sees_the_run_too(user: User, app: App, tmp_path: Path, sqlite_url: str) -> None:
    shop = app.toolkit.connect(sqlite_url)
    shop.write("20260101000000_written.sql", FILE)
    user.opens_migrations(shop.id)
    other = User(user.page.context.new_page(), user.base)
    other.opens_migrations(shop.id)
    user.press("Apply 1 to shop")
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")
    other.sees_row("written", "Applied")
    other.sees("Nothing pending")
