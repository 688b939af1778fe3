"""The run lock: one holder a database, from any process, gone soon after a crash, and nothing left on the server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engines.clickhouse import ENGINE, lock
from backend.engines.clickhouse.connect import session
from tests.engines.sqlite.project import Project

HOLD = """
import sys, time
from pathlib import Path
from backend.engine.target import Target
from backend.engines.clickhouse import ENGINE, lock
lock.LEASE_S, lock.RENEW_S = 3.0, 1.0
target = Target("clickhouse", sys.stdin.readline().strip(), Path("."), "schema_migrations")
with ENGINE.run_lock(target, {"host": "elsewhere", "user": "ann", "pid": "7"}):
    print("held", flush=True)
    time.sleep(60)
"""


def hold_elsewhere(shop: Project) -> subprocess.Popen[str]:
    """Another process that holds the lock until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(shop.url + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "held\n"
    return process


def is_free(shop: Project) -> bool:
    try:
        with ENGINE.run_lock(shop.target, {}):
            return True
    except Busy:
        return False


def test_a_second_process_finds_it_taken_and_learns_by_whom(shop: Project) -> None:
    process = hold_elsewhere(shop)
    try:
        with pytest.raises(Busy) as busy, ENGINE.run_lock(shop.target, {"host": "here"}):
            pass
        assert busy.value.details["holder"]["host"] == "elsewhere"
        assert "ann on elsewhere" in busy.value.message
    finally:
        process.kill()
        process.wait()


def test_a_killed_holder_needs_nobody(old_shop: Project) -> None:
    process = hold_elsewhere(old_shop)
    assert not is_free(old_shop)
    process.kill()
    process.wait()
    # Its own lease was three seconds.
    deadline = time.monotonic() + 6
    while not is_free(old_shop):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_it_is_renewed_before_its_time_is_over(old_shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE_S", 2.0)
    monkeypatch.setattr(lock, "RENEW_S", 0.7)
    with ENGINE.run_lock(old_shop.target, {"user": "ann"}):
        until = time.monotonic() + 3.5
        while time.monotonic() < until:
            assert not is_free(old_shop)
            time.sleep(0.1)
    assert is_free(old_shop)


def test_without_renewal_it_would_end(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE_S", 1.0)
    monkeypatch.setattr(lock, "RENEW_S", 60.0)
    with ENGINE.run_lock(shop.target, {}):
        assert not is_free(shop)
        time.sleep(1.6)
        assert is_free(shop)


def test_releasing_ends_the_query_at_once(old_shop: Project) -> None:
    with ENGINE.run_lock(old_shop.target, {}):
        pass
    with session(old_shop.target) as server:
        left = server.query("SELECT query FROM system.processes WHERE query LIKE '/* DB Toolkit run lock%'")
    assert left == []


def test_other_databases_are_not_locked_and_a_missing_one_is_no_obstacle(shop: Project) -> None:
    other = Project(shop.folder, shop.url + "_none", ENGINE)
    with ENGINE.run_lock(shop.target, {}), ENGINE.run_lock(other.target, {"user": "*/ DROP TABLE x; /*'\\"}):
        assert not is_free(other)
        assert not is_free(shop)
    assert ENGINE.probe(other.target).database_exists is False


def test_a_short_max_execution_time_in_the_url_does_not_end_it(shop: Project) -> None:
    hurried = Project(shop.folder, shop.url + "?max_execution_time=1", ENGINE)
    with ENGINE.run_lock(hurried.target, {}):
        time.sleep(1.8)
        assert not is_free(hurried)
