"""A comparison or proof cancelled in the middle: its statement ends on the server, and its scratch database is gone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.core.context import current_job
from backend.core.errors import Cancelled
from backend.engine.schema.model import Step
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse.connect import session as clickhouse_session
from backend.engines.mongodb.connect import connected
from backend.engines.mysql.connect import reading
from backend.engines.mysql.connect import rows as mysql_rows
from tests.kit import ChannelFailed, Toolkit

SLOW = {
    "mysql": "CREATE TABLE slow AS SELECT sleep(600) AS a;",
    "postgres": "CREATE TABLE slow AS SELECT 1 AS a FROM pg_sleep(600);",
    "clickhouse": "CREATE TABLE slow ENGINE = Memory AS SELECT sleepEachRow(1) AS a FROM numbers(600) "
    "SETTINGS max_block_size = 1;",
}
SLOW_SCRIPT = """
await db.collection('slow').insertOne({ _id: 1 });
await new Promise((done) => setTimeout(done, 600000));
"""
_OURS = f"_{os.getpid()}_"


class Stopped:
    """A job that somebody has cancelled."""

    cancel_token = CancelToken()

    def check_cancelled(self) -> None:
        raise Cancelled("It was cancelled.")


NEVER = {
    "clickhouse": "CREATE TABLE never (id UInt8) ENGINE = Memory",
    "mongodb": "await db.createCollection('never');",
}


@pytest.mark.parametrize("engine", ["sqlite", "postgres", "mysql", "clickhouse", "mongodb"])
def test_a_cancelled_job_stops_before_the_next_statement(engine: str, request: pytest.FixtureRequest) -> None:
    tools = schema_tools(engine)
    server = Target(engine, request.getfixturevalue(f"{engine}_url"), Path("/"), "schema_migrations")
    with tools.scratch(server, "stop") as scratch:
        token = current_job.set(Stopped())  # type: ignore[arg-type]
        try:
            with pytest.raises(Cancelled):
                tools.apply(scratch, [Step(NEVER.get(engine, "CREATE TABLE never (id INT)"))])
        finally:
            current_job.reset(token)
        assert [one for one in tools.snapshot(scratch).by_id() if "never" in one] == []


@pytest.mark.parametrize("engine", [*SLOW, "mongodb"])
def test_cancel_ends_the_statement_on_the_server_and_drops_the_scratch_database(
    engine: str, toolkit: Toolkit, request: pytest.FixtureRequest
) -> None:
    shop = toolkit.connect(request.getfixturevalue(f"{engine}_url"))
    target = toolkit.services.connections.target(toolkit.services.connections.resolve(shop.id))
    here = {"connection": shop.id}
    if engine == "mongodb":
        there = {
            "text": '{"format": "db-toolkit/mongodb-schema", "version": 1, "collections": []}',
            "engine": engine,
        }
        files = [{"name": "slow", "up": SLOW_SCRIPT, "down": "", "transaction": False}]
        asked: tuple[str, dict[str, Any]] = ("schema:prove", {"from": here, "to": there, "files": files})
    else:
        asked = ("schema:compare", {"from": here, "to": {"text": SLOW[engine], "engine": engine}})
    ended: list[str] = []

    def work() -> None:
        try:
            toolkit.call(asked[0], job_id="slow one", **asked[1])
        except ChannelFailed as error:
            ended.append(error.code)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    until(lambda: not thread.is_alive() or SEEN[engine](target)[1] != [])
    assert thread.is_alive(), ended
    toolkit.call("job:cancel", job_id="slow one")
    # By itself it would take ten minutes.
    thread.join(120)
    assert ended == ["cancelled"]
    until(lambda: SEEN[engine](target) == ([], []))


def until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.05)


def ours(names: Sequence[Any]) -> list[str]:
    """Scratch databases of this process alone: others may use the server too."""
    return sorted(
        str(one) for one in names if str(one).startswith("dbtoolkit_scratch_") and _OURS in str(one)
    )


def _mysql(target: Target) -> tuple[list[str], list[str]]:
    with reading(target) as connection:
        databases = mysql_rows(connection, "SELECT schema_name FROM information_schema.schemata")
        working = mysql_rows(
            connection,
            "SELECT db FROM information_schema.processlist WHERE info LIKE '%sleep(600)%' AND db IS NOT NULL",
        )
    return ours([one for (one,) in databases]), ours([one for (one,) in working])


def _postgres(target: Target) -> tuple[list[str], list[str]]:
    with psycopg.connect(target.url) as connection:
        databases = connection.execute("SELECT datname FROM pg_database").fetchall()
        working = connection.execute(
            "SELECT datname FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND state = 'active'"
        ).fetchall()
    return ours([one for (one,) in databases]), ours([one for (one,) in working])


def _clickhouse(target: Target) -> tuple[list[str], list[str]]:
    with clickhouse_session(target) as server:
        databases = server.query("SELECT name FROM system.databases")
        working = server.query(
            "SELECT current_database FROM system.processes WHERE query LIKE '%sleepEachRow(1)%'"
        )
    return ours([one for (one,) in databases]), ours([one for (one,) in working])


def _mongodb(target: Target) -> tuple[list[str], list[str]]:
    """What the script does is no operation of the server's: that it has begun shows in what it wrote."""
    with connected(target) as client:
        databases = ours(client.list_database_names())
        return databases, [one for one in databases if client[one]["slow"].find_one() is not None]


SEEN: dict[str, Callable[[Target], tuple[list[str], list[str]]]] = {
    "mysql": _mysql,
    "postgres": _postgres,
    "clickhouse": _clickhouse,
    "mongodb": _mongodb,
}
