"""What dbmate really does with MySQL and MariaDB, each trap by name, and that the engine keeps the user out of it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from backend.core.errors import InvalidUrl, NotSupported
from backend.engine.target import FailedBlock
from backend.engines.mysql import ENGINE
from tests.engines.mysql.helpers import eventually, run, session, tool_running
from tests.engines.sqlite.project import Project
from tests.servers import PASSWORD, Server


@pytest.fixture
def shop(mysql_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, mysql_url, ENGINE)


def with_fields(shop: Project, **fields: str) -> Project:
    return Project(shop.folder, ENGINE.build_url({**ENGINE.split_url(shop.url), **fields}), ENGINE)


def test_every_ddl_commits_and_a_retry_fails_with_already_exists(shop: Project) -> None:
    up = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nSELECT * FROM nope;"
    shop.write("1_a.sql", up)
    before = ENGINE.fingerprint(shop.target)
    assert shop.up().returncode == 2
    after = ENGINE.fingerprint(shop.target)
    assert after.keys() - before.keys() == {"table a", "column a.id", "table b", "column b.id"}
    assert shop.applied() == []
    error = ENGINE.explain_failure(FailedBlock(shop.up().stderr, f"-- migrate:up\n{up}\n"))
    assert error.details["errno"] == 1050 and error.details["line"] == 2
    assert "keeps what ran before" in (error.hint or "")
    with pytest.raises(NotSupported, match="commit every change"):
        ENGINE.require("transactional_ddl")
    assert "2 statements" in ENGINE.block_warnings(up, transaction=True)[0]


def test_create_fails_where_the_database_exists_and_drop_of_a_missing_one_succeeds(shop: Project) -> None:
    done = shop.dbmate("create")
    assert done.returncode == 2 and done.stdout.startswith("Creating:") and "1007" in done.stderr
    missing = with_fields(shop, database="not_there")
    assert missing.dbmate("drop").returncode == 0
    ENGINE.drop_database(missing.target)


def test_mariadb_urls_need_the_driver_flag_unless_mended(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    raw = shop.url.replace("mysql://", "mariadb://")
    assert "unsupported driver: mariadb" in shop.up(raw).stderr
    assert shop.dbmate("--driver", "mysql", "--no-dump-schema", "status", url=raw).returncode == 0
    project = Project(shop.folder, raw, ENGINE)
    assert shop.up(ENGINE.tool_setup(project.target, "tag").env["DATABASE_URL"]).returncode == 0
    assert project.applied() == ["1"]
    assert ENGINE.check_url(raw).startswith("mysql://")


def test_a_socket_must_be_given_by_its_full_path(shop: Project, mariadb_server: Server) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    fields = ENGINE.split_url(shop.url)
    login = f"{fields['user']}:{PASSWORD}"
    url = f"mysql://{login}@localhost/{fields['database']}?socket={mariadb_server.socket}"
    assert shop.up(ENGINE.check_url(url)).returncode == 0
    assert Project(shop.folder, url, ENGINE).applied() == ["1"]
    assert shop.up(f"mysql://{login}@/{fields['database']}?socket=mysql.sock").returncode == 2
    with pytest.raises(InvalidUrl, match="full path"):
        ENGINE.check_url(f"mysql://{login}@/{fields['database']}?socket=mysql.sock")


def test_extra_parameters_are_session_variables(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE seen AS SELECT @@lock_wait_timeout AS l;")
    assert shop.up(f"{shop.url}?lock_wait_timeout=3").returncode == 0
    assert run(shop, "SELECT l FROM seen") == [(3,)]
    assert "1193" in shop.up(f"{shop.url}?sslmode=disable").stderr
    with pytest.raises(InvalidUrl, match="sslmode"):
        ENGINE.check_url(f"{shop.url}?sslmode=disable")


def test_mysql_pwd_is_ignored(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    bare = shop.url.replace(f":{PASSWORD}", "")
    os.environ["MYSQL_PWD"] = PASSWORD
    try:
        done = shop.up(bare)
    finally:
        del os.environ["MYSQL_PWD"]
    assert "1045" in done.stderr
    assert ENGINE.explain_failure(FailedBlock(done.stderr)).code == "authentication_failed"


@pytest.mark.parametrize("password", ["a@b", "a/b", "a#b", "a%b", "a b", "a?b"])
def test_a_raw_at_sign_in_a_password_works_and_slash_hash_percent_do_not_unless_encoded(
    shop: Project, password: str
) -> None:
    user = f"trap{password.encode().hex()}"
    run(
        shop,
        f"CREATE OR REPLACE USER {user}@'%' IDENTIFIED BY '{password}'",
        f"GRANT ALL ON *.* TO {user}@'%'",
    )
    shop.write("1_a.sql", "SELECT 1;")
    fields = ENGINE.split_url(shop.url)
    raw = f"mysql://{user}:{password}@{fields['host']}:{fields['port']}/{fields['database']}"
    assert (shop.dbmate("--no-dump-schema", "status", url=raw).returncode == 0) == (password == "a@b")
    mended = ENGINE.check_url(raw)
    assert shop.dbmate("--no-dump-schema", "status", url=mended).returncode == 0
    assert Project(shop.folder, raw, ENGINE).applied() == []
    assert password not in ENGINE.redact_url(raw)
    run(shop, f"DROP USER {user}@'%'")


def test_the_migrations_table_has_one_column(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    shop.up()
    columns = run(
        shop,
        "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = database()",
    )
    assert columns == [("version", "varchar(128)")]
    assert [row.applied_at for row in ENGINE.applied(shop.target)] == [None]


def test_rollback_and_dump_create_the_migrations_table_and_reading_does_not(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    assert ENGINE.applied(shop.target) == []
    ENGINE.dump_schema(shop.target)
    assert run(shop, "SHOW TABLES") == []
    for command in ("rollback", "dump"):
        shop.dbmate(command)
        assert run(shop, "SHOW TABLES") == [("schema_migrations",)]
        run(shop, "DROP TABLE schema_migrations")


def test_without_a_dump_tool_up_succeeds_silently_and_writes_nothing(shop: Project, tmp_path: Path) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    empty = tmp_path / "empty"
    empty.mkdir()
    path = os.environ["PATH"]
    os.environ["PATH"] = str(empty)
    try:
        assert shop.dbmate("up").returncode == 0
        assert not (shop.folder / "db" / "schema.sql").exists()
        assert shop.dbmate("dump").returncode == 2
        assert "CREATE TABLE `t`" in ENGINE.dump_schema(shop.target)
    finally:
        os.environ["PATH"] = path


def test_the_dump_with_triggers_cannot_be_loaded_by_dbmate_but_by_us(
    shop: Project, mariadb_server: Server
) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    shop.write(
        "2_b.sql",
        "CREATE TRIGGER q BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.id = 1; SET NEW.id = 2; END;",
    )
    assert shop.up().returncode == 0, "a BEGIN … END body needs no DELIMITER in dbmate"
    assert shop.dbmate("dump").returncode == 0
    copy = mariadb_server.new_database()
    try:
        other = Project(shop.folder, copy.url, ENGINE)
        done = other.dbmate("load")
        assert done.returncode == 2 and "DELIMITER" in done.stderr
        run(other, "DROP TABLE IF EXISTS t, schema_migrations")
        ENGINE.load_schema(other.target, (shop.folder / "db" / "schema.sql").read_text(), Path("schema.sql"))
        assert ENGINE.fingerprint(other.target) == ENGINE.fingerprint(shop.target)
    finally:
        mariadb_server.drop_database(copy.name)


def test_delimiter_lines_are_refused_by_the_server(shop: Project) -> None:
    up = "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;"
    failure = shop.failure("1_a.sql", up)
    assert "near 'DELIMITER" in failure.tool_text
    assert "mysql client" in ENGINE.block_warnings(up, transaction=True)[0]
    shop.write("1_a.sql", "CREATE PROCEDURE p() BEGIN SELECT 1; END;")
    assert shop.up().returncode == 0


def test_migration_lock_is_refused_for_mysql_after_it_began(shop: Project) -> None:
    other = with_fields(shop, database="lock_trap")
    ENGINE.drop_database(other.target)
    other.write("1_a.sql", "SELECT 1;")
    done = other.dbmate("--migration-lock", "--no-dump-schema", "up")
    assert done.returncode == 2 and "Creating:" in done.stdout and "lock" in done.stderr
    assert ENGINE.probe(other.target).database_exists
    ENGINE.drop_database(other.target)
    assert ENGINE.tool_setup(shop.target, "tag").flags == ()


def test_a_held_table_lock_makes_up_wait_unless_a_lock_timeout_is_set(shop: Project) -> None:
    run(shop, "CREATE TABLE t (id int) ENGINE=InnoDB", "INSERT INTO t VALUES (1)")
    shop.write("1_a.sql", "SELECT 1;\nALTER TABLE t ADD COLUMN x int;")
    with session(shop, autocommit=False) as other, other.cursor() as cursor:
        cursor.execute("SELECT * FROM t")
        limited = shop.with_(lock_timeout_s=1.0)
        started = time.monotonic()
        done = shop.up(ENGINE.tool_setup(limited.target, "tag").env["DATABASE_URL"])
        assert time.monotonic() - started < 6 and "1205" in done.stderr
    error = ENGINE.explain_failure(
        FailedBlock(done.stderr, "-- migrate:up\nSELECT 1;\nALTER TABLE t ADD COLUMN x int;\n")
    )
    assert error.code == "lock_timeout"


@pytest.mark.parametrize("ends", [True, False], ids=["ended by us", "left alone"])
def test_a_killed_tools_ddl_still_completes_unrecorded_unless_its_session_is_ended(
    shop: Project, ends: bool
) -> None:
    run(shop, "CREATE TABLE t (id int) ENGINE=InnoDB", "INSERT INTO t VALUES (1)")
    shop.write("1_a.sql", "ALTER TABLE t ADD COLUMN x int;")
    with (
        session(shop, autocommit=False) as other,
        other.cursor() as cursor,
        tool_running(shop, "run") as tool,
    ):
        cursor.execute("SELECT * FROM t")
        eventually(lambda: [one for one in ENGINE.activity(shop.target, "run") if one.waiting])
        os.kill(tool.pid, signal.SIGKILL)
        tool.wait()
        if ends:
            assert ENGINE.end_sessions(shop.target, "run", tool_pid=tool.pid) >= 1
        other.rollback()
    if ends:
        time.sleep(0.3)
        assert "column t.x" not in ENGINE.fingerprint(shop.target)
    else:
        eventually(lambda: "column t.x" in ENGINE.fingerprint(shop.target))
    assert shop.applied() == []


@pytest.mark.parametrize(("database", "odd"), [("a%25b", "%"), ("a%3Fb", "?"), ("a%2Fb", "/")])
def test_a_database_name_dbmate_decodes_twice_is_refused(shop: Project, database: str, odd: str) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    raw = shop.url.rpartition("/")[0] + f"/{database}"
    assert shop.dbmate("--no-dump-schema", "status", url=raw).returncode == 2
    with pytest.raises(InvalidUrl, match="database name"):
        ENGINE.check_url(raw)


def test_the_password_is_in_no_argument_of_the_tool(shop: Project) -> None:
    setup = ENGINE.tool_setup(shop.target, "tag")
    assert (
        PASSWORD not in " ".join(setup.flags)
        and PASSWORD not in repr(setup)
        and PASSWORD not in repr(shop.target)
    )
    with_space = shop.url.replace(PASSWORD, "s3 cret#x")
    assert "s3" not in ENGINE.redact_url(with_space) and "cret" not in ENGINE.redact_url(with_space)


def test_sql_that_only_mysql_reads_is_refused_by_mariadb_with_a_line(shop: Project) -> None:
    up = "SELECT 1;\nCREATE TABLE t (id int, a int,\n  KEY k ((a + 1)));"
    error = ENGINE.explain_failure(shop.failure("1_a.sql", up))
    assert error.code == "syntax_error" and error.details["line"] == 4


def test_table_names_keep_their_case(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE Users (id int);\nCREATE TABLE users (id int);")
    assert shop.up().returncode == 0
    assert {"table Users", "table users"} <= ENGINE.fingerprint(shop.target).keys()
    assert ENGINE.row_counts(shop.target, ["Users", "users"]) == {"Users": 0, "users": 0}
