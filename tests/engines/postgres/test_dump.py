"""schema.sql: the file dbmate would write with the same pg_dump, and loading it with the place of what fails."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from backend.core.errors import ConstraintViolation, LockTimeout, SqlFailed, SyntaxProblem
from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import dbmate_dump, run
from tests.engines.postgres.test_catalog import SCHEMA
from tests.engines.postgres.test_truth import missing
from tests.engines.sqlite.project import Project


def migrated(shop: Project) -> Project:
    shop.write("1_a.sql", SCHEMA)
    shop.write("2_b.sql", "COMMENT ON TABLE users IS 'several\n\n   lines';")
    assert shop.up().returncode == 0
    return shop


def test_the_dump_is_byte_for_byte_dbmates_own(shop: Project) -> None:
    migrated(shop)
    ours = ENGINE.dump_schema(shop.target)
    assert ours == dbmate_dump(shop)
    assert ours.startswith("\\restrict dbmate\n") and ours.endswith("VALUES\n    ('1'),\n    ('2');\n")


def test_with_a_search_path_only_its_schemas_are_dumped_as_dbmate_does(shop: Project) -> None:
    run(shop, "CREATE SCHEMA app; CREATE TABLE app.a (id int); CREATE TABLE public.b (id int)")
    there = Project(shop.folder, shop.url + "&search_path=app", ENGINE)
    there.write("1_a.sql", "CREATE TABLE c (id int);")
    assert there.up().returncode == 0
    ours = ENGINE.dump_schema(there.target)
    assert ours == dbmate_dump(there)
    assert "app.a" in ours and "public.b" not in ours


def test_for_an_older_server_only_the_settings_it_does_not_know_are_missing(
    postgres15_url: str, tmp_path: Path
) -> None:
    shop = migrated(Project(tmp_path, postgres15_url, ENGINE))
    theirs = dbmate_dump(shop)
    ours = ENGINE.dump_schema(shop.target)
    assert ours == theirs.replace("SET transaction_timeout = 0;\n", "") and ours != theirs


def test_a_dump_loads_into_a_new_database_and_dumps_the_same_again(either: Project) -> None:
    migrated(either)
    text = ENGINE.dump_schema(either.target)
    fresh = missing(either)
    ENGINE.create_database(fresh.target)
    try:
        ENGINE.load_schema(fresh.target, text, Path("schema.sql"))
        assert ENGINE.dump_schema(fresh.target) == text
        assert fresh.applied() == ["1", "2"]
        assert ENGINE.fingerprint(fresh.target) == ENGINE.fingerprint(either.target)
    finally:
        ENGINE.drop_database(fresh.target)


def test_dbmates_own_file_of_a_newer_pg_dump_loads_too(postgres15_url: str, tmp_path: Path) -> None:
    shop = migrated(Project(tmp_path, postgres15_url, ENGINE))
    text = dbmate_dump(shop)
    assert "transaction_timeout" in text
    fresh = missing(shop)
    ENGINE.create_database(fresh.target)
    try:
        ENGINE.load_schema(fresh.target, text, Path("schema.sql"))
        assert fresh.applied() == ["1", "2"]
    finally:
        ENGINE.drop_database(fresh.target)


def test_dumping_creates_no_migrations_table(shop: Project) -> None:
    assert "schema_migrations" not in ENGINE.dump_schema(shop.target)
    assert run(shop, "SELECT to_regclass('schema_migrations')") == [(None,)]


def test_settings_of_the_url_do_not_break_the_dump(shop: Project) -> None:
    odd = Project(shop.folder, shop.url + "&statement_timeout=30s&options=-c%20work_mem%3D8MB", ENGINE)
    assert "dump complete" in ENGINE.dump_schema(odd.target)


def test_a_dump_does_not_wait_for_ever_for_a_locked_table(shop: Project) -> None:
    run(shop, "CREATE TABLE a (id int)")
    with psycopg.connect(shop.url) as other:
        other.execute("LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            ENGINE.dump_schema(shop.with_(lock_timeout_s=0.2).target)


def test_blanks_at_the_ends_of_lines_are_lost_even_inside_texts_as_with_dbmate(shop: Project) -> None:
    run(shop, "CREATE TABLE a (id int); COMMENT ON TABLE a IS 'ends in blanks   \n'")
    shop.write("1_a.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    ours = ENGINE.dump_schema(shop.target)
    assert ours == dbmate_dump(shop) and "IS 'ends in blanks\n'" in ours


@pytest.mark.parametrize(
    ("sql", "kind", "line", "column"),
    [
        ("CREATE TABLE a (id int);\n\nCREATE TABEL b (id int);\n", SyntaxProblem, 3, 8),
        ("CREATE TABLE a (\n  id int,\n  x nonsense\n);\n", SqlFailed, 3, 5),
        ("CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);\n", ConstraintViolation, 2, None),
        ("SELECT 1;\n\\connect other\n", SyntaxProblem, 2, 1),
        ("SELECT 'ä€';\nSELECT 'ä€', nope;\n", SqlFailed, 2, 14),
    ],
)  # fmt: skip
def test_a_file_that_fails_names_its_line_and_leaves_nothing(
    shop: Project, sql: str, kind: type[SqlFailed], line: int, column: int | None
) -> None:
    with pytest.raises(kind) as failed:
        ENGINE.load_schema(shop.target, sql, Path("schema.sql"))
    details = failed.value.details
    assert (details["file"], details["line"], details.get("column")) == ("schema.sql", line, column)
    assert run(shop, "SELECT to_regclass('a')") == [(None,)]


def test_rows_after_copy_from_stdin_are_loaded(shop: Project) -> None:
    sql = (
        "CREATE TABLE a (id int, t text);\nCOPY a (id, t) FROM stdin;\n1\tone; two\n2\t\\N\n\\.\nSELECT 1;\n"
    )
    ENGINE.load_schema(shop.target, sql, Path("schema.sql"))
    assert run(shop, "SELECT id, t FROM a ORDER BY id") == [(1, "one; two"), (2, None)]
