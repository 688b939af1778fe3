"""The built front end in a real Chromium, over a real app. A page that logs an error fails its test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from backend.app import dist_folder
from backend.shell.guard import Guard
from backend.shell.web import WebServer, create_app
from tests.kit import Toolkit
from tests.ui.user import User

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=40_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/ui/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            # On a machine whose cores are all busy a page can be later than any patience. The summary counts reruns.
            item.add_marker(pytest.mark.flaky(reruns=2))


@dataclass
class App:
    """The app as served for a browser."""

    toolkit: Toolkit
    base: str
    link: str


def served_folder() -> Path:
    """The front end under test: ui/dist, or the build that UI_DIST names."""
    return Path(os.environ.get("UI_DIST") or dist_folder())


def chromium() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None or not (served_folder() / "index.html").is_file():
        reason = "Chromium is not installed" if program is None else "the front end is not built (make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have it: {reason}")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def app(toolkit: Toolkit) -> Iterator[App]:
    guard = Guard()
    server = WebServer(create_app(toolkit.dispatcher, toolkit.services.events, guard, served_folder()), guard)
    server.start()
    toolkit.services.start()
    yield App(toolkit, f"http://127.0.0.1:{server.port}", guard.link())
    server.stop()


@pytest.fixture
def console() -> list[str]:
    """What the page complained of. A test that provokes a complaint clears it, after having looked at it."""
    return []


@pytest.fixture
def page(browser: Browser, app: App, console: list[str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that has opened the app's link. Console errors and refused content fail the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(15_000)
    page = context.new_page()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            console.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: console.append(str(error)))
    page.goto(app.link)
    yield page
    if os.environ.get("UI_SHOTS"):
        folder = Path(os.environ["UI_SHOTS"])
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name.lower())}.png")
    context.close()
    assert not console, console


@pytest.fixture
def user(page: Page, app: App) -> User:
    """Somebody at the page, who speaks of what is on the screen."""
    return User(page, app.base)
