"""From the command to a page that answers, against a bare pywebview window with an empty page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import Line, against, in_turns

ROOT = Path(__file__).resolve().parents[2]
_IS_DRAWN = "document.body.innerText.length > 20"


def window(folder: Path, rounds: int) -> list[Line]:
    if sys.platform != "linux" or shutil.which("Xvfb") is None:
        print("window: needs Xvfb, which is not here")
        return []
    with _display() as display:
        environment = {
            **os.environ,
            "DISPLAY": display,
            "DB_TOOLKIT_HOME": str(folder / "home"),
            "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu",
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
            "QT_QPA_PLATFORM": "xcb",
        }
        mine, theirs = in_turns(lambda: _ours(environment), lambda: _bare(environment), rounds)
    return [against("window, start to interactive", mine, theirs, 1.6)]


def _ours(environment: dict[str, str]) -> float:
    """Until the page is drawn and has the channels at hand."""
    started = time.perf_counter()
    process = _start("tests.desktop.open_window", environment)
    assert process.stdin is not None and process.stdout is not None
    try:
        while _next(process).get("event") != "ready":
            pass
        while True:
            process.stdin.write(json.dumps({"script": _IS_DRAWN}) + "\n")
            process.stdin.flush()
            if _next(process)["answer"]:
                return (time.perf_counter() - started) * 1000
            time.sleep(0.01)
    finally:
        _close(process)


def _bare(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    process = _start("tests.bench.bare_window", environment)
    try:
        _next(process)
        return (time.perf_counter() - started) * 1000
    finally:
        _close(process)


def _close(process: subprocess.Popen[str]) -> None:
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        print("window: a window had not ended 30 s after it was closed", flush=True)
        process.kill()
        process.communicate()


def _start(module: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _next(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            fact: dict[str, object] = json.loads(line)
            if "error" in fact:
                raise RuntimeError(str(fact["error"]))
            return fact
    raise RuntimeError("the window's process ended")


@contextmanager
def _display() -> Iterator[str]:
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1400x900x24"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)
