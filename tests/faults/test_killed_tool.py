"""The tool alone is killed, the app lives: what the server goes on doing without the tool is ended before anything is said."""

from __future__ import annotations

import signal
import time

import psutil
import pytest

from tests.faults import verify
from tests.faults.conftest import subject_of
from tests.faults.model import File
from tests.faults.stories import Background, a_shop, eventually, job, tools_running, write
from tests.kit import Toolkit

PAUSE = {"postgres": "SELECT pg_sleep(2.5);", "mysql": "DO SLEEP(2.5);"}


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
def test_a_killed_tools_statement_does_not_end_behind_our_back(
    toolkit: Toolkit, engine: str, request: pytest.FixtureRequest
) -> None:
    subject = subject_of(engine, request)
    slow = File(
        "slow",
        f"CREATE TABLE slow1 (id INTEGER);\n{PAUSE[engine]}\nCREATE TABLE slow2 (id INTEGER);",
        "DROP TABLE slow2;\nDROP TABLE slow1;",
        ("table slow1", "table slow2"),
        transaction=False,
    )
    with a_shop(subject, toolkit) as (shop, url):
        files = write(shop, slow)
        run = Background(shop, "migration:up", "killed")
        eventually(lambda: job(shop, "killed")["files"])
        time.sleep(0.5)
        for process in psutil.Process().children(recursive=True):
            if process.name().startswith("dbmate"):
                process.send_signal(signal.SIGKILL)
        run.join(20)
        assert subject.sessions(url) == [] and tools_running() == []
        assert run.error is not None and run.error.code == "migration_failed"
        (told,) = run.error.details["run"]["migrations"]
        # Past the moment at which the server would have been done.
        time.sleep(3)
        versions, there = subject.versions(url), subject.objects(url)
        assert versions == set() and "table slow2" not in there
        assert told["partial"] == ("table slow1" in there)
        assert verify.of_status(shop.status(), files, versions, there) == []
        assert verify.of_ledger(toolkit.home, versions) == []
