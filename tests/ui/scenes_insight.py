"""History and analytics in every state worth looking at."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.history.past import live_past
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User


def _past(stage: Stage) -> str:
    """The connection with a past; made when the first scene wants it."""
    known = [one["id"] for one in stage.toolkit.call("connection:list")["connections"]]
    if "market" not in known:
        live_past(stage.toolkit, stage.folder.as_posix())
    return "market"


def _opens(page: str, query: str = "") -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        user.open(f"/c/{_past(stage)}/{page}{query}")
        expect(user.page.get_by_role("heading", name=page.capitalize(), level=1)).to_be_visible()
        if page == "history":
            expect(user.page.get_by_role("grid", name="Runs").get_by_role("row").nth(1)).to_be_visible()
        else:
            expect(user.page.get_by_role("region", name="Outliers")).to_be_visible()
            expect(
                user.page.get_by_role("figure", name="Execution time").locator("svg.recharts-surface")
            ).to_be_visible()
            expect(user.page.get_by_text(re.compile("^Reading the texts"))).to_have_count(0)

    return show


def _record(state: str, tab: str | None) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        _opens("history", f"?all=1&state={state}")(user, stage)
        user.page.get_by_role("grid", name="Runs").get_by_role("row").nth(1).click()
        drawer = user.dialog()
        expect(drawer.get_by_role("tab", name="Facts")).to_be_visible()
        if tab is not None:
            drawer.get_by_role("tab", name=tab).click()
        if tab in {None, "Files as run"} and state == "ok":
            expect(drawer.locator(".view-line").first).to_be_visible()

    return show


def _story(user: User, stage: Stage) -> None:
    user.open(f"/c/{_past(stage)}/history?file=20260101000003")
    user.dialog().get_by_text("The file had been edited").click()
    expect(user.dialog().get_by_role("region", name="What changed")).to_be_visible()


def _as_table(user: User, stage: Stage) -> None:
    _opens("analytics")(user, stage)
    user.press("Show Execution time as a table")
    expect(user.page.get_by_role("table", name="Execution time")).to_be_visible()


def _scrolled(query: str, region: str) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        _opens("analytics", query)(user, stage)
        user.page.get_by_role("region", name=region).scroll_into_view_if_needed()

    return show


def _export(user: User, stage: Stage) -> None:
    _opens("history")(user, stage)
    user.press("Export")
    user.page.get_by_role("menuitem", name="CSV…").click()
    expect(user.dialog("Export as CSV")).to_be_visible()


def _empty(page: str, text: str) -> Callable[[User, Stage], None]:
    def show(user: User, _: Stage) -> None:
        user.open(f"/c/empty/{page}?range=all")
        user.sees(text)

    return show


def _nothing_matches(user: User, stage: Stage) -> None:
    user.open(f"/c/{_past(stage)}/history?q=zebra&state=failed&author=Ada%20Lovelace")
    user.sees("Nothing matches")


SCENES = [
    Scene("history-full", _opens("history")),
    Scene("history-everywhere", _opens("history", "?all=1&environment=production&from=2026-01-01")),
    Scene("history-nothing-matches", _nothing_matches),
    Scene("history-empty", _empty("history", "No history yet")),
    Scene("history-record-files", _record("ok", None)),
    Scene("history-record-failed", _record("failed", None)),
    Scene("history-record-facts", _record("ok", "Facts")),
    Scene("history-story", _story),
    Scene("history-export", _export),
    Scene("analytics-full", _opens("analytics")),
    Scene("analytics-everywhere", _scrolled("?all=1", "Outliers")),
    Scene("analytics-foot", _scrolled("?all=1", "What the server told")),
    Scene("analytics-as-table", _as_table),
    Scene("analytics-empty", _empty("analytics", "No numbers yet")),
]
