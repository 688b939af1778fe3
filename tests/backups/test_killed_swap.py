"""A kill in the moment in which MariaDB's tables change places: views and triggers are gone already. It is told, and the
backup made before it brings them back."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from backend.core import paths
from tests.kit import Toolkit

KILLED_AT = """
import os, signal, sys
from backend.engines.mysql.backup import swapping
was = swapping.{step}
def killed(*args):
    if {after}:
        was(*args)
    os.kill(os.getpid(), signal.SIGKILL)
swapping.{step} = killed
from backend.shell.cli import entry
entry()
"""


@pytest.mark.parametrize(("step", "after"), [("_move", False), ("_move", True)], ids=["before", "after"])
def test_a_kill_in_the_swap_is_told_and_the_safety_backup_brings_the_code_back(
    toolkit: Toolkit, mysql_url: str, step: str, after: bool
) -> None:
    shop = toolkit.connect(mysql_url)
    shop.new(
        "users", "CREATE TABLE users (id INTEGER);\nCREATE VIEW seen AS SELECT id FROM users;", "SELECT 1;"
    )
    shop.up()
    made = shop.call("backup:create")
    shop.new("more", "CREATE TABLE more (id INTEGER);", "DROP TABLE more;")
    shop.up()
    payload = {"connection": shop.id, "backup_id": made["id"], "confirm": "shop"}
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED_AT.format(step=step, after=after),
            "call",
            "backup:restore",
            json.dumps(payload),
        ],
        cwd=paths.app_root(),
        env={**os.environ, "DB_TOOLKIT_HOME": str(toolkit.home)},
        capture_output=True,
    )
    assert killed.returncode == -9, killed.stderr
    again = Toolkit(toolkit.home)
    try:
        again.call("migration:status", connection=shop.id)
        (run, *_) = again.call("history:list", connection=shop.id)["rows"]
        told = run["error"]["details"]
        assert (run["kind"], run["state"], told["state"]) == ("restore", "interrupted", "unknown")
        done = again.agree("backup:restore", connection=shop.id, backup_id=told["safety_backup_id"])
        assert done["equal"]
        assert again.call("migration:status", connection=shop.id)["applied"] == 2
        engine = again.services.connections.resolve(shop.id).engine
        target = again.services.connections.target(again.services.connections.resolve(shop.id))
        assert any("seen" in name for name in engine.fingerprint(target)), "the view is there again"
    finally:
        again.close()
