"""Files that others make, edit and remove are told of, also where the system tells nobody."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import psutil
import pytest
import watchfiles

from backend.services import watch
from tests.kit import Shop, Toolkit
from tests.live.conftest import Heard, until

FILE = "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 1;\n"


@pytest.fixture
def watched(toolkit: Toolkit, sqlite_shop: Shop, heard: Heard) -> Shop:
    """A connection whose folder is watched by now."""
    toolkit.services.start()
    probe = sqlite_shop.folder / "probe.txt"

    def is_heard() -> bool:
        probe.write_text(probe.read_text() + "x" if probe.exists() else "x")
        return "migrations:changed" in heard.all(0.5)

    until(is_heard, "the folder is watched")
    probe.unlink()
    heard.until("migrations:changed")
    heard.all(0.5)
    return sqlite_shop


def test_a_file_is_told_of_when_it_comes_changes_and_goes(watched: Shop, heard: Heard) -> None:
    path = watched.write("20260101000000_a.sql", FILE)
    assert heard.until("migrations:changed")[1] == {"connection": watched.id, "files": [path.name]}
    path.write_text(FILE + "-- more\n")
    heard.until("migrations:changed")
    path.unlink()
    heard.until("migrations:changed")
    assert watched.status()["total"] == 0


def test_the_schema_file_and_the_variables_are_told_of(watched: Shop, heard: Heard) -> None:
    Path(watched.connection["schema_file"]).write_text("-- another schema\n")
    assert heard.until("database:changed")[1] == {"connection": watched.id}
    env = Path(watched.connection["folder"]) / ".env"
    env.write_text((env.read_text() if env.exists() else "") + "COLOR=red\n")
    assert heard.until("connection:changed")[1] == {"connection": watched.id}
    assert {one["name"]: one["value"] for one in watched.call("connection:variables")["variables"]}[
        "COLOR"
    ] == "red"


def test_a_new_connection_is_watched_too(watched: Shop, heard: Heard, tmp_path: Path) -> None:
    other = watched.toolkit.connect(f"sqlite:{tmp_path}/other.db", "other")

    def is_heard() -> bool:
        other.write("20260101000000_a.sql", FILE)
        (other.folder / "20260101000000_a.sql").unlink()
        return "migrations:changed" in heard.all(0.5)

    until(is_heard, "the other folder is watched")


def test_half_written_files_are_not_told_of(watched: Shop, heard: Heard) -> None:
    watched.write(".20260101000000_a.sql.0a0a0a0a-1-x.tmp", "half")
    assert heard.all(1.0) == []


def test_without_watches_the_folders_on_a_screen_are_looked_at(
    toolkit: Toolkit, sqlite_shop: Shop, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: Any, **__: Any) -> Any:
        raise OSError(28, "OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", none_left)
    toolkit.services.start()
    until(lambda: bool(toolkit.services.watch.polled), "it is known that nobody tells")
    path = sqlite_shop.write("20260101000000_a.sql", FILE)
    toolkit.call("live:watch", page="page", connections=[sqlite_shop.id])
    heard.until("migrations:changed")
    path.write_text(FILE + "-- edited in place\n")
    toolkit.call("live:watch", page="page", connections=[sqlite_shop.id])
    heard.until("migrations:changed")
    toolkit.call("live:watch", page="page", visible=False)
    heard.forget()
    path.write_text(FILE + "-- edited while nobody looks\n")
    assert heard.all(2.0) == []


Mount = namedtuple("Mount", "device mountpoint fstype opts")


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/ann/shop/db", False), ("/mnt/share", True), ("/mnt/share/shop/db", True), ("/mnt/shared", False),
        ("/srv/ssh/project", True), ("\\\\server\\share\\db", True), ("/mnt/share/local/db", False),
    ],
)  # fmt: skip
def test_folders_on_a_network_are_known(monkeypatch: pytest.MonkeyPatch, folder: str, expected: bool) -> None:
    mounted = [
        Mount("/dev/sda1", "/", "ext4", ""), Mount("nas:/share", "/mnt/share", "nfs4", ""),
        Mount("me@host:", "/srv/ssh", "fuse.sshfs", ""), Mount("/dev/sdb1", "/mnt/share/local", "ext4", ""),
    ]  # fmt: skip
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounted)
    assert watch.is_on_network(Path(folder)) is expected
