"""The run lock: one at a time, across processes, and never left behind by a crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.core.errors import Busy
from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project

OWNER = {"host": "here", "user": "ann", "pid": "1", "app": "test"}
HOLD = """
import sys, time
from pathlib import Path
from backend.engine.target import Target
from backend.engines.sqlite import ENGINE
target = Target(engine="sqlite", url=sys.argv[1], working_dir=Path(sys.argv[2]), migrations_table="schema_migrations")
with ENGINE.run_lock(target, {"host": "there", "user": "bob", "pid": "2", "app": "test"}):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process_holds(shop: Project) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, shop.url, str(shop.folder)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_process_is_told_who_holds_the_lock(shop: Project) -> None:
    ENGINE.create_database(shop.target)
    with other_process_holds(shop) as process:
        with pytest.raises(Busy) as caught, ENGINE.run_lock(shop.target, OWNER):
            pass
        holder = caught.value.details["holder"]
        assert (holder["host"], holder["user"]) == ("there", "bob") and holder["since"].endswith("Z")
        process.communicate("")
    with ENGINE.run_lock(shop.target, OWNER):
        pass


def test_a_crashed_holder_needs_no_human(shop: Project) -> None:
    with other_process_holds(shop) as process:
        process.kill()
        process.wait()
        assert (shop.folder / "shop.db.dbtoolkit-lock").exists()
        with ENGINE.run_lock(shop.target, OWNER):
            pass


def test_the_lock_leaves_no_file_and_the_database_is_not_made(shop: Project) -> None:
    with ENGINE.run_lock(shop.target, OWNER):
        assert (shop.folder / "shop.db.dbtoolkit-lock").exists()
        with pytest.raises(Busy), ENGINE.run_lock(shop.target, OWNER):
            pass
    assert list(shop.folder.iterdir()) == []


def test_a_link_to_the_database_is_the_same_database(shop: Project) -> None:
    ENGINE.create_database(shop.target)
    (shop.folder / "link.db").symlink_to(shop.folder / "shop.db")
    link = Project(shop.folder, "sqlite:link.db", ENGINE)
    with ENGINE.run_lock(shop.target, OWNER), pytest.raises(Busy), ENGINE.run_lock(link.target, OWNER):
        pass


def test_without_a_folder_there_is_nothing_to_lock(shop: Project) -> None:
    with ENGINE.run_lock(Project(shop.folder, "sqlite:no/such/shop.db", ENGINE).target, OWNER):
        pass
