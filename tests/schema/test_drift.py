"""Drift: found, remembered, told on the dashboard and in a pipeline, and settled both ways."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from backend.shell.check import check
from tests.kit import Shop, Toolkit


@pytest.fixture
def shop(sqlite_shop: Shop) -> Shop:
    """One applied migration and one pending."""
    sqlite_shop.new(
        "create users", "CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT);", "DROP TABLE users;"
    )
    sqlite_shop.up()
    sqlite_shop.new("create orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY);", "DROP TABLE orders;")
    return sqlite_shop


def by_hand(shop: Shop, sql: str = "ALTER TABLE users ADD COLUMN phone TEXT") -> None:
    with sqlite3.connect(shop.connection["url"].removeprefix("sqlite:")) as database:
        database.execute(sql)


def drift(shop: Shop, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.call("schema:drift", **more)
    return found


def test_pending_migrations_are_no_drift(shop: Shop) -> None:
    found = drift(shop)
    assert (found["state"], found["total"], found["files"]) == ("in_sync", 0, 1)


def test_a_change_by_hand_is_drift(shop: Shop) -> None:
    by_hand(shop)
    found = drift(shop)
    assert (found["state"], found["total"]) == ("drifted", 1)
    assert found["changes"][0]["id"] == "table users" and "phone" in found["changes"][0]["after"]


def test_the_last_answer_is_kept_and_looks_at_nothing(shop: Shop) -> None:
    assert drift(shop, known=True)["state"] == "unknown"
    by_hand(shop)
    drift(shop)
    Path(shop.connection["url"].removeprefix("sqlite:")).unlink()
    known = Toolkit(shop.toolkit.home).call("schema:drift", connection=shop.id, known=True)
    assert (known["state"], known["total"], known["from_memory"]) == ("drifted", 1, True)
    assert known["checked_at"] and known["changes"][0]["after"] is None


def test_the_dashboard_tells_of_the_last_known_drift(shop: Shop) -> None:
    assert shop.call("dashboard:show")["drift"] is None
    by_hand(shop)
    drift(shop)
    report = shop.call("dashboard:show", wait_s=30)
    [told] = [one for one in report["summary"]["attention"] if one["kind"] == "drift"]
    assert told["message"].startswith("1 object differs") and told["at"] and told["action"] == "drift"
    by_hand(shop, "ALTER TABLE users DROP COLUMN phone")
    drift(shop)
    report = shop.call("dashboard:show", wait_s=30)
    assert "drift" not in {one["kind"] for one in report["summary"]["attention"]}


def test_a_replay_that_fails_leaves_the_drift_unknown_and_says_why(shop: Shop) -> None:
    file = next(shop.folder.glob("*users.sql"))
    file.write_text(
        file.read_text().replace("CREATE TABLE users", "INSERT INTO nowhere VALUES (1); CREATE TABLE users")
    )
    found = drift(shop)
    assert found["state"] == "unknown"
    assert "cannot be replayed" in found["reason"] and "nowhere" in found["reason"]


def test_what_a_missing_file_did_is_not_called_drift(shop: Shop) -> None:
    next(shop.folder.glob("*users.sql")).unlink()
    found = drift(shop)
    assert found["state"] == "unknown" and "has no file" in found["reason"] and found["total"] == 1


def test_an_edited_file_is_named_beside_the_drift(shop: Shop) -> None:
    file = next(shop.folder.glob("*users.sql"))
    file.write_text(file.read_text().replace("mail TEXT", "mail TEXT NOT NULL"))
    found = drift(shop)
    assert found["state"] == "drifted" and file.name in found["notes"][0]


def test_without_a_database_nothing_has_drifted(toolkit: Toolkit, tmp_path: Path) -> None:
    found = drift(toolkit.connect(f"sqlite:{tmp_path / 'none.db'}"))
    assert found["state"] == "unknown" and "no database yet" in found["reason"]


def settle(shop: Shop) -> list[str]:
    """The migration of the drift, saved and marked as applied."""
    sides = {"from": {"migrations": shop.id, "applied": True}, "to": {"connection": shop.id}}
    made = shop.toolkit.call("schema:generate", **sides)
    assert made["proven"]["up"] and made["proven"]["down"]
    saved = [
        shop.call(
            "migration:new",
            **{key: one[key] for key in ("name", "up", "down", "transaction", "transaction_down")},
        )
        for one in made["files"]
    ]
    names = [one["filename"] for one in saved]
    shop.agree("migration:baseline", versions=names)
    return names


def test_a_migration_written_from_the_drift_ends_it(shop: Shop) -> None:
    by_hand(shop)
    settle(shop)
    assert drift(shop)["state"] == "in_sync"
    assert "phone" in json.dumps(shop.call("schema:catalog"))


def test_rolling_that_migration_back_brings_the_database_back(shop: Shop) -> None:
    by_hand(shop)
    names = settle(shop)
    assert shop.down(versions=names)["ok"]
    assert drift(shop)["state"] == "in_sync"
    assert "phone" not in json.dumps(shop.call("schema:catalog"))


def test_production_is_read_and_its_server_holds_no_scratch(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url, "live", environment="production")
    shop.new("create users", "CREATE TABLE users (id int PRIMARY KEY);", "DROP TABLE users;")
    shop.up()
    assert drift(shop)["state"] == "in_sync"
    with psycopg.connect(postgres_url) as database:
        database.execute("CREATE INDEX by_id ON users (id)")
    found = drift(shop)
    assert found["state"] == "drifted" and found["scratch"] == "the bundled PostgreSQL"
    assert [one["id"] for one in found["changes"]] == ["index public.by_id"]


def test_a_pipeline_learns_of_drift_by_exit_code_and_report(shop: Shop) -> None:
    def checked(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(check, ["--drift", *arguments])
        return done.exit_code, done.stdout

    of_shop = ("-c", shop.id)
    assert checked(*of_shop) == (0, "In sync: the database is what its 1 applied migration made.\n")
    by_hand(shop)
    code, text = checked(*of_shop)
    assert code == 1 and "drift: table users differs." in text
    sarif = json.loads(checked(*of_shop, "--format", "sarif")[1])
    assert sarif["runs"][0]["results"][0]["ruleId"] == "drift"
    assert checked(*of_shop, "--format", "github")[1].startswith("::error file=")
    assert json.loads(checked(*of_shop, "--format", "json")[1])["state"] == "drifted"
    assert checked()[0] == 2
    next(shop.folder.glob("*users.sql")).unlink()
    code, text = checked(*of_shop)
    assert code == 2 and "has no file" in text
