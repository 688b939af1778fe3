"""SQLite schema files as they come: dumps, shell commands, extensions that are not there. What is left out is named."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest

from backend.core.errors import SqlFailed
from backend.engine.schema.model import PlanOptions, Snapshot
from backend.engine.schema.port import Loaded, schema_tools
from backend.services.schemas.scratches import ScratchServer
from tests.schema.test_sqlite import SERVER, generate

TOOLS = schema_tools("sqlite")


def loaded(text: str) -> tuple[Snapshot, Loaded]:
    with TOOLS.scratch(SERVER, "load") as target:
        said = TOOLS.load(target, text, "schema.sql")
        return TOOLS.snapshot(target), said


def texts(snapshot: Snapshot) -> dict[str, str]:
    return {one.id: one.sql for one in snapshot.objects}


@pytest.fixture
def server() -> ScratchServer:
    return ScratchServer(TOOLS, SERVER, "a temporary file", "")


def test_a_dump_with_rows_and_virtual_tables_gives_the_schema_it_was_made_from(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT -- what it says\n);"
            "CREATE VIRTUAL TABLE found USING fts5(body, content='notes'); CREATE VIRTUAL TABLE boxes USING rtree(id, a, b);"
            "CREATE VIEW v AS SELECT 1; CREATE INDEX i ON notes (body); INSERT INTO notes (body) VALUES ('a;b'); ANALYZE;"
            "CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END;"
        )
    dump = subprocess.run(["sqlite3", str(file), ".dump"], check=True, capture_output=True, text=True).stdout
    assert "writable_schema" in dump
    snapshot, said = loaded(dump)
    with sqlite3.connect(file) as connection:
        here = dict(
            connection.execute("SELECT type || ' ' || name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    hidden = {one for one in here if one.startswith(("table sqlite_", "table found_", "table boxes_"))}
    assert texts(snapshot) == {one: sql for one, sql in here.items() if one not in hidden}
    assert said.skipped == ()


def test_commands_of_the_shell_and_other_files_are_left_out_and_named() -> None:
    snapshot, said = loaded(
        ".headers on\n-- it's a schema\nCREATE TABLE a (x -- .read is no command here\n);\n.read other's.sql\n"
        "ATTACH 'x.db' AS x;\nCREATE TABLE x.b (y);\nPRAGMA user_version = 3;\nCREATE VIEW v AS SELECT\n.5 AS half;\n"
    )
    assert [*texts(snapshot)] == ["table a", "view v"]
    assert [one.partition(":")[0] for one in said.skipped] == ["line 1", "line 5", "line 6", "line 7"]
    assert "unknown database x" in said.skipped[3] and ".read other's.sql" in said.skipped[1]


def test_functions_and_collations_of_an_application_are_named_and_the_rest_is_proven(
    server: ScratchServer,
) -> None:
    old = "CREATE TABLE a (x TEXT CHECK (is_fine(x)), y TEXT COLLATE icu_de); "
    old += "CREATE INDEX i ON a (fold(x)); CREATE TABLE b (z);"
    snapshot, said = loaded(old)
    assert len(snapshot.objects) == 3
    assert [
        one for one in ("is_fine", "icu_de", "fold") if not any(one in line for line in said.skipped)
    ] == []
    made = generate(server, old, old.replace("y TEXT", "y VARCHAR(9)").replace("b (z)", "b (z, w)"))
    assert (made.proven.up, made.proven.down) == (True, True)
    assert any(one.kind == "untrackable" and "icu_de" in one.message for one in made.hazards)
    assert any("stand-in" in one for one in made.proven.problems)


def test_a_virtual_table_of_a_missing_module_stays_and_is_named(server: ScratchServer) -> None:
    old = (
        "CREATE TABLE a (x); CREATE VIRTUAL TABLE near USING spellfix1; CREATE VIEW v AS SELECT * FROM near;"
    )
    snapshot, said = loaded(old)
    assert texts(snapshot)["table near"] == "CREATE VIRTUAL TABLE near USING spellfix1"
    assert any("spellfix1" in one for one in said.skipped)
    made = generate(server, old, "CREATE TABLE a (x, y); CREATE VIEW v AS SELECT * FROM near;")
    assert made.proven.up and not any("near" in one.sql and "DROP" in one.sql for one in made.statements)
    assert any("table near stays as it is" in one for one in made.not_expressed)


def test_a_text_of_another_database_is_an_error_with_its_line() -> None:
    with pytest.raises(SqlFailed, match="line 2"):
        loaded("CREATE TABLE a (x);\nCREATE TABLE b (id int unsigned AUTO_INCREMENT) ENGINE=InnoDB;")
    with pytest.raises(SqlFailed, match="no such table"):
        loaded("CREATE INDEX i ON nowhere (x);")


def test_what_cannot_be_made_is_named_and_the_rest_goes_on() -> None:
    snapshot, said = loaded("CREATE TABLE a (x);\nCREATE INDEX i ON nowhere (x);\nCREATE INDEX j ON a (x);")
    assert [*texts(snapshot)] == ["table a", "index j"]
    assert said.skipped == ("line 2: no such table: main.nowhere",)


def test_rows_keep_their_rowid_and_full_text_its_words(server: ScratchServer) -> None:
    old = "CREATE TABLE a (x TEXT); CREATE VIRTUAL TABLE f USING fts5(x, content='a'); CREATE VIRTUAL TABLE g USING fts5(w);"
    made = generate(server, old, old.replace("x TEXT", "x VARCHAR").replace("fts5(w)", "fts5(w, v)"))
    assert made.proven.up and made.proven.down and made.proven.rows
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(
            old
            + "INSERT INTO a (rowid, x) VALUES (7, 'seven'), (9, 'nine'); INSERT INTO f(f) VALUES ('rebuild');"
            "INSERT INTO g (rowid, w) VALUES (5, 'five');"
        )
        connection.executescript(made.files[0].up)
        assert connection.execute("SELECT rowid FROM f WHERE f MATCH 'nine'").fetchall() == [(9,)]
        assert connection.execute("SELECT rowid, w, v FROM g WHERE g MATCH 'five'").fetchall() == [
            (5, "five", None)
        ]
        assert connection.execute("SELECT rowid, x FROM a").fetchall() == [(7, "seven"), (9, "nine")]


def test_the_columns_a_dump_names_behind_a_view_make_no_difference() -> None:
    live, _ = loaded("CREATE VIEW v AS SELECT 1 AS a;")
    dumped, _ = loaded("CREATE VIEW v AS SELECT 1 AS a\n/* v(a) */;")
    assert live.sha256 == dumped.sha256
    assert TOOLS.plan(live, dumped, PlanOptions()).steps == ()


def test_a_column_goes_with_the_full_text_index_over_it(server: ScratchServer) -> None:
    """DROP COLUMN in place fails beside the index that is dropped: then the table is made anew."""
    new = "CREATE TABLE m (k INTEGER PRIMARY KEY, a TEXT);\nCREATE VIRTUAL TABLE f USING fts4(a, content=m);"
    old = "CREATE TABLE m (k INTEGER PRIMARY KEY, a TEXT, e INT);\nCREATE VIRTUAL TABLE f USING fts4(a, e, content=m);"
    made = generate(server, old, new)
    assert (made.proven.up, made.proven.down, made.proven.rows) == (True, True, True), made.proven.problems


def test_nulls_become_something_only_where_that_is_no_lie(server: ScratchServer) -> None:
    old = "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE a (n TEXT, d INT, u TEXT UNIQUE, p INT REFERENCES p);"
    new = old.replace("n TEXT", "n TEXT NOT NULL").replace(" d INT", " d INT NOT NULL DEFAULT 7")
    made = generate(server, old, new)
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(old + "INSERT INTO a VALUES (NULL, NULL, NULL, NULL), ('x', 1, 'y', 2);")
        connection.executescript(made.files[0].up)
        assert connection.execute("SELECT * FROM a").fetchall() == [("", 7, None, None), ("x", 1, "y", 2)]
    assert [one.message for one in made.hazards if "NULL" in one.message] == [
        "Rows with NULL in a.n get ''.",
        "Rows with NULL in a.d get 7.",
    ]
    keys = generate(server, old, old.replace("p INT", "p INT NOT NULL").replace("u TEXT", "u TEXT NOT NULL"))
    assert sum("It fails where" in one.message for one in keys.hazards) == 2
