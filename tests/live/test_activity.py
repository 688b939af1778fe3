"""What a server says while a run goes on, as the panel gets it: from real servers, and from recorded answers where the
server at hand lacks them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.engine.target import Activity
from backend.engines.mongodb import sessions as mongodb
from backend.engines.sqlite import sessions as sqlite
from tests.kit import ChannelFailed, Shop, Toolkit
from tests.live.conftest import Heard, until

HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute(sys.argv[2]); db.execute(sys.argv[3]); db.execute("BEGIN IMMEDIATE" if sys.argv[4] == "write" else "BEGIN")
db.execute("SELECT * FROM held").fetchall()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["delete", "wal"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def holder(tmp_path: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """Another program that writes to test.db, until its input ends."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "test.db"), f"PRAGMA journal_mode={mode}"]
    process = subprocess.Popen(
        [*command, "CREATE TABLE IF NOT EXISTS held (id)", "write"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.communicate()


def waits(data: dict[str, Any]) -> bool:
    return any(one["waiting"] for one in data["sessions"])


@pytest.mark.skipif(not sqlite.IS_TOLD, reason="only Linux lists who locks a file")
def test_a_locked_sqlite_file_names_the_process_that_holds_it(
    sqlite_shop: Shop, holder: subprocess.Popen[str], heard: Heard
) -> None:
    sqlite_shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
    run = threading.Thread(target=sqlite_shop.up, daemon=True)
    run.start()
    [seen] = heard.until("job:activity", waits)[1]["sessions"]  # type: ignore[misc]
    [blocker] = seen["blockers"]
    assert (
        blocker["session_id"] == f"process {holder.pid}" and blocker["end_statement"] == f"kill {holder.pid}"
    )
    assert "python" in blocker["application"] and blocker["state"].startswith("writes to the file")
    assert seen["object"] == "test.db" and seen["since_s"] >= 0
    holder.communicate()  # it ends, and the run goes on by itself
    run.join(60)
    assert sqlite_shop.statuses() == {"users": "applied"}


def test_locks_of_processes_are_read_as_the_system_lists_them() -> None:
    text = """\
1: POSIX  ADVISORY  WRITE 100 08:01:5 1073741825 1073741825
1: -> POSIX  ADVISORY  WRITE 200 08:01:5 1073741825 1073741825
2: FLOCK  ADVISORY  WRITE 300 08:01:5 0 EOF
3: POSIX  ADVISORY  READ  400 08:01:5 1073741826 1073742335
4: POSIX  ADVISORY  WRITE 500 08:01:6 120 120
"""
    locks = sqlite.read_locks(text)
    assert [one.pid for one in locks] == [100, 400, 500]
    assert sqlite.in_the_way(locks, {200}, 5, None) == {100: True}
    assert sqlite.in_the_way(locks, {200}, 7, 6) == {500: True}
    assert sqlite.in_the_way(locks, {100}, 5, None) == {}
    committing = sqlite.read_locks("1: POSIX ADVISORY WRITE 100 08:01:5 1073741824 1073741825\n" + text)
    assert sqlite.in_the_way(committing, {100}, 5, None) == {400: False}


def test_a_chain_of_waiting_sessions_is_followed_to_its_end(
    toolkit: Toolkit, postgres_url: str, heard: Heard
) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("add", "ALTER TABLE users ADD COLUMN name text;", "SELECT 1;")
    with (
        psycopg.connect(postgres_url, application_name="the root") as root,
        psycopg.connect(postgres_url, application_name="in between") as between,
    ):
        root.execute("CREATE TABLE users (id integer)")
        root.commit()
        root.execute("LOCK TABLE users IN SHARE MODE")
        second = threading.Thread(target=lambda: between.execute("INSERT INTO users VALUES (1)"), daemon=True)
        second.start()
        until(lambda: _waits_in(root, between.info.backend_pid), "the one in between waits")
        run = threading.Thread(target=shop.up, daemon=True)

        def both(data: dict[str, Any]) -> bool:
            return any(len(one["blockers"]) == 2 for one in data["sessions"])

        run.start()
        told = heard.until("job:activity", both)[1]["sessions"]
        [seen] = [one for one in told if one["waiting"]]  # type: ignore[attr-defined]
        by_name = {one["application"]: one for one in seen["blockers"]}
        assert by_name["the root"]["state"] == "has a transaction open and does nothing in it"
        assert by_name["the root"]["mode"] == "SHARE" and not by_name["the root"]["waits_for"]
        assert list(by_name["in between"]["waits_for"]) == [str(root.info.backend_pid)]
        end = by_name["the root"]["end_statement"]
        assert end == f"SELECT pg_terminate_backend({root.info.backend_pid});"
        root.rollback()
        second.join(60)
        between.rollback()
        run.join(60)
    assert shop.statuses() == {"add": "applied"}


def _waits_in(watcher: psycopg.Connection[Any], pid: int) -> bool:
    found = watcher.execute(
        "SELECT wait_event_type FROM pg_stat_get_activity(%s) WHERE wait_event_type = 'Lock'", (pid,)
    )
    return found.fetchone() is not None


def test_a_run_that_gave_up_waiting_says_so(toolkit: Toolkit, mysql_url: str) -> None:
    toolkit.call("settings:update", changes={"safety": {"lock_timeout_s": 2}})
    shop = toolkit.connect(mysql_url)
    shop.new("users", "CREATE TABLE users (id integer);", "DROP TABLE users;")
    shop.up()
    shop.new("add", "ALTER TABLE users ADD COLUMN name text;", "ALTER TABLE users DROP COLUMN name;")
    from tests.engines.mysql.helpers import session
    from tests.engines.sqlite.project import Project

    target = toolkit.services.connections.target(toolkit.services.connections.resolve(shop.id))
    with session(Project(shop.folder, target.url, None), autocommit=False) as other, other.cursor() as cursor:  # type: ignore[arg-type]
        cursor.execute("SELECT * FROM users")
        with pytest.raises(ChannelFailed) as failure:
            shop.up()
        other.rollback()
    assert failure.value.details["cause"]["code"] == "lock_timeout"


# As MongoDB 7 answered $currentOp while an index was built over 100,000 documents; the build is an operation of its own.
OWN = {
    "type": "op", "active": True, "opid": 4711, "connectionId": 12, "secs_running": 4, "microsecs_running": 4_100_000,
    "op": "command", "ns": "shop.orders", "waitingForLock": False, "appName": "db-toolkit-r1",
    "command": {"createIndexes": "orders", "indexes": [{"key": {"a": 1}, "name": "a_1"}], "$db": "shop"},
    "locks": {}, "desc": "conn12",
}  # fmt: skip
BUILD = {
    "type": "op", "active": True, "opid": 4712, "desc": "IndexBuildsCoordinatorMongod-0", "op": "command",
    "ns": "shop.orders", "secs_running": 4, "microsecs_running": 4_000_000, "waitingForLock": False,
    "command": {"createIndexes": "orders", "indexes": [{"v": 2, "key": {"a": 1}, "name": "a_1"}], "$db": "shop"},
    "msg": "Index Build: scanning collection Index Build: scanning collection: 61200/100000 61%",
    "progress": {"done": 61200, "total": 100000}, "effectiveUsers": [{"user": "__system", "db": "local"}],
}  # fmt: skip
TRANSACTION = {
    "type": "idleSession", "active": False, "opid": None, "client": "10.0.0.7:50422", "appName": "billing",
    "lsid": {"id": bytes(range(16))}, "effectiveUsers": [{"user": "billing", "db": "admin"}],
    "transaction": {"parameters": {"txnNumber": 1}, "timeOpenMicros": 240_000_000, "timeInactiveMicros": 239_000_000},
    "waitingForLock": False, "ns": "", "command": {},
}  # fmt: skip


def told(item: dict[str, Any], others: list[dict[str, Any]]) -> Activity:
    found: Activity = mongodb._activity(item, others)
    json.dumps([blocker.session_id for blocker in found.blockers])
    return found


def test_mongodb_tells_how_far_an_index_build_is() -> None:
    seen = told(OWN, [BUILD, TRANSACTION])
    assert (seen.progress, seen.done, seen.total, seen.unit) == (0.612, 61200, 100000, "documents")
    assert seen.phase == "Index Build: scanning collection" == seen.state
    assert seen.session_id == "connectionId:12" and not seen.waiting and seen.blockers == ()


def test_mongodb_shows_who_may_hold_the_lock_and_that_it_is_not_sure() -> None:
    seen = told({**OWN, "waitingForLock": True}, [BUILD | {"progress": None, "msg": ""}, TRANSACTION])
    holder = next(one for one in seen.blockers if one.application == "billing")
    assert holder.since_s == 240 and holder.user == "billing" and not holder.is_certain
    assert "UUID('00010203-0405-0607-0809-0a0b0c0d0e0f')" in str(holder.end_statement)
    assert seen.note and "does not say" in seen.note


def test_a_sqlite_file_that_nobody_holds_is_not_waited_for(tmp_path: Path, sqlite_shop: Shop) -> None:
    sqlite3.connect(tmp_path / "test.db").close()
    target = sqlite_shop.toolkit.services.connections.target(
        sqlite_shop.toolkit.services.connections.resolve(sqlite_shop.id)
    )
    assert sqlite.activity(target, 1) == [] == sqlite.activity(target, None)
