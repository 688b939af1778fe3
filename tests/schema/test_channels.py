"""The schema channels as a script uses them: sides, snapshots, conflicts, proofs of edited files, exports."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit
from tests.shell.test_cli import answer, run

OLD = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT NOT NULL, age INT);
CREATE INDEX by_mail ON users (mail);
"""
NEW = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, age INT);
CREATE INDEX by_mail ON users (email);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id));
"""
RENAME = {"column table users.mail": "column table users.email"}


@pytest.fixture
def sides() -> dict[str, Any]:
    return {"from": {"text": OLD, "engine": "sqlite"}, "to": {"text": NEW, "engine": "sqlite"}}


def execute(shop: Shop, sql: str) -> None:
    with sqlite3.connect(shop.connection["url"].removeprefix("sqlite:")) as database:
        database.executescript(sql)


def test_a_snapshot_has_every_object_with_its_text(toolkit: Toolkit) -> None:
    found = toolkit.call("schema:snapshot", source={"text": NEW, "engine": "sqlite"})
    assert found["counts"] == {"table": 2, "index": 1}
    assert [one["id"] for one in found["objects"]] == ["table users", "index by_mail", "table orders"]
    assert found["source"]["objects"] == 3 and len(found["source"]["sha256"]) == 64


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_files_are_compared_from_any_folder_without_a_connection(tmp_path: Path, engine: str) -> None:
    (tmp_path / "a.sql").write_text(OLD)
    (tmp_path / "b.sql").write_text(NEW)
    request = {"from": {"file": "a.sql", "engine": engine}, "to": {"file": "b.sql"}}
    done = run("call", "schema:compare", json.dumps(request), cwd=tmp_path)
    found = answer(done)["data"]
    tables = {one["name"]: one["change"] for one in found["changes"] if one["kind"] == "table"}
    assert tables == {"users": "changed", "orders": "added"}
    assert found["source"]["label"] == "a.sql" and found["renames"][0]["reason"]


def test_generate_answers_files_that_are_proven_by_the_real_tool(
    toolkit: Toolkit, sides: dict[str, Any]
) -> None:
    made = toolkit.call("schema:generate", **sides, renames=RENAME)
    proven = made["proven"]
    assert (proven["up"], proven["down"], proven["rows"]) == (True, True, True), proven
    assert made["not_expressed"] == []
    [file] = made["files"]
    assert file["content"].startswith("-- migrate:up") and file["up"] in file["content"]
    assert 'SELECT "id", "mail", "age" FROM' in file["up"]


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
def test_a_live_database_is_taken_to_a_file_and_back_by_the_real_tool(
    toolkit: Toolkit, engine: str, request: pytest.FixtureRequest
) -> None:
    shop = toolkit.connect(request.getfixturevalue(f"{engine}_url"))
    shop.new("users", "CREATE TABLE users (id INT PRIMARY KEY, mail VARCHAR(100));", "DROP TABLE users;")
    shop.up()
    wanted = (
        "CREATE TABLE users (id INT PRIMARY KEY, mail VARCHAR(200) NOT NULL);\n"
        "CREATE TABLE orders (id INT PRIMARY KEY, user_id INT, FOREIGN KEY (user_id) REFERENCES users (id));\n"
        "CREATE INDEX by_mail ON users (mail);"
    )
    sides = {"from": {"connection": shop.id}, "to": {"text": wanted}}
    made = toolkit.call("schema:generate", **sides, style="online")
    proven = made["proven"]
    assert (proven["up"], proven["down"], proven["rows"]) == (True, True, True), proven
    for one in made["files"]:
        keys = ("name", "up", "down", "transaction", "transaction_down")
        shop.call("migration:new", **{key: one[key] for key in keys})
    assert shop.up()["ok"]
    assert toolkit.call("schema:compare", **sides)["equal"]
    assert shop.call("schema:drift")["state"] == "in_sync"


def test_only_what_is_chosen_is_written(toolkit: Toolkit, sides: dict[str, Any]) -> None:
    made = toolkit.call("schema:generate", **sides, include=["table orders"])
    assert made["proven"]["up"] and made["proven"]["down"]
    assert "email" not in made["files"][0]["up"]


def test_edited_files_are_proven_as_they_stand(toolkit: Toolkit, sides: dict[str, Any]) -> None:
    files = toolkit.call("schema:generate", **sides, renames=RENAME)["files"]
    proof = toolkit.call("schema:prove", **sides, renames=RENAME, files=files)
    assert (proof["up"], proof["down"], proof["rows"]) == (True, True, True), proof
    files[0]["down"] = "SELECT 1;"
    proof = toolkit.call("schema:prove", **sides, renames=RENAME, files=files)
    assert (proof["up"], proof["down"]) == (True, False)
    assert "table orders" in proof["left_down"]
    files[0]["up"] = files[0]["up"].replace("CREATE TABLE orders", "CREATE TABEL orders")
    proof = toolkit.call("schema:prove", **sides, renames=RENAME, files=files)
    assert proof["up"] is False and "TABEL" in proof["problems"][0]


def test_a_drop_and_add_where_rows_should_stay_is_not_called_kept(
    toolkit: Toolkit, sides: dict[str, Any]
) -> None:
    sides["to"]["text"] = OLD.replace("age INT", "age BIGINT")
    up = "ALTER TABLE users DROP COLUMN age; DELETE FROM users; ALTER TABLE users ADD COLUMN age BIGINT;"
    down = "ALTER TABLE users DROP COLUMN age; ALTER TABLE users ADD COLUMN age INT;"
    proof = toolkit.call("schema:prove", **sides, files=[{"name": "age", "up": up, "down": down}])
    assert proof["up"] is True and proof["rows"] is False
    assert any("rows of users" in one for one in proof["problems"])


def test_a_side_that_changed_since_it_was_seen_is_a_conflict(sqlite_shop: Shop) -> None:
    execute(sqlite_shop, OLD)
    sides = {"from": {"connection": sqlite_shop.id}, "to": {"text": NEW}}
    seen = sqlite_shop.toolkit.call("schema:compare", **sides)
    marks = {"from": seen["source"]["sha256"], "to": seen["target"]["sha256"]}
    assert sqlite_shop.toolkit.call("schema:generate", **sides, seen=marks, prove=False)["files"]
    execute(sqlite_shop, "CREATE TABLE meanwhile (id INTEGER)")
    with pytest.raises(ChannelFailed, match="has changed since it was compared") as refused:
        sqlite_shop.toolkit.call("schema:generate", **sides, seen=marks)
    assert refused.value.code == "conflict"


def test_a_database_that_is_not_created_yet_is_empty(sqlite_shop: Shop) -> None:
    sides = {"from": {"connection": sqlite_shop.id}, "to": {"text": NEW}}
    found = sqlite_shop.toolkit.call("schema:compare", **sides)
    assert found["source"]["objects"] == 0 and "not created yet" in found["source"]["label"]
    assert {one["change"] for one in found["changes"]} == {"added"}


def test_a_database_file_is_read_as_a_database(toolkit: Toolkit, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as database:
        database.executescript(OLD)
    found = toolkit.call("schema:compare", **{"from": {"file": str(file)}, "to": {"text": OLD}})
    assert found["equal"] and found["engine"] == "sqlite"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PGDMP\x01\x0e", "pg_restore"),
        (b"\xff\xfe bad", "not UTF-8"),
        (b"CREATE TABEL x (id INT);", "line 1"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    toolkit: Toolkit, tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "bad.sql").write_bytes(content)
    with pytest.raises(ChannelFailed) as refused:
        toolkit.call(
            "schema:compare",
            **{"from": {"file": str(tmp_path / "bad.sql"), "engine": "sqlite"}, "to": {"text": OLD}},
        )
    assert said in f"{refused.value.message} {refused.value.hint}"
    assert refused.value.code in {"invalid_request", "schema_invalid"}


def test_a_file_of_which_nothing_tells_the_engine_is_asked_for_it(toolkit: Toolkit) -> None:
    with pytest.raises(ChannelFailed, match="does not tell its engine"):
        toolkit.call("schema:compare", **{"from": {"text": OLD}, "to": {"text": NEW}})


@pytest.mark.parametrize(
    ("form", "holds"), [("html", "&lt;b&gt;"), ("markdown", "\\<b\\>"), ("json", '"<b>"')]
)
def test_an_export_shows_every_change_and_hides_no_markup(
    toolkit: Toolkit, tmp_path: Path, form: str, holds: str
) -> None:
    sides = {"from": {"text": OLD, "engine": "sqlite"}, "to": {"text": OLD + 'CREATE TABLE "<b>" (id INT);'}}
    text = toolkit.call("schema:export", **sides, format=form)["text"]
    assert holds in text
    if form == "html":
        assert "<b>" not in text.replace("From <b>", "").replace("To <b>", "")
    path = tmp_path / "diff.out"
    written = toolkit.call("schema:export", **sides, format=form, path=str(path))
    assert path.read_text() == text and written["changes"] == 1
    with pytest.raises(ChannelFailed, match="is there already"):
        toolkit.call("schema:export", **sides, format=form, path=str(path))


def test_the_saved_files_have_versions_and_transactions_of_their_own(sqlite_shop: Shop) -> None:
    first = sqlite_shop.call(
        "migration:new",
        name="one",
        up="SELECT 1;",
        down="SELECT 1;",
        transaction=False,
        transaction_down=True,
    )
    second = sqlite_shop.call("migration:new", name="two", up="SELECT 1;", down="SELECT 1;")
    assert first["version"] < second["version"]
    text = (sqlite_shop.folder / first["filename"]).read_text()
    assert "-- migrate:up transaction:false\n" in text and "-- migrate:down\n" in text
