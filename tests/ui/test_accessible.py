"""axe finds nothing to complain of: every scene, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.core import paths
from tests.ui.conftest import App
from tests.ui.scenes import SCENES, Scene, Stage, a_stage
from tests.ui.user import User

AXE = paths.app_root() / "ui" / "node_modules" / "axe-core" / "axe.min.js"
PARTS = 4


# What a scheme changes; everything else is the same in both, and looked at once.
OF_THE_SCHEME = ["color-contrast"]


def complaints(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe says of the page as it is: rule, element, why."""
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


def wears(page: Page, scheme: str) -> None:
    """Change the scheme, and wait until the page is painted in it."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.wait_for_function(
        "scheme => document.documentElement.dataset.mantineColorScheme === scheme", arg=scheme
    )
    page.evaluate("() => document.getAnimations().forEach(one => one.finish())")


def look(user: User, stage: Stage, scene: Scene) -> list[str]:
    scene.show(user, stage)
    wears(user.page, "light")
    said = [f"{scene.name}, light: {one}" for one in complaints(user.page)]
    wears(user.page, "dark")
    return said + [f"{scene.name}, dark: {one}" for one in complaints(user.page, OF_THE_SCHEME)]


def test_the_first_page_is_accessible(user: User, app: App, tmp_path: Path) -> None:
    stage = Stage(app.toolkit, tmp_path)
    assert [one for scene in SCENES if not scene.needs_home for one in look(user, stage, scene)] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_and_dialog_is_accessible(user: User, app: App, tmp_path: Path, part: int) -> None:
    with a_stage(app.toolkit, tmp_path) as stage:
        scenes = [scene for scene in SCENES if scene.needs_home][part::PARTS]
        said = [one for scene in scenes for one in look(user, stage, scene)]
    assert said == []
