"""Analytics in the browser: real figures, charts with their tables, ways to the run and to the rule, the report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.history.past import live_past
from tests.ui.conftest import App
from tests.ui.user import User


@pytest.fixture
def past(app: App, tmp_path: Path) -> str:
    return live_past(app.toolkit, tmp_path.as_posix())[0]


def test_the_figures_follow_the_scope_and_the_range(user: User, past: str) -> None:
    user.open(f"/c/{past}/migrations")
    user.sees("No migrations yet")
    user.page.keyboard.press("g")
    user.page.keyboard.press("a")
    note = user.page.get_by_text(re.compile(r"files tried$"))
    expect(note).to_be_visible()
    mine = note.inner_text()
    user.page.get_by_text("All connections", exact=True).last.click()
    expect(note).not_to_have_text(mine)
    expect(user.page).to_have_url(re.compile("all=1"))
    outliers = user.page.get_by_role("region", name="Outliers")
    expect(outliers.get_by_text("held by nightly-report").first).to_be_visible()
    expect(outliers.get_by_text("Reason unknown.").first).to_be_visible()
    user.page.get_by_text("7 days", exact=True).click()
    expect(user.page).to_have_url(re.compile("range=7d"))


def test_a_chart_can_be_read_as_a_table(user: User, past: str) -> None:
    user.open(f"/c/{past}/analytics")
    figure = user.page.get_by_role("figure", name="How often")
    expect(figure.locator("svg.recharts-surface")).to_be_visible()
    figure.get_by_role("button", name="Show How often as a table").press("Enter")
    expect(figure.get_by_role("columnheader", name="Rolled back")).to_be_visible()
    expect(figure.locator("svg.recharts-surface")).to_have_count(0)


def test_the_slowest_leads_to_its_run_and_a_suggestion_to_its_rule(user: User, past: str) -> None:
    user.open(f"/c/{past}/analytics?all=1")
    user.page.get_by_role("region", name="Slowest").get_by_role("link").first.click()
    expect(user.dialog().get_by_role("tab", name="Facts")).to_be_visible()
    user.page.go_back()
    suggestions = user.page.get_by_role("region", name="Suggestions")
    suggestions.get_by_role("link", name="UPDATE of every row").click()
    expect(user.page).to_have_url(re.compile("/rules/update-without-where$"))


def test_the_report_opens_by_itself(user: User, past: str, tmp_path: Path) -> None:
    user.open(f"/c/{past}/analytics?all=1")
    user.press("Export")
    user.page.get_by_role("menuitem", name="HTML…").click()
    path = tmp_path / "report.html"
    user.dialog().get_by_label("File on this machine").fill(str(path))
    user.dialog().get_by_role("button", name="Save the file").click()
    expect(user.dialog()).to_have_count(0)
    user.page.goto(path.as_uri())
    expect(user.page.get_by_role("heading", name="Migrations of all connections")).to_be_visible()
    expect(user.page.get_by_role("img", name="Execution time of applied migrations")).to_be_visible()
