"""The real window under Xvfb: it opens, shows the page, and runs migrations through its js_api."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.desktop, pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is Linux's")]


class Window:
    """The window's process and the conversation with it."""

    def __init__(self, home: Path) -> None:
        environment = {
            **os.environ,
            "DB_TOOLKIT_HOME": str(home),
            "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu",
        }
        command = [
            "xvfb-run",
            "--auto-servernum",
            "--server-args=-screen 0 1400x900x24",
            sys.executable,
            "-m",
            "tests.desktop.open_window",
        ]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                fact: dict[str, Any] = json.loads(line)
                assert "error" not in fact, fact["error"]
                return fact
        assert self.process.stderr is not None
        raise AssertionError(f"the window's process ended: {self.process.stderr.read()[-3000:]}")

    def invoke(self, channel: str, **payload: Any) -> Any:
        return self._ask({"channel": channel, "payload": payload})

    def look(self, script: str) -> Any:
        return self._ask({"script": script})

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=30)

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.hear()["answer"]


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    if shutil.which("xvfb-run") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have xvfb-run")
        pytest.skip("xvfb-run is not installed")
    window = Window(tmp_path / "home")
    yield window
    if window.process.poll() is None:
        window.process.kill()
    window.process.wait()
    for pipe in (window.process.stdout, window.process.stderr):
        assert pipe is not None
        pipe.close()


def test_the_window_applies_a_migration_through_js_api(window: Window) -> None:
    assert window.hear()["event"] == "loaded"
    assert window.hear()["title"] == "DB Toolkit"
    made = window.invoke("connection:sample")
    assert made["ok"] and made["data"]["id"] == "sample-shop"
    run = window.invoke("migration:up", connection="sample-shop")
    assert run["ok"] and [one["status"] for one in run["data"]["migrations"]] == ["applied", "applied"]
    status = window.invoke("migration:status", connection="sample-shop")["data"]
    assert (status["applied"], status["pending"]) == (8, 0)
    refused = window.invoke("migration:down", connection="nobody")
    assert refused["ok"] is False and refused["error"]["code"] == "connection_not_found"
    assert window.close() == 0


def test_the_bridge_exposes_one_method_and_the_page_is_drawn(window: Window) -> None:
    window.hear()
    window.hear()
    assert window.look("Object.keys(window.pywebview.api).join()") == "invoke"
    assert window.look("document.documentElement.dataset.shell") == "window"
    assert window.look("document.body.innerText.length > 20")
    assert window.close() == 0
