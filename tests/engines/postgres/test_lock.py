"""One run at a time across machines, and nobody needed after a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engines.postgres import ENGINE
from backend.engines.postgres.lock import owner_name
from tests.engines.postgres.helpers import run, until
from tests.engines.postgres.test_truth import missing
from tests.engines.sqlite.project import Project

OWNER = {"user": "ann", "host": "desk", "pid": "42", "app": "db-toolkit"}
HOLD = """
import sys, time
from pathlib import Path
from backend.engine.target import Target
from backend.engines.postgres import ENGINE
target = Target("postgres", sys.stdin.readline().strip(), Path("."), "schema_migrations")
with ENGINE.run_lock(target, {"user": "bob", "host": "other-machine", "pid": "7"}):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_at_once_who_holds_the_lock(either: Project) -> None:
    with ENGINE.run_lock(either.target, OWNER):
        started = time.monotonic()
        with pytest.raises(Busy) as busy:
            with ENGINE.run_lock(either.target, OWNER | {"user": "bob"}):
                pytest.fail("two runs held the lock")
        assert time.monotonic() - started < 2
    holder = busy.value.details["holder"]
    assert (holder["user"], holder["host"], holder["pid"]) == ("ann", "desk", "42") and holder[
        "since"
    ].endswith("Z")
    assert "ann" in busy.value.message


def test_the_lock_is_free_again_after_the_run_even_a_failed_one(shop: Project) -> None:
    with pytest.raises(RuntimeError):
        with ENGINE.run_lock(shop.target, OWNER):
            raise RuntimeError
    with ENGINE.run_lock(shop.target, OWNER):
        assert run(shop, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == [(1,)]
    assert until(lambda: run(shop, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)])


def test_a_killed_holder_frees_the_lock_by_itself(either: Project) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD)],
        cwd=Path(__file__).parents[3], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdin and other.stdout
        other.stdin.write(either.url + "\n")
        other.stdin.flush()
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="bob on other-machine"):
            with ENGINE.run_lock(either.target, OWNER):
                pass
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert until(lambda: _free(either), seconds=5)


def _free(shop: Project) -> bool:
    try:
        with ENGINE.run_lock(shop.target, OWNER):
            return True
    except Busy:
        return False


def test_without_a_database_nothing_is_locked(shop: Project) -> None:
    with ENGINE.run_lock(missing(shop).target, OWNER), ENGINE.run_lock(missing(shop).target, OWNER):
        assert not ENGINE.probe(missing(shop).target).database_exists


def test_two_databases_of_one_server_do_not_block_each_other(postgres_url: str, shop: Project) -> None:
    other = missing(shop)
    ENGINE.create_database(other.target)
    try:
        with ENGINE.run_lock(shop.target, OWNER), ENGINE.run_lock(other.target, OWNER):
            pass
    finally:
        ENGINE.drop_database(other.target)


def test_it_is_not_the_lock_of_dbmate(shop: Project) -> None:
    """dbmate's own --migration-lock goes on working while we hold ours."""
    shop.write("1_a.sql", "CREATE TABLE a (id int);")
    with ENGINE.run_lock(shop.target, OWNER):
        assert shop.dbmate("--no-dump-schema", "--migration-lock", "up").returncode == 0
    assert shop.applied() == ["1"]


def test_the_lock_is_held_while_idle_timeouts_run_out(shop: Project) -> None:
    impatient = Project(
        shop.folder,
        shop.url + "&options=-c%20idle_session_timeout%3D200%20-c%20statement_timeout%3D200",
        ENGINE,
    )
    with ENGINE.run_lock(impatient.target, OWNER):
        time.sleep(0.6)
        assert not _free(shop)


@pytest.mark.parametrize("user", ["ann", "a" * 90, "Zoë", "x#y@z", ""])
def test_the_holders_name_fits_the_server_and_keeps_the_pid(user: str) -> None:
    name = owner_name({"user": user, "host": "h" * 80, "pid": "123456"})
    assert len(name.encode()) <= 63 and name.endswith("#123456")
