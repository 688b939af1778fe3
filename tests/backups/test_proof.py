"""A restore that did not bring back what was backed up is never called one that did."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend.engines.sqlite.backup.tools import SqliteBackup
from tests.kit import ChannelFailed, Toolkit

HARMS = {
    "schema": "ALTER TABLE users ADD COLUMN nick TEXT",
    "rows": "DELETE FROM users WHERE id = 1",
    "content": "UPDATE users SET name = 'Eve' WHERE id = 1",
}


@pytest.mark.parametrize("what", HARMS)
def test_a_restore_that_brings_back_something_else_fails_and_says_where(
    toolkit: Toolkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    file = tmp_path / "shop.db"
    shop = toolkit.connect(f"sqlite:{file}")
    shop.new("users", "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);", "DROP TABLE users;")
    shop.up()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO users (name) VALUES ('Ada'), ('Grace')")
    made = shop.call("backup:create")
    real = SqliteBackup.restore

    def spoilt(*given: Any, **more: Any) -> list[str]:
        notes = real(*given, **more)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(HARMS[what])
        return notes

    monkeypatch.setattr(SqliteBackup, "restore", spoilt)
    with pytest.raises(ChannelFailed) as failed:
        shop.agree("backup:restore", backup_id=made["id"])
    assert (failed.value.code, failed.value.details["reason"]) == ("backup_failed", "not_equal")
    checks = {one["what"]: one["equal"] for one in failed.value.details["restored"]["checks"]}
    assert not checks[what] and "users" in failed.value.message
    assert failed.value.details["safety_backup_id"] == shop.call("backup:list")["backups"][0]["id"]
    (newest, *_) = toolkit.call("history:list", connection=shop.id)["rows"]
    assert (newest["kind"], newest["state"]) == ("restore", "failed")
