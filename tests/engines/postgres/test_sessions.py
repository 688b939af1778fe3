"""While the real tool runs: who it is on the server, what it waits for, and ending it."""

from __future__ import annotations

import os

import psycopg
import pytest

from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import run, tool_running, until
from tests.engines.sqlite.project import Project

TAG = f"db-toolkit run {os.getpid()}"


@pytest.fixture
def blocked(either: Project) -> Project:
    """A migration that will wait for the table `a`."""
    run(either, "CREATE TABLE a (id int)")
    either.write("1_a.sql", "CREATE TABLE before_it (id int);\nALTER TABLE a ADD COLUMN b int;")
    return either


def server_sees(shop: Project, tag: str = TAG) -> int:
    found: int = run(shop, f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{tag}'")[0][0]
    return found


def test_a_waiting_run_names_its_blocker_and_what_it_waits_for(blocked: Project) -> None:
    with psycopg.connect(blocked.url, application_name="nightly report") as other:
        other.execute("LOCK TABLE a")
        with tool_running(blocked, TAG):
            found = until(lambda: [one for one in ENGINE.activity(blocked.target, TAG) if one.waiting])
            assert len(found) == 1
            waiting = found[0]
            blocker = waiting.blockers[0]
            assert (blocker.application, blocker.object) == ("nightly report", "a")
            assert blocker.session_id == str(other.info.backend_pid) and "LOCK TABLE a" in str(blocker.query)
            assert waiting.state.startswith("Waiting for a lock on a, held by nightly report")
            assert "ALTER TABLE a" in waiting.query
            assert any(one.id == waiting.session_id for one in ENGINE.sessions(blocked.target, TAG))


def test_ending_the_run_ends_its_sessions_on_the_server_and_nothing_is_left(blocked: Project) -> None:
    with psycopg.connect(blocked.url) as other:
        other.execute("LOCK TABLE a")
        with tool_running(blocked, TAG) as tool:
            until(lambda: any(one.waiting for one in ENGINE.activity(blocked.target, TAG)))
            tool.kill()
            assert ENGINE.end_sessions(blocked.target, TAG, tool_pid=tool.pid) >= 1
            assert server_sees(blocked) == 0
    assert blocked.applied() == []
    assert run(blocked, "SELECT to_regclass('before_it')") == [(None,)]


def test_sessions_of_others_are_left_alone(shop: Project) -> None:
    with psycopg.connect(shop.url, application_name=TAG + " of another") as other:
        assert ENGINE.end_sessions(shop.target, TAG) == 0
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_a_long_tag_is_found_although_the_server_cuts_it(shop: Project) -> None:
    tag = "t" * 80
    shop.write("1_a.sql", "SELECT pg_sleep(20);")
    with tool_running(shop, tag):
        assert until(lambda: [one for one in ENGINE.sessions(shop.target, tag) if "pg_sleep" in one.query])
        running = until(
            lambda: [one for one in ENGINE.activity(shop.target, tag) if one.state.startswith("Running")]
        )
        assert running and not running[0].waiting
        assert ENGINE.end_sessions(shop.target, tag) >= 1


def test_an_index_build_shows_how_far_it_is(shop: Project) -> None:
    run(shop, "CREATE TABLE big AS SELECT i, md5(i::text) AS t FROM generate_series(1, 400000) AS i")
    shop.write("1_a.sql", "CREATE INDEX big_t ON big (t, i, (t || t));")
    with tool_running(shop, TAG) as tool:
        seen = until(
            lambda: [one for one in ENGINE.activity(shop.target, TAG) if "index on big" in one.state], 20
        )
        assert seen and (seen[0].progress is None or 0 <= seen[0].progress <= 1)
        tool.wait(60)


def test_a_run_in_a_database_that_is_gone_has_no_sessions(shop: Project) -> None:
    from tests.engines.postgres.test_truth import missing

    nowhere = missing(shop).target
    assert ENGINE.sessions(nowhere, TAG) == [] and ENGINE.activity(nowhere, TAG) == []
    assert ENGINE.end_sessions(nowhere, TAG) == 0
