"""Catalog and fingerprint: every object is there, and every change shows."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project

START = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL DEFAULT 'x', twice INT AS (id * 2));
    CREATE UNIQUE INDEX users_email ON users(email);
    CREATE INDEX users_lower ON users(lower(email));
    CREATE VIEW names AS SELECT email FROM users;
    CREATE TRIGGER touched AFTER INSERT ON users BEGIN SELECT 1; END;
    CREATE VIRTUAL TABLE docs USING fts5(body);
    CREATE VIEW broken AS SELECT nope FROM users;
    INSERT INTO users(id, email) VALUES (1, 'a'), (2, 'b');
"""


@pytest.fixture
def full(shop: Project) -> Project:
    run(shop, START)
    return shop


def run(shop: Project, sql: str) -> None:
    with closing(sqlite3.connect(shop.folder / "shop.db")) as connection:
        connection.executescript(sql)


def test_the_catalog_has_tables_views_columns_and_indexes(full: Project) -> None:
    full.write("1_a.sql", "ANALYZE;")
    full.up()
    tables = {table.name: table for table in ENGINE.catalog(full.target).tables}
    assert set(tables) == {"users", "names", "docs", "broken"}
    users = tables["users"]
    assert [(c.name, c.type, c.nullable, c.default, c.primary_key) for c in users.columns] == [
        ("id", "INTEGER", True, None, True),
        ("email", "TEXT", False, "'x'", False),
        ("twice", "INT", True, None, False),
    ]
    assert {(i.name, tuple(i.columns), i.unique) for i in users.indexes} == {
        ("users_email", ("email",), True),
        ("users_lower", ("(expression)",), False),
    }
    assert users.rows == 2
    assert tables["names"].kind == "view" and [c.name for c in tables["names"].columns] == ["email"]
    assert [c.name for c in tables["docs"].columns] == ["body"]
    assert tables["broken"].columns == []


@pytest.mark.parametrize(
    ("sql", "changed"),
    [
        ("CREATE TABLE t (a int)", {"table t", "column t.a"}),
        ("ALTER TABLE users ADD COLUMN age int", {"table users", "column users.age"}),
        ("ALTER TABLE users RENAME COLUMN email TO mail",
         {"table users", "column users.email", "column users.mail", "index users_email", "index users_lower",
          "view names"}),
        ("DROP INDEX users_email", {"index users_email"}),
        ("DROP INDEX users_email; CREATE INDEX users_email ON users(email)", {"index users_email"}),
        ("DROP VIEW names; CREATE VIEW names AS SELECT id FROM users", {"view names"}),
        ("DROP TRIGGER touched", {"trigger touched"}),
        ("PRAGMA user_version = 7", {"pragma user_version"}),
        ("INSERT INTO users(id, email) VALUES (3, 'c')", set()),
        ("CREATE TABLE schema_migrations (version varchar(128) primary key)", set()),
    ],
)  # fmt: skip
def test_the_fingerprint_names_what_changed(full: Project, sql: str, changed: set[str]) -> None:
    run(full, "DROP VIEW broken")
    before = ENGINE.fingerprint(full.target)
    run(full, sql)
    after = ENGINE.fingerprint(full.target)
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == changed


def test_rows_are_counted_exactly_and_missing_tables_left_out(full: Project) -> None:
    assert ENGINE.row_counts(full.target, ["USERS", "nope", "main.users", "docs"]) == {
        "USERS": 2, "main.users": 2, "docs": 0,
    }  # fmt: skip


def test_more_tables_than_one_query_may_name_are_counted(shop: Project) -> None:
    run(shop, "BEGIN;" + "".join(f"CREATE TABLE t{number} (a);" for number in range(600)) + "COMMIT;")
    assert len(ENGINE.row_counts(shop.target, [f"t{number}" for number in range(600)])) == 600


def test_five_thousand_tables_are_read_in_moments(shop: Project) -> None:
    columns = "id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE"
    run(
        shop, "BEGIN;" + "".join(f"CREATE TABLE t{number} ({columns});" for number in range(5000)) + "COMMIT;"
    )
    started = time.perf_counter()
    assert len(ENGINE.catalog(shop.target).tables) == 5000
    assert len(ENGINE.fingerprint(shop.target)) == 20_000
    assert time.perf_counter() - started < 90
