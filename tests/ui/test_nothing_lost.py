"""What was typed is never lost: not by a reload, not by another program, not by leaving."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.kit import Shop
from tests.ui.conftest import App
from tests.ui.user import User

MINE = "CREATE TABLE mine (id INTEGER);"
THEIRS = "CREATE TABLE theirs (id INTEGER);"


@pytest.fixture
def shop(app: App, sqlite_url: str) -> Shop:
    return app.toolkit.connect(sqlite_url)


@pytest.fixture
def file(user: User, shop: Shop) -> Path:
    """A migration's file, open in the editor."""
    made = shop.new("create things", "CREATE TABLE things (id INTEGER);", "DROP TABLE things;")
    user.open(f"/c/{shop.id}/edit/{made['filename']}")
    expect(user.shown("Up")).to_contain_text("CREATE TABLE things")
    return shop.folder / made["filename"]


def types_mine(user: User) -> None:
    user.writes("Up", MINE)
    expect(user.page.get_by_text("Unsaved", exact=True)).to_be_visible()


def written_by_another(file: Path) -> None:
    file.write_text(f"-- migrate:up\n{THEIRS}\n\n-- migrate:down\nDROP TABLE theirs;\n")


def test_a_draft_survives_a_reload(user: User, file: Path) -> None:
    before = file.read_text()
    types_mine(user)
    user.page.reload()
    user.sees("Your unsaved changes from")
    expect(user.shown("Up")).to_contain_text(MINE)
    assert file.read_text() == before

    user.press("Discard them")
    expect(user.shown("Up")).to_contain_text("CREATE TABLE things")
    user.page.reload()
    expect(user.shown("Up")).to_contain_text("CREATE TABLE things")
    expect(user.page.get_by_text("Your unsaved changes from")).to_have_count(0)


def test_a_clean_editor_follows_the_file(user: User, file: Path) -> None:
    written_by_another(file)
    expect(user.shown("Up")).to_contain_text(THEIRS)
    expect(user.shown("Down")).to_contain_text("DROP TABLE theirs;")


def conflict(user: User, file: Path) -> None:
    types_mine(user)
    written_by_another(file)
    dialog = user.dialog(f"{file.name} changed on disk")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("theirs")
    expect(dialog).to_contain_text("mine")
    assert THEIRS in file.read_text()


def test_a_conflict_is_settled_with_mine(user: User, file: Path) -> None:
    conflict(user, file)
    user.press("Keep mine")
    expect(user.dialog()).to_have_count(0)
    expect(user.page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    assert MINE in file.read_text() and THEIRS not in file.read_text()


def test_a_conflict_is_settled_with_theirs(user: User, file: Path) -> None:
    conflict(user, file)
    user.press("Take the disk’s")
    expect(user.dialog()).to_have_count(0)
    expect(user.shown("Up")).to_contain_text(THEIRS)
    assert MINE not in file.read_text()


def test_a_conflict_is_settled_by_merging(user: User, file: Path) -> None:
    conflict(user, file)
    merged = f"-- migrate:up\n{THEIRS}\n{MINE}\n\n-- migrate:down\nDROP TABLE theirs;\n"
    expect(user.button("Save the merged text")).to_be_disabled()
    user.writes("Yours, to edit", merged)
    user.press("Save the merged text")
    expect(user.dialog()).to_have_count(0)
    expect(user.shown("Up")).to_contain_text(MINE)
    assert file.read_text() == merged


def test_a_conflict_put_off_keeps_both_and_refuses_to_save(user: User, file: Path) -> None:
    conflict(user, file)
    user.press("Decide later")
    user.sees("It cannot be saved before you choose.")
    expect(user.button("Save")).to_be_disabled()
    expect(user.shown("Up")).to_contain_text(MINE)
    assert THEIRS in file.read_text()
    user.press("Compare and choose")
    user.press("Keep mine")
    expect(user.dialog()).to_have_count(0)
    expect(user.page.get_by_role("main").get_by_text("Saved", exact=True)).to_be_visible()
    assert MINE in file.read_text()


def test_leaving_with_unsaved_changes_asks(user: User, file: Path) -> None:
    types_mine(user)
    user.press("Back to the migrations")
    user.dialog("Leave with unsaved changes?").get_by_role("button", name="Stay").click()
    expect(user.shown("Up")).to_contain_text(MINE)
    user.press("Back to the migrations")
    user.press("Keep as a draft")
    user.press("create_things")
    user.sees("Your unsaved changes from")
    expect(user.shown("Up")).to_contain_text(MINE)
    assert MINE not in file.read_text()

    user.page.keyboard.press("ControlOrMeta+k")
    user.page.get_by_role("textbox", name="Search or run a command").fill("settings")
    user.page.keyboard.press("Enter")
    user.press("Save and leave")
    expect(user.page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    assert MINE in file.read_text()
