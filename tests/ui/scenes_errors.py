"""Errors: the panel of a failed run, a server that is away, the report, the catalogue."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.scenes import Scene, Stage
from tests.ui.user import User


def _away(user: User, stage: Stage) -> None:
    user.open("/c/crm/database")
    expect(user.page.get_by_role("link", name="About this error").first).to_be_visible()


def _details(user: User, stage: Stage) -> None:
    _away(user, stage)
    user.page.get_by_role("button", name="Details", exact=True).first.click()


def _report(user: User, stage: Stage) -> None:
    _away(user, stage)
    user.page.get_by_role("button", name="Report issue").first.click()
    expect(user.dialog("Report issue").get_by_label("Text of the report")).to_be_visible()


def _failed(user: User, stage: Stage) -> None:
    shop = stage.shops["empty"]
    if not list(shop.folder.glob("*_twice.sql")):
        shop.new("twice", "CREATE TABLE a (id INTEGER);\n\nCREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    user.opens_migrations("empty")
    user.press("Apply 1 to empty")
    user.runs("Apply 1 to empty")
    panel = user.sees_outcome("empty", "Failed")
    expect(panel.get_by_role("button", name="Compare the schema")).to_be_visible()


def _entry(user: User, stage: Stage) -> None:
    user.open("/errors/table_exists")
    expect(user.page.get_by_role("heading", name="It is there already")).to_be_visible()


def _list(user: User, stage: Stage) -> None:
    user.open("/errors")
    expect(user.page.get_by_label("Search the errors")).to_be_visible()


SCENES_ERRORS = [
    Scene("errors-away", _away),
    Scene("errors-details", _details),
    Scene("errors-report", _report),
    Scene("errors-failed", _failed),
    Scene("errors-entry", _entry),
    Scene("errors-list", _list),
]
