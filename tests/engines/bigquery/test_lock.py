"""The run lock: one holder a dataset, from any process, with an end of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engines.bigquery import ENGINE, lock
from backend.engines.bigquery.connect import session
from backend.engines.bigquery.errors import ApiError
from tests.engines.sqlite.project import Project

HOLD = """
import sys, time
from datetime import timedelta
from pathlib import Path
from backend.engine.target import Target
from backend.engines.bigquery import ENGINE, lock
url, lease = sys.stdin.readline().split()
lock.LEASE = timedelta(seconds=float(lease))
with ENGINE.run_lock(Target("bigquery", url, Path("."), "schema_migrations"), {"host": "elsewhere", "user": "ann"}):
    print("held", flush=True)
    time.sleep(60)
"""


def hold_elsewhere(shop: Project, lease_s: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(f"{shop.url} {lease_s}\n")
    process.stdin.flush()
    assert process.stdout.readline() == "held\n"
    return process


def is_free(shop: Project) -> bool:
    try:
        with ENGINE.run_lock(shop.target, {}):
            return True
    except Busy:
        return False


def table_is_there(shop: Project) -> bool:
    with session(shop.target) as api:
        try:
            return bool(api.call("GET", f"{api.dataset_path}/tables/{lock.LOCK_TABLE}"))
        except ApiError as error:
            if error.is_missing:
                return False
            raise


def test_a_second_process_finds_it_taken_and_a_killed_holder_needs_nobody(shop: Project) -> None:
    process = hold_elsewhere(shop, 2.0)
    try:
        with pytest.raises(Busy) as busy, ENGINE.run_lock(shop.target, {}):
            pass
        assert (
            busy.value.details["holder"]["host"] == "elsewhere"
            and "token" not in busy.value.details["holder"]
        )
    finally:
        process.kill()
        process.wait()
    # The emulator keeps expired tables, so this is the taking over; BigQuery itself removes them.
    deadline = time.monotonic() + 5
    while not is_free(shop):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not table_is_there(shop)


def test_it_is_renewed_and_leaves_nothing_behind(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LEASE", timedelta(seconds=3))
    monkeypatch.setattr(lock, "RENEW_S", 0.4)
    with ENGINE.run_lock(shop.target, {}):
        until = time.monotonic() + 5
        while time.monotonic() < until:
            assert not is_free(shop)
            time.sleep(0.1)
        assert table_is_there(shop)
    assert not table_is_there(shop)


def test_the_table_is_in_no_list_while_it_is_there(shop: Project) -> None:
    with ENGINE.run_lock(shop.target, {}):
        assert ENGINE.catalog(shop.target).tables == [] and ENGINE.fingerprint(shop.target) == {}


def test_a_missing_dataset_is_not_locked_and_not_made(shop: Project) -> None:
    other = Project(shop.folder, shop.url.replace("?", "_none?", 1), ENGINE)
    with ENGINE.run_lock(other.target, {}):
        pass
    assert ENGINE.probe(other.target).database_exists is False
