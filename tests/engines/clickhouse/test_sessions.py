"""A run's queries on the server: found by their mark, ended there, and gone from the server's own list."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.engine.target import ServerSession
from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from tests.engines.sqlite.project import Project

# The server is shared by the whole run: a tag of this process alone.
TAG = f"db-toolkit:run-{secrets.token_hex(6)}"
MARK = TAG.replace(":", "-")
SLOW = "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1"


@contextmanager
def tool_running(shop: Project, tag: str = TAG) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        shop.command("--no-dump-schema", "up"), cwd=shop.folder, text=True,
        env=shop.environment(ENGINE.tool_setup(shop.target, tag).env["DATABASE_URL"]),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def eventually(ask: Callable[[], object], timeout_s: float = 10) -> object:
    deadline = time.monotonic() + timeout_s
    while not (answer := ask()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def running_on_server(shop: Project) -> list[str]:
    database = ENGINE.split_url(shop.url)["database"]
    with session(shop.target) as server:
        rows = server.query(
            "SELECT query FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE '%processes%' "
            f"AND current_database = '{database}'"
        )
    return [str(row[0]) for row in rows]


def slow_session(shop: Project) -> ServerSession | None:
    return next((one for one in ENGINE.sessions(shop.target, TAG) if "sleepEachRow(1)" in one.query), None)


def test_the_query_of_a_killed_tool_lives_on_until_it_is_ended(shop: Project) -> None:
    shop.write("1_slow.sql", SLOW)
    with tool_running(shop) as process:
        found = eventually(lambda: slow_session(shop))
        assert isinstance(found, ServerSession) and found.since_s is not None
        process.kill()
        process.wait()
        time.sleep(0.3)
        assert len(running_on_server(shop)) == 1
        assert ENGINE.end_sessions(shop.target, TAG) == 1
    assert running_on_server(shop) == []
    assert ENGINE.sessions(shop.target, TAG) == []
    assert shop.applied() == []


def test_only_the_run_that_is_meant_is_ended(shop: Project) -> None:
    shop.write("1_slow.sql", SLOW)
    with tool_running(shop):
        eventually(lambda: slow_session(shop))
        assert ENGINE.sessions(shop.target, TAG[:-1]) == []
        assert ENGINE.end_sessions(shop.target, TAG[:-1]) == 0
        assert len(running_on_server(shop)) == 1
        assert ENGINE.end_sessions(shop.target, TAG) == 1


def test_activity_says_how_long_and_how_far(shop: Project) -> None:
    shop.write("1_slow.sql", SLOW)
    with tool_running(shop):
        eventually(lambda: slow_session(shop))
        [activity] = ENGINE.activity(shop.target, TAG)
        assert activity.state == "Running" and "sleepEachRow" in activity.query
        assert activity.since_s is not None and activity.since_s >= 0 and activity.unit == "rows read"
        ENGINE.end_sessions(shop.target, TAG)


def test_the_mark_keeps_what_the_url_already_says() -> None:
    project = Project(Path(), "clickhouse://h/d?client_info_product=own/2&log_comment=mine", ENGINE)
    env = ENGINE.tool_setup(project.with_(lock_timeout_s=2.4).target, TAG).env["DATABASE_URL"]
    assert ENGINE.split_url(env)["options"] == (
        f"log_comment=mine&client_info_product={MARK}%2F1%2Cown%2F2&lock_acquire_timeout=2"
    )


def test_the_real_server_lists_our_mark_and_kills_by_it(old_shop: Project) -> None:
    # dbmate cannot finish on this old server, but it starts: the mark arrives as client name there.
    if not old_shop.url.startswith("clickhouse://"):
        return
    url = old_shop.url + f"?client_info_product={MARK}/1"
    old_shop.write(
        "1_slow.sql", "SELECT sleepEachRow(1) FROM system.numbers LIMIT 60 SETTINGS max_block_size = 1"
    )
    process = subprocess.Popen(
        old_shop.command("--no-dump-schema", "up"), cwd=old_shop.folder, env=old_shop.environment(url),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        eventually(lambda: slow_session(old_shop))
        assert ENGINE.end_sessions(old_shop.target, TAG) == 1
        assert ENGINE.sessions(old_shop.target, TAG) == []
    finally:
        process.kill()
        process.wait()
