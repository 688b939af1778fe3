"""Rehearsals on SQLite: a copy of the file, three passes, and what they say."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend.core.context import current_job
from tests.kit import ChannelFailed, Shop, Toolkit

_CREATE = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT);\n"
_SCRATCHES = f"dbtoolkit_scratch_{os.getpid()}_*"


@pytest.fixture
def shop(toolkit: Toolkit, tmp_path: Path) -> Shop:
    """600 users, made by the one migration that is applied."""
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    rows = (
        "INSERT INTO users (name, email) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
        " SELECT 'user ' || i, hex(randomblob(20)) FROM n;"
    )
    shop.new("create users", _CREATE + rows, "DROP TABLE users;")
    shop.up()
    return shop


def rehearse(shop: Shop, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = shop.call("preview:rehearse", **more)
    return answer


def only(rehearsal: dict[str, Any]) -> dict[str, Any]:
    [file] = rehearsal["files"]
    return dict(file)


def statements(file: dict[str, Any], step: int = 0) -> list[dict[str, Any]]:
    return list(file["passes"][step]["statements"])


def test_a_file_that_can_be_undone_is_reversible_and_the_target_is_untouched(
    shop: Shop, tmp_path: Path
) -> None:
    shop.new("add phone", "ALTER TABLE users ADD COLUMN phone TEXT;", "ALTER TABLE users DROP COLUMN phone;")
    before = (tmp_path / "shop.db").read_bytes()
    rehearsal = rehearse(shop)
    file = only(rehearsal)
    assert (rehearsal["verdict"], file["verdict"]) == ("reversible", "reversible"), file
    assert [(one["step"], one["by"], one["ok"]) for one in file["passes"]] == [
        ("up", "driver", True),
        ("down", "driver", True),
        ("again", "tool", True),
    ]
    assert [(one["id"], one["change"]) for one in file["changed"]] == [("table users", "changed")]
    assert (file["rows_tried"], rehearsal["scratch"]["rows"]) == (600, 600)
    [added] = statements(file)
    assert (added["kind"], added["line"], added["rewrites"], added["locks"]) == ("ALTER TABLE", 2, [], None)
    assert "SQLite locks the whole file" in added["unknown"][0]
    assert {one["fact"] for one in added["evidence"]} == {"bytes", "rewrites"}
    assert (tmp_path / "shop.db").read_bytes() == before
    assert rehearsal["scratch"]["dropped"]
    assert not list(Path(tempfile.gettempdir()).glob(_SCRATCHES))


def test_a_down_that_loses_values_is_lossy(shop: Shop) -> None:
    shop.new("drop email", "ALTER TABLE users DROP COLUMN email;", "ALTER TABLE users ADD COLUMN email TEXT;")
    file = only(rehearse(shop))
    assert file["verdict"] == "lossy", file["reasons"]
    assert file["left"] == []
    assert [(one["table"], one["column"]) for one in file["rows_lost"]] == [("users", "email")]
    assert any("users.email" in reason for reason in file["reasons"])
    [dropped], [added] = statements(file), statements(file, 1)
    assert dropped["rewrites"][0]["table"] == "users", "DROP COLUMN writes every row anew"
    assert dropped["bytes_written"] > added["bytes_written"] > 0
    assert added["rewrites"] == [], "ADD COLUMN writes only the schema"


def test_a_down_that_forgets_something_is_broken_and_says_what(shop: Shop) -> None:
    shop.new(
        "two columns",
        "ALTER TABLE users ADD COLUMN a TEXT;\nCREATE INDEX users_a ON users (a);",
        "DROP INDEX users_a;",
    )
    file = only(rehearse(shop))
    assert file["verdict"] == "broken"
    assert [one["id"] for one in file["left"]] == ["table users"]
    assert "could not run again" in " ".join(file["reasons"])


def test_a_down_that_fails_is_broken_with_its_line(shop: Shop) -> None:
    shop.new("index", "CREATE INDEX users_name ON users (name);", "SELECT 1;\n\nDROP INDEX users_nam;")
    file = only(rehearse(shop))
    assert file["verdict"] == "broken"
    assert "Down failed (line" in file["reasons"][0]
    line = statements(file, 1)[-1]["line"]
    text = Path(shop.call("migration:list")["migrations"][-1]["path"]).read_text().splitlines()[line - 1]
    assert text == "DROP INDEX users_nam;"


def test_empty_tables_prove_the_schema_only(shop: Shop) -> None:
    shop.new("add phone", "ALTER TABLE users ADD COLUMN phone TEXT;", "ALTER TABLE users DROP COLUMN phone;")
    file = only(rehearse(shop, rows="none"))
    assert file["verdict"] == "schema_only", file
    assert "users had no rows" in file["reasons"][0]


def test_files_build_on_each_other_and_a_failing_one_stops_there(shop: Shop) -> None:
    shop.new("a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    shop.new("b", "ALTER TABLE a ADD COLUMN b TEXT;", "")
    shop.new("c", "SELECT 1;\nINSERT INTO nowhere VALUES (1);", "SELECT 1;")
    shop.new("d", "CREATE TABLE d (id INTEGER);", "DROP TABLE d;")
    rehearsal = rehearse(shop)
    assert [one["verdict"] for one in rehearsal["files"]] == ["reversible", "no_down", "failed"]
    assert rehearsal["verdict"] == "failed"
    assert "1 file after" in rehearsal["problems"][0]
    assert "no such table: nowhere" in rehearsal["files"][2]["reasons"][0].lower()


def test_a_rollback_is_rehearsed_down_up_down(shop: Shop) -> None:
    file = only(rehearse(shop, direction="down"))
    assert [(one["step"], one["by"]) for one in file["passes"]] == [
        ("down", "driver"),
        ("up", "driver"),
        ("again", "tool"),
    ]
    # Its rows are made of random values, so they are not the ones that were there.
    assert file["verdict"] == "lossy", file
    assert all(one["ok"] for one in file["passes"])


def test_an_unsaved_text_is_rehearsed_on_top_of_what_is_pending(shop: Shop) -> None:
    shop.new("a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    text = "-- migrate:up\nALTER TABLE a ADD COLUMN b TEXT;\n-- migrate:down\nALTER TABLE a DROP COLUMN b;\n"
    file = only(rehearse(shop, content=text))
    assert file["verdict"] == "schema_only", file
    with pytest.raises(ChannelFailed) as failed:
        rehearse(shop, content="CREATE TABLE x (id INTEGER);")
    assert failed.value.code == "migration_invalid"


def test_a_migration_that_never_ends_is_stopped_at_the_time_limit(shop: Shop) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    endless = f"INSERT INTO users (name) {numbers} SELECT i FROM n WHERE i < 0;"
    shop.new("endless", endless, "")
    rehearsal = rehearse(shop, time_limit_s=4)
    assert only(rehearsal)["verdict"] == "stopped"
    assert "time limit" in only(rehearsal)["reasons"][0]
    assert rehearsal["scratch"]["dropped"]


def test_other_files_are_out_of_reach_of_a_rehearsal(shop: Shop, tmp_path: Path) -> None:
    shop.new(
        "attach",
        f"ATTACH '{tmp_path / 'shop.db'}' AS live; DROP TABLE live.users;",
        "",
        transaction=False,
    )
    shop.new("vacuum into", f"VACUUM INTO '{tmp_path / 'copy.db'}';", "", transaction=False)
    for number in (1, 2):
        version = shop.call("migration:list")["migrations"][number]["version"]
        file = only(rehearse(shop, versions=[version]))
        assert file["verdict"] == "failed"
        assert "another file" in file["reasons"][0]
    assert not (tmp_path / "copy.db").exists()
    assert "users" in shop.tables()


@pytest.mark.parametrize("statement", ["BEGIN;", "COMMIT;"])
def test_a_migration_with_its_own_transaction_is_reported_as_the_tool_would(
    shop: Shop, statement: str
) -> None:
    shop.new("own", f"CREATE TABLE a (id INTEGER);\n{statement}", "DROP TABLE a;")
    file = only(rehearse(shop))
    assert file["verdict"] == "failed"
    assert "transaction" in file["reasons"][0]


def test_the_options_of_the_url_hold_in_the_scratch(toolkit: Toolkit, tmp_path: Path) -> None:
    """With foreign_keys on, dropping the parent inside a transaction takes the children's rows along."""
    shop = toolkit.connect(f"sqlite:{tmp_path / 'keys.db'}?_foreign_keys=on")
    shop.new(
        "tables",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, x TEXT);\n"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id) ON DELETE CASCADE);\n"
        "INSERT INTO p VALUES (1, 'a'), (2, 'b'); INSERT INTO c VALUES (1, 1), (2, 2);",
        "DROP TABLE c; DROP TABLE p;",
    )
    shop.up()
    rebuild = (
        "CREATE TABLE new (id INTEGER PRIMARY KEY, x TEXT{more});\nINSERT INTO new (id, x) SELECT id, x FROM p;\n"
        "DROP TABLE p;\nALTER TABLE new RENAME TO p;"
    )
    shop.new("rebuild", rebuild.format(more=", y TEXT"), rebuild.format(more=""))
    file = only(rehearse(shop))
    assert file["verdict"] in ("lossy", "broken")
    assert any(one["table"] == "c" for one in file["rows_lost"]), file
    renamed = statements(file)[-1]
    assert [one["table"] for one in renamed["rewrites"]] == ["p"]


