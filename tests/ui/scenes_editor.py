"""The editor's own scenes: outline, search, hover, and a generated down."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.scenes import Scene, Stage
from tests.ui.user import User


def _opens(user: User, stage: Stage) -> None:
    for draft in stage.shops["sample"].call("draft:list")["drafts"]:
        stage.shops["sample"].call("draft:delete", key=draft["key"])
    user.open("/c/sample-shop/edit/20260202110000_create_reviews.sql")
    expect(user.shown("Up").locator(".view-line").first).to_be_visible()
    side = user.page.get_by_role("tab", name="Schema")
    if not side.is_visible():
        user.press("Schema and snippets")
    expect(side).to_be_visible()


def outline(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.page.get_by_role("tab", name="Outline").click()
    user.page.get_by_role("region", name="Up", exact=True).get_by_role("button").last.click()


def symbols(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.text("Up").focus()
    user.page.keyboard.press("ControlOrMeta+Shift+o")
    expect(user.page.get_by_role("option").filter(has_text="CREATE TABLE reviews")).to_be_visible()


def find(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.page.get_by_role("tab", name="Find").click()
    user.page.get_by_role("textbox", name="Find in all migrations").fill("customer")
    user.sees("places in")
    user.page.mouse.move(500, 500)


def find_failing(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.page.get_by_role("tab", name="Find").click()
    user.press("Regular expression")
    user.page.get_by_role("textbox", name="Find in all migrations").fill("(customer")
    user.sees("cannot be read")
    user.page.mouse.move(500, 500)


def generated(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.text("Down").focus()
    user.page.keyboard.press("ControlOrMeta+a")
    user.page.keyboard.press("Delete")
    user.writes("Up", "CREATE TABLE a (id INTEGER);\nDELETE FROM orders;\nDROP TABLE products;")
    user.press("Generate")
    user.sees("cannot be undone")
    user.page.mouse.move(500, 500)


def generating_over(user: User, stage: Stage) -> None:
    _opens(user, stage)
    user.writes("Down", "SELECT 'something else';")
    user.press("Generate")
    expect(user.dialog("Down has text already")).to_contain_text("DROP TABLE")


SCENES = [
    Scene("editor-outline", outline),
    Scene("editor-symbols", symbols),
    Scene("editor-find", find),
    Scene("editor-find-failing", find_failing),
    Scene("editor-generated", generated),
    Scene("editor-generating-over", generating_over),
]
