"""Runs that ended without saying so are settled by the database, and only once nothing of them works there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import Any

import psutil
import pytest

from backend.engine.target import ServerSession
from backend.engines.sqlite.engine import SqliteEngine
from backend.services.runs import pipeline
from tests.faults.verify import of_ledger
from tests.kit import ChannelFailed, Shop, Toolkit

TABLE = ("CREATE TABLE {0} (id INTEGER);", "DROP TABLE {0};")


def three(shop: Shop) -> list[str]:
    return [shop.new(name, *(part.format(name) for part in TABLE))["version"] for name in ("a", "b", "c")]


def dead_pid() -> int:
    """Of a process that was and is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def ledger(shop: Shop, statement: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(shop.toolkit.home / "toolkit.db")) as database:
        found = database.execute(statement, values).fetchall()
        database.commit()
        return found


def abandon_last_run(shop: Shop, pid: int) -> None:
    """As a `kill -9` leaves it: rows that say running, of a process that is gone."""
    ledger(shop, "UPDATE run SET state = 'running', finished_at = NULL, pid = ?", pid)
    ledger(shop, "UPDATE run_migration SET status = 'running', finished_at = NULL")


def database(shop: Shop, statement: str) -> None:
    with closing(sqlite3.connect(shop.connection["database"] or "")) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.fixture
def shop(sqlite_shop: Shop, sqlite_url: str) -> Shop:
    sqlite_shop.connection["database"] = sqlite_url.removeprefix("sqlite:")
    return sqlite_shop


def test_what_the_table_has_was_applied_the_next_was_interrupted_the_rest_did_not_run(shop: Shop) -> None:
    versions = three(shop)
    shop.up()
    for name, version in zip("bc", versions[1:], strict=True):
        database(shop, f"DROP TABLE {name}")
        database(shop, f"DELETE FROM schema_migrations WHERE version = '{version}'")
    abandon_last_run(shop, dead_pid())
    assert shop.statuses() == {"a": "applied", "b": "failed", "c": "pending"}
    rows = ledger(shop, "SELECT status, reconciled FROM run_migration ORDER BY id")
    assert rows == [("applied", 1), ("interrupted", 1), ("not_run", 1)]
    assert ledger(shop, "SELECT state FROM run") == [("interrupted",)]
    assert shop.up()["ok"] and shop.status()["applied"] == 3


def test_a_run_of_a_living_process_is_left_alone(shop: Shop) -> None:
    three(shop)
    shop.up()
    # A process that was there before the run began, and is not this one.
    abandon_last_run(shop, os.getppid())
    assert shop.status()["applied"] == 3
    assert ledger(shop, "SELECT state FROM run") == [("running",)]


def test_a_run_that_still_works_on_the_server_is_not_settled(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(shop)
    shop.up()
    abandon_last_run(shop, dead_pid())
    with monkeypatch.context() as busy:
        busy.setattr(SqliteEngine, "sessions", lambda self, target, run_tag: [ServerSession(id=run_tag)])
        shop.status()
        assert ledger(shop, "SELECT state FROM run") == [("running",)]
    shop.status()
    assert ledger(shop, "SELECT state FROM run") == [("interrupted",)]


def test_a_run_is_settled_by_rows_read_after_its_last_session_has_gone(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit may come between the first look at the table and the look at the sessions."""
    versions = three(shop)
    shop.up()
    abandon_last_run(shop, dead_pid())
    database(shop, f"DELETE FROM schema_migrations WHERE version = '{versions[2]}'")

    def it_ends_now(self: SqliteEngine, target: object, run_tag: str) -> list[ServerSession]:
        database(shop, f"INSERT INTO schema_migrations VALUES ('{versions[2]}')")
        return []

    monkeypatch.setattr(SqliteEngine, "sessions", it_ends_now)
    assert shop.status()["applied"] == 3
    assert {row[0] for row in ledger(shop, "SELECT status FROM run_migration")} == {"applied"}


def test_the_next_run_ends_what_the_crashed_one_still_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(shop)
    shop.up(count=2)
    abandon_last_run(shop, dead_pid())
    asked: list[str] = []

    def end_sessions(self: SqliteEngine, target: object, run_tag: str, *, tool_pid: int | None = None) -> int:
        asked.append(run_tag)
        return 1

    monkeypatch.setattr(SqliteEngine, "end_sessions", end_sessions)
    (run_id,) = ledger(shop, "SELECT run_id FROM run")[0]
    assert shop.up()["ok"]
    assert asked == [f"db-toolkit-{run_id}"]


def test_a_run_that_could_not_be_begun_is_not_ok_in_the_ledger(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(shop)
    from backend.core.errors import DiskFull
    from backend.drivers.dbmate import stage

    def no_room(path: object, data: object) -> None:
        raise DiskFull("There is no room.")

    with monkeypatch.context() as full:
        full.setattr(stage, "_put", no_room)
        with pytest.raises(ChannelFailed) as failure:
            shop.up()
    assert failure.value.code == "disk_full"
    assert ledger(shop, "SELECT state FROM run") == [("failed",)]
    assert {row[0] for row in ledger(shop, "SELECT status FROM run_migration")} == {"not_run"}
    assert shop.statuses() == {"a": "pending", "b": "pending", "c": "pending"}
    assert shop.up()["ok"]


def test_a_defect_after_the_tool_has_run_claims_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = three(shop)

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    with monkeypatch.context() as defect:
        defect.setattr(pipeline, "judge", breaks)
        with pytest.raises(ChannelFailed) as failure:
            shop.up()
    assert failure.value.code == "internal_error"
    assert ledger(shop, "SELECT state FROM run") == [("running",)]
    assert shop.status()["applied"] == 3
    assert of_ledger(shop.toolkit.home, set(versions)) == []


def test_a_database_that_is_away_after_the_run_leaves_the_rows_open(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.core.errors import ConnectionFailed

    three(shop)
    really = SqliteEngine.applied
    calls: list[int] = []

    def away_after_the_run(self: SqliteEngine, target: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise ConnectionFailed("The server is away.")
        return really(self, target)

    monkeypatch.setattr(pipeline, "_TRUTH_TRIES", 1)
    with monkeypatch.context() as away:
        away.setattr(SqliteEngine, "applied", away_after_the_run)
        with pytest.raises(ChannelFailed) as failure:
            shop.up()
    assert failure.value.code == "migration_failed" and "unknown" in failure.value.message
    assert shop.status()["applied"] == 3
    assert ledger(shop, "SELECT state FROM run") == [("interrupted",)]


def test_a_tool_that_outlived_its_app_is_ended_before_anything_is_said(shop: Shop) -> None:
    three(shop)
    shop.up()
    pid = dead_pid()
    abandon_last_run(shop, pid)
    # What is known of it is the staged folder in its arguments, with the dead app's id.
    command = [sys.executable, "-c", "import time; time.sleep(60)", f"/dev/shm/db-toolkit-run-{pid}-x/00000"]
    orphan = subprocess.Popen(command)
    try:
        assert shop.status()["applied"] == 3
        assert not psutil.pid_exists(orphan.pid)
        assert ledger(shop, "SELECT state FROM run") == [("interrupted",)]
    finally:
        orphan.kill()
        orphan.wait()


def test_another_app_over_the_same_home_settles_it_too(shop: Shop) -> None:
    three(shop)
    shop.up()
    abandon_last_run(shop, dead_pid())
    other = Toolkit(shop.toolkit.home)
    assert other.call("migration:status", connection=shop.id)["applied"] == 3
    assert ledger(shop, "SELECT state FROM run") == [("interrupted",)]
    other.close()
    assert shop.status()["applied"] == 3
