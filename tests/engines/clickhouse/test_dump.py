"""schema.sql: byte for byte what dbmate writes, and a way back that dbmate's own load has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import DatabaseMissing, SqlFailed, SyntaxProblem
from backend.engines.clickhouse import ENGINE
from tests.engines.clickhouse.test_catalog import SCHEMA
from tests.engines.sqlite.project import Project


def dbmate_dump(shop: Project) -> str:
    file = shop.folder / "schema.sql"
    done = shop.dbmate("--schema-file", str(file), "dump")
    assert done.returncode == 0, done.stderr
    return file.read_text()


def test_the_dump_is_byte_for_byte_dbmates(shop: Project) -> None:
    for number, statement in enumerate(SCHEMA):
        shop.write(f"{number}_x.sql", statement)
    shop.write("7_odd.sql", "CREATE TABLE `odd \"name` (`a b` String DEFAULT 'it''s') ENGINE = Memory")
    assert shop.up().returncode == 0
    assert ENGINE.dump_schema(shop.target) == dbmate_dump(shop)


def test_the_dump_of_a_database_without_migrations_applied_is_dbmates_too(shop: Project) -> None:
    shop.write("1_x.sql", "CREATE TABLE t (a Int8) ENGINE = Memory", "DROP TABLE t")
    shop.up()
    shop.dbmate("--no-dump-schema", "rollback")
    assert ENGINE.dump_schema(shop.target) == dbmate_dump(shop)


@pytest.mark.parametrize("table", ["migrations", "odd-name", "dotted.name"])
def test_the_dump_quotes_a_migrations_table_as_dbmate_does(shop: Project, table: str) -> None:
    changed = Project(
        shop.folder,
        shop.url,
        ENGINE,
        flags=("--migrations-table", table),
        changes={"migrations_table": table},
    )
    changed.write("1_x.sql", "SELECT 1")
    assert changed.up().returncode == 0
    assert changed.applied() == ["1"]
    assert ENGINE.dump_schema(changed.target) == dbmate_dump(changed)


def test_what_was_dumped_loads_into_an_empty_database(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE z_source (id UInt64) ENGINE = MergeTree ORDER BY id")
    # Sorted by name the view comes first, before the table that it reads.
    shop.write("2_b.sql", "CREATE VIEW a_view AS SELECT id FROM z_source")
    shop.write(
        "3_c.sql", "CREATE MATERIALIZED VIEW a_mat ENGINE = MergeTree ORDER BY id AS SELECT id FROM z_source"
    )
    assert shop.up().returncode == 0
    dumped, before = ENGINE.dump_schema(shop.target), ENGINE.fingerprint(shop.target)
    ENGINE.drop_database(shop.target)
    ENGINE.create_database(shop.target)
    ENGINE.load_schema(shop.target, dumped, Path("schema.sql"))
    assert shop.applied() == ["1", "2", "3"]
    assert ENGINE.fingerprint(shop.target) == before


def test_a_schema_file_that_fails_is_told_with_its_own_line(shop: Project) -> None:
    sql = "CREATE TABLE a (x Int8) ENGINE = Memory;\n\n-- b\nCREATE TABLE b (\n  x Int8 Int8 Int8\n) ENGINE = Memory;\n"
    with pytest.raises(SyntaxProblem) as failed:
        ENGINE.load_schema(shop.target, sql, Path("db/schema.sql"))
    assert failed.value.details["line"] == 5
    assert failed.value.details["file"] == "db/schema.sql"
    with pytest.raises(SqlFailed) as missing:
        ENGINE.load_schema(shop.target, "SELECT 1;\nCREATE VIEW v AS SELECT * FROM nothing;", Path("s.sql"))
    assert missing.value.details["line"] == 2


def test_a_missing_database_is_not_created_by_dump_or_load(shop: Project) -> None:
    other = Project(shop.folder, shop.url + "_none", ENGINE)
    for act in (
        lambda: ENGINE.dump_schema(other.target),
        lambda: ENGINE.load_schema(other.target, "SELECT 1", Path("s")),
    ):
        with pytest.raises(DatabaseMissing):
            act()
    assert ENGINE.probe(other.target).database_exists is False
