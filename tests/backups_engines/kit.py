"""What the stories of both engines share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from backend.engine.backup import BackupTools
from backend.engine.target import CancelToken, Target
from backend.models.backup import TableContent
from tests.servers import PASSWORD

HERE = Path(__file__).parent


def ignore(_done: int, _total: int | None, _what: str) -> None:
    """A listener to progress that does not listen."""


def token() -> CancelToken:
    return CancelToken()


def empty(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def read_back(tools: BackupTools, folder: Path) -> list[TableContent]:
    return tools.read_back(folder, ignore, token(), digest=True)


def contents(tools: BackupTools, target: Target) -> list[TableContent]:
    return tools.contents(target, ignore, token())


def programs(name: str) -> list[psutil.Process]:
    """The programs of that name that this test has started."""
    found = []
    for one in psutil.Process().children(recursive=True):
        try:
            if name in Path(one.exe()).name:
                found.append(one)
        except psutil.Error:
            continue
    return found


def eventually(found: Callable[[], Any], patience_s: float = 60.0) -> Any:
    """What `found()` answers as soon as it is true."""
    deadline = time.monotonic() + patience_s
    while not (answer := found()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
    return answer


@contextmanager
def in_background(work: Callable[[], object]) -> Iterator[dict[str, Any]]:
    """Runs `work` in a thread; at the end of the block it has ended, with `raised` what it raised."""
    outcome: dict[str, Any] = {"raised": None, "answer": None}

    def run() -> None:
        try:
            outcome["answer"] = work()
        except Exception as error:
            outcome["raised"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield outcome
    finally:
        thread.join(timeout=120)
        assert not thread.is_alive()


def assert_no_secret_in(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file.name


def assert_no_secret_in_argv(of: list[psutil.Process]) -> None:
    assert of
    for one in of:
        assert PASSWORD not in " ".join(one.cmdline())
