"""dbmate run by the tool: exactly the files asked for, in order, told as it goes. The database is the judge."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from backend.core.errors import MigrationNotFound, ToolMissing
from backend.drivers.dbmate import DbmateTool
from backend.engine.target import CancelToken, ToolSetup
from backend.models.migration import Direction

from .conftest import Project, bare
from .test_output import FIXTURES


@pytest.fixture
def three(shop: Project) -> Project:
    """Three files: tables a, b and c."""
    for number, table in enumerate("abc", start=1):
        shop.write(f"{number}_{table}.sql", f"create table {table} (x);", f"drop table {table};")
    return shop


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    mine = f"db-toolkit-run-{os.getpid()}-"
    assert not [*Path(tempfile.gettempdir()).glob(f"{mine}*"), *Path("/dev/shm").glob(f"{mine}*")]


def test_up_runs_exactly_the_files_asked_for(three: Project) -> None:
    outcome = three.up("1_a.sql", "3_c.sql")
    assert (outcome.exit_code, outcome.error_text, outcome.failed_file) == (0, "", None)
    assert three.tables() == {"a", "c"} and three.applied() == ["1", "3"]
    assert three.progress() == [
        ("start", "1_a.sql"),
        ("done", "1_a.sql"),
        ("start", "3_c.sql"),
        ("done", "3_c.sql"),
    ]


def test_up_can_fill_a_gap(three: Project) -> None:
    three.up("3_c.sql")
    three.up("1_a.sql")
    assert three.applied() == ["1", "3"]


def test_events_bring_the_process_and_a_duration(three: Project) -> None:
    outcome = three.up("1_a.sql")
    done = three.events[-1]
    assert done.kind == "done" and done.duration_ms is not None and 0 < done.duration_ms < 10_000
    assert {event.pid for event in three.events} == set(outcome.details["pids"])  # type: ignore[call-overload]
    assert [event.text for event in three.events if event.text][1] == "Applying: 1_a.sql"


def test_up_stops_at_the_first_failing_file(three: Project) -> None:
    three.write("2_b.sql", "create table b (x);\ninsert into nope values (1);")
    outcome = three.up("1_a.sql", "2_b.sql", "3_c.sql")
    assert (outcome.exit_code, outcome.failed_file, outcome.error_text) == (
        2,
        "2_b.sql",
        "no such table: nope",
    )
    assert three.applied() == ["1"] and three.tables() == {"a"}
    assert three.progress()[-1] == ("start", "2_b.sql")
    assert outcome.details["not_started"] == ["3_c.sql"]


def test_down_rolls_back_a_chosen_file_and_not_the_newest(three: Project) -> None:
    three.up("1_a.sql", "2_b.sql", "3_c.sql")
    assert three.down("2_b.sql").exit_code == 0
    assert three.applied() == ["1", "3"] and three.tables() == {"a", "c"}


def test_down_takes_one_process_a_file_and_stops_at_the_first_failure(three: Project) -> None:
    three.write("2_b.sql", "create table b (x);", "drop table zzz;")
    three.up("1_a.sql", "2_b.sql", "3_c.sql")
    three.events.clear()
    outcome = three.down("3_c.sql", "2_b.sql", "1_a.sql")
    assert (outcome.exit_code, outcome.failed_file) == (2, "2_b.sql")
    assert three.applied() == ["1", "2"]
    assert three.progress() == [("start", "3_c.sql"), ("done", "3_c.sql"), ("start", "2_b.sql")]
    assert len(outcome.details["pids"]) == 2  # type: ignore[arg-type]


def test_down_goes_in_the_order_given_whatever_it_is(three: Project) -> None:
    three.up("1_a.sql", "2_b.sql", "3_c.sql")
    three.events.clear()
    assert three.down("1_a.sql", "2_b.sql").exit_code == 0
    assert three.applied() == ["3"]
    assert [name for kind, name in three.progress() if kind == "start"] == ["1_a.sql", "2_b.sql"]


def test_down_of_a_file_that_is_not_applied_says_so_and_touches_nothing(three: Project) -> None:
    three.up("1_a.sql")
    outcome = three.down("3_c.sql")
    assert outcome.exit_code == 2 and outcome.failed_file == "3_c.sql"
    assert outcome.details["not_applied"] == ["3_c.sql"] and three.applied() == ["1"]


def test_up_of_a_file_that_is_applied_runs_nothing_and_says_so(three: Project) -> None:
    three.up("1_a.sql")
    three.events.clear()
    outcome = three.up("1_a.sql")
    assert outcome.exit_code == 0 and three.progress() == []
    assert outcome.details["not_started"] == ["1_a.sql"]


def test_files_may_come_from_several_folders(three: Project) -> None:
    other = three.write("4_d.sql", "create table d (x);", folder="more")
    three.up("1_a.sql", str(other))
    assert three.applied() == ["1", "4"]


def test_record_writes_versions_without_running_anything(three: Project) -> None:
    (three.folder / "2_b.sql").unlink()
    assert three.record(Direction.UP, "1_a.sql", "2_b.sql").exit_code == 0
    assert three.applied() == ["1", "2"] and three.tables() == set()
    assert three.record(Direction.DOWN, "1_a.sql", "2_b.sql").exit_code == 0
    assert three.applied() == [] and three.events == []


def test_record_takes_out_one_version_and_keeps_its_table(three: Project) -> None:
    three.up("1_a.sql", "2_b.sql")
    three.record(Direction.DOWN, "1_a.sql")
    assert three.applied() == ["2"] and three.tables() == {"a", "b"}


def test_another_migrations_table_is_used(three: Project) -> None:
    three.table = "history"
    three.up("1_a.sql")
    assert three.applied() == ["1"]


def test_a_relative_database_starts_at_the_working_folder(three: Project) -> None:
    three.url = "sqlite:rel.db"
    three.up("1_a.sql")
    assert (three.root / "rel.db").exists()


def test_no_schema_file_is_written(three: Project) -> None:
    three.up("1_a.sql")
    assert sorted(path.name for path in three.root.iterdir()) == ["migrations", "shop.db"]


def test_the_hash_of_what_ran_is_told(three: Project) -> None:
    outcome = three.up("1_a.sql")
    parsed = three.tool.parse(three.folder / "1_a.sql", (three.folder / "1_a.sql").read_bytes())
    assert outcome.details["sha256"] == {"1_a.sql": parsed.sha256}


def test_a_file_that_is_gone_stops_the_run_before_it_begins(three: Project) -> None:
    with pytest.raises(MigrationNotFound):
        three.up("1_a.sql", "9_gone.sql")
    assert not (three.root / "shop.db").exists()


def test_a_timeout_stops_it(postgres_url: str, shop: Project) -> None:
    shop.url, shop.engine = postgres_url, "postgres"
    shop.write("1_slow.sql", "select pg_sleep(30);")
    outcome = shop.up("1_slow.sql", timeout_s=1.0)
    assert outcome.exit_code != 0 and outcome.details["timed_out"] and outcome.failed_file == "1_slow.sql"
    assert outcome.error_text == "dbmate was stopped after 1 s."


def test_cancel_ends_dbmate_and_the_rest_is_not_run(postgres_url: str, shop: Project) -> None:
    shop.url, shop.engine = postgres_url, "postgres"
    shop.write("1_a.sql", "create table a (x int);")
    shop.write("2_slow.sql", "select pg_sleep(30);")
    shop.write("3_c.sql", "create table c (x int);")
    cancel = CancelToken()

    def when_slow() -> None:
        while ("start", "2_slow.sql") not in shop.progress():
            time.sleep(0.02)
        cancel.cancel()

    threading.Thread(target=when_slow, daemon=True).start()
    outcome = shop.up("1_a.sql", "2_slow.sql", "3_c.sql", cancel=cancel)
    assert (
        outcome.cancelled
        and outcome.failed_file == "2_slow.sql"
        and outcome.error_text == "dbmate was stopped."
    )
    assert not any(psutil.pid_exists(pid) for pid in outcome.details["pids"])  # type: ignore[attr-defined]
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select version from schema_migrations").fetchall() == [("1",)]


def test_up_creates_the_database_where_it_is_missing(postgres_url: str, shop: Project) -> None:
    base, _, query = postgres_url.partition("?")
    database = base.rpartition("/")[2] + "_new"
    shop.url, shop.engine = f"{base}_new" + (f"?{query}" if query else ""), "postgres"
    shop.write("1_a.sql", "create table a (x int);")
    outcome = shop.up("1_a.sql")
    assert outcome.exit_code == 0 and outcome.output.startswith(f"Creating: {database}")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'drop database "{database}"')


@pytest.mark.parametrize(("engine", "fixture"), [("postgres", "postgres_url"), ("mysql", "mysql_url")])
def test_record_works_on_servers_too(
    engine: str, fixture: str, shop: Project, request: pytest.FixtureRequest
) -> None:
    shop.url, shop.engine = request.getfixturevalue(fixture), engine
    assert shop.record(Direction.UP, "1_a.sql", "2_b.sql").exit_code == 0
    (shop.folder / "1_a.sql").touch()
    (shop.folder / "2_b.sql").touch()
    listed = bare("--no-dump-schema", "-d", str(shop.folder), "status", url=shop.url, cwd=shop.root).stdout
    assert "[X] 1_a.sql\n[X] 2_b.sql" in listed
    assert shop.record(Direction.DOWN, "1_a.sql").exit_code == 0
    listed = bare("--no-dump-schema", "-d", str(shop.folder), "status", url=shop.url, cwd=shop.root).stdout
    assert "[ ] 1_a.sql\n[X] 2_b.sql" in listed


def test_no_password_is_in_the_arguments_the_output_or_the_error(postgres_url: str, shop: Project) -> None:
    head, _, tail = postgres_url.partition("@")
    shop.url, shop.engine = f"{head.rpartition(':')[0]}:gehe%23im%20nis@{tail}", "postgres"
    shop.write("1_a.sql", "select 1;")
    outcome = shop.up("1_a.sql")
    shown = repr(outcome) + "".join(map(repr, shop.events))
    assert "gehe" not in shown and "im nis" not in shown


def test_what_dbmate_leaks_of_a_password_is_taken_out_of_events_and_outcome(shop: Project) -> None:
    shop.url, shop.engine = "postgres://app:gehe im#nis@localhost/shop", "postgres"
    shop.write("1_a.sql", "select 1;")
    outcome = shop.up("1_a.sql")
    assert "invalid port" in outcome.error_text and "invalid port" in outcome.output
    for shown in (outcome.error_text, outcome.output, *(event.text for event in shop.events)):
        assert "gehe" not in shown and "im#" not in shown


def test_the_arguments_of_the_running_process_hold_no_url(postgres_url: str, shop: Project) -> None:
    shop.url, shop.engine = postgres_url, "postgres"
    shop.write("1_slow.sql", "select pg_sleep(30);")
    cancel = CancelToken()
    seen: list[str] = []

    def look() -> None:
        while not any(event.kind == "start" for event in shop.events):
            time.sleep(0.02)
        seen.extend(psutil.Process(shop.events[0].pid).cmdline())
        cancel.cancel()

    threading.Thread(target=look, daemon=True).start()
    shop.up("1_slow.sql", cancel=cancel)
    assert seen and "--migrations-table" in seen and not any("://" in word for word in seen)


# -- the program itself --------------------------------------------------------------------------------------------


def test_the_bundled_tool_is_found() -> None:
    version, path, problem = DbmateTool().found()
    assert version is not None and version.startswith("2.") and path is not None and problem is None


def test_a_missing_tool_is_told_and_raised(shop: Project, tmp_path: Path) -> None:
    shop.tool = DbmateTool(tmp_path / "nowhere")
    shop.write("1_a.sql", "select 1;")
    version, path, problem = shop.tool.found()
    assert version is None and path == str(tmp_path / "nowhere") and problem is not None
    with pytest.raises(ToolMissing):
        shop.up("1_a.sql")


def play(folder: Path, name: str) -> DbmateTool:
    """An old dbmate that answers `--help` as 2.24 does, notes its arguments, and replays a transcript."""
    help_text = (FIXTURES / "unknown_flag.txt").read_text().partition("NAME:")[2].partition("== stderr")[0]
    text = (FIXTURES / f"{name}.txt").read_text()
    stdout, _, stderr = text.partition("== stdout\n")[2].rpartition("== stderr\n")
    for part, content in (("help", "NAME:" + help_text), ("out", stdout), ("err", stderr)):
        (folder / part).write_text(content)
    code = text.partition("== exit ")[2].partition("\n")[0]
    script = folder / "dbmate"
    script.write_text(
        f'#!/bin/sh\ncd "{folder}"\n[ "$1" = --help ] && exec cat help\necho "$@" > arguments\n'
        f"cat out\ncat err >&2\nexit {code}\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return DbmateTool(script)


def test_an_older_dbmate_that_says_applied_of_a_failure_is_not_believed(
    shop: Project, tmp_path: Path
) -> None:
    shop.tool = play(tmp_path, "failed_but_applied")
    shop.write("1_a.sql", "")
    shop.write("2_b.sql", "")
    outcome = shop.up("1_a.sql", "2_b.sql")
    assert (outcome.failed_file, outcome.error_text) == ("2_b.sql", "no such table: nope")
    assert shop.progress() == [("start", "1_a.sql"), ("done", "1_a.sql"), ("start", "2_b.sql")]


def test_flags_that_an_older_dbmate_does_not_know_are_left_out(shop: Project, tmp_path: Path) -> None:
    shop.tool = play(tmp_path, "up")
    assert shop.tool.found()[0] == "2.24.0"
    flags = (
        "--driver",
        "mysql",
        "--migration-lock",
        "--migration-lock-timeout",
        "5s",
        "--wait-timeout",
        "9s",
    )
    shop.setup = replace(shop.setup, flags=flags)
    shop.write("1_a.sql", "")
    shop.up("1_a.sql")
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[-3:] == ["--wait-timeout", "9s", "up"]
    assert not {"--driver", "mysql", "--migration-lock", "5s"} & set(arguments)


def test_flags_that_the_bundled_dbmate_knows_are_passed(postgres_url: str, shop: Project) -> None:
    shop.url, shop.engine = postgres_url, "postgres"
    shop.setup = ToolSetup(
        flags=("--migration-lock", "--migration-lock-timeout", "5s", "--driver", "postgres")
    )
    shop.write("1_a.sql", "select 1;")
    assert shop.up("1_a.sql").exit_code == 0
