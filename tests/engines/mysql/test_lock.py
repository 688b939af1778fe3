"""The run lock: one at a time, across processes, gone with its session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engines.mysql import ENGINE, lock
from tests.engines.mysql.helpers import eventually, run
from tests.engines.sqlite.project import Project

OWNER = {"host": "here", "user": "ann", "pid": "1", "app": "test"}
HOLD = """
import os, sys
from pathlib import Path
from backend.engine.target import Target
from backend.engines.mysql import ENGINE
target = Target(engine="mysql", url=os.environ["URL"], working_dir=Path("/"), migrations_table="schema_migrations")
with ENGINE.run_lock(target, {"host": "there", "user": "bob", "pid": "2", "app": "test"}):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process_holds(shop: Project) -> Iterator[subprocess.Popen[str]]:
    environment = {**shop.environment(), "URL": shop.url}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env=environment,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def free(shop: Project) -> bool:
    try:
        with ENGINE.run_lock(shop.target, OWNER):
            return True
    except Busy:
        return False


def test_a_second_process_is_told_which_session_holds_the_lock(shop: Project) -> None:
    with other_process_holds(shop) as process:
        with pytest.raises(Busy) as caught, ENGINE.run_lock(shop.target, OWNER):
            pass
        holder = caught.value.details["holder"]
        assert (
            holder["user"] == "toolkit" and holder["host"] == "127.0.0.1" and holder["session_id"].isdigit()
        )
        process.communicate("")
    assert free(shop)


def test_a_crashed_holder_needs_no_human(shop: Project) -> None:
    with other_process_holds(shop) as process:
        process.kill()
        process.wait()
        assert eventually(lambda: free(shop))


def test_another_database_of_the_server_is_not_locked(shop: Project) -> None:
    other = Project(
        shop.folder, ENGINE.build_url({**ENGINE.split_url(shop.url), "database": "other"}), ENGINE
    )
    with ENGINE.run_lock(shop.target, OWNER), ENGINE.run_lock(other.target, OWNER), pytest.raises(Busy):
        with ENGINE.run_lock(other.target, OWNER):
            pass


def test_the_holder_outlives_the_servers_idle_timeout(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_WAIT_TIMEOUT_S", 1)
    monkeypatch.setattr(lock, "_BEAT_S", 0.2)
    with ENGINE.run_lock(shop.target, OWNER):
        run(shop, "SELECT sleep(2)")
        assert not free(shop)
    assert free(shop)


def test_a_silent_holder_is_dropped_by_the_server(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_WAIT_TIMEOUT_S", 1)
    with ENGINE.run_lock(shop.target, OWNER):
        assert eventually(lambda: free(shop), timeout_s=5)


def test_the_lock_is_free_the_moment_it_is_given_back(shop: Project) -> None:
    """Not when the server gets round to ending the closed session."""
    for _ in range(30):
        with ENGINE.run_lock(shop.target, OWNER):
            pass
