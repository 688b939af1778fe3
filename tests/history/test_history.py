"""history:* over real runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from backend.core.redaction import learn_secret
from tests.kit import ChannelFailed, Shop, Toolkit


def file(up: str, down: str) -> str:
    return f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n"


def a_history(shop: Shop) -> None:
    """One applied, one rolled back, one failed after an edit."""
    shop.write("20260101000000_users.sql", file("CREATE TABLE users (id INTEGER);", "DROP TABLE users;"))
    shop.write("20260102000000_items.sql", file("CREATE TABLE items (id INTEGER);", "DROP TABLE items;"))
    shop.up()
    shop.down()
    broken = "CREATE TABLE items (id INTEGER, name TEXT);\nINSERT INTO nowhere VALUES (1);"
    shop.write("20260102000000_items.sql", file(broken, "DROP TABLE items;"))
    with pytest.raises(ChannelFailed):
        shop.up()


def rows(toolkit: Toolkit, **payload: object) -> list[str]:
    return [f"{one['kind']} {one['state']}" for one in toolkit.call("history:list", **payload)["rows"]]


def test_every_run_is_listed_newest_first_with_its_files(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    answer = sqlite_shop.toolkit.call("history:list")
    assert [f"{one['kind']} {one['state']}" for one in answer["rows"]] == ["up failed", "down ok", "up ok"]
    assert answer["total"] == 3
    assert answer["rows"][2]["counts"] == {"applied": 2}
    assert [file["filename"] for file in answer["rows"][2]["files"]] == [
        "20260101000000_users.sql",
        "20260102000000_items.sql",
    ]
    assert answer["rows"][0]["environment"] == "development"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"state": "failed"}, ["up failed"]),
        ({"state": ["ok", "failed"]}, ["up failed", "down ok", "up ok"]),
        ({"direction": "down"}, ["down ok"]),
        ({"kind": "up"}, ["up failed", "up ok"]),
        ({"outcome": "rolled_back"}, ["down ok"]),
        ({"query": "users"}, ["up ok"]),
        ({"query": "items nowhere"}, ["up failed"]),
        ({"query": "100%"}, []),
        ({"version": "20260101000000"}, ["up ok"]),
        ({"version": "20260102000000_items.sql"}, ["up failed", "down ok", "up ok"]),
        ({"author": "Nobody"}, []),
        ({"environment": "development"}, ["up failed", "down ok", "up ok"]),
        ({"environment": "production"}, []),
        ({"from": "2999-01-01T00:00:00Z"}, []),
        ({"to": "2999-01-01T00:00:00Z", "order": "oldest", "limit": 2}, ["up ok", "down ok"]),
        ({"offset": 2}, ["up ok"]),
        ({"connection": "test", "order": "oldest"}, []),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(sqlite_shop: Shop, asked: dict[str, object], found: list[str]) -> None:
    a_history(sqlite_shop)
    assert rows(sqlite_shop.toolkit, **asked) == found


def test_the_full_record_has_what_ran_and_who_ran_it(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    (failed,) = sqlite_shop.toolkit.call("history:list", state="failed")["rows"]
    record = sqlite_shop.toolkit.call("history:get", run_id=failed["run_id"])
    (ran,) = record["files"]
    assert "INSERT INTO nowhere" in ran["ran"] and "migrate:down" not in ran["ran"]
    assert ran["content"].startswith("-- migrate:up")
    assert ran["error"]["details"]["line"] == 3
    assert record["connection_name"] == sqlite_shop.connection["name"]
    assert all(
        record[key]
        for key in ("os_user", "host", "tool_version", "app_version", "started_at", "finished_at", "output")
    )
    assert record["duration_ms"] > 0
    text = sqlite_shop.toolkit.call("history:content", run_id=failed["run_id"], version=ran["version"])
    assert text["content"] == ran["content"]


def test_the_story_of_a_migration_shows_its_edits(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    story = sqlite_shop.call("history:file", version="20260102000000")
    assert [one["file"]["status"] for one in story["events"]] == ["failed", "rolled_back", "applied"]
    edited, same, first = story["events"]
    assert edited["edited"] and not same["edited"] and not first["edited"]
    assert "+CREATE TABLE items (id INTEGER, name TEXT);" in edited["diff"].splitlines()


def test_the_story_spans_the_connections_of_the_folder(toolkit: Toolkit, tmp_path: Path) -> None:
    one = toolkit.connect(f"sqlite:{tmp_path / 'a.db'}", "one")
    two = toolkit.connect(f"sqlite:{tmp_path / 'b.db'}", "two", migrations_dir=str(one.folder))
    one.write("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    one.up()
    two.up()
    assert len(one.call("history:file", version="1")["events"]) == 1
    story = one.call("history:file", version="1", shared=True)
    assert [event["run"]["connection"] for event in story["events"]] == [two.id, one.id]


def test_what_is_not_known_says_so(sqlite_shop: Shop) -> None:
    for channel, payload in (
        ("history:get", {"run_id": "nothing"}),
        ("history:content", {"run_id": "nothing", "version": "1"}),
        ("history:file", {"connection": sqlite_shop.id, "version": "1"}),
    ):
        with pytest.raises(ChannelFailed) as failed:
            sqlite_shop.toolkit.call(channel, **payload)
        assert failed.value.code == "not_found"


def test_a_deleted_connection_keeps_its_history(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    sqlite_shop.agree("connection:delete")
    (newest, *_), toolkit = sqlite_shop.toolkit.call("history:list")["rows"], sqlite_shop.toolkit
    assert (
        newest["connection_exists"] is False and newest["connection_name"] == sqlite_shop.connection["name"]
    )
    (facet,) = toolkit.call("history:facets")["connections"]
    assert (facet["id"], facet["exists"], facet["runs"]) == (sqlite_shop.id, False, 3)


def test_a_clock_that_jumped_reorders_nothing_and_no_time_is_negative(sqlite_shop: Shop) -> None:
    a_history(sqlite_shop)
    ledger = sqlite3.connect(sqlite_shop.toolkit.home / "toolkit.db")
    with ledger:
        ledger.execute("UPDATE run SET started_at = '2999-01-01T00:00:00.000Z' WHERE rowid = 1")
        ledger.execute(
            "UPDATE run SET finished_at = '2001-01-01T00:00:00.000Z', duration_ms = -5 WHERE rowid = 2"
        )
        ledger.execute(
            "UPDATE run SET started_at = 'yesterday', finished_at = NULL, duration_ms = NULL WHERE rowid = 3"
        )
        ledger.execute("UPDATE run_migration SET duration_ms = -3")
    ledger.close()
    found = sqlite_shop.toolkit.call("history:list")["rows"]
    assert [one["clock"] for one in found] == ["unknown", "backwards", "future"]
    assert [one["kind"] for one in found] == ["up", "down", "up"]
    assert found[1]["duration_ms"] is None
    assert {file["duration_ms"] for one in found for file in one["files"]} == {None}


def test_a_secret_is_nowhere_in_the_history(toolkit: Toolkit, postgres_url: str, tmp_path: Path) -> None:
    secret = "hunter2-s3cret"
    shop = toolkit.connect(postgres_url, "shop")
    learn_secret(secret)
    shop.new("breaks", f"SELECT 1/0 AS \"{secret}\"; SELECT '{secret}'::integer;", "SELECT 1;")
    with pytest.raises(ChannelFailed):
        shop.up()
    (run,) = toolkit.call("history:list")["rows"]
    record = toolkit.call("history:get", run_id=run["run_id"])
    assert secret in record["files"][0]["content"], "a file's own text stays what it was"
    told = [record["output"], record["error"], record["files"][0]["error"], run]
    assert secret not in str(told)
    for form in ("csv", "json"):
        assert secret not in toolkit.call("history:export", format=form)["text"]
