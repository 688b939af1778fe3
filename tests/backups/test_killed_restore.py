"""A restore that is killed with -9 leaves the database as it was or as it was to be, and nothing beside it after the next
start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from backend.core import paths
from tests.kit import Toolkit

ROWS = {
    "postgres_url": "INSERT INTO users SELECT i, repeat('x', 200) FROM generate_series(1, 150000) i;",
    "mysql_url": "INSERT INTO users SELECT seq, repeat('x', 200) FROM seq_1_to_150000;",
}


@pytest.mark.parametrize("fixture", ROWS, ids=lambda name: name.removesuffix("_url"))
def test_a_killed_restore_leaves_nothing_half_and_nothing_beside(
    toolkit: Toolkit, fixture: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(fixture)
    shop = toolkit.connect(url)
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(200));", "DROP TABLE users;")
    shop.new("rows", ROWS[fixture], "DELETE FROM users;")
    shop.up()
    made = shop.call("backup:create")
    shop.new("more", "INSERT INTO users VALUES (0, 'later');", "DELETE FROM users WHERE id = 0;")
    shop.up()
    engine = toolkit.services.connections.resolve(shop.id).engine
    target = toolkit.services.connections.target(toolkit.services.connections.resolve(shop.id))

    killed = restoring(toolkit, shop.id, made["id"])
    ours = f"_{killed.pid}_"
    deadline = time.monotonic() + 100
    while not any("restore" in name for name in beside(fixture, url, ours)):
        assert killed.poll() is None and time.monotonic() < deadline, "it was over before it could be killed"
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    again = Toolkit(toolkit.home)
    try:
        rows = engine.row_counts(target, ["users"])["users"]
        applied = again.call("migration:status", connection=shop.id)["applied"]
        assert (rows, applied) in {(150001, 3), (150000, 2)}, "the old one or the new one, whole"
        (newest, *_) = again.call("history:list", connection=shop.id)["rows"]
        assert (newest["kind"], newest["state"]) == ("restore", "interrupted")
        until(
            lambda: again.services.backups._leftovers.sweep() is not None and not beside(fixture, url, ours)
        )
        assert again.services.backups._leftovers.start() is None, "there is nothing to do any more"
        done = again.agree("backup:restore", connection=shop.id, backup_id=made["id"])
        assert done["equal"] and engine.row_counts(target, ["users"])["users"] == 150000
    finally:
        again.close()


def restoring(toolkit: Toolkit, connection: str, backup_id: str) -> subprocess.Popen[bytes]:
    payload = {"connection": connection, "backup_id": backup_id, "confirm": "shop", "safety_backup": False}
    return subprocess.Popen(
        [sys.executable, str(paths.app_root() / "main.py"), "call", "backup:restore", json.dumps(payload)],
        env={**os.environ, "DB_TOOLKIT_HOME": str(toolkit.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def beside(fixture: str, url: str, ours: str) -> list[str]:
    """The databases that the killed process made."""
    return [name for name in listed(fixture, url) if name.startswith("dbtoolkit_scratch_") and ours in name]


def listed(fixture: str, url: str) -> list[str]:
    if fixture == "postgres_url":
        import psycopg

        with psycopg.connect(url) as connection:
            return [str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")]
    from backend.engine.target import Target
    from backend.engines.mysql.connect import reading, rows

    with reading(Target("mysql", url, Path.cwd(), "schema_migrations")) as connection:
        return [str(row[0]) for row in rows(connection, "SHOW DATABASES")]


def until(true: Any, patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)
