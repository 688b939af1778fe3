"""SQLite described: what the pragmas tell and what only the text does."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from backend.engines.sqlite import ENGINE
from backend.engines.sqlite.describe.written import index_text, trigger_when, written
from tests.engines.sqlite.project import Project

SCHEMA = """
CREATE TABLE "odd.name" ("a b" INTEGER, "quo""te" TEXT, PRIMARY KEY ("quo""te", "a b")) STRICT, WITHOUT ROWID;
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mail TEXT NOT NULL COLLATE NOCASE UNIQUE, -- a CHECK (in a comment)
    age INT DEFAULT 5 CONSTRAINT grown CHECK (age > 0 AND mail <> ')'),
    twice INT GENERATED ALWAYS AS (age * 2) STORED,
    half AS (age / 2),
    boss INT CONSTRAINT its_boss REFERENCES USERS ON DELETE SET NULL,
    x INTEGER, y TEXT,
    CONSTRAINT pair UNIQUE (x, y),
    CONSTRAINT to_odd FOREIGN KEY (y, x) REFERENCES "odd.name" ("quo""te", "a b") DEFERRABLE INITIALLY DEFERRED,
    CHECK (x IN (1, 2))
);
CREATE INDEX by_age ON users (age DESC, lower(mail)) WHERE age > 3 AND mail <> 'WHERE';
CREATE VIEW grown_ups AS SELECT id FROM users WHERE age > 17;
CREATE VIEW broken AS SELECT * FROM gone;
CREATE TRIGGER touched AFTER UPDATE OF mail ON users BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE found USING fts5(body, tokenize = 'porter');
CREATE TABLE schema_migrations (version TEXT);
"""


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO users (mail) VALUES ('a'), ('b')")
        connection.execute("ANALYZE")
    connection.close()
    return Project(tmp_path, "sqlite:shop.db", ENGINE)


def test_a_table_has_its_columns_keys_indexes_and_all_that_belongs_to_it(shop: Project) -> None:
    detail = ENGINE.describe(shop.target)
    tables = {one.id: one for one in detail.tables}
    assert list(tables) == [r"odd\.name", "users", "grown_ups", "broken", "found"]
    users = tables["users"]
    columns = {one.name: one for one in users.columns}
    assert (columns["id"].identity, columns["id"].nullable, columns["id"].primary_key) == (
        "autoincrement",
        False,
        True,
    )
    assert (columns["mail"].collation, columns["mail"].nullable) == ("NOCASE", False)
    assert (columns["age"].default, columns["age"].nullable) == ("5", True)
    assert (columns["twice"].generated, columns["twice"].notes) == ("age * 2", ["stored"])
    assert (columns["half"].generated, columns["half"].notes) == ("age / 2", ["virtual"])
    assert [(one.name, one.definition) for one in users.checks] == [
        ("grown", "CHECK (age > 0 AND mail <> ')')"),
        (None, "CHECK (x IN (1, 2))"),
    ]
    keys = {one.name: one for one in users.foreign_keys}
    assert list(keys) == ["its_boss", "to_odd"]
    boss, odd = keys["its_boss"], keys["to_odd"]
    assert (boss.table, boss.to_columns, boss.on_delete) == ("users", [], "SET NULL")
    assert (odd.table, odd.columns, odd.to_columns) == (r"odd\.name", ["y", "x"], ['quo"te', "a b"])
    assert odd.notes == ["deferrable"]
    assert {(one.name, *one.columns) for one in users.uniques} == {("pair", "x", "y"), (None, "mail")}
    index = next(one for one in users.indexes if one.name == "by_age")
    assert index.columns == ["age DESC", "lower(mail)"]
    assert index.where == "age > 3 AND mail <> 'WHERE'"
    assert (users.triggers[0].name, users.triggers[0].when) == ("touched", "AFTER UPDATE")
    assert users.rows == 2
    key = tables[r"odd\.name"].primary_key
    assert key is not None and key.columns == ['quo"te', "a b"]
    assert [one.name for one in tables[r"odd\.name"].properties] == ["strict", "without rowid"]
    assert [one.name for one in tables["found"].columns] == ["body"]
    assert tables["found"].properties[0].value == "fts5(body, tokenize = 'porter')"


def test_a_view_that_cannot_be_opened_is_named_and_the_rest_goes_on(shop: Project) -> None:
    tables = {one.id: one for one in ENGINE.describe(shop.target).tables}
    assert tables["broken"].problem is not None
    assert tables["broken"].definition == "CREATE VIEW broken AS SELECT * FROM gone"
    assert [one.name for one in tables["grown_ups"].columns] == ["id"]


def test_named_tables_come_alone_and_what_is_not_there_is_said(shop: Project) -> None:
    detail = ENGINE.describe(shop.target, [r"odd\.name", "nothing"])
    assert ([one.id for one in detail.tables], detail.missing) == ([r"odd\.name"], ["nothing"])
    whole = {one.id: one for one in ENGINE.describe(shop.target).tables}
    assert detail.tables[0] == whole[r"odd\.name"]


def test_the_outline_knows_the_same_tables_and_relations(shop: Project) -> None:
    outline = ENGINE.outline(shop.target)
    assert [one.id for one in outline.tables] == [one.id for one in ENGINE.describe(shop.target).tables]
    assert {(one.table, one.to_table) for one in outline.relations} == {
        ("users", "users"),
        ("users", r"odd\.name"),
    }


def test_the_statements_of_a_table_are_the_texts_as_they_ran(shop: Project) -> None:
    text = ENGINE.table_ddl(shop.target, "users").text
    assert text.index("CREATE TABLE users") < text.index("CREATE INDEX by_age") < text.index("CREATE TRIGGER")
    assert "-- a CHECK (in a comment)" in text


def test_no_database_is_an_empty_schema(tmp_path: Path) -> None:
    shop = Project(tmp_path, "sqlite:none.db", ENGINE)
    assert ENGINE.describe(shop.target).tables == ENGINE.outline(shop.target).tables == []
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("CREATE TABLE t (a CHECK (a > 1), b)", ["CHECK (a > 1)"]),
        ("CREATE TABLE t (a TEXT DEFAULT 'CHECK (x)')", []),
        ("CREATE TABLE t (a /* CHECK (1) */ INT, CHECK(a<>')' ))", ["CHECK(a<>')' )"]),
        (
            'CREATE TABLE t ("check" INT, [constraint] INT CHECK ([constraint] = 1))',
            ["CHECK ([constraint] = 1)"],
        ),
        ("CREATE TABLE t (a CHECK (a > (1", []),
        ("CREATE TABLE t AS SELECT 1", []),
    ],
)
def test_checks_are_read_as_they_are_written(sql: str, checks: list[str]) -> None:
    assert [one for _, one in written(sql).checks] == checks


def test_conditions_and_moments_are_read_as_they_are_written() -> None:
    assert index_text('CREATE INDEX "i (x)" ON t (a, (b + 1) DESC)').parts == ("a", "(b + 1) DESC")
    assert index_text("CREATE INDEX i ON t (a) WHERE b = ')'").where == "b = ')'"
    assert (
        trigger_when('CREATE TRIGGER "after" INSTEAD OF DELETE ON v BEGIN SELECT 1; END')
        == "INSTEAD OF DELETE"
    )
    assert trigger_when("CREATE TRIGGER t UPDATE ON v BEGIN SELECT 1; END") == "BEFORE UPDATE"
