"""Each way a ledger can be damaged: kept aside, what can be read taken over, the rest read from the database, told once."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import DiskFull, StorageFailed
from backend.store import database as database_module
from backend.store.database import Database
from backend.store.ledger import Ledger, Outcome, PlannedFile
from tests.kit import ChannelFailed, Shop, Toolkit

MANY = 400


def fill(path: Path, runs: int = MANY) -> None:
    """A ledger with many runs of one connection, its log written back."""
    database = Database(path)
    ledger = Ledger(database)
    for number in range(runs):
        file = PlannedFile(
            f"v{number:05d}", f"v{number:05d}_a.sql", f"sha{number}", f"-- {number} " + "x" * 600
        )
        ledger.begin(f"run{number}", "shop", "up", "up", [file], {"engine": "sqlite"})
        ledger.finish(f"run{number}", "shop", "ok", [Outcome(file.version, "applied", 1.0)], duration_ms=2.0)
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def tear(path: Path, first: float, last: float) -> None:
    """Random bytes over the pages in this part of the file."""
    data = bytearray(path.read_bytes())
    begin, end = (int(len(data) * share) // 4096 * 4096 for share in (first, last))
    data[begin:end] = os.urandom(end - begin)
    path.write_bytes(bytes(data))


def asides(folder: Path) -> list[Path]:
    return sorted(
        one for one in folder.glob("toolkit.db.damaged-*") if not one.name.endswith(("-wal", "-shm"))
    )


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, tuple[Callable[[Path], Any], bool]] = {
    "zero bytes": (lambda path: path.write_bytes(b""), False),
    "not a database": (lambda path: path.write_bytes(b"<html>not found</html>" * 300), False),
    "a torn first page": (lambda path: tear(path, 0, 0.001 + 4096 / path.stat().st_size), False),
    "cut in half": (truncate, True),
    "torn in the middle": (lambda path: tear(path, 0.45, 0.5), True),
    "torn at the end": (lambda path: tear(path, 0.9, 1), True),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_ledger_is_kept_and_what_it_tells_is_saved(tmp_path: Path, name: str) -> None:
    damage, saves = DAMAGES[name]
    path = tmp_path / "toolkit.db"
    fill(path)
    damage(path)
    damaged = path.read_bytes()

    database = Database(path)
    ledger = Ledger(database)
    known = ledger.last_known("shop")
    [aside] = asides(tmp_path)
    assert aside.read_bytes() == damaged, "the damaged file is kept as it was"
    note = ledger.damage()
    assert note is not None and note["set_aside"] == str(aside) and note["why"] and note["told"] is False
    if saves:
        assert len(known) >= MANY * 0.3, f"only {len(known)} of {MANY} files were saved"
        one = next(iter(known.values()))
        assert one.status == "applied" and one.duration_ms == 1.0
        assert note["saved"]["run_migration"] == len(known)
    else:
        assert known == {} and note["saved"] == {}
    # The new one is whole, and works.
    assert database.connection().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    ledger.begin("after", "shop", "up", "up", [PlannedFile("w", "w.sql", "s", "t")], {"engine": "sqlite"})
    assert len(Ledger(Database(path)).open_runs("shop")) == 1
    assert asides(tmp_path) == [aside], "it is set aside once"


def test_damage_that_shows_in_use_is_replaced_and_the_next_try_works(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    fill(path)
    database = Database(path)
    told: list[bool] = []
    database.on_damage = lambda: told.append(True)
    ledger = Ledger(database)
    assert len(ledger.last_known("shop")) == MANY
    database.close()
    tear(path, 0.2, 0.8)
    ledger = Ledger(database)
    with pytest.raises(StorageFailed, match="begun anew") as failure:
        ledger.last_known("shop")
    [aside] = asides(tmp_path)
    assert str(aside) in failure.value.message and told == [True]
    assert 0 < len(ledger.last_known("shop")) < MANY
    # Another thread's connection looked at the old file.
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(len(ledger.open_runs("shop"))))
    thread.start()
    thread.join()
    assert found == [0] and told == [True]


def test_a_large_ledger_is_looked_through_beside_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "toolkit.db"
    fill(path)
    tear(path, 0.5, 0.52)
    monkeypatch.setattr(database_module, "_CHECK_AT_ONCE_BYTES", 1000)
    database = Database(path)
    replaced = threading.Event()
    database.on_damage = replaced.set
    database.connection()
    assert replaced.wait(60)
    assert database.connection().execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def with_log(path: Path) -> None:
    """Runs of which the last are only in the log, as after a kill."""
    fill(path, 3)
    script = (
        "import sys, os; from pathlib import Path; from backend.store.database import Database\n"
        "from backend.store.drafts import DraftStore\n"
        "database = Database(Path(sys.argv[1])); store = DraftStore(database)\n"
        "[store.save('shop', f'k{i}', 'x' * 3000, None) for i in range(20)]\n"
        "os._exit(0)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(path)], check=True, cwd=Path(__file__).parents[2], timeout=60
    )
    assert path.with_name("toolkit.db-wal").stat().st_size > 60_000


def drafts(path: Path) -> int:
    return int(Database(path).connection().execute("SELECT count(*) FROM draft").fetchone()[0])


def test_a_log_left_by_a_kill_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    with_log(path)
    assert drafts(path) == 20
    assert not list(tmp_path.glob("*damaged*"))


def test_a_half_written_transaction_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    with_log(path)
    log = path.with_name("toolkit.db-wal")
    log.write_bytes(log.read_bytes()[:-2000])
    assert drafts(path) == 19
    assert not list(tmp_path.glob("*damaged*"))


@pytest.mark.parametrize("where", ["in the middle", "in its header"])
def test_a_torn_log_is_kept_and_the_file_stays_in_use(tmp_path: Path, where: str) -> None:
    path = tmp_path / "toolkit.db"
    with_log(path)
    log = path.with_name("toolkit.db-wal")
    data = bytearray(log.read_bytes())
    at = len(data) // 2 if where == "in the middle" else 0
    data[at : at + 2000] = bytes(2000) if at else b"\xff" * 2000
    log.write_bytes(bytes(data))

    database = Database(path)
    ledger = Ledger(database)
    assert len(ledger.last_known("shop")) == 3, "what was in the file is there"
    [kept] = tmp_path.glob("toolkit.db.damaged-*-wal")
    assert kept.read_bytes()[:2000] == bytes(data[:2000])
    note = ledger.damage()
    assert note is not None and note["set_aside"] == str(kept) and note["saved"] is None


def test_a_newer_ledger_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE of_the_future (a)")
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StorageFailed, match="newer DB Toolkit") as failure:
            Database(path).connection()
        assert "Update DB Toolkit" in str(failure.value.hint)
    assert path.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} <= {"toolkit.db", "toolkit.db.lock"}


def test_a_ledger_somebody_holds_is_waited_for_and_then_busy(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    fill(path, 1)
    database = Database(path, busy_timeout_s=0.3)
    ledger = Ledger(database)
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    file = [PlannedFile("w", "w.sql", "s", "t")]
    with pytest.raises(StorageFailed, match="Another program holds the ledger") as failure:
        ledger.begin("r", "shop", "up", "up", file, {"engine": "sqlite"})
    assert failure.value.code == "busy" and failure.value.hint
    assert len(ledger.last_known("shop")) == 1, "reading goes on"
    patient = Ledger(Database(path, busy_timeout_s=60))
    release = threading.Timer(0.5, lambda: holder.execute("ROLLBACK"))
    release.start()
    patient.begin("r", "shop", "up", "up", file, {"engine": "sqlite"})
    release.join()
    holder.close()
    assert len(ledger.open_runs("shop")) == 1


def test_a_full_disk_is_said_and_nothing_is_half_written(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    fill(path, 5)
    database = Database(path)
    ledger = Ledger(database)
    (pages,) = database.connection().execute("PRAGMA page_count").fetchone()
    database.connection().execute(f"PRAGMA max_page_count = {pages}")
    file = [PlannedFile("w", "w.sql", "other", "x" * 100_000)]
    with pytest.raises(DiskFull) as failure:
        ledger.begin("r", "shop", "up", "up", file, {"engine": "sqlite"})
    assert failure.value.code == "disk_full" and str(path) in failure.value.message
    assert ledger.open_runs("shop") == [] and len(ledger.last_known("shop")) == 5
    assert not asides(tmp_path)


READER = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from backend.store.database import Database
from backend.store.ledger import Ledger, PlannedFile
if os.getuid() == 0: os.setuid(65534)
ledger = Ledger(Database(Path(sys.argv[2])))
print(len(ledger.last_known("shop")))
try:
    ledger.begin("r", "shop", "up", "up", [PlannedFile("w", "w.sql", "s", "t")], {"engine": "sqlite"})
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("runs", [0, 3])
def test_in_a_folder_that_may_not_be_written_the_ledger_is_read(tmp_path: Path, runs: int) -> None:
    home = Path(shutil.os.path.realpath(tmp_path)) / "home"  # type: ignore[attr-defined]
    home.mkdir()
    if runs:
        fill(home / "toolkit.db", runs)
    (home / "toolkit.db.lock").unlink(missing_ok=True)
    for one in home.iterdir():
        one.chmod(0o444)
    home.chmod(0o555)
    for folder in (tmp_path, *tmp_path.parents):
        if os.getuid() == 0 and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(Path(__file__).parents[2]), str(home / "toolkit.db")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    home.chmod(0o755)
    assert done.stdout.splitlines()[:1] == [str(runs)], done.stderr
    assert "StorageFailed" in done.stdout and "cannot be written" in done.stdout
    assert {one.name for one in home.iterdir()} == ({"toolkit.db"} if runs else set())


def test_after_damage_the_database_tells_what_is_applied(toolkit: Toolkit, sqlite_shop: Shop) -> None:
    for name in ("users", "orders"):
        sqlite_shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")
    sqlite_shop.up()
    toolkit.services.jobs._database.close()
    for suffix in ("-wal", "-shm"):
        (toolkit.home / f"toolkit.db{suffix}").unlink(missing_ok=True)
    (toolkit.home / "toolkit.db").write_bytes(b"lost")
    again = Toolkit(toolkit.home)
    report = again.call("migration:status", connection="shop")
    assert [one["status"] for one in report["migrations"]] == ["applied", "applied"]
    ledger = again.services.ledger_health._ledger
    known = ledger.last_known("shop")
    assert [one.author for one in known.values()] == ["unknown", "unknown"]
    assert sorted(one.filename for one in known.values()) == sorted(
        one["filename"] for one in report["migrations"]
    )
    assert len(ledger.runs("shop")) == 1
    again.call("migration:status", connection="shop")
    assert len(ledger.runs("shop")) == 1, "it is noted once"
    # No edit is claimed of files whose text as run nobody knows.
    assert [one["flags"] for one in report["migrations"]] == [[], []]

    damage = again.call("live:ledger")["damage"]
    assert Path(damage["set_aside"]).read_bytes() == b"lost" and damage["path"].endswith("toolkit.db")
    again.call("live:ledger-told")
    assert again.call("live:ledger")["damage"] is None
    again.close()
    third = Toolkit(toolkit.home)
    assert third.call("live:ledger")["damage"] is None, "it is told once"
    third.close()


def test_a_newer_ledger_is_told_of_by_every_channel_that_needs_it(
    toolkit: Toolkit, sqlite_shop: Shop
) -> None:
    toolkit.call("draft:save", connection="shop", key="k", content="x")
    with sqlite3.connect(toolkit.home / "toolkit.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    again = Toolkit(toolkit.home)
    with pytest.raises(ChannelFailed, match="newer DB Toolkit"):
        again.call("live:ledger")
    again.close()


def test_damage_that_a_new_thread_meets_is_replaced_too(tmp_path: Path) -> None:
    path = tmp_path / "toolkit.db"
    fill(path, 3)
    database = Database(path)
    assert len(Ledger(database).last_known("shop")) == 3
    database.close()
    path.write_bytes(b"gone" * 5000)
    said: list[str] = []

    def meet() -> None:
        try:
            database.connection()
        except StorageFailed as error:
            said.append(error.message)

    thread = threading.Thread(target=meet)
    thread.start()
    thread.join()
    assert len(said) == 1 and "begun anew" in said[0]
    assert Ledger(database).last_known("shop") == {} and len(asides(tmp_path)) == 1
