"""axe finds nothing to complain of: every page of the rail and every scene, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.core import paths
from tests.ui.all_scenes import all_scenes
from tests.ui.conftest import App
from tests.ui.scenes import Scene, Stage, a_stage
from tests.ui.user import User

AXE = paths.app_root() / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PARTS = 20


# What a scheme changes; everything else is the same in both, and looked at once.
OF_THE_SCHEME = ["color-contrast"]


def complaints(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe says of the page once it is at rest: rule, element, why."""
    said = complaints_now(page, rules)
    if said:  # A page still being painted is looked at again; what is wrong stays wrong.
        page.wait_for_timeout(1_000)
        said = complaints_now(page, rules)
    return said


def complaints_now(page: Page, rules: list[str] | None) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """rules => axe.run(document, {
             resultTypes: ['violations'], iframes: false, ...(rules && {runOnly: {type: 'rule', values: rules}}),
           }).then(({violations}) => violations.flatMap(
             ({id, nodes}) => nodes.map(node => `${id}: ${node.target.join(' ')} – ${node.failureSummary}`)))""",
        rules,
    )
    return [str(one) for one in found]


def look(user: User, stage: Stage, scenes: list[Scene]) -> list[str]:
    """The complaints of all. Each is shown in the scheme that the one before ended with: changing it takes a while."""
    said = []
    first, second = "light", "dark"
    for scene in scenes:
        scene.show(user, stage)
        said += [f"{scene.name}, {first}: {one}" for one in complaints(user.page)]
        user.wears(second)
        said += [f"{scene.name}, {second}: {one}" for one in complaints(user.page, OF_THE_SCHEME)]
        first, second = second, first
    return said


def test_the_first_page_is_accessible(user: User, app: App, tmp_path: Path) -> None:
    assert look(user, Stage(app.toolkit, tmp_path), [one for one in all_scenes() if not one.needs_home]) == []


def pages_of(user: User) -> list[str]:
    """The addresses that the rail leads to, for the connection that is looked at."""
    links = user.page.get_by_role("navigation", name="Main").get_by_role("link")
    connections = user.page.get_by_role("region", name="Connection list").get_by_role("link")
    hrefs = "all => all.map(one => one.getAttribute('href'))"
    return [one for one in links.evaluate_all(hrefs) if one not in set(connections.evaluate_all(hrefs))]


@pytest.mark.parametrize("connection", ["sample-shop", "blog-live", "empty", "crm"])
def test_every_page_of_the_rail_is_accessible(user: User, app: App, tmp_path: Path, connection: str) -> None:
    """Also a page that has no scene yet: full, in production, empty, and on a server that does not answer."""
    with a_stage(app.toolkit, tmp_path) as stage:
        user.opens_migrations(connection)
        pages = pages_of(user)
        assert len(pages) >= 4
        assert look(user, stage, [Scene(one, shows(one)) for one in pages]) == []


def shows(path: str) -> Callable[[User, Stage], None]:
    def show(user: User, _: Stage) -> None:
        user.open(path)
        expect(user.page.get_by_role("heading", level=1)).to_be_visible()
        expect(user.page.get_by_role("main").locator(".mantine-Loader-root")).to_have_count(0)

    return show


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_and_dialog_is_accessible(
    user: User, app: App, tmp_path: Path, part: int, console: list[str]
) -> None:
    scenes = [one for one in all_scenes() if one.needs_home]
    # Neighbours stand on the same things, which each stage makes when the first of them asks.
    start, end = len(scenes) * part // PARTS, len(scenes) * (part + 1) // PARTS
    with a_stage(app.toolkit, tmp_path) as stage:
        assert look(user, stage, scenes[start:end]) == []
    # The scene of a lost app cuts the page off.
    console[:] = [one for one in console if "ERR_FAILED" not in one]
