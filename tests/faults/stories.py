"""What the deliberate faults share: a connection on a subject's database, and a run that takes its time."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.faults.model import File, Subject
from tests.kit import ChannelFailed, Shop, Toolkit

_LONG_SQL = {
    "sqlite": "INSERT INTO slow1 WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 400000000)"
    " SELECT count(*) FROM n;",
    "postgres": "SELECT pg_sleep(60);",
    "mysql": "DO SLEEP(60);",
}


def first_file(subject: Subject) -> File:
    return subject.files()[0]


def slow_file(subject: Subject) -> File:
    """Makes `slow1`, then works for a minute, then makes `slow2`."""
    if subject.name == "mongodb":
        return File(
            "slow",
            "    await db.createCollection('slow1');\n    await new Promise((done) => setTimeout(done, 60000));\n"
            "    await db.createCollection('slow2');",
            "    await db.collection('slow1').drop();",
            ("collection slow1", "collection slow2"),
        )
    return File(
        "slow",
        f"CREATE TABLE slow1 (id INTEGER);\n{_LONG_SQL[subject.name]}\nCREATE TABLE slow2 (id INTEGER);",
        "DROP TABLE slow2;\nDROP TABLE slow1;",
        ("table slow1", "table slow2"),
    )


@contextmanager
def a_shop(subject: Subject, toolkit: Toolkit) -> Iterator[tuple[Shop, str]]:
    """A connection to an empty database, and the database's URL."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        url = subject.fresh(Path(folder))
        try:
            yield toolkit.connect(url), url
        finally:
            subject.forget(url)


def write(shop: Shop, *files: File) -> dict[str, File]:
    """The files as migrations; by version."""
    return {
        shop.new(one.name, one.up, one.down, transaction=one.transaction)["version"]: one for one in files
    }


class Background:
    """A channel called on another thread, as the window does it."""

    def __init__(self, shop: Shop, channel: str, job_id: str) -> None:
        self.answer: Any = None
        self.error: ChannelFailed | None = None
        self._thread = threading.Thread(target=self._run, args=(shop, channel, job_id), daemon=True)
        self._thread.start()

    def _run(self, shop: Shop, channel: str, job_id: str) -> None:
        try:
            self.answer = shop.call(channel, job_id=job_id, confirm=shop.connection["name"])
        except ChannelFailed as error:
            self.error = error

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)
        assert not self._thread.is_alive(), f"the call has not come back in {timeout_s:g} s"


def eventually(question: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not question():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def job(shop: Shop, job_id: str) -> dict[str, Any]:
    """The job as others see it, or an empty one where it has not begun."""
    found = [one for one in shop.toolkit.call("job:list")["jobs"] if one["job_id"] == job_id]
    return found[0] if found else {"message": "", "files": []}


def tools_running() -> list[str]:
    """The tools that this process started and that still run."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            command = " ".join(process.cmdline())
            if process.status() != psutil.STATUS_ZOMBIE and (
                "db-toolkit-run-" in command or "runner.mjs" in command
            ):
                found.append(command)
        except psutil.NoSuchProcess:
            continue
    return found
