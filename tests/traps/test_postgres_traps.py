"""What dbmate really does on PostgreSQL, and what of it our engine guards against. One test a trap, named after it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from backend.core.errors import InvalidUrl, ToolMissing
from backend.drivers.tools import postgres_tool
from backend.engine.target import FailedBlock
from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import dbmate_dump, environment, run, tool_running, until
from tests.engines.sqlite.project import Project
from tests.servers import Server

TAG = f"trap run {os.getpid()}"


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, postgres_url, ENGINE)


def with_env(
    shop: Project, *arguments: str, url: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    (shop.folder / "m").mkdir(exist_ok=True)
    return subprocess.run(
        shop.command(*arguments), cwd=shop.folder, env={**shop.environment(url), **env},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def exists(shop: Project, name: str) -> bool:
    return bool(run(shop, f"SELECT to_regclass('{name}') IS NOT NULL")[0][0])


# -- output ----------------------------------------------------------------------------------------------------------


def test_create_fails_where_the_database_exists_and_drop_of_a_missing_one_succeeds(shop: Project) -> None:
    again = shop.dbmate("create")
    assert again.returncode == 2 and "already exists" in again.stderr
    name = shop.url.rpartition("/")[2].partition("?")[0]
    gone = shop.dbmate("drop", url=shop.url.replace(name, f"no_{name}"))
    assert gone.returncode == 0 and gone.stdout.startswith("Dropping:")


def test_the_line_of_an_error_counts_from_the_directive_and_not_from_the_files_first_line(
    shop: Project,
) -> None:
    path = shop.write("1_a.sql", "select 1;\nselect nope from pg_class;")
    path.write_text("-- a header\n-- of two lines\n\n" + path.read_text())
    done = shop.up()
    assert "line: 3, column: 8, position: " in done.stderr and "(42703)" in done.stderr


def test_verbose_shows_neither_notices_nor_rows(shop: Project) -> None:
    shop.write("1_a.sql", "DO $$ BEGIN RAISE NOTICE 'my notice'; END $$; SELECT 'my row';")
    done = shop.dbmate("-v", "--no-dump-schema", "up")
    assert (
        done.returncode == 0 and "my notice" not in done.stdout + done.stderr and "my row" not in done.stdout
    )


# -- transactions ----------------------------------------------------------------------------------------------------


def test_ddl_is_really_rolled_back(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE a (id int);\nSELECT nope;")
    assert shop.up().returncode == 2
    assert not exists(shop, "a") and shop.applied() == []


def test_without_transaction_several_statements_are_still_one_implicit_transaction(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE a (id int);\nSELECT nope;", option=" transaction:false")
    assert shop.up().returncode == 2
    assert not exists(shop, "a")


def test_create_index_concurrently_must_be_alone_in_its_block(shop: Project) -> None:
    run(shop, "CREATE TABLE a (x int)")
    block = "CREATE INDEX CONCURRENTLY i ON a (x);\nCREATE TABLE b (x int);"
    shop.write("1_a.sql", block, option=" transaction:false")
    assert "cannot run inside a transaction block" in shop.up().stderr
    assert len(ENGINE.block_warnings(block, transaction=False)) == 1
    shop.write("1_a.sql", "CREATE INDEX CONCURRENTLY i ON a (x);", option=" transaction:false")
    assert shop.up().returncode == 0
    assert ENGINE.block_warnings("CREATE INDEX CONCURRENTLY i ON a (x);", transaction=False) == []


def test_a_failed_concurrent_index_leaves_an_invalid_index_and_the_fingerprint_tells(shop: Project) -> None:
    run(shop, "CREATE TABLE a (x int)", "INSERT INTO a VALUES (1), (1)")
    shop.write("1_a.sql", "CREATE UNIQUE INDEX CONCURRENTLY once ON a (x);", option=" transaction:false")
    assert shop.up().returncode == 2 and shop.applied() == []
    assert "INVALID" in ENGINE.fingerprint(shop.target)["index once"]


def test_sql_with_commit_reports_failure_although_tables_and_version_are_committed(shop: Project) -> None:
    block = "CREATE TABLE a (x int);\nCOMMIT;\nCREATE TABLE b (x int);"
    shop.write("1_a.sql", block)
    done = shop.up()
    assert done.returncode == 2 and "unexpected transaction status idle" in done.stderr
    assert exists(shop, "a") and exists(shop, "b") and shop.applied() == ["1"]
    assert ENGINE.block_warnings(block, transaction=True)
    assert "committed" in ENGINE.explain_failure(FailedBlock(done.stderr, f"-- migrate:up\n{block}")).message


def test_an_enum_value_cannot_be_used_in_the_transaction_that_adds_it(shop: Project) -> None:
    run(shop, "CREATE TYPE mood AS ENUM ('sad')")
    block = "ALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE a (m mood DEFAULT 'glad');"
    failure = shop.failure("1_a.sql", block)
    assert "unsafe use of new value" in failure.tool_text
    assert "file of its own" in str(ENGINE.explain_failure(failure).hint)
    assert ENGINE.block_warnings(block, transaction=True)


def test_a_pasted_dump_empties_search_path_for_the_next_file_of_the_same_run(shop: Project) -> None:
    pasted = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (x int);"
    shop.write("1_a.sql", pasted)
    shop.write("2_b.sql", "ALTER TABLE a ADD COLUMN y int;")
    done = shop.up()
    assert done.returncode == 2 and '"a" does not exist' in done.stderr
    assert shop.up().returncode == 0  # in a run of its own the same file works
    assert any("search_path" in sentence for sentence in ENGINE.block_warnings(pasted, transaction=True))


def test_psql_meta_commands_are_refused_by_the_server(shop: Project) -> None:
    failure = shop.failure("1_a.sql", "\\connect shop\nSELECT 1;")
    error = ENGINE.explain_failure(failure)
    assert error.details["line"] == 2 and "psql" in str(error.hint)
    assert ENGINE.block_warnings("\\connect shop\nSELECT 1;", transaction=True)


def test_a_pasted_transaction_timeout_is_refused_by_an_older_server(
    postgres15_url: str, tmp_path: Path
) -> None:
    shop = Project(tmp_path, postgres15_url, ENGINE)
    error = ENGINE.explain_failure(shop.failure("1_a.sql", "SET transaction_timeout = 0;"))
    assert "newer pg_dump" in str(error.hint)
    assert ENGINE.block_warnings("SET transaction_timeout = 0;", transaction=True)


# -- URLs ------------------------------------------------------------------------------------------------------------


def test_tls_is_the_default(shop: Project) -> None:
    done = shop.dbmate("status", url=shop.url.split("?")[0])
    assert done.returncode == 2 and "SSL is not enabled on the server" in done.stderr


@pytest.mark.parametrize(
    ("raw", "works"), [("a@b", True), ("a/b", False), ("a#b", False), ("a%b", False), ("a b", False)]
)
def test_a_raw_at_sign_in_a_password_works_and_slash_hash_percent_space_do_not_unless_encoded(
    shop: Project, raw: str, works: bool
) -> None:
    role = f"r{abs(hash((raw, shop.url))) % 10**9}"
    run(shop, f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{raw}'")
    try:
        place = shop.url.rpartition("@")[2]
        pasted = f"postgres://{role}:{raw}@{place}"
        assert (shop.dbmate("status", url=pasted).returncode == 0) is works
        assert shop.dbmate("status", url=ENGINE.check_url(pasted)).returncode == 0
    finally:
        run(shop, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


def test_a_socket_is_given_by_its_folder_and_port(shop: Project, postgres_server: Server) -> None:
    assert postgres_server.socket is not None
    folder, port = str(Path(postgres_server.socket).parent), str(postgres_server.port)
    fields = ENGINE.split_url(shop.url) | {"socket": folder, "port": port}
    fields.pop("host"), fields.pop("sslmode")
    by_socket = Project(shop.folder, ENGINE.build_url(fields), ENGINE)
    by_socket.write("1_a.sql", "CREATE TABLE a (id int);")
    assert by_socket.up().returncode == 0  # TLS is not asked for on a socket
    assert by_socket.applied() == ["1"] and "TABLE public.a" in ENGINE.dump_schema(by_socket.target)
    encoded_host = f"postgres://u@{quote(folder, safe='')}:{port}/x"
    assert "invalid URL escape" in shop.dbmate("status", url=encoded_host).stderr
    assert ENGINE.split_url(encoded_host)["socket"] == folder


def test_the_first_schema_of_search_path_holds_the_migrations_table(shop: Project) -> None:
    there = Project(shop.folder, shop.url + "&search_path=app,public", ENGINE)
    there.write("1_a.sql", "CREATE TABLE a (id int);")
    assert "Creating schema: app" in there.up().stdout
    assert (
        exists(shop, "app.schema_migrations")
        and exists(shop, "app.a")
        and not exists(shop, "public.schema_migrations")
    )
    assert there.applied() == ["1"] and shop.applied() == []


def test_pgpassword_pgoptions_and_pgappname_are_honoured(shop: Project) -> None:
    fields = ENGINE.split_url(shop.url)
    bare = ENGINE.build_url({key: value for key, value in fields.items() if key != "password"})
    shop.write(
        "1_a.sql",
        "CREATE TABLE seen AS SELECT current_setting('application_name') AS n, current_setting('lock_timeout') AS l;",
    )
    env = {"PGPASSWORD": fields["password"], "PGAPPNAME": "me", "PGOPTIONS": "-c lock_timeout=7s"}
    assert with_env(shop, "--no-dump-schema", "up", url=bare, **env).returncode == 0
    assert run(shop, "SELECT * FROM seen") == [("me", "7s")]
    ours = Project(shop.folder, bare, ENGINE, changes={"env": {"PGPASSWORD": fields["password"]}})
    assert ours.applied() == ["1"]


def test_options_of_the_url_win_over_pgoptions_so_ours_are_joined(shop: Project) -> None:
    url = shop.url + "&options=-c%20work_mem%3D9MB&application_name=theirs"
    ours = Project(shop.folder, url, ENGINE)
    asked = ("application_name", "lock_timeout", "work_mem")
    ours.write(
        "1_a.sql",
        f"CREATE TABLE seen AS SELECT {', '.join(f'current_setting({name!r}) AS {name}' for name in asked)};",
    )
    assert (
        with_env(ours, "--no-dump-schema", "up", PGOPTIONS="-c lock_timeout=7s", PGAPPNAME="me").returncode
        == 0
    )
    assert run(shop, "SELECT * FROM seen") == [("theirs", "0", "9MB")]
    run(shop, "DROP TABLE seen, schema_migrations")
    done = subprocess.run(
        ours.command("--no-dump-schema", "up"),
        cwd=ours.folder,
        env=environment(ours, TAG, lock_timeout_s=7),
        check=False,
    )
    assert done.returncode == 0
    assert run(shop, "SELECT * FROM seen") == [(TAG, "7s", "9MB")]


def test_unknown_parameters_become_settings_of_the_server_but_break_pg_dump(shop: Project) -> None:
    odd = Project(shop.folder, shop.url + "&statement_timeout=31s", ENGINE)
    odd.write("1_a.sql", "CREATE TABLE seen AS SELECT current_setting('statement_timeout');")
    assert odd.up().returncode == 0
    assert run(shop, "SELECT * FROM seen") == [("31s",)]
    env = {"PATH": f"{postgres_tool('pg_dump').parent}{os.pathsep}{os.environ['PATH']}"}
    broken = with_env(odd, "dump", **env)
    assert broken.returncode == 2 and "invalid URI query parameter" in broken.stderr
    assert "CREATE TABLE public.seen" in ENGINE.dump_schema(odd.target)


def test_parameters_of_libpq_that_hosting_sites_add_are_refused_by_the_server_unless_mended(
    shop: Project,
) -> None:
    pasted = shop.url + "&channel_binding=prefer"
    assert "unrecognized configuration parameter" in shop.dbmate("status", url=pasted).stderr
    assert shop.dbmate("status", url=ENGINE.check_url(pasted)).returncode == 0


def test_a_slash_after_the_database_is_taken_for_part_of_its_name_unless_mended(shop: Project) -> None:
    pasted = shop.url.replace("?", "/?")
    assert "does not exist" in shop.dbmate("status", url=pasted).stderr
    assert shop.dbmate("status", url=ENGINE.check_url(pasted)).returncode == 0


def test_several_hosts_are_not_reached_and_refused_with_the_reason(shop: Project) -> None:
    several = shop.url.replace("@", "@127.0.0.1:1,")
    assert shop.dbmate("status", url=several).returncode == 2
    with pytest.raises(InvalidUrl, match="several hosts"):
        ENGINE.check_url(several)


# -- migrations table and dump ---------------------------------------------------------------------------------------


def test_the_migrations_table_has_one_varchar_key(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    columns = run(shop, "SELECT column_name, data_type, character_maximum_length FROM information_schema.columns "
                        "WHERE table_name = 'schema_migrations'")  # fmt: skip
    assert columns == [("version", "character varying", None)]


@pytest.mark.parametrize("command", ["rollback", "dump"])
def test_even_reading_commands_create_the_migrations_table_and_ours_do_not(
    shop: Project, command: str
) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    assert (
        shop.applied() == [] and ENGINE.catalog(shop.target).tables == [] and ENGINE.dump_schema(shop.target)
    )
    assert not exists(shop, "schema_migrations")
    shop.dbmate(command)
    assert exists(shop, "schema_migrations")


def test_without_pg_dump_up_succeeds_silently_and_dump_fails(shop: Project, tmp_path: Path) -> None:
    shop.write("1_a.sql", "CREATE TABLE a (id int);")
    done = with_env(shop, "-s", "s.sql", "up", PATH=str(tmp_path))
    assert done.returncode == 0 and "Writing" not in done.stdout and not (shop.folder / "s.sql").exists()
    assert with_env(shop, "-s", "s.sql", "dump", PATH=str(tmp_path)).returncode == 2
    assert "CREATE TABLE public.a" in ENGINE.dump_schema(shop.target)  # the bundled one serves


def test_an_older_pg_dump_refuses_a_newer_server(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    older = next(iter(sorted(Path("/usr/lib/postgresql").glob("1[0-7]/bin/pg_dump"))), None)
    if older is None:
        pytest.skip("apt-get install postgresql-client for a pg_dump older than the bundled one")
    done = with_env(shop, "dump", PATH=f"{older.parent}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 2 and "server version mismatch" in done.stderr
    monkeypatch.setattr("backend.drivers.pg_tools.postgres_tool", lambda _name: older)
    with pytest.raises(ToolMissing, match="version mismatch"):
        ENGINE.dump_schema(shop.target)


def test_a_newer_pg_dumps_file_does_not_load_on_an_older_server_unless_filtered(
    postgres15_url: str, tmp_path: Path
) -> None:
    shop = Project(tmp_path, postgres15_url, ENGINE)
    shop.write("1_a.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    theirs = dbmate_dump(shop)
    run(shop, "DROP TABLE schema_migrations")
    (tmp_path / "s.sql").write_text(theirs)
    loaded = shop.dbmate("-s", "s.sql", "load")
    assert loaded.returncode == 2 and "transaction_timeout" in loaded.stderr
    ENGINE.load_schema(shop.target, theirs, tmp_path / "s.sql")
    assert shop.applied() == ["1"]
    ours = ENGINE.dump_schema(shop.target)
    run(shop, "DROP TABLE schema_migrations")
    (tmp_path / "s.sql").write_text(ours)
    assert shop.dbmate("-s", "s.sql", "load").returncode == 0


# -- locks and kills -------------------------------------------------------------------------------------------------


def test_with_migration_lock_the_waiter_exits_with_zero_having_done_nothing(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE a (id int);")
    with psycopg.connect(shop.url, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(48372615)")
        with subprocess.Popen(
            shop.command("--no-dump-schema", "--migration-lock", "up"),
            cwd=shop.folder,
            env=shop.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as waiter:
            assert until(
                lambda: run(shop, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            )
            assert shop.up().returncode == 0  # what the first run does meanwhile
            first.execute("SELECT pg_advisory_unlock_all()")
            output, _ = waiter.communicate(timeout=20)
    assert waiter.returncode == 0 and output == ""


def test_without_a_lock_two_parallel_runs_run_a_file_twice(shop: Project) -> None:
    run(shop, "CREATE TABLE counted (n int)")
    shop.write(
        "1_a.sql", "INSERT INTO counted VALUES (1);\nSELECT pg_sleep(0.7);", option=" transaction:false"
    )
    with tool_running(shop, TAG) as first, tool_running(shop, TAG) as second:
        codes = {first.wait(20), second.wait(20)}
    assert codes == {0, 2}  # the second insert of the version fails on the key
    assert run(shop, "SELECT count(*) FROM counted") in ([(1,)], [(2,)])
    with ENGINE.run_lock(shop.target, {}):
        from backend.core.errors import Busy

        with pytest.raises(Busy), ENGINE.run_lock(shop.target, {}):
            pass


def blocked_backends(shop: Project) -> int:
    found: int = run(shop, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ADD b%' "
                           "AND datname = current_database()")[0][0]  # fmt: skip
    return found


@pytest.mark.skipif(
    sys.platform != "linux", reason="client_connection_check_interval needs Linux on the server"
)
def test_a_killed_tools_blocked_backend_stays_until_unblocked_unless_the_server_watches_its_client(
    shop: Project,
) -> None:
    run(shop, "CREATE TABLE a (id int)")
    shop.write("1_a.sql", "ALTER TABLE a ADD b int;", option=" transaction:false")
    with psycopg.connect(shop.url) as other:
        other.execute("LOCK TABLE a")
        with tool_running(shop, TAG, env=shop.environment()) as bare:
            until(lambda: blocked_backends(shop))
            bare.kill()
        assert not until(lambda: blocked_backends(shop) == 0, seconds=1.5)
        run(shop, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                  "AND datname = current_database()")  # fmt: skip
        setup = ENGINE.tool_setup(shop.target, TAG)
        assert "client_connection_check_interval=500" in setup.env["PGOPTIONS"]
        with tool_running(shop, TAG) as ours:
            until(lambda: blocked_backends(shop))
            ours.kill()
        assert until(lambda: blocked_backends(shop) == 0, seconds=5)


def test_a_killed_tools_batch_without_transaction_still_completes_unrecorded_unless_its_session_is_ended(
    shop: Project,
) -> None:
    run(shop, "CREATE TABLE a (id int)")
    shop.write("1_a.sql", "SELECT pg_sleep(0.8);\nCREATE TABLE late (id int);", option=" transaction:false")
    with tool_running(shop, TAG, env=shop.environment()) as bare:
        until(lambda: run(shop, "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.8)%' AND state = 'active' "
                                "AND pid <> pg_backend_pid()"))  # fmt: skip
        bare.kill()
    assert until(lambda: exists(shop, "late"), seconds=5) and shop.applied() == []
    run(shop, "DROP TABLE late")
    with tool_running(shop, TAG) as ours:
        until(lambda: [one for one in ENGINE.sessions(shop.target, TAG) if "pg_sleep" in one.query])
        ours.kill()
        assert ENGINE.end_sessions(shop.target, TAG) >= 1
    assert ENGINE.sessions(shop.target, TAG) == []
    assert not until(lambda: exists(shop, "late"), seconds=1.2)


def test_the_check_of_the_client_is_left_out_where_the_server_refuses_it(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an older server, one that is not on Linux, or a pooler does."""
    from backend.engines.postgres import tool

    monkeypatch.setattr(tool, "_takes", {})
    monkeypatch.setattr(tool, "_WATCH_CLIENT", "-c client_connection_check_interval=never")
    assert "PGOPTIONS" not in ENGINE.tool_setup(shop.target, TAG).env
    assert list(tool._takes.values()) == [False]


def test_a_held_table_lock_makes_up_wait_for_ever_unless_a_lock_timeout_is_set(shop: Project) -> None:
    run(shop, "CREATE TABLE a (id int)")
    shop.write("1_a.sql", "ALTER TABLE a ADD b int;")
    with psycopg.connect(shop.url) as other:
        other.execute("LOCK TABLE a")
        with tool_running(shop, TAG) as patient:
            assert until(lambda: blocked_backends(shop))
            with pytest.raises(subprocess.TimeoutExpired):
                patient.wait(1.5)
        with tool_running(shop, TAG, lock_timeout_s=0.3) as ours:
            output, _ = ours.communicate(timeout=10)
        assert ours.returncode == 2 and "lock timeout" in output
        assert ENGINE.explain_failure(FailedBlock(output)).code == "lock_timeout"


def test_the_password_is_in_no_argument_of_the_tools(shop: Project) -> None:
    setup = ENGINE.tool_setup(shop.target, TAG)
    password = ENGINE.password_of(shop.url)
    assert password and not any(password in flag for flag in setup.flags) and password not in repr(setup)