def test_a_sample_keeps_foreign_keys_valid(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.engines.sqlite.rehearse.copying._SMALL_BYTES", 0)
    shop.new(
        "orders",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES users);\n"
        "INSERT INTO orders SELECT id, 601 - id FROM users;",
        "DROP TABLE orders;",
    )
    shop.up()
    shop.new("touch", "UPDATE orders SET buyer = buyer;", "SELECT 1;")
    rehearsal = rehearse(shop, sample_rows=10)
    assert rehearsal["scratch"]["rows"] == 30, "10 orders, 10 users, and the 10 users that the orders name"
    [update] = statements(only(rehearsal))
    assert update["rows"] == 10
    assert update["warnings"] == []


def test_a_large_copy_is_asked_for_and_one_without_room_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.new("a", "CREATE TABLE a (id INTEGER);", "DROP TABLE a;")
    size = Path(shop.connection["url"].removeprefix("sqlite:")).stat().st_size
    monkeypatch.setattr("backend.services.rehearsal.sizes.ASKS_FROM_BYTES", size)
    with pytest.raises(ChannelFailed) as asked:
        rehearse(shop, rows="all")
    assert (asked.value.code, asked.value.details["bytes"]) == ("confirmation_required", size)
    assert rehearse(shop, rows="all", accept_bytes=size)["verdict"] == "reversible"
    plan = shop.call("preview:scratch")
    assert [(one["id"], one["is_default"]) for one in plan["places"]] == [("file", True)]
    assert (plan["bytes_all"], plan["tables"]) == (size, 2)
    monkeypatch.setattr("backend.services.rehearsal.sizes._ROOM", 1e12)
    with pytest.raises(ChannelFailed) as refused:
        rehearse(shop, rows="all", accept_bytes=size)
    assert refused.value.code == "disk_full"


