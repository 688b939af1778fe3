"""The traps of dbmate itself: output, exit codes, which files run, the environment, the forms of files.

Each test shows what the real program does and, where the application guards against it, that the guard holds. Traps
that depend on the database are in the other modules.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from backend.drivers.dbmate import DbmateTool
from backend.drivers.dbmate.output import OutputReader, duration_ms, error_text
from backend.drivers.dbmate.redaction import redact
from backend.drivers.process import Command, run
from backend.drivers.tools import dbmate_path
from backend.engine.target import CancelToken
from backend.engine.tool import ParsedFile
from backend.models.migration import Direction
from tests.drivers.dbmate.conftest import Project, bare
from tests.drivers.dbmate.test_output import transcript

URL = "sqlite:t.db"
TOOL = DbmateTool()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m").mkdir()
    return tmp_path


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    (tmp_path / "migrations").mkdir()
    return Project(root=tmp_path, url=f"sqlite:{tmp_path / 'shop.db'}")


def put(folder: Path, name: str, up: str, down: str = "") -> None:
    (folder / "m" / name).write_text(f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n")


def dbmate(folder: Path, *arguments: str, url: str = URL, **env: str) -> subprocess.CompletedProcess[str]:
    return bare("-d", "m", *arguments, url=url, cwd=folder, env=env)


def rows(folder: Path, sql: str, database: str = "t.db") -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / database) as connection:
        return connection.execute(sql).fetchall()


def applied(folder: Path, table: str = "schema_migrations") -> list[object]:
    return [row[0] for row in rows(folder, f"select version from {table} order by rowid")]


def codes(content: str | bytes) -> set[str]:
    return {problem.code for problem in parse(content).problems}


def parse(content: str | bytes) -> ParsedFile:
    return TOOL.parse(Path("1_x.sql"), content.encode() if isinstance(content, str) else content)


# -- output and exit codes -----------------------------------------------------------------------------------------


def test_up_to_2_36_applied_is_printed_of_a_file_that_failed() -> None:
    said = transcript("failed_but_applied")
    assert "Applied: 2_b.sql in" in said.stdout and said.exit_code == 2
    reader = OutputReader(["1_a.sql", "2_b.sql"])
    news = [item for line in said.stdout.splitlines() for item in reader.read(line)] + list(reader.end(2))
    assert ("done", "2_b.sql") not in [(item.kind, item.filename) for item in news]
    assert reader.failed_file == "2_b.sql"


def test_up_to_2_36_rolled_back_is_printed_of_a_rollback_that_failed() -> None:
    said = transcript("failed_but_rolled_back")
    assert "Rolled back: 2_b.sql in" in said.stdout
    reader = OutputReader(["2_b.sql"])
    assert [item.kind for line in said.stdout.splitlines() for item in reader.read(line)] == ["start"]


def test_a_failed_migration_stops_at_applying(folder: Path) -> None:
    put(folder, "1_a.sql", "select * from nope;")
    done = dbmate(folder, "--no-dump-schema", "up")
    assert (done.returncode, done.stdout) == (2, "Creating: t.db\nApplying: 1_a.sql\n")
    assert done.stderr == "Error: no such table: nope\n"


def test_durations_are_in_gos_format(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    took = dbmate(folder, "--no-dump-schema", "up").stdout.rpartition(" in ")[2].strip()
    assert duration_ms(took) is not None and not took[-2:].isdigit()


def test_an_empty_folder_is_fine_for_status_and_an_error_for_up(folder: Path) -> None:
    assert dbmate(folder, "status").returncode == 0
    done = dbmate(folder, "up")
    assert done.returncode == 2 and "no migration files found" in done.stderr


def test_status_exits_with_one_only_where_it_is_asked_to(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    assert [dbmate(folder, "status", *flags).returncode for flags in ([], ["--exit-code"], ["--quiet"])] == [
        0,
        1,
        1,
    ]


def test_a_usage_error_prints_help_to_standard_output(folder: Path) -> None:
    done = dbmate(folder, "--nope", "up")
    assert done.returncode == 2 and "GLOBAL OPTIONS" in done.stdout
    assert error_text(done.stdout, done.stderr, 2) == "flag provided but not defined: -nope"


def test_an_unknown_command_exits_with_three(folder: Path) -> None:
    done = dbmate(folder, "nope")
    assert done.returncode == 3 and error_text(done.stdout, done.stderr, 3)


def test_global_flags_go_before_the_command(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    assert dbmate(folder, "up", "--no-dump-schema").returncode == 2


def test_new_prints_creating_even_when_it_then_fails(folder: Path) -> None:
    done = dbmate(folder, "new", "no/such/folder")
    assert done.stdout.startswith("Creating migration: m/") and done.returncode == 2


def test_an_error_may_take_several_lines() -> None:
    said = transcript("up_fails_several_lines")
    assert (
        error_text(said.stdout, said.stderr, said.exit_code).splitlines()[-1] == "Error: fourth line (P0001)"
    )


def test_a_migration_cannot_fake_progress_because_its_output_is_not_shown(shop: Project) -> None:
    shop.write("1_a.sql", "select 'Applied: 1_a.sql in 1ms';\nselect 'Applying: 2_b.sql';")
    shop.write("2_b.sql", "select 1;")
    shop.up("1_a.sql")
    assert shop.progress() == [("start", "1_a.sql"), ("done", "1_a.sql")]


# -- which files run -----------------------------------------------------------------------------------------------


def test_files_out_of_order_are_applied_silently(folder: Path) -> None:
    put(folder, "2_b.sql", "select 1;")
    dbmate(folder, "up")
    put(folder, "1_a.sql", "select 1;")
    assert dbmate(folder, "up").returncode == 0 and applied(folder) == ["2", "1"]


def test_strict_sees_only_the_files_that_are_present(folder: Path) -> None:
    put(folder, "2_b.sql", "select 1;")
    dbmate(folder, "up")
    put(folder, "1_a.sql", "select 1;")
    refused = dbmate(folder, "up", "--strict")
    assert refused.returncode == 2 and "out of order" in refused.stderr
    (folder / "m" / "2_b.sql").unlink()
    assert dbmate(folder, "up", "--strict").returncode == 0


def test_a_version_without_a_file_is_invisible_and_rollback_undoes_an_older_one(folder: Path) -> None:
    put(folder, "1_a.sql", "create table a (x);", "drop table a;")
    put(folder, "2_b.sql", "select 1;")
    dbmate(folder, "up")
    (folder / "m" / "2_b.sql").unlink()
    assert "2" not in dbmate(folder, "status").stdout.replace("Applied", "").partition("\n\n")[0]
    assert "Rolling back: 1_a.sql" in dbmate(folder, "rollback").stdout
    assert applied(folder) == ["2"]


def test_rollback_means_the_highest_filename_and_not_the_last_applied(folder: Path) -> None:
    put(folder, "9_z.sql", "select 1;")
    dbmate(folder, "up")
    put(folder, "1_a.sql", "select 1;")
    dbmate(folder, "up")
    assert "Rolling back: 9_z.sql" in dbmate(folder, "rollback").stdout


def test_our_rollback_undoes_the_file_that_was_chosen(shop: Project) -> None:
    for name in ("1_a.sql", "2_b.sql", "9_z.sql"):
        shop.write(name, "select 1;", "select 2;")
    shop.up("1_a.sql", "2_b.sql", "9_z.sql")
    shop.down("2_b.sql")
    assert shop.applied() == ["1", "9"]


def test_of_a_duplicate_version_one_runs_and_status_shows_both_as_applied(folder: Path) -> None:
    put(folder, "1_a.sql", "create table a (x);")
    put(folder, "1_b.sql", "create table b (x);")
    failed = dbmate(folder, "up")
    assert failed.returncode == 2 and "UNIQUE" in failed.stderr
    assert "[X] 1_a.sql\n[X] 1_b.sql" in dbmate(folder, "status").stdout


def test_two_dbmate_new_in_one_second_make_a_duplicate_version(folder: Path) -> None:
    for _ in range(5):
        names = [dbmate(folder, "new", word).stdout.strip().rpartition("/")[2] for word in ("a", "b")]
        if TOOL.version_of(names[0]) == TOOL.version_of(names[1]):
            break
    else:
        pytest.fail("two files in one second were never made")
    moment = datetime.strptime(TOOL.version_of(names[0]), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert TOOL.version_of(TOOL.new_filename("c", moment, names)) > TOOL.version_of(names[0])


def test_ten_runs_before_two(folder: Path) -> None:
    put(folder, "2_b.sql", "select 1;")
    put(folder, "10_a.sql", "select 1;")
    dbmate(folder, "up")
    assert applied(folder) == ["10", "2"]
    assert sorted(["2_b.sql", "10_a.sql"], key=TOOL.sort_key) == ["10_a.sql", "2_b.sql"]


def test_the_version_is_kept_as_a_string(folder: Path) -> None:
    put(folder, "001_a.sql", "select 1;")
    put(folder, "1_b.sql", "select 1;")
    dbmate(folder, "up")
    assert applied(folder) == ["001", "1"] == [TOOL.version_of("001_a.sql"), TOOL.version_of("1_b.sql")]


def test_subfolders_are_passed_over_and_links_count(folder: Path) -> None:
    (folder / "m" / "sub").mkdir()
    (folder / "m" / "3_dir.sql").mkdir()
    put(folder, "sub/1_a.sql", "select 1;")
    (folder / "m" / "2_link.sql").symlink_to(folder / "m" / "sub" / "1_a.sql")
    dbmate(folder, "up")
    assert applied(folder) == ["2"]


def test_a_comma_in_a_folder_name_is_taken_for_two_folders(folder: Path) -> None:
    (folder / "a,b").mkdir()
    (folder / "a,b" / "1_a.sql").write_text("-- migrate:up\nselect 1;\n-- migrate:down\n")
    done = bare("-d", "a,b", "up", url=URL, cwd=folder)
    assert done.returncode == 2 and "could not find migrations directory `a`" in done.stderr


def test_a_migrations_folder_with_a_comma_works_with_us(shop: Project) -> None:
    path = shop.write("1_a.sql", "select 1;", folder="a,b")
    assert shop.up(str(path)).exit_code == 0 and shop.applied() == ["1"]


def test_new_escapes_the_naming_and_the_folder_and_ours_cannot(folder: Path) -> None:
    dbmate(folder, "new", "../../x")
    dbmate(folder, "new", "../../../y")
    assert (folder / "m" / "x.sql").exists() and (folder / "y.sql").exists()
    assert TOOL.new_filename("../../x", datetime(2026, 1, 17, 12, tzinfo=UTC), []) == "20260117120000_x.sql"


# -- forms of files ------------------------------------------------------------------------------------------------

UP, DOWN = "-- migrate:up\ncreate table a (x);\n", "-- migrate:down\ndrop table a;\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (UP, "no_down"),
        (UP.upper() + DOWN, "no_up"),
        (" " + UP + DOWN, "no_up"),
        ("/* licence */\n" + UP + DOWN, "statement_before_up"),
        ("\ufeff" + UP + DOWN, "bom"),
        ((UP + DOWN).encode("utf-16"), "utf16"),
        ((UP + DOWN).replace("\n", "\r"), "cr_only"),
    ],
)
def test_a_bad_form_is_rejected_only_when_its_file_is_reached(
    folder: Path, content: str | bytes, code: str
) -> None:
    put(folder, "1_good.sql", "create table good (x);")
    (folder / "m" / "2_bad.sql").write_bytes(content.encode() if isinstance(content, str) else content)
    assert dbmate(folder, "status").returncode == 0
    done = dbmate(folder, "--no-dump-schema", "up")
    assert done.returncode == 2 and "Applying: 2_bad.sql" in done.stdout and applied(folder) == ["1"]
    assert code in codes(content) and not parse(content).is_valid


def test_crlf_is_fine(folder: Path) -> None:
    content = (UP + DOWN).replace("\n", "\r\n")
    (folder / "m" / "1_a.sql").write_bytes(content.encode())
    assert dbmate(folder, "up").returncode == 0 and codes(content) == set()


@pytest.mark.parametrize(("option", "in_transaction"), [("transaction:false", False), ("transaction:False", True),
                                                    ("transaction: false", True)])  # fmt: skip
def test_a_misspelt_transaction_option_is_silently_ignored(
    folder: Path, option: str, in_transaction: bool
) -> None:
    content = f"-- migrate:up {option}\ncreate table a (x);\nselect * from nope;\n-- migrate:down\n"
    (folder / "m" / "1_a.sql").write_text(content)
    dbmate(folder, "up")
    assert (rows(folder, "select 1 from sqlite_master where name = 'a'") == []) == in_transaction
    parsed = parse(content)
    assert parsed.up is not None and parsed.up.transaction == in_transaction
    assert ("option_ignored" in codes(content)) == in_transaction


def test_a_directive_inside_a_string_literal_still_counts(folder: Path) -> None:
    content = "-- migrate:up\ncreate table a (x);\ninsert into a values ('\n-- migrate:down\n');\n"
    (folder / "m" / "1_a.sql").write_text(content)
    done = dbmate(folder, "up")
    assert done.returncode == 2 and "unrecognized token" in done.stderr
    assert "directive_in_text" in codes(content)


def test_of_several_pairs_a_failing_second_leaves_the_first_applied_and_unrecorded(folder: Path) -> None:
    content = UP + DOWN + "-- migrate:up\ninsert into nope values (1);\n-- migrate:down\n"
    (folder / "m" / "1_a.sql").write_text(content)
    done = dbmate(folder, "--no-dump-schema", "up")
    assert done.returncode == 2 and applied(folder) == []
    assert rows(folder, "select name from sqlite_master where name = 'a'") == [("a",)]
    assert "several_up_blocks" in codes(content) and not parse(content).is_valid


def test_a_nul_byte_ends_the_file_for_sqlite_and_it_is_recorded_as_applied(folder: Path) -> None:
    content = UP + "create table b (x)\0;\n" + DOWN
    (folder / "m" / "1_a.sql").write_text(content)
    assert dbmate(folder, "up").returncode == 0 and applied(folder) == ["1"]
    assert "nul_byte" in codes(content) and not parse(content).is_valid


def test_what_stands_on_the_directives_line_never_runs(folder: Path) -> None:
    content = "-- migrate:up create table a (x);\n-- migrate:down\n"
    (folder / "m" / "1_a.sql").write_text(content)
    assert dbmate(folder, "up").returncode == 0
    assert rows(folder, "select 1 from sqlite_master where name = 'a'") == []
    assert "text_after_directive" in codes(content)


# -- environment ---------------------------------------------------------------------------------------------------


def test_a_dotenv_file_is_always_read_and_can_change_the_table(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    (folder / ".env").write_text("DBMATE_MIGRATIONS_TABLE=hidden\n")
    dbmate(folder, "up")
    assert applied(folder, "hidden") == ["1"]


def test_the_process_environment_wins_over_dotenv(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    (folder / ".env").write_text("DATABASE_URL=sqlite:other.db\n")
    dbmate(folder, "up")
    assert (folder / "t.db").exists() and not (folder / "other.db").exists()


@pytest.mark.parametrize("content", ["this is no env file\n", "\ufeffA=1\n"])
def test_a_malformed_dotenv_file_stops_dbmate_even_with_a_url(folder: Path, content: str) -> None:
    put(folder, "1_a.sql", "select 1;")
    (folder / ".env").write_text(content)
    assert dbmate(folder, "-u", URL, "up").returncode == 3


def test_env_file_takes_two_arguments_and_not_an_equals_sign(folder: Path) -> None:
    (folder / ".env").write_text("this is no env file\n")
    assert dbmate(folder, f"--env-file={os.devnull}", "status").returncode == 3
    assert dbmate(folder, "--env-file", os.devnull, "status").returncode == 0


@pytest.mark.parametrize(
    "dotenv", ["DBMATE_MIGRATIONS_TABLE=hidden\nDBMATE_STRICT=true\n", "this is no env file\n"]
)
def test_a_projects_dotenv_file_has_no_say_in_our_runs(shop: Project, dotenv: str) -> None:
    (shop.root / ".env").write_text(dotenv)
    shop.env = {
        "DBMATE_STRICT": "true",
        "DBMATE_MIGRATIONS_TABLE": "hidden",
        "DBMATE_MIGRATIONS_DIR": "/nowhere",
    }
    shop.write("2_b.sql", "select 1;")
    shop.write("1_a.sql", "select 1;")
    assert shop.up("2_b.sql").exit_code == 0
    assert shop.up("1_a.sql", "2_b.sql").exit_code == 0
    assert shop.applied() == ["1", "2"]


def test_a_url_on_the_command_line_shows_in_the_process_list_and_ours_does_not(shop: Project) -> None:
    shop.write("1_slow.sql", "with recursive n(i) as (select 1 union all select i + 1 from n limit 60000000)"
               " select max(i) from n;")  # fmt: skip
    arguments: list[str] = []
    cancel = CancelToken()

    def look(pid: int) -> None:
        arguments.extend(psutil.Process(pid).cmdline())
        cancel.cancel()

    def look_later() -> None:
        while ("start", "1_slow.sql") not in shop.progress():
            time.sleep(0.01)
        look(shop.events[0].pid or 0)

    nowhere = "postgres://app:geheim@127.0.0.1:9/shop?sslmode=disable"
    run(Command([dbmate_path(), "-u", nowhere, "wait"]), on_start=look, cancel=cancel)
    assert any("geheim" in word for word in arguments)
    arguments.clear()
    cancel = CancelToken()
    (shop.root / "shop.db").unlink(missing_ok=True)
    shop.url += "?password=geheim"
    threading.Thread(target=look_later, daemon=True).start()
    shop.tool.run(shop.request(Direction.UP, ("1_slow.sql",)), shop.events.append, cancel)
    assert arguments and not any("geheim" in word for word in arguments)


def test_dbmates_own_redaction_leaks_a_password_with_a_space_or_hash() -> None:
    said = transcript("leaks_password").stderr
    assert "wr ong" in said and "wr ong" not in redact(said, ["wr ong#pa:ss"])


# -- schema dump ---------------------------------------------------------------------------------------------------


def test_up_succeeds_silently_where_the_dump_tool_is_missing(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    done = dbmate(folder, "up", PATH="/nowhere")
    assert done.returncode == 0 and done.stderr == "" and not (folder / "db").exists()
    assert dbmate(folder, "dump", PATH="/nowhere").returncode == 2


def test_with_nothing_pending_up_still_writes_the_schema(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    (folder / "bin").mkdir()
    (folder / "bin" / "sqlite3").write_text("#!/bin/sh\necho '-- schema'\n")
    (folder / "bin" / "sqlite3").chmod(0o755)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    dbmate(folder, "up", PATH=path)
    (folder / "db" / "schema.sql").unlink()
    assert "Writing: ./db/schema.sql" in dbmate(folder, "up", PATH=path).stdout
    (folder / "db" / "schema.sql").unlink()
    (folder / "db" / "schema.sql").mkdir()
    done = dbmate(folder, "up", PATH=path)
    assert "Writing: ./db/schema.sql" in done.stdout and done.returncode == 0


def test_our_runs_never_write_a_schema_file(shop: Project) -> None:
    shop.write("1_a.sql", "select 1;", "select 1;")
    shop.up("1_a.sql")
    shop.down("1_a.sql")
    assert not (shop.root / "db").exists() and not list(shop.root.rglob("schema.sql"))


@pytest.mark.parametrize("command", ["rollback", "dump", "status"])
def test_even_reading_commands_create_the_database_file(folder: Path, command: str) -> None:
    dbmate(folder, command)
    assert (folder / "t.db").exists()


# -- locks ---------------------------------------------------------------------------------------------------------


def test_migration_lock_fails_after_creating_on_other_databases(folder: Path) -> None:
    put(folder, "1_a.sql", "select 1;")
    done = dbmate(folder, "--migration-lock", "up")
    assert done.returncode == 2 and done.stdout.startswith("Creating: ")
    assert rows(folder, "select name from sqlite_master where name <> 'schema_migrations'") == []
