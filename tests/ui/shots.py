"""Pictures of every scene in both sizes and both schemes, to be looked at: python -m tests.ui.shots OUT [WORD …]"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from backend.shell.guard import Guard
from backend.shell.web import WebServer, create_app
from tests.kit import Toolkit
from tests.ui.all_scenes import all_scenes
from tests.ui.conftest import FLAGS, chromium, served_folder
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

SIZES = ((1280, 800), (1024, 700))
SCHEMES = ("light", "dark")


def shoot(browser: Browser, scenes: list[Scene], out: Path, *, with_home: bool) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["DB_TOOLKIT_HOME"] = str(folder / "home")
        toolkit = Toolkit(folder / "home")
        stage = Stage(toolkit, folder)
        if with_home:
            stage.build()
        guard = Guard()
        server = WebServer(
            create_app(toolkit.dispatcher, toolkit.services.events, guard, served_folder()), guard
        )
        server.start()
        toolkit.services.start()
        try:
            for scene in scenes:
                context = browser.new_context(
                    reduced_motion="reduce", viewport={"width": 1280, "height": 800}
                )
                page = context.new_page()
                page.goto(guard.link())
                user = User(page, f"http://127.0.0.1:{server.port}")
                try:
                    scene.show(user, stage)
                except AssertionError as error:
                    print(f"{scene.name}: {str(error).splitlines()[0]}", file=sys.stderr)
                for width, height in SIZES:
                    page.set_viewport_size({"width": width, "height": height})
                    for scheme in SCHEMES:
                        user.wears(scheme)
                        page.screenshot(path=out / f"{scene.name}-{width}-{scheme}.png")
                context.close()
                stage.cancel_runs()
        finally:
            server.stop()
            toolkit.close()


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    words = sys.argv[2:]
    scenes = [one for one in all_scenes() if not words or any(word in one.name for word in words)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        shoot(browser, [one for one in scenes if not one.needs_home], out, with_home=False)
        shoot(browser, [one for one in scenes if one.needs_home], out, with_home=True)
        browser.close()


if __name__ == "__main__":
    main()
