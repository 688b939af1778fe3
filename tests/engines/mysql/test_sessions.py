"""The run's sessions on the server: found, watched, ended, and nobody else's touched."""

from __future__ import annotations

import os
import signal

import pytest

from backend.engines.mysql import ENGINE, sessions
from tests.engines.mysql.helpers import eventually, run, session, tool_running
from tests.engines.sqlite.project import Project


@pytest.fixture
def blocked(shop: Project) -> Project:
    """A project whose next migration alters the table `users`."""
    run(shop, "CREATE TABLE users (id int) ENGINE=InnoDB", "INSERT INTO users VALUES (1)")
    shop.write("1_a.sql", "ALTER TABLE users ADD COLUMN email text;")
    return shop


def ids_in_processlist(shop: Project) -> set[str]:
    return {str(row[0]) for row in run(shop, "SELECT id FROM information_schema.processlist")}


def test_a_blocked_run_names_its_blocker_and_is_ended_on_the_server(blocked: Project) -> None:
    with (
        session(blocked, autocommit=False) as other,
        other.cursor() as cursor,
        tool_running(blocked, "run-1") as tool,
    ):
        cursor.execute("SELECT * FROM users")
        # The tool waits only once the other transaction is open; it may have been quicker, so look for the wait.
        waiting = eventually(lambda: [a for a in ENGINE.activity(blocked.target, "run-1") if a.waiting])
        assert (
            "until no other session uses the table" in waiting[0].state
            and "ALTER TABLE users" in waiting[0].query
        )
        blocker = waiting[0].blockers[0]
        assert blocker.session_id == str(other.thread_id()) and (blocker.user or "").startswith("toolkit@")
        assert waiting[0].object == "users" and "likely" in (waiting[0].note or "")
        assert not blocker.is_certain and blocker.end_statement == f"KILL {other.thread_id()};"
        mine = {one.id for one in ENGINE.sessions(blocked.target, "run-1")}
        assert mine and str(other.thread_id()) not in mine

        os.kill(tool.pid, signal.SIGKILL)
        tool.wait()
        assert mine <= ids_in_processlist(blocked), (
            "the server's session ended with the tool: nothing to test"
        )
        assert ENGINE.end_sessions(blocked.target, "run-1", tool_pid=tool.pid) == len(mine)
        assert not mine & ids_in_processlist(blocked)
        cursor.execute("SELECT 1")  # nobody else was touched
        other.rollback()
    assert "column users.email" not in ENGINE.fingerprint(blocked.target) and blocked.applied() == []


def test_a_killed_tools_ddl_would_have_completed_unrecorded(blocked: Project) -> None:
    with (
        session(blocked, autocommit=False) as other,
        other.cursor() as cursor,
        tool_running(blocked, "run-2") as tool,
    ):
        cursor.execute("SELECT * FROM users")
        eventually(lambda: [a for a in ENGINE.activity(blocked.target, "run-2") if a.waiting])
        os.kill(tool.pid, signal.SIGKILL)
        tool.wait()
        other.rollback()
    eventually(lambda: "column users.email" in ENGINE.fingerprint(blocked.target))
    assert blocked.applied() == []


def test_sessions_without_a_mark_are_found_by_the_tools_wires(blocked: Project) -> None:
    with session(blocked, autocommit=False) as other, other.cursor() as cursor:
        cursor.execute("SELECT * FROM users")
        with tool_running(blocked, "run-3", marked=False) as tool:
            seen = eventually(lambda: ENGINE.activity(blocked.target, "run-3", tool_pid=tool.pid))
            assert "ALTER TABLE users" in seen[0].query
            assert ENGINE.sessions(blocked.target, "run-3") == []
            assert ENGINE.end_sessions(blocked.target, "run-3", tool_pid=tool.pid) >= 1
            assert tool.wait(timeout=10) == 2
        cursor.execute("SELECT 1")


def test_a_row_lock_names_its_holder(shop: Project) -> None:
    run(
        shop,
        "CREATE TABLE users (id int PRIMARY KEY, n int) ENGINE=InnoDB",
        "INSERT INTO users VALUES (1, 1)",
    )
    shop.write("1_a.sql", "UPDATE users SET n = 2 WHERE id = 1;")
    with session(shop, autocommit=False) as other, other.cursor() as cursor:
        cursor.execute("UPDATE users SET n = 3 WHERE id = 1")
        with tool_running(shop, "run-4"):
            waiting = eventually(lambda: [a for a in ENGINE.activity(shop.target, "run-4") if a.blockers])
            assert waiting[0].waiting and waiting[0].blockers[0].session_id == str(other.thread_id())
            assert waiting[0].blockers[0].is_certain and waiting[0].note is None
            other.rollback()


def test_the_building_of_an_index_reports_its_progress(shop: Project) -> None:
    run(shop, "CREATE TABLE big (a varchar(200), b int) ENGINE=InnoDB",
        "INSERT INTO big SELECT repeat(md5(seq), 6), seq FROM seq_1_to_150000")  # fmt: skip
    shop.write("1_a.sql", "ALTER TABLE big ADD COLUMN c int, ADD INDEX (a), ALGORITHM=COPY;")
    seen: list[float] = []
    with tool_running(shop, "run-5") as tool:
        while tool.poll() is None:
            seen += [
                one.progress for one in ENGINE.activity(shop.target, "run-5") if one.progress is not None
            ]
    assert seen and all(0 <= value <= 1 for value in seen) and seen == sorted(seen)


def test_other_runs_and_finished_runs_have_no_sessions(blocked: Project) -> None:
    with tool_running(blocked, "run-6") as tool:
        tool.wait(timeout=20)
    assert ENGINE.sessions(blocked.target, "run-6") == []
    assert ENGINE.end_sessions(blocked.target, "run-6") == 0
    assert ENGINE.activity(blocked.target, "other") == []
    assert blocked.applied() == ["1"]


def test_the_mark_leaves_the_variable_that_carries_it_as_it_is(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE seen AS SELECT @@net_write_timeout AS w, @@lock_wait_timeout AS l;")
    for wanted, changes in (("", {}), ("net_write_timeout=77", {"lock_timeout_s": 9.0})):
        url = ENGINE.build_url({**ENGINE.split_url(shop.url), "options": wanted})
        project = Project(shop.folder, url, ENGINE, changes=changes)  # type: ignore[arg-type]
        project.up(ENGINE.tool_setup(project.target, "tag").env["DATABASE_URL"])
        assert run(shop, "SELECT w FROM seen") == [(77 if wanted else 60,)]
        if changes:
            assert run(shop, "SELECT l FROM seen") == [(9,)]
        run(shop, "DROP TABLE seen", "DELETE FROM schema_migrations")


def test_a_server_that_takes_no_mark_gets_none(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_CARRIER", "no_such_variable")
    assert "GET_LOCK" not in ENGINE.tool_setup(shop.target, "tag").env["DATABASE_URL"]


def test_a_server_that_cannot_be_reached_still_gives_a_tool_setup(shop: Project) -> None:
    down = Project(shop.folder, "mysql://u:p@127.0.0.1:1/db", ENGINE)
    assert ENGINE.tool_setup(down.target, "tag").env["DATABASE_URL"] == "mysql://u:p@127.0.0.1:1/db"
