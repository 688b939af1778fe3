"""Folders that cannot be written and disks that are full: said by name, and what was there is still there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.core import paths
from tests.kit import ChannelFailed, Shop, Toolkit
from tests.plugin_servers import unavailable

GOOD = "-- migrate:up\nCREATE TABLE users (id INTEGER);\n\n-- migrate:down\nDROP TABLE users;\n"
FIRST = "20260101000000_first.sql"


_CALLS = """
import json, sys
from pathlib import Path
from tests.kit import Toolkit
toolkit = Toolkit(Path(sys.argv[1]))
print(json.dumps([toolkit.dispatcher.invoke(*call) for call in json.loads(sys.argv[2])]))
"""


def calls_without_privilege(home: Path, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The channels' answers in a process for which permissions count: root's right to pass them by is dropped."""
    command = [sys.executable, "-c", _CALLS, str(home), json.dumps(calls)]
    if os.geteuid() == 0:
        drop = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}", *command]
    env = {**os.environ, "DB_TOOLKIT_HOME": str(home)}
    root = paths.app_root()
    said = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, cwd=root)
    assert said.stdout, said.stderr
    answers: list[dict[str, Any]] = json.loads(said.stdout)
    return answers


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder that may be read and not written."""
    folder = tmp_path / "locked"
    folder.mkdir()
    (folder / FIRST).write_text(GOOD)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def test_an_unwritable_migrations_folder(toolkit: Toolkit, locked: Path) -> None:
    toolkit.connect("sqlite:a.db", migrations_dir=str(locked))
    shop = {"connection": "shop"}
    *refused, ran = calls_without_privilege(
        toolkit.home,
        ("migration:new", {**shop, "name": "x", "up": "SELECT 1;"}),
        ("migration:update", {**shop, "version": FIRST, "content": "changed"}),
        ("migration:update", {**shop, "version": FIRST, "name": "other"}),
        ("migration:delete", {**shop, "version": FIRST}),
        ("migration:up", shop),
    )
    for answer in refused:
        error = answer["error"]
        assert error["code"] == "permission_denied" and str(locked) in error["message"] and error["hint"]
    assert [(path.name, path.read_text()) for path in locked.iterdir()] == [(FIRST, GOOD)]
    assert ran["ok"], "running it needs no right to write there"


def test_an_unreadable_migrations_folder_is_no_empty_one(toolkit: Toolkit, locked: Path) -> None:
    toolkit.connect("sqlite:a.db", migrations_dir=str(locked))
    locked.chmod(0)
    asked = [
        (channel, {"connection": "shop"})
        for channel in ("migration:status", "migration:list", "migration:up")
    ]
    for answer in calls_without_privilege(toolkit.home, *asked):
        error = answer["error"]
        assert error["code"] == "permission_denied" and str(locked) in error["message"] and error["hint"]


def test_an_unwritable_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o555)
    (answer,) = calls_without_privilege(home, ("connection:create", {"name": "shop", "url": "sqlite:a.db"}))
    assert answer["error"]["code"] == "permission_denied" and str(home) in answer["error"]["message"]
    home.chmod(0o755)
    assert list(home.iterdir()) == []


def test_a_file_in_the_place_of_a_folder(toolkit: Toolkit, sqlite_shop: Shop, tmp_path: Path) -> None:
    in_the_way = tmp_path / "in-the-way"
    in_the_way.write_text("somebody's")
    with pytest.raises(ChannelFailed) as failure:
        toolkit.connect("sqlite:a.db", name="Other", migrations_dir=str(in_the_way / "migrations"))
    assert failure.value.code == "storage_failed" and "in-the-way" in failure.value.message
    shutil.rmtree(sqlite_shop.folder)
    sqlite_shop.folder.write_text("somebody's")
    with pytest.raises(ChannelFailed) as failure:
        sqlite_shop.new("x", "SELECT 1;", "")
    assert failure.value.code == "storage_failed" and str(sqlite_shop.folder) in failure.value.message
    assert in_the_way.read_text() == sqlite_shop.folder.read_text() == "somebody's"


def test_a_create_that_fails_half_way_leaves_nothing(
    toolkit: Toolkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.services import connections

    def fail(*_: object) -> None:
        raise OSError("boom")

    monkeypatch.setattr(connections, "write_own_files", fail)
    assert toolkit.envelope("connection:create", name="shop", url="sqlite:a.db")["ok"] is False
    assert list((toolkit.home / "connections").iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    mount = tmp_path / "disk"
    mount.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        unavailable(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


def _fill(disk: Path) -> None:
    with (disk / "filler").open("ab", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            return


def test_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    toolkit = Toolkit(small_disk / "home")
    shop = toolkit.connect(f"sqlite:{tmp_path / 'elsewhere.db'}")
    path = shop.write(FIRST, GOOD)
    shop.call("draft:save", key=FIRST, content="the draft")
    shop.up()
    shop.write("20260102000000_second.sql", GOOD.replace("users", "orders"))
    before = {one: one.read_bytes() for one in (small_disk / "home").rglob("*.json")}
    schema = Path(shop.connection["schema_file"])
    schema.write_text("-- as it was\n")
    _fill(small_disk)
    big = "-- x\n" * 100_000
    asked: list[tuple[str, dict[str, Any]]] = [
        ("migration:new", {"name": "x", "up": big}),
        ("migration:update", {"version": FIRST, "content": GOOD + big}),
        ("draft:save", {"key": FIRST, "content": big}),
        ("connection:update", {"name": "Renamed"}),
        ("connection:set-variable", {"name": "A", "value": "1"}),
        ("schema:dump", {}),
    ]
    for channel, more in asked:
        with pytest.raises(ChannelFailed) as failure:
            shop.call(channel, **more)
        assert failure.value.code == "disk_full", (channel, failure.value)
        assert str(small_disk) in failure.value.message and failure.value.hint
    of_the_app: list[tuple[str, dict[str, Any]]] = [
        ("connection:create", {"name": "b", "url": "sqlite:b.db"}),
        ("settings:update", {"changes": {"theme": "dark"}}),
    ]
    for channel, more in of_the_app:
        with pytest.raises(ChannelFailed) as failure:
            toolkit.call(channel, **more)
        assert failure.value.code == "disk_full", channel
    assert path.read_text() == GOOD and schema.read_text() == "-- as it was\n"
    assert {one: one.read_bytes() for one in (small_disk / "home").rglob("*.json")} == before
    assert sorted(one.name for one in shop.folder.iterdir()) == [FIRST, "20260102000000_second.sql"]

    (small_disk / "filler").unlink()
    again = Shop(Toolkit(small_disk / "home"), shop.connection)
    assert [one["content"] for one in again.call("draft:list")["drafts"]] == ["the draft"]
    assert again.statuses() == {"first": "applied", "second": "pending"}
    assert again.up()["ok"]
    again.toolkit.close()
    toolkit.close()


def test_a_run_that_cannot_be_noted_does_not_begin(small_disk: Path, tmp_path: Path) -> None:
    toolkit = Toolkit(small_disk / "home")
    shop = toolkit.connect(f"sqlite:{tmp_path / 'elsewhere.db'}")
    shop.write(FIRST, GOOD + "-- " + "x" * 300_000)
    shop.status()
    _fill(small_disk)
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code == "disk_full" and failure.value.hint
    (small_disk / "filler").unlink()
    assert shop.tables() == set() and shop.statuses() == {"first": "pending"}
    assert shop.up()["ok"] and shop.tables() == {"users"}
    toolkit.close()
