"""Catalog and fingerprint of MariaDB: every object is there, and every change shows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backend.engines.mysql import ENGINE
from tests.engines.mysql.helpers import run, session
from tests.engines.sqlite.project import Project

FULL = (Path(__file__).parent / "fixtures" / "schema_full.sql").read_text()


@pytest.fixture
def full(shop: Project) -> Project:
    ENGINE.load_schema(shop.target, FULL, Path("schema_full.sql"))
    run(shop, "CREATE EVENT tick ON SCHEDULE EVERY 1 DAY DO SELECT 1")
    return shop


def test_the_catalog_has_tables_views_columns_indexes_and_routines(full: Project) -> None:
    run(full, "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    found = ENGINE.catalog(full.target)
    tables = {table.name: table for table in found.tables}
    assert set(tables) == {"parent", "child", "parted", "odd `name", "z_base", "a_first"}
    assert tables["a_first"].kind == "view" and tables["a_first"].rows is None
    columns = {column.name: column for column in tables["parent"].columns}
    assert (
        columns["id"].primary_key and not columns["id"].nullable and columns["id"].type == "int(10) unsigned"
    )
    assert columns["n"].default is None and columns["name"].default == "'x'"
    indexes = {index.name: index for index in tables["parent"].indexes}
    assert indexes["by_name"].unique and indexes["by_name"].columns == ["name"]
    assert (
        found.functions == ["fill", "plus_one"]
        and found.default_schema == ENGINE.split_url(full.url)["database"]
    )


@pytest.mark.parametrize(
    ("sql", "changed"),
    [
        ("CREATE TABLE t (a int)", {"table t", "column t.a"}),
        ("ALTER TABLE child ADD age int", {"table child", "column child.age"}),
        ("ALTER TABLE child MODIFY id bigint", {"column child.id"}),
        ("ALTER TABLE child MODIFY parent_id int unsigned COMMENT 'x'", {"column child.parent_id"}),
        ("ALTER TABLE parent ALTER n SET DEFAULT 5", {"column parent.n"}),
        ("ALTER TABLE child COMMENT 'new'", {"table child"}),
        ("ALTER TABLE parted DROP PARTITION p0", {"table parted"}),
        ("CREATE INDEX x ON child (id, parent_id)", {"index child.x"}),
        ("ALTER TABLE parent DROP KEY by_name, ADD UNIQUE KEY by_name (name(6))", {"index parent.by_name"}),
        ("ALTER TABLE child DROP FOREIGN KEY child_parent", {"foreign key child.child_parent"}),
        ("ALTER TABLE parent DROP CONSTRAINT both_set", {"check parent.both_set"}),
        ("CREATE OR REPLACE VIEW a_first AS SELECT id AS x FROM z_base", {"view a_first"}),
        ("DROP TRIGGER child_before", {"trigger child_before"}),
        ("DROP PROCEDURE fill", {"procedure fill"}),
        (
            "CREATE OR REPLACE FUNCTION plus_one(b int) RETURNS int DETERMINISTIC RETURN b + 1",
            {"function plus_one"},
        ),
        ("ALTER SEQUENCE numbers INCREMENT BY 4", {"sequence numbers"}),
        ("DROP EVENT tick", {"event tick"}),
        ("INSERT INTO child VALUES (1, NULL)", set()),
        ("ANALYZE TABLE parent", set()),
        ("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)", set()),
    ],
)
def test_the_fingerprint_names_what_changed(full: Project, sql: str, changed: set[str]) -> None:
    before = ENGINE.fingerprint(full.target)
    run(full, sql)
    after = ENGINE.fingerprint(full.target)
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == changed


def test_rows_are_counted_exactly_and_missing_tables_left_out(full: Project) -> None:
    run(full, "INSERT INTO child VALUES (1, NULL), (5, NULL)")
    database = ENGINE.split_url(full.url)["database"]
    assert ENGINE.row_counts(
        full.target, ["child", "nope", f"{database}.parent", "odd `name", "a_first"]
    ) == {
        "child": 2,
        f"{database}.parent": 0,
        "odd `name": 0,
    }


def test_many_tables_are_read_in_moments(shop: Project) -> None:
    with session(shop) as connection, connection.cursor() as cursor:
        for number in range(300):
            cursor.execute(
                f"CREATE TABLE t{number} (id int PRIMARY KEY, a int, KEY (a)) ENGINE=Aria TRANSACTIONAL=0"
            )
    started = time.perf_counter()
    assert len(ENGINE.catalog(shop.target).tables) == 300
    assert len(ENGINE.fingerprint(shop.target)) == 300 * 5
    assert time.perf_counter() - started < 60
