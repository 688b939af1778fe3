"""The bare tools in between, in the connection's own folder with its own `.env`: both see the same status."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from backend.drivers import tools
from tests.faults.conftest import subject_of
from tests.faults.model import Subject
from tests.faults.stories import a_shop, write
from tests.kit import Shop, Toolkit


def bare(shop: Shop, *command: str | Path) -> str:
    """What the tool says, run as a user would in a terminal: nothing told but the folder."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=shop.connection["folder"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ours(shop: Shop) -> dict[str, bool]:
    return {one["filename"]: one["status"] == "applied" for one in shop.status()["migrations"]}


def dbmates(shop: Shop) -> dict[str, bool]:
    shown = bare(shop, tools.dbmate_path(), "status")
    return {name: mark == "X" for mark, name in re.findall(r"^\[([X ])\] (\S+)$", shown, re.MULTILINE)}


def migrate_mongos(shop: Shop) -> dict[str, bool]:
    shown = bare(
        shop,
        tools.node_path(),
        tools.npm_modules_dir() / "migrate-mongo" / "bin" / "migrate-mongo.js",
        "status",
    )
    rows = re.findall(r"(\d{14}-[\w-]+\.js)\W+(PENDING|\d{4}-)", shown)
    return {name: state != "PENDING" for name, state in rows}


def test_bare_dbmate_and_the_app_take_turns(toolkit: Toolkit, sql_subject: Subject) -> None:
    dbmate = tools.dbmate_path()
    with a_shop(sql_subject, toolkit) as (shop, _):
        write(shop, *sql_subject.files()[:3])
        shop.up(count=1)
        bare(shop, dbmate, "--no-dump-schema", "up")
        assert list(ours(shop).values()) == [True, True, True] and ours(shop) == dbmates(shop)
        bare(shop, dbmate, "--no-dump-schema", "rollback")
        assert list(ours(shop).values()) == [True, True, False] and ours(shop) == dbmates(shop)
        shop.down()
        assert list(ours(shop).values()) == [True, False, False] and ours(shop) == dbmates(shop)
        shop.up()
        assert list(ours(shop).values()) == [True, True, True] and ours(shop) == dbmates(shop)
        assert all(one["flags"] == [] for one in shop.status()["migrations"])


def test_bare_migrate_mongo_and_the_app_take_turns(toolkit: Toolkit, request: pytest.FixtureRequest) -> None:
    subject = subject_of("mongodb", request)
    with a_shop(subject, toolkit) as (shop, _):
        program = [tools.node_path(), tools.npm_modules_dir() / "migrate-mongo" / "bin" / "migrate-mongo.js"]
        write(shop, *subject.files()[:3])
        shop.up(count=1)
        bare(shop, *program, "up")
        assert list(ours(shop).values()) == [True, True, True] and ours(shop) == migrate_mongos(shop)
        bare(shop, *program, "down")
        assert list(ours(shop).values()) == [True, True, False] and ours(shop) == migrate_mongos(shop)
        shop.down()
        assert list(ours(shop).values()) == [True, False, False] and ours(shop) == migrate_mongos(shop)
        shop.up()
        assert list(ours(shop).values()) == [True, True, True] and ours(shop) == migrate_mongos(shop)
        assert all(one["flags"] == [] for one in shop.status()["migrations"])