def test_results_are_remembered_and_known_to_be_stale(shop: Shop, tmp_path: Path) -> None:
    made = shop.new("a", "ALTER TABLE users ADD COLUMN a TEXT;", "ALTER TABLE users DROP COLUMN a;")
    rehearsal = rehearse(shop)
    [note] = shop.call("preview:rehearsals")["notes"]
    assert (note["verdict"], note["stale"], note["rehearsal_id"]) == ("reversible", False, rehearsal["id"])
    again = shop.toolkit.call("preview:rehearsal", rehearsal_id=rehearsal["id"])
    assert again["files"] == rehearsal["files"]
    service = shop.toolkit.services.rehearsals
    told = service.note(shop.id, made["filename"], made["sha256"])
    assert told is not None
    assert not told.stale
    assert service.note(shop.id, "other.sql", made["sha256"]) is None

    path = Path(made["path"])
    text = path.read_text()
    path.write_text(text + "-- more\n")
    [note] = shop.call("preview:rehearsals", versions=[made["version"]])["notes"]
    assert note["stale"]
    assert note["stale_reasons"] == [f"{made['filename']} changed since it was rehearsed."]
    path.write_text(text)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as live:
        live.execute("CREATE INDEX by_hand ON users (name)")
    [note] = shop.call("preview:rehearsals")["notes"]
    assert note["stale_reasons"] == ["The schema of shop changed since the rehearsal."]


