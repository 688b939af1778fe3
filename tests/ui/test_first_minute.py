"""A new user's first minute, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import App

pytestmark = pytest.mark.browser


def test_the_sample_is_one_click_away(page: Page, app: App) -> None:
    page.get_by_role("button", name=re.compile("sample", re.IGNORECASE)).first.click()
    expect(page).to_have_url(re.compile("/c/sample-shop/migrations"))
    expect(page.get_by_role("button", name=re.compile("Apply 2"))).to_be_visible()
    status = app.toolkit.call("migration:status", connection="sample-shop")
    assert (status["applied"], status["pending"]) == (6, 2)
