"""Backups as a user meets them: made, listed, checked, restored and proven, kept and removed. On SQLite."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def shop(toolkit: Toolkit, file: Path) -> Shop:
    shop = toolkit.connect(f"sqlite:{file}")
    shop.new("create users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);", "DROP TABLE users;")
    shop.new("create orders", "CREATE TABLE orders (id INT, of INT);", "DROP TABLE orders;")
    shop.agree("migration:up", count=1)
    run(file, "INSERT INTO users (name) VALUES ('Ada'), ('Grace'), ('Zoë')")
    return shop


def run(file: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(sql).fetchall()


def names(file: Path) -> list[str]:
    return [row[0] for row in run(file, "SELECT name FROM users ORDER BY id")]


def backups(shop: Shop) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.call("backup:list")["backups"]
    return found


# -- made ----------------------------------------------------------------------------------------------------------


def test_a_backup_says_what_is_in_it_and_is_its_owners_alone(shop: Shop, file: Path) -> None:
    planned = shop.call("backup:plan")
    assert planned["possible"] and planned["source_bytes"] >= file.stat().st_size
    made = shop.call("backup:create", note=" before the sale ")
    assert made["state"] == "good" and made["note"] == "before the sale"
    assert {one["table"]: one["rows"] for one in made["tables"]}["users"] == 3
    assert made["applied"] == [shop.call("migration:list")["migrations"][0]["version"]]
    folder = Path(made["path"])
    modes = {stat.S_IMODE(one.stat().st_mode) for one in folder.rglob("*")}
    assert modes == {0o600} and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one for one in folder.parent.iterdir() if one != folder] == []
    assert backups(shop)[0]["kept_because"] == ["It is the newest good one.", "You made it yourself."]


def test_bare_sqlite_opens_what_is_in_a_backup(shop: Shop, tmp_path: Path) -> None:
    made = shop.call("backup:create")
    said = shop.call("backup:commands", backup_id=made["id"])["shell"]
    subprocess.run(said.splitlines()[0], cwd=tmp_path, shell=True, check=True)
    assert names(tmp_path / "restored.db") == ["Ada", "Grace", "Zoë"]


def test_rows_in_the_write_ahead_log_are_in_it(shop: Shop, file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as held:
        held.execute("PRAGMA journal_mode = WAL")
        held.execute("INSERT INTO users (name) VALUES ('Late')")
        held.commit()
        made = shop.call("backup:create")
    assert {one["table"]: one["rows"] for one in made["tables"]}["users"] == 4


def test_a_full_disk_is_known_before_anything_is_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.services.backups.making.free_bytes", lambda folder: 40_000_000)
    with pytest.raises(ChannelFailed, match="has 40 MB free") as refused:
        shop.call("backup:create")
    assert refused.value.code == "disk_full"
    assert not shop.call("backup:plan")["possible"] and backups(shop) == []


def test_a_tool_that_breaks_off_leaves_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backend.engines.sqlite.backup.tools.pack", full)
    with pytest.raises(ChannelFailed, match="filled up") as refused:
        shop.call("backup:create")
    assert refused.value.code == "disk_full"
    assert list((shop.toolkit.home / "connections" / shop.id / "backups").iterdir()) == []


# -- before runs ---------------------------------------------------------------------------------------------------


def test_the_settings_say_before_which_runs(toolkit: Toolkit, shop: Shop) -> None:
    assert shop.agree("migration:up")["backup_id"] is None, "development, and only production is asked for"
    shop.call("connection:update", backups={"before_down": "always"})
    run_ = shop.agree("migration:down", count=1)
    (made,) = backups(shop)
    assert (made["id"], made["reason"], made["run_id"]) == (run_["backup_id"], "before_down", run_["run_id"])
    assert made["migrations"] == [run_["migrations"][0]["filename"]] and made["run_state"] == "ok"
    toolkit.call("settings:update", changes={"backups": {"before_up": "always"}})
    assert shop.agree("migration:up", backup=False)["backup_id"] is None, "asked not to"
    shop.agree("migration:down", count=1, backup=False)
    assert shop.agree("migration:up")["backup_id"] is not None
    (record,) = [
        one
        for one in toolkit.call("history:list", connection=shop.id)["rows"]
        if one["run_id"] == run_["run_id"]
    ]
    assert record["backup_id"] == made["id"]


def test_a_backup_that_fails_stops_the_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.services.backups.making.free_bytes", lambda folder: 0)
    with pytest.raises(ChannelFailed, match="nothing was run") as refused:
        shop.agree("migration:up", backup=True)
    assert refused.value.code == "disk_full"
    assert [one["status"] for one in shop.call("migration:list")["migrations"]] == ["applied", "pending"]


def test_there_is_nothing_to_back_up_before_the_first_run(toolkit: Toolkit, tmp_path: Path) -> None:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'new.db'}", "new", environment="production")
    shop.new("create t", "CREATE TABLE t (id INT);", "DROP TABLE t;")
    done = shop.agree("migration:up")
    assert done["ok"] and done["backup_id"] is None and "no database yet" in done["warnings"][0]


def test_an_empty_database_is_not_backed_up(shop: Shop, toolkit: Toolkit, tmp_path: Path) -> None:
    empty = toolkit.connect(f"sqlite:{tmp_path / 'empty.db'}", "empty")
    empty.call("database:create")
    empty.new("create t", "CREATE TABLE t (id INT);", "DROP TABLE t;")
    done = empty.agree("migration:up", backup=True)
    assert done["backup_id"] is None and "nothing in the database" in done["warnings"][0]
    assert backups(empty) == []


def test_production_without_a_fresh_backup_is_told_on_the_dashboard(shop: Shop, toolkit: Toolkit) -> None:
    def told() -> list[str]:
        found = toolkit.call("dashboard:show", connection=shop.id)["summary"]["attention"]
        return [one["message"] for one in found if one["kind"] == "stale_backup"]

    assert told() == [], "development wants none"
    shop.call("connection:update", environment="production")
    assert told() == ["There is no good backup yet."]
    made = shop.call("backup:create")
    assert told() == []
    manifest = Path(made["path"]) / "manifest.json"
    old = {**json.loads(manifest.read_text()), "created_at": "2020-01-01T00:00:00.000Z"}
    manifest.write_text(json.dumps(old))
    (said,) = told()
    assert said.startswith("The newest good backup is ") and "days old" in said


def test_bigquery_is_not_backed_up_and_says_so(toolkit: Toolkit) -> None:
    shop = toolkit.connect("bigquery://project/eu/shop", "big")
    assert "time travel" in shop.call("backup:plan")["problem"]
    with pytest.raises(ChannelFailed) as refused:
        shop.call("backup:create")
    assert refused.value.code == "not_supported"


# -- restored ------------------------------------------------------------------------------------------------------


def test_a_restore_asks_with_numbers_and_proves_itself(shop: Shop, file: Path, toolkit: Toolkit) -> None:
    made = shop.call("backup:create")
    shop.agree("migration:up")
    run(file, "INSERT INTO users (name) VALUES ('Later')")
    run(file, "DELETE FROM users WHERE name = 'Ada'")
    with pytest.raises(ChannelFailed) as asked:
        shop.call("backup:restore", backup_id=made["id"])
    assert asked.value.code == "confirmation_required"
    losses = asked.value.details["losses"]
    assert any("1 migration applied since" in one for one in losses), losses
    restored = shop.agree("backup:restore", backup_id=made["id"])
    assert names(file) == ["Ada", "Grace", "Zoë"]
    assert restored["equal"] and [one["what"] for one in restored["checks"]] == ["schema", "rows", "content"]
    assert [one["status"] for one in shop.call("migration:list")["migrations"]] == ["applied", "pending"]
    (safety,) = [one for one in backups(shop) if one["reason"] == "before_restore"]
    assert safety["id"] == restored["safety_backup_id"]
    (newest, *_) = toolkit.call("history:list", connection=shop.id)["rows"]
    assert (newest["kind"], newest["state"]) == ("restore", "ok")
    shop.agree("backup:restore", backup_id=safety["id"])
    assert names(file) == ["Grace", "Zoë", "Later"]
    assert [one["status"] for one in shop.call("migration:list")["migrations"]] == ["applied", "applied"]
    assert shop.agree("migration:down", count=1)["ok"], "what was restored can be rolled back"


def test_others_that_have_the_file_open_see_what_was_restored(shop: Shop, file: Path) -> None:
    made = shop.call("backup:create")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("DELETE FROM users")
        shop.agree("backup:restore", backup_id=made["id"])
        assert other.execute("SELECT count(*) FROM users").fetchone() == (3,)
        other.execute("INSERT INTO users (name) VALUES ('After')")
    assert names(file)[-1] == "After"


def test_a_file_somebody_writes_to_is_left_as_it_is(
    shop: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop.call("backup:create")
    monkeypatch.setattr("backend.engines.sqlite.backup.tools._BUSY_TIMEOUT_S", 0.2)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("INSERT INTO users (name) VALUES ('Mine')")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ChannelFailed) as refused:
            shop.agree("backup:restore", backup_id=made["id"])
        assert refused.value.code in {"lock_timeout", "busy"}
        other.execute("ROLLBACK")
    assert names(file) == ["Ada", "Grace", "Zoë", "Mine"]


def test_into_a_new_database_with_a_connection_of_its_own(shop: Shop, file: Path, toolkit: Toolkit) -> None:
    made = shop.call("backup:create")
    run(file, "DELETE FROM users")
    done = shop.call("backup:restore", backup_id=made["id"], into="new", database="shop-back")
    assert (
        done["equal"] and names(file) == [] and names(file.parent / "shop-back.db") == ["Ada", "Grace", "Zoë"]
    )
    new = toolkit.call("migration:status", connection=done["new_connection"])
    assert (new["applied"], new["pending"]) == (1, 1)
    with pytest.raises(ChannelFailed, match="already") as refused:
        shop.call("backup:restore", backup_id=made["id"], into="new", database="shop-back")
    assert refused.value.code == "conflict"


@pytest.mark.parametrize("name", ["../up.db", "/tmp/x.db", "a/b", "", "x?y", ".."])
def test_the_new_database_stays_beside_the_old_one(shop: Shop, name: str) -> None:
    made = shop.call("backup:create")
    with pytest.raises(ChannelFailed) as refused:
        shop.call("backup:restore", backup_id=made["id"], into="new", database=name)
    assert refused.value.code == "invalid_request"


def test_a_failure_is_over_when_what_was_before_it_is_restored(shop: Shop, file: Path) -> None:
    shop.new("breaks", "CREATE TABLE half (id INT); INSERT INTO nowhere VALUES (1);", "")
    run_ = shop.toolkit.envelope(
        "migration:up", connection=shop.id, backup=True, confirm=shop.connection["name"]
    )
    backup_id = run_["error"]["details"]["run"]["backup_id"]
    assert [one["status"] for one in shop.call("migration:list")["migrations"]] == [
        "applied",
        "applied",
        "failed",
    ]
    assert "The run after it did not succeed." in shop.call("backup:get", backup_id=backup_id)["kept_because"]
    shop.agree("backup:restore", backup_id=backup_id)
    assert [one["status"] for one in shop.call("migration:list")["migrations"]] == [
        "applied",
        "pending",
        "pending",
    ]


def test_a_read_only_connection_is_backed_up_and_never_restored_into(shop: Shop) -> None:
    shop.call("connection:update", read_only=True)
    made = shop.call("backup:create")
    with pytest.raises(ChannelFailed) as refused:
        shop.agree("backup:restore", backup_id=made["id"])
    assert refused.value.code == "read_only"


# -- damaged, strange, gone ----------------------------------------------------------------------------------------


def packed(made: dict[str, Any]) -> Path:
    return Path(made["path"]) / made["files"][0]["name"]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def link(path: Path) -> None:
    elsewhere = path.parent.parent.parent / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize("harm", [flip, truncate, Path.unlink, link])
def test_a_damaged_backup_is_found_and_never_restored(shop: Shop, file: Path, harm: Any) -> None:
    made = shop.call("backup:create")
    harm(packed(made))
    run(file, "DELETE FROM users")
    with pytest.raises(ChannelFailed, match="damaged") as refused:
        shop.agree("backup:restore", backup_id=made["id"])
    assert refused.value.code == "backup_failed" and refused.value.details["state"] == "untouched"
    assert names(file) == []
    assert shop.call("backup:verify", backup_id=made["id"])["state"] == "damaged"
    (listed,) = backups(shop)
    assert listed["state"] == "damaged" and not listed["restorable"] and listed["problem"]
    assert "It is the newest good one." not in listed["kept_because"]


def test_a_payload_that_is_another_database_with_its_checksum_is_not_taken_for_this_one(
    shop: Shop, file: Path
) -> None:
    """Whoever can change the manifest too gets past the checksum; the proof still compares with what was there."""
    made = shop.call("backup:create")
    other = file.parent / "other.db"
    run(other, "CREATE TABLE evil (id INT)")
    packed(made).write_bytes(gzip.compress(other.read_bytes()))
    with pytest.raises(ChannelFailed):
        shop.agree("backup:restore", backup_id=made["id"])
    assert names(file) == ["Ada", "Grace", "Zoë"]


@pytest.mark.parametrize(
    "change",
    [
        {"files": [{"name": "../../../../etc/passwd", "size_bytes": 1, "sha256": "0"}]},
        {"files": [{"name": "/etc/passwd", "size_bytes": 1, "sha256": "0"}]},
        {"files": []},
        {"id": "another"},
        {"format": None},
        {"unknown": 1},
    ],
)
def test_a_manifest_that_lies_is_never_trusted(shop: Shop, change: dict[str, Any]) -> None:
    made = shop.call("backup:create")
    path = Path(made["path"]) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    answer = shop.call("backup:list")
    assert [one["state"] for one in answer["backups"]] in ([], ["damaged"])
    assert answer["backups"] or made["id"] in answer["problems"][0]
    with pytest.raises(ChannelFailed):
        shop.agree("backup:restore", backup_id=made["id"])


def test_folders_of_others_are_told_and_left_alone(shop: Shop) -> None:
    made = shop.call("backup:create")
    root = Path(made["path"]).parent
    (root / "notes").mkdir()
    (root / "notes" / "todo.txt").write_text("mine")
    (root / "file").write_text("mine")
    answer = shop.call("backup:list")
    assert len(answer["backups"]) == 1 and "notes" in answer["problems"][0]
    for wrong in ("notes", "..", "../x", "", ".", "nothing"):
        with pytest.raises(ChannelFailed) as refused:
            shop.agree("backup:delete", backup_id=wrong)
        assert refused.value.code in {"not_found", "invalid_request"}
    assert (root / "notes" / "todo.txt").exists()


def test_a_backup_that_went_is_told_where_a_run_names_it(shop: Shop) -> None:
    done = shop.agree("migration:up", backup=True)
    shutil.rmtree(shop.call("backup:get", backup_id=done["backup_id"])["path"])
    assert "1 backup that runs of shop name is not here any more." in shop.call("backup:list")["problems"]


def test_what_a_kill_left_half_written_goes_at_the_next_start(shop: Shop, toolkit: Toolkit) -> None:
    made = shop.call("backup:create")
    root = Path(made["path"]).parent
    dead = root / Path(made["path"]).name
    (mine,) = root.iterdir()
    from backend.store import backups as store

    for pid, stays in ((2**22 - 7, False), (os.getpid(), True)):
        half = root / f".partial-{store._host()}-{pid}-x"
        half.mkdir()
        toolkit.services.backups.tidy()
        assert half.exists() == stays
    assert dead == mine and len(backups(shop)) == 1


# -- kept and removed ----------------------------------------------------------------------------------------------


def test_old_ones_go_by_number_and_those_that_matter_stay(shop: Shop) -> None:
    shop.call("connection:update", backups={"before_up": "always", "before_down": "always", "keep_count": 2})
    pinned = shop.call("backup:create", pinned=True)
    for _ in range(3):
        shop.agree("migration:up")
        shop.agree("migration:down", count=1)
    found = backups(shop)
    assert len(found) == 4 and found[-1]["id"] == pinned["id"], (
        "two, the newest beside them, and the pinned one"
    )
    assert found[0]["reason"] == "before_down"


def test_deleting_what_matters_asks(shop: Shop) -> None:
    old, new = shop.call("backup:create"), shop.call("backup:create")
    with pytest.raises(ChannelFailed) as asked:
        shop.call("backup:delete", backup_id=new["id"])
    assert asked.value.code == "confirmation_required" and "4 rows" in asked.value.details["losses"][0]
    shop.agree("backup:delete", backup_id=new["id"])
    assert [one["id"] for one in backups(shop)] == [old["id"]] and not Path(new["path"]).exists()


def test_a_folder_elsewhere_has_one_for_each_connection(toolkit: Toolkit, shop: Shop, tmp_path: Path) -> None:
    toolkit.call("settings:update", changes={"backups": {"folder": str(tmp_path / "safe")}})
    made = shop.call("backup:create")
    assert Path(made["path"]).parent == tmp_path / "safe" / shop.id
    with pytest.raises(ChannelFailed, match="not an absolute path"):
        toolkit.call("settings:update", changes={"backups": {"folder": "relative"}})
    with pytest.raises(ChannelFailed, match="not an absolute path"):
        shop.call("connection:update", backups={"folder": "relative"})
    assert Path(shop.call("backup:create")["path"]).parent == tmp_path / "safe" / shop.id


def test_those_of_before_another_folder_was_chosen_are_still_there(
    toolkit: Toolkit, shop: Shop, file: Path, tmp_path: Path
) -> None:
    old = shop.call("backup:create", note="old place")
    toolkit.call("settings:update", changes={"backups": {"folder": str(tmp_path / "safe")}})
    new = shop.call("backup:create")
    assert [one["id"] for one in backups(shop)] == [new["id"], old["id"]]
    run(file, "DELETE FROM users")
    assert shop.agree("backup:restore", backup_id=old["id"])["equal"]
    assert names(file) == ["Ada", "Grace", "Zoë"]
    assert shop.call("backup:verify", backup_id=old["id"])["state"] == "good"
    shop.agree("backup:delete", backup_id=old["id"])
    assert not Path(old["path"]).exists()


def test_what_was_removed_on_purpose_is_not_missed(shop: Shop) -> None:
    done = shop.agree("migration:up", backup=True)
    shop.agree("backup:delete", backup_id=done["backup_id"])
    assert shop.call("backup:list") == {"backups": [], "problems": []}


def test_a_folder_that_cannot_be_made_is_known_before(toolkit: Toolkit, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    toolkit.call("settings:update", changes={"backups": {"folder": str(tmp_path / "file" / "in")}})
    planned = shop.call("backup:plan")
    assert not planned["possible"] and "is no folder" in planned["problem"]
    with pytest.raises(ChannelFailed):
        shop.call("backup:create")


def test_notes_and_pins_are_changed(shop: Shop) -> None:
    made = shop.call("backup:create", note="one")
    changed = shop.call("backup:update", backup_id=made["id"], note="", pinned=True)
    assert (changed["note"], changed["pinned"]) == (None, True)
    assert "You keep it." in changed["kept_because"] and changed["state"] == "good"