def test_production_and_read_only_files_are_rehearsed_on_a_copy_and_left_alone(
    shop: Shop, tmp_path: Path
) -> None:
    shop.new("a", "ALTER TABLE users ADD COLUMN a TEXT;", "ALTER TABLE users DROP COLUMN a;")
    shop.toolkit.agree("connection:update", connection=shop.id, environment="production", read_only=True)
    before = sorted((one.name, one.stat().st_mtime_ns) for one in tmp_path.glob("shop.db*"))
    assert rehearse(shop)["verdict"] == "reversible"
    assert sorted((one.name, one.stat().st_mtime_ns) for one in tmp_path.glob("shop.db*")) == before


def test_a_cancelled_rehearsal_leaves_no_scratch(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        shop.new(f"t{number}", f"CREATE TABLE t{number} (id INTEGER);", f"DROP TABLE t{number};")
    from backend.engines.sqlite.rehearse import playing

    real = playing.play

    def cancelling(*arguments: Any) -> Any:
        job = current_job.get()
        assert job is not None
        job.cancel_token.cancel()
        return real(*arguments)

    monkeypatch.setattr(playing, "play", cancelling)
    with pytest.raises(ChannelFailed) as cancelled:
        rehearse(shop, job_id="r")
    assert cancelled.value.code == "cancelled"
    assert cancelled.value.details["rehearsal"]["verdict"] == "stopped"
    assert shop.toolkit.call("job:get", job_id="r")["state"] == "cancelled"
    assert not list(Path(tempfile.gettempdir()).glob(_SCRATCHES))
    assert shop.toolkit.services.rehearsals._store.scratches() == []


def test_the_first_migration_is_rehearsed_before_there_is_a_database(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    shop = toolkit.connect(f"sqlite:{tmp_path / 'none.db'}")
    shop.new("a", "CREATE TABLE a (id INTEGER PRIMARY KEY);", "DROP TABLE a;")
    found = shop.call("preview:rehearse")
    assert found["verdict"] == "schema_only" and "does not exist yet" in found["scratch"]["notes"][0]
    assert not (tmp_path / "none.db").exists()


def test_no_other_way_leads_out_of_the_copy_either(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    before = file.read_bytes()
    for sql in (
        f"ATTACH '{file.parent}' || '/' || '{file.name}' AS live; DELETE FROM live.users;",
        f"ATTACH 'file:{file}?mode=rw' AS live; DELETE FROM live.users;",
        f"VACUUM main INTO '{tmp_path}' || '/leak';",
        f"SELECT writefile('{tmp_path}/leak', 'x');",
        f"SELECT load_extension('{tmp_path}/leak');",
        f"CREATE VIRTUAL TABLE v USING csv(filename = '{file}');",
    ):
        text = f"-- migrate:up transaction:false\n{sql}\n-- migrate:down\nSELECT 1;\n"
        ahead = rehearse(shop, content=text)
        assert only(ahead)["verdict"] == "failed", sql
        shop.write("20300101000000_ahead.sql", text)
        rehearse(shop, content="-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
        (shop.folder / "20300101000000_ahead.sql").unlink()
    assert file.read_bytes() == before and not (tmp_path / "leak").exists()
