"""SQLite's files as they are met: written to all the time, spoilt, or with what an older one left beside them."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.paths import this_process
from backend.engine.backup import backup_tools
from backend.engine.target import CancelToken, Target

TOOLS = backup_tools("sqlite")
MANY = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {}) "


def told(done: int, total: int | None, what: str) -> None:
    pass


def target_of(file: Path) -> Target:
    return Target("sqlite", f"sqlite:{file}", file.parent, "schema_migrations")


def write(file: Path, script: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "shop.db"
    write(made, f"CREATE TABLE t (a); INSERT INTO t {MANY.format(5000)} SELECT n FROM c")
    return made


@pytest.fixture
def folder(file: Path) -> Path:
    made = file.parent / "backups" / "one"
    made.mkdir(parents=True)
    TOOLS.write(target_of(file), made, told, CancelToken())
    return made


def restored(folder: Path, file: Path) -> bool:
    """Restored, and the same as the backup."""
    TOOLS.restore(folder, target_of(file), told, CancelToken(), replace=True)
    there = TOOLS.contents(target_of(file), told, CancelToken())
    return there == TOOLS.read_back(folder, told, CancelToken(), digest=True)


def test_a_log_that_an_older_database_left_is_not_taken_for_the_restored_ones(
    file: Path, folder: Path
) -> None:
    other = file.parent / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE of_before (a)")
        shutil.copy(f"{other}-wal", file.parent / "log")
    other.unlink()
    shutil.copy(file.parent / "log", f"{other}-wal")
    assert restored(folder, other)


@pytest.mark.parametrize("spoilt", [b"no database" * 900, b""])
def test_a_file_that_is_no_database_any_more_is_restored(file: Path, folder: Path, spoilt: bytes) -> None:
    file.write_bytes(spoilt)
    assert restored(folder, file)


def test_a_database_with_damaged_pages_is_restored(file: Path, folder: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:100] + bytes(byte ^ 0x5A for byte in data[100:8000]) + data[8000:])
    assert restored(folder, file)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_database_that_is_always_written_to_is_backed_up_all_the_same(tmp_path: Path, mode: str) -> None:
    file, folder = tmp_path / "busy.db", tmp_path / "backup"
    folder.mkdir()
    # Large enough that the copy takes several steps, between which others write.
    write(
        file,
        f"PRAGMA journal_mode = {mode}; CREATE TABLE large (a); CREATE TABLE small (a);"
        f"INSERT INTO large {MANY.format(60)} SELECT zeroblob(1000000) FROM c",
    )
    over, cancel, steps = threading.Event(), CancelToken(), 0

    def keep_writing() -> None:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as connection:
            while not over.is_set():
                connection.execute("INSERT INTO small VALUES (1)")

    def count(done: int, total: int | None, what: str) -> None:
        nonlocal steps
        steps += what == "Copying"
        if steps > 400:
            cancel.cancel()  # it would go on for ever

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        TOOLS.write(target_of(file), folder, count, cancel)
    finally:
        over.set()
        writer.join()
    assert {one.table: one.rows for one in TOOLS.read_back(folder, told, CancelToken())}["large"] == 60


def test_what_is_unpacked_to_be_read_is_known_for_a_half(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(done: int, total: int | None, what: str) -> None:
        seen.extend(one.name for one in folder.parent.iterdir() if one.name.startswith("."))

    TOOLS.read_back(folder, look, CancelToken())
    assert seen and all(one.startswith(f".partial-{this_process()}-") for one in seen)
    assert [one.name for one in folder.parent.iterdir()] == ["one"]
