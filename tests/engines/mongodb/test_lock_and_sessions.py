"""The run lock between processes, and the server's own list of what a run does."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engine.target import CancelToken, ServerSession
from backend.engines.mongodb import ENGINE, lock
from tests.drivers.migrate_mongo.project import TAG, Project

OWNER = {"host": "desk", "user": "ann", "pid": "7", "app": "test"}
HOLDER = """
import sys, time
from pathlib import Path
from backend.engine.target import Target
from backend.engines.mongodb.lock import run_lock
target = Target(engine="mongodb", url=sys.stdin.readline().strip(), working_dir=Path("."), migrations_table="changelog")
with run_lock(target, {"host": "desk", "user": "bob"}, lease_s=float(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


def hold_elsewhere(project: Project, lease_s: float) -> subprocess.Popen[str]:
    """Another process that holds the lock until it gets a line, or is killed."""
    root = Path(__file__).parents[3]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lease_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert holder.stdin is not None and holder.stdout is not None
    holder.stdin.write(project.url + "\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "held\n"
    return holder


def test_another_process_keeps_us_out_and_is_named(project: Project) -> None:
    holder = hold_elsewhere(project, 30)
    try:
        with pytest.raises(Busy) as caught, ENGINE.run_lock(project.target, OWNER):
            pass
        assert caught.value.details["holder"]["user"] == "bob" and "bob on desk" in caught.value.message
        assert caught.value.details["holder"]["since"].endswith("Z")
    finally:
        holder.communicate("\n", timeout=10)
    with ENGINE.run_lock(project.target, OWNER):
        pass


def test_a_killed_holders_lease_ends_by_itself(project: Project) -> None:
    holder = hold_elsewhere(project, 2)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with pytest.raises(Busy), lock.run_lock(project.target, OWNER):
        pass
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with lock.run_lock(project.target, OWNER):
                return
        except Busy:
            time.sleep(0.2)
    raise AssertionError("the lease of a killed process never ended")


def test_a_lease_is_renewed_while_it_is_held(project: Project) -> None:
    with lock.run_lock(project.target, OWNER, lease_s=1):
        time.sleep(2.2)
        with pytest.raises(Busy), lock.run_lock(project.target, OWNER):
            pass


def test_of_many_at_once_only_one_gets_in(project: Project) -> None:
    project.db.dbtoolkit_lock.insert_one(
        {
            "_id": "run",
            "token": "old",
            "since": lock.server_time(lock._leases(project.db)),
            "holder": {},
            "expires_at": lock.server_time(lock._leases(project.db)),
        }
    )
    got_in, release, done = [], threading.Event(), threading.Barrier(7)

    def attempt() -> None:
        try:
            with lock.run_lock(project.target, OWNER):
                got_in.append(1)
                done.wait(20)
                release.wait(20)
        except Busy:
            done.wait(20)

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    done.wait(20)
    release.set()
    for thread in threads:
        thread.join()
    assert got_in == [1]


def test_the_lock_works_before_the_database_exists_and_leaves_nothing(project: Project) -> None:
    with ENGINE.run_lock(project.target, OWNER):
        assert not ENGINE.probe(project.target).database_exists
        assert ENGINE.catalog(project.target).tables == [] and ENGINE.fingerprint(project.target) == {}
        with pytest.raises(Busy), ENGINE.run_lock(project.target, OWNER):
            pass
        ENGINE.create_database(project.target)
    assert sorted(project.db.list_collection_names()) == ["changelog", "dbtoolkit_lock"]
    ENGINE.drop_database(project.target)
    with ENGINE.run_lock(project.target, OWNER):
        pass
    assert project.db.list_collection_names() == []


def test_an_error_inside_releases_the_lock(project: Project) -> None:
    with pytest.raises(RuntimeError), ENGINE.run_lock(project.target, OWNER):
        raise RuntimeError
    with ENGINE.run_lock(project.target, OWNER):
        pass


WAITS = "await new Promise((r) => setTimeout(r, 60000));"


def _cancelled_after_beginning(project: Project, body: str) -> list[ServerSession]:
    """Start a migration, wait until it has begun, cancel it; the sessions the server showed meanwhile."""
    cancel = CancelToken()
    project.db.create_collection("log")
    project.migration("1-a.js", body)
    run = project.up_in_background("1-a.js", cancel=cancel)
    deadline = time.monotonic() + 20
    while project.db.begun.count_documents({}) == 0:
        assert time.monotonic() < deadline, "the migration did not begin"
        time.sleep(0.05)
    seen = ENGINE.sessions(project.target, TAG)
    cancel.cancel()
    run.result()
    ENGINE.end_sessions(project.target, TAG)
    return seen


@pytest.mark.parametrize("rest", [WAITS, "for (;;) {}"], ids=["waiting", "busy and killed"])
def test_a_run_is_found_by_its_tag_and_is_gone_after_cancel(project: Project, rest: str) -> None:
    seen = _cancelled_after_beginning(project, f'await db.collection("begun").insertOne({{}});\n{rest}')
    assert seen and all(session.id for session in seen)
    assert ENGINE.sessions(project.target, TAG) == []
    assert ENGINE.activity(project.target, TAG) == []
    assert ENGINE.sessions(project.target, "another-tag") == []


def test_a_cancelled_runs_transaction_is_ended_so_that_others_may_write(project: Project) -> None:
    _cancelled_after_beginning(
        project,
        f"""
        const session = client.startSession();
        session.startTransaction();
        await db.collection("log").insertOne({{ _id: 1 }}, {{ session }});
        await db.collection("begun").insertOne({{}});
        {WAITS}
        """,
    )
    project.db.log.insert_one({"_id": 1})
    assert project.applied() == []
