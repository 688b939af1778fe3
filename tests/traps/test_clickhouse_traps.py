"""ClickHouse: what dbmate really does there, and that the engine guards against it. One test a trap, named after it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from backend.core.errors import InvalidUrl, SyntaxProblem
from backend.engine.target import FailedBlock
from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from tests.engines.clickhouse.conftest import old_server  # noqa: F401 - a fixture
from tests.engines.clickhouse.old_server import OldClickHouse
from tests.engines.sqlite.project import Project
from tests.servers import Server

TABLE = "CREATE TABLE {} (id UInt64) ENGINE = MergeTree ORDER BY id"


@pytest.fixture
def shop(clickhouse_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, clickhouse_url, ENGINE)


def tables(shop: Project) -> list[str]:
    with session(shop.target) as server:
        rows = server.query("SHOW TABLES", database=ENGINE.split_url(shop.url)["database"])
    return sorted(str(row[0]) for row in rows)


def test_several_statements_in_one_block_are_refused(shop: Project) -> None:
    up = f"{TABLE.format('a')};\n{TABLE.format('b')};"
    failure = shop.failure("1_two.sql", up)
    assert "Code: 62" in failure.tool_text
    assert shop.applied() == [] and tables(shop) == ["schema_migrations"]
    assert "2 statements" in ENGINE.block_warnings(up, transaction=True)[0]
    error = ENGINE.explain_failure(failure)
    assert isinstance(error, SyntaxProblem) and "one statement at a time" in error.message


def test_one_statement_with_a_semicolon_at_its_end_is_fine(shop: Project) -> None:
    up = f"{TABLE.format('a')};\n-- and a comment"
    shop.write("1_one.sql", up)
    assert shop.up().returncode == 0
    assert ENGINE.block_warnings(up, transaction=True) == []


def test_there_is_no_transaction_so_what_ran_before_a_failure_stays(shop: Project) -> None:
    # Two pairs in one file: the first lands, the second fails, and no version is recorded.
    path = shop.write("1_pairs.sql", TABLE.format("a"), "DROP TABLE a")
    path.write_text(path.read_text() + "-- migrate:up\nSELECT nope\n-- migrate:down\nSELECT 1\n")
    assert shop.up().returncode == 2
    assert "a" in tables(shop) and shop.applied() == []
    again = shop.up()
    assert "Code: 57" in again.stderr
    assert "keeps what ran" in str(ENGINE.explain_failure(FailedBlock(again.stderr)).hint)
    assert not ENGINE.capabilities()["transactional_ddl"].supported


def test_an_empty_block_is_refused_so_an_empty_down_cannot_be_rolled_back(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1", "-- nothing to undo")
    assert shop.up().returncode == 0
    done = shop.dbmate("--no-dump-schema", "rollback")
    assert done.returncode == 2 and "Empty query" in done.stderr
    assert shop.applied() == ["1"]
    assert "no statement" in ENGINE.block_warnings("-- nothing to undo", transaction=True)[0]
    assert "SELECT 1" in str(ENGINE.explain_failure(FailedBlock(done.stderr)).hint)


def test_a_rollback_inserts_a_row_with_applied_0(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1", "SELECT 1")
    shop.up()
    shop.dbmate("--no-dump-schema", "rollback")
    database = ENGINE.split_url(shop.url)["database"]
    with session(shop.target) as server:
        raw = server.query(
            "SELECT version, applied FROM schema_migrations ORDER BY applied", database=database
        )
    # Two rows or, merged, one; a count of rows would call it applied.
    assert ["1", 0] in raw
    assert shop.applied() == []


def test_a_mutation_is_recorded_as_applied_before_the_data_has_changed(shop: Project) -> None:
    sleepy = "ALTER TABLE t UPDATE id = id + sleepEachRow(0.5) WHERE id < 4"
    assert "background" in ENGINE.block_warnings(sleepy, transaction=True)[0]
    shop.write("1_t.sql", "CREATE TABLE t (id UInt64, n UInt64) ENGINE = MergeTree ORDER BY id")
    shop.write("2_rows.sql", "INSERT INTO t SELECT number, 0 FROM numbers(4)")
    shop.write(
        "3_update.sql",
        "ALTER TABLE t UPDATE n = 1 + sleepEachRow(0.5) WHERE id < 4 SETTINGS mutations_sync = 0",
    )
    started = time.monotonic()
    assert shop.up().returncode == 0
    took = time.monotonic() - started
    assert shop.applied() == ["1", "2", "3"]
    found = ENGINE.activity(shop.target, "db-toolkit:none")
    assert took < 2 and any("in the background" in one.state for one in found)


def test_status_creates_the_migrations_table_and_asking_ourselves_does_not(shop: Project) -> None:
    assert shop.applied() == [] and tables(shop) == []
    shop.write("1_x.sql", "SELECT 1")
    shop.dbmate("status")
    created_by_status = tables(shop)
    shop.dbmate("--schema-file", str(shop.folder / "s.sql"), "dump")
    assert "schema_migrations" in tables(shop), created_by_status


def test_the_schema_is_dumped_by_sql_without_any_program(shop: Project) -> None:
    shop.write("1_x.sql", TABLE.format("a"))
    shop.up()
    done = subprocess.run(
        shop.command("--schema-file", "s.sql", "dump"), cwd=shop.folder, env={"DATABASE_URL": shop.url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert (shop.folder / "s.sql").read_text() == ENGINE.dump_schema(shop.target)


def test_dbmates_own_load_is_refused_and_ours_works(shop: Project) -> None:
    shop.write("1_x.sql", TABLE.format("a"))
    shop.up()
    dumped = ENGINE.dump_schema(shop.target)
    (shop.folder / "s.sql").write_text(dumped)
    ENGINE.drop_database(shop.target)
    ENGINE.create_database(shop.target)
    failed = shop.dbmate("--schema-file", "s.sql", "load")
    assert failed.returncode == 2 and "Code: 62" in failed.stderr
    ENGINE.load_schema(shop.target, dumped, shop.folder / "s.sql")
    assert shop.applied() == ["1"]


def test_a_database_name_with_a_dash_is_created_and_then_works(shop: Project) -> None:
    odd = Project(shop.folder, shop.url + "-odd", ENGINE)
    odd.write("1_x.sql", "SELECT 1")
    try:
        assert odd.up().returncode == 0
        assert odd.applied() == ["1"]
    finally:
        ENGINE.drop_database(odd.target)


def test_the_migration_lock_flag_fails_after_creating(shop: Project) -> None:
    missing = Project(shop.folder, shop.url + "_locked", ENGINE)
    missing.write("1_x.sql", "SELECT 1")
    try:
        done = missing.dbmate("--no-dump-schema", "--migration-lock", "up")
        assert done.returncode == 2 and "Creating: " in done.stdout
        assert ENGINE.probe(missing.target).database_exists is True
        assert "--migration-lock" not in ENGINE.tool_setup(missing.target, "tag").flags
    finally:
        ENGINE.drop_database(missing.target)


def test_https_is_refused_without_secure_and_http_with_it(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    assert "https without TLS" in shop.dbmate("status", url="clickhouse+https://127.0.0.1:1/x").stderr
    assert "http with TLS" in shop.dbmate("status", url="clickhouse+http://127.0.0.1:1/x?secure=true").stderr
    mended = ENGINE.check_url("clickhouse+https://127.0.0.1:1/x")
    assert "secure=true" in mended
    assert "refused" in shop.dbmate("status", url=mended).stderr
    with pytest.raises(InvalidUrl, match="secure=true"):
        ENGINE.check_url("clickhouse+http://h/x?secure=true")


def test_secure_without_a_port_still_goes_to_9000(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    assert ":9000" in shop.dbmate("status", url="clickhouse://127.0.0.1/x?secure=true").stderr
    mended = ENGINE.check_url("clickhouse://127.0.0.1/x?secure=true")
    assert ":9440" in shop.dbmate("status", url=mended).stderr


@pytest.mark.parametrize(
    ("scheme", "port", "options"),
    [("clickhouse", 9000, ""), ("clickhouse+http", 8123, ""), ("clickhouse+https", 8443, "?secure=true")],
)
def test_the_default_ports_are_9000_8123_and_8443(
    shop: Project, scheme: str, port: int, options: str
) -> None:
    shop.write("1_x.sql", "SELECT 1")
    said = shop.dbmate("status", url=f"{scheme}://127.0.0.1/x{options}").stderr
    assert f"127.0.0.1:{port}" in said
    from backend.engines.clickhouse import url

    assert url.parse(f"{scheme}://127.0.0.1/x{options}").addresses == [("127.0.0.1", port)]


def test_a_raw_space_or_percent_in_a_password_breaks_dbmate_and_is_encoded_by_us(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    for password in ("a b", "100%"):
        raw = f"clickhouse+http://u:{password}@127.0.0.1:1/x"
        assert (
            "net/url" in shop.dbmate("status", url=raw).stderr
            or "invalid" in shop.dbmate("status", url=raw).stderr
        )
        assert "refused" in shop.dbmate("status", url=ENGINE.check_url(raw)).stderr
        assert ENGINE.password_of(raw) == password


def test_unknown_parameters_become_settings_of_every_query(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    done = shop.dbmate("--no-dump-schema", "up", url=shop.url + "?no_such_setting=1")
    assert done.returncode == 2 and "Code: 115" in done.stderr
    assert "no_such_setting" in ENGINE.explain_failure(FailedBlock(done.stderr)).message


def test_after_a_kill_the_statement_goes_on_and_completes_unrecorded(shop: Project) -> None:
    shop.write(
        "1_slow.sql",
        "CREATE TABLE late ENGINE = Memory AS SELECT sleepEachRow(0.5) AS a FROM numbers(4) SETTINGS max_block_size = 1",
    )
    process = subprocess.Popen(
        shop.command("--no-dump-schema", "up"), cwd=shop.folder, env=shop.environment(),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline().startswith("Applying")
    time.sleep(0.7)
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 10
    while ENGINE.row_counts(shop.target, ["late"]).get("late") != 4:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert shop.applied() == []


def test_debians_old_server_cannot_take_the_version(  # the fixture is imported by name
    old_server: Server,  # noqa: F811
    shop: Project,
) -> None:
    recipe, table = OldClickHouse(), f"late_{time.monotonic_ns()}"
    shop.write("1_x.sql", f"CREATE TABLE {table} (a UInt8) ENGINE = Memory")
    over_http = shop.up(recipe.url(old_server, "default"))
    error = ENGINE.explain_failure(FailedBlock(over_http.stderr))
    assert (over_http.returncode, error.details["errno"]) == (2, 115)
    assert "too old" in str(error.hint)
    # Over the native protocol the migration itself lands; its version does not.
    native = Project(shop.folder, recipe.native_url(old_server, "default") + "?read_timeout=1s", ENGINE)
    assert native.up().returncode == 2
    assert native.applied() == []
    assert ENGINE.row_counts(native.target, [table]) == {table: 0}
