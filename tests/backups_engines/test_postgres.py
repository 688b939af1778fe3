"""PostgreSQL's backups on real servers: everything hard goes in, comes back equal, and a failure changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.core.errors import (
    BackupFailed,
    Cancelled,
    Conflict,
    InvalidRequest,
    LockTimeout,
    PermissionDenied,
    ReadOnly,
)
from backend.drivers import pg_archive
from backend.drivers.tools import postgres_tool
from backend.engine.backup import backup_tools
from backend.engine.target import Target
from backend.engines.postgres.engine import PostgresEngine
from tests.servers import Server

from .kit import (
    HERE,
    assert_no_secret_in,
    assert_no_secret_in_argv,
    contents,
    empty,
    eventually,
    ignore,
    in_background,
    programs,
    read_back,
    token,
)

TOOLS = backup_tools("postgres")
fingerprint = PostgresEngine().fingerprint
RICH = (HERE / "postgres_rich.sql").read_text("utf-8")
_OWN = f"SELECT datname FROM pg_database WHERE datname LIKE 'dbtoolkit\\_%\\_{os.getpid()}\\_%'"


def target_of(url: str, **changes: Any) -> Target:
    return Target(
        engine="postgres", url=url, working_dir=Path(), migrations_table="schema_migrations", **changes
    )


def run(url: str, *statements: str) -> list[Any]:
    """Run them; the rows of the last, where it has any."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = None
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor is not None and cursor.description else []


def write(target: Target, folder: Path) -> Any:
    return TOOLS.write(target, empty(folder), ignore, token())


def restore(folder: Path, target: Target, *, replace: bool) -> list[str]:
    return TOOLS.restore(folder, target, ignore, token(), replace=replace)


@pytest.fixture(scope="module")
def rich(postgres_server: Server) -> Iterator[Target]:
    database = postgres_server.new_database()
    run(database.url, RICH)
    yield target_of(database.url)
    postgres_server.drop_database(database.name)


@pytest.fixture(scope="module")
def saved(rich: Target, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("backup") / "it"
    return folder, write(rich, folder)


@pytest.fixture
def gone(postgres_server: Server) -> Iterator[Callable[[str], str]]:
    """Names of databases that are dropped at the end."""
    names: list[str] = []

    def named(name: str) -> str:
        names.append(f"{name} {os.getpid()}")  # workers share the server
        return names[-1]

    yield named
    for name in names:
        postgres_server.drop_database(name)


@pytest.fixture
def small(postgres_url: str, tmp_path: Path) -> tuple[Target, Path]:
    """A database that was backed up and then changed."""
    target = target_of(postgres_url)
    run(
        postgres_url,
        "CREATE TABLE kept (id int PRIMARY KEY, t text); INSERT INTO kept VALUES (1, 'then'), (2, NULL)",
    )
    write(target, tmp_path / "backup")
    run(
        postgres_url,
        "UPDATE kept SET t = 'now'; CREATE TABLE newer (of int REFERENCES kept); INSERT INTO newer VALUES (1)",
    )
    return target, tmp_path / "backup"


def test_every_kind_of_row_is_read_back_as_the_database_has_it(rich: Target, saved: tuple[Path, Any]) -> None:
    folder, written = saved

    found = read_back(TOOLS, folder)

    assert found == contents(TOOLS, rich)
    rows = {one.table: one.rows for one in found}
    assert rows["Odd schema.Odd\\. table\nname"] == 5
    assert (rows["public.everything"], rows["public.no_columns"], rows["public.empty_one"]) == (3, 2, 0)
    assert (rows["(sequences)"], rows["(large objects)"]) == (5, 2)
    assert sum(rows[f"public.measured_{part}"] for part in ("24", "25", "rest")) == 200
    # Counting alone says the same of the rows, and nothing more.
    counted = TOOLS.read_back(folder, ignore, token())
    assert [(one.table, one.rows, one.digest) for one in counted] == [
        (one.table, one.rows, None) for one in found
    ]
    assert counted == TOOLS.contents(rich, ignore, token(), digest=False)
    assert written.tool.startswith("pg_dump 18")
    assert written.objects == fingerprint(rich)
    size = TOOLS.size(rich)
    assert size.tables == 12
    assert size.needed_bytes is not None
    assert size.needed_bytes > sum(file.stat().st_size for file in folder.iterdir())
    assert_no_secret_in(folder)


def test_one_value_that_differs_is_noticed(
    rich: Target, saved: tuple[Path, Any], gone: Callable[[str], str]
) -> None:
    copy = TOOLS.elsewhere(rich, gone("differs"))
    restore(saved[0], copy, replace=False)
    seen = [read_back(TOOLS, saved[0])]

    for change in (
        "UPDATE animals SET age = age + 1",
        "SELECT nextval('untouched')",
        "SELECT lo_put(200001, 3, '\\x01')",
        "UPDATE everything SET twice = twice + 1e-7 WHERE id = 114",
        "DELETE FROM no_columns WHERE ctid = '(0,1)'",
    ):
        run(copy.url, change)
        seen.append(contents(TOOLS, copy))

    assert all(one not in seen[:place] for place, one in enumerate(seen))


def test_a_new_database_is_equal_and_what_exists_is_not_overwritten(
    rich: Target, saved: tuple[Path, Any], gone: Callable[[str], str]
) -> None:
    folder, written = saved
    copy = TOOLS.elsewhere(rich, gone("copy of = 'rich'"))

    notes = restore(folder, copy, replace=False)

    assert notes == []
    assert contents(TOOLS, copy) == read_back(TOOLS, folder)
    assert fingerprint(copy) == written.objects
    # The materialized views that were filled are filled, and only those.
    assert run(copy.url, "SELECT relname, relispopulated FROM pg_class WHERE relkind = 'm' ORDER BY 1") == [
        ("counted", True),
        ("not_yet", False),
    ]
    with pytest.raises(Conflict) as refused:
        restore(folder, copy, replace=False)
    assert refused.value.details["state"] == "untouched"


def test_the_bare_tools_restore_the_same(
    postgres_server: Server, rich: Target, saved: tuple[Path, Any], gone: Callable[[str], str]
) -> None:
    name = gone("by hand")
    commands = TOOLS.by_hand(saved[0], name)
    bin_folder = str(postgres_tool("pg_restore").parent)
    for placeholder, value in (
        ("-h HOST -p 5432 -U USER", f"-h 127.0.0.1 -p {postgres_server.port} -U {postgres_server.user}"),
        ("\ncreatedb", f"\n{bin_folder}/createdb"),
        ("\npg_restore", f"\n{bin_folder}/pg_restore"),
    ):
        assert placeholder in commands
        commands = commands.replace(placeholder, value)

    subprocess.run(
        ["/bin/sh", "-e", "-c", commands], check=True, env={"PGPASSWORD": postgres_server.password}
    )

    assert contents(TOOLS, TOOLS.elsewhere(rich, name)) == read_back(TOOLS, saved[0])


def test_a_database_is_replaced_with_its_rights_and_settings(
    postgres_server: Server, small: tuple[Target, Path], saved: tuple[Path, Any], tmp_path: Path
) -> None:
    target, _ = small
    name = target.url.rpartition("/")[2].partition("?")[0]
    for role in ("bk_owner", "bk_reader"):
        run(postgres_server.admin_url, f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}")
    run(
        target.url,
        f"GRANT CONNECT ON DATABASE {name} TO bk_reader; REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
        f'ALTER DATABASE {name} SET search_path = public, "Odd schema"; ALTER DATABASE {name} CONNECTION LIMIT 50',
        f"ALTER ROLE bk_reader IN DATABASE {name} SET work_mem = '5MB'; COMMENT ON DATABASE {name} IS 'it''s'",
        f"ALTER DATABASE {name} OWNER TO bk_owner; ALTER TABLE kept OWNER TO bk_owner; GRANT SELECT ON newer TO bk_reader",
    )
    properties = (
        "SELECT pg_get_userbyid(datdba), datacl::text, datconnlimit, shobj_description(oid, 'pg_database'),"
        " (SELECT array_agg(setconfig::text ORDER BY setconfig::text) FROM pg_db_role_setting WHERE setdatabase = d.oid)"
        f" FROM pg_database d WHERE datname = '{name}'"
    )
    before, there = run(target.url, properties), contents(TOOLS, target)
    written = write(target, tmp_path / "again")
    run(target.url, "DROP TABLE newer; CREATE TABLE later (i int); UPDATE kept SET t = 'lost'")
    somebody = psycopg.connect(target.url, application_name="the shop")

    notes = restore(tmp_path / "again", target, replace=True)

    assert notes == ["Sessions that were using the database were ended: the shop (1)."]
    assert contents(TOOLS, target) == there
    assert fingerprint(target) == written.objects
    assert run(target.url, properties) == before
    assert run(target.url, _OWN) == []
    with pytest.raises(psycopg.OperationalError):
        somebody.execute("SELECT 1")


def test_a_user_who_may_not_make_databases_replaces_in_one_transaction(
    postgres_server: Server, rich: Target, saved: tuple[Path, Any], postgres_url: str, tmp_path: Path
) -> None:
    name = postgres_url.rpartition("/")[2].partition("?")[0]
    run(
        postgres_url,
        "DROP ROLE IF EXISTS bk_plain; CREATE ROLE bk_plain LOGIN PASSWORD 'Plain-7'",
        f"ALTER DATABASE {name} OWNER TO bk_plain",
    )
    own = target_of(
        postgres_url.replace(f"{postgres_server.user}:{postgres_server.password}", "bk_plain:Plain-7")
    )
    run(own.url, RICH)
    written, there = write(own, tmp_path / "backup"), contents(TOOLS, own)
    run(own.url, "DROP TABLE animals CASCADE; CREATE TABLE later (i bigint REFERENCES everything)",
        "CREATE SCHEMA more; CREATE TABLE more.things (i int)",
        'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC')  # fmt: skip

    changed = contents(TOOLS, own), fingerprint(own)
    broken = tmp_path / "broken"
    shutil.copytree(tmp_path / "backup", broken)
    _damage(broken / "database.dump")
    with pytest.raises(BackupFailed) as failure:
        restore(broken, own, replace=True)
    assert failure.value.details["state"] == "untouched"
    assert (contents(TOOLS, own), fingerprint(own)) == changed

    notes = restore(tmp_path / "backup", own, replace=True)

    assert "may not make databases" in notes[0]
    assert contents(TOOLS, own) == there
    assert fingerprint(own) == written.objects


def _damage(archive: Path) -> None:
    data = bytearray(archive.read_bytes())
    # In the last tenth are rows, packed.
    data[-len(data) // 10] ^= 0xFF
    archive.write_bytes(data)


@pytest.mark.parametrize("how", ["a byte", "cut short", "empty", "missing", "no archive"])
def test_a_damaged_backup_is_noticed_and_changes_nothing(small: tuple[Target, Path], how: str) -> None:
    target, folder = small
    archive = folder / "database.dump"
    data = archive.read_bytes()
    if how == "a byte":
        place = data.index(b"\x78\x01")
        archive.write_bytes(data[: place + 9] + bytes([data[place + 9] ^ 0xFF]) + data[place + 10 :])
    elif how == "cut short":
        archive.write_bytes(data[: data.index(b"\x78\x01") + 4])
    elif how == "missing":
        archive.unlink()
    else:
        archive.write_bytes(b"" if how == "empty" else b"CREATE TABLE x (i int);\n" * 100)
    before = contents(TOOLS, target)

    with pytest.raises(BackupFailed) as found:
        read_back(TOOLS, folder)
    with pytest.raises(BackupFailed) as failure:
        restore(folder, target, replace=True)

    assert found.value.details["reason"] == "damaged"
    assert failure.value.details["state"] == "untouched"
    assert contents(TOOLS, target) == before
    assert run(target.url, _OWN) == []


def test_a_restore_that_is_killed_or_cancelled_leaves_the_database_as_it_was(
    postgres_server: Server, postgres_url: str, tmp_path: Path
) -> None:
    target = target_of(postgres_url)
    # Its index takes long when the table is made again, so there is time to stop it.
    run(
        postgres_url,
        "CREATE FUNCTION slow(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN"
        " IF current_setting(''application_name'') LIKE ''% restore %'' THEN PERFORM pg_sleep(60); END IF; RETURN i; END'",
        "CREATE TABLE waits (i int); INSERT INTO waits VALUES (1); CREATE INDEX ON waits (slow(i))",
    )
    write(target, tmp_path / "backup")
    run(postgres_url, "INSERT INTO waits VALUES (2)")
    before, cancel = contents(TOOLS, target), token()
    asleep = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name LIKE '% restore %'"

    def work() -> object:
        return TOOLS.restore(tmp_path / "backup", target, ignore, cancel, replace=True)

    with in_background(work) as killed:
        eventually(lambda: run(postgres_url, asleep))
        assert_no_secret_in_argv(programs("pg_restore"))
        for one in programs("pg_restore"):
            one.kill()
    assert isinstance(killed["raised"], BackupFailed)
    assert killed["raised"].details["state"] == "untouched"
    assert contents(TOOLS, target) == before

    with in_background(work) as stopped:
        eventually(lambda: run(postgres_url, asleep))
        cancel.cancel()
    assert isinstance(stopped["raised"], Cancelled)
    assert run(postgres_url, asleep) == []
    assert contents(TOOLS, target) == before
    assert run(postgres_url, _OWN) == []


def test_a_backup_that_waits_for_a_lock_gives_up_or_is_cancelled_and_leaves_no_session(
    small: tuple[Target, Path], tmp_path: Path
) -> None:
    target, _ = small
    here = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ours = here + " AND application_name LIKE '% backup %'"
    # Nothing of it is printed by the server itself, so pg_dump is the first to wait.
    run(target.url, "CREATE TABLE plain (i int)")
    with psycopg.connect(target.url) as holder:
        holder.execute("LOCK TABLE plain IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(LockTimeout):
            write(replace(target, lock_timeout_s=0.3), tmp_path / "gives up")
        # The server notices a moment later that a client is gone.
        eventually(lambda: run(target.url, ours) == [])

        cancel = token()
        with in_background(
            lambda: TOOLS.write(target, empty(tmp_path / "stopped"), ignore, cancel)
        ) as stopped:
            eventually(lambda: run(target.url, ours + " AND wait_event_type = 'Lock'"))
            assert_no_secret_in_argv(programs("pg_dump"))
            cancel.cancel()
        assert isinstance(stopped["raised"], Cancelled)
        # The server notices a moment later that a client is gone.
        eventually(lambda: run(target.url, ours) == [])
        assert programs("pg_dump") == []

        # Reading a live database waits just so, and no tool is there whose end would end the session.
        cancel = token()
        reading = here + " AND application_name LIKE '% reading %'"
        with in_background(lambda: TOOLS.contents(target, ignore, cancel)) as stopped:
            eventually(lambda: run(target.url, reading + " AND wait_event_type = 'Lock'"))
            cancel.cancel()
        assert isinstance(stopped["raised"], Cancelled)
        eventually(lambda: run(target.url, reading) == [])


def test_it_is_as_of_one_moment(
    small: tuple[Target, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What commits after the description was read is neither in the description nor in the rows."""
    target, _ = small
    before = contents(TOOLS, target)
    dump = pg_archive.dump_archive

    def later(*arguments: Any, **options: Any) -> None:
        run(target.url, "INSERT INTO newer VALUES (2); CREATE TABLE too_late (i int)")
        dump(*arguments, **options)

    monkeypatch.setattr(pg_archive, "dump_archive", later)
    told: list[object] = []
    written = TOOLS.write(target, empty(tmp_path / "moment"), lambda *what: told.append(what), token())

    assert told
    assert read_back(TOOLS, tmp_path / "moment") == before
    assert "table too_late" not in written.objects


def test_who_may_not_read_everything_is_told_so(
    postgres_server: Server, small: tuple[Target, Path], tmp_path: Path
) -> None:
    target, folder = small
    run(
        target.url,
        "DROP ROLE IF EXISTS bk_limited; CREATE ROLE bk_limited LOGIN PASSWORD 'Limited-7'",
    )
    limited = target_of(
        target.url.replace(f"{postgres_server.user}:{postgres_server.password}", "bk_limited:Limited-7")
    )

    with pytest.raises(PermissionDenied):
        write(limited, tmp_path / "nothing")
    run(target.url, "GRANT SELECT ON kept, newer TO bk_limited; ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
    with pytest.raises(PermissionDenied) as hidden:
        write(limited, tmp_path / "some")
    with pytest.raises(PermissionDenied):
        contents(TOOLS, limited)
    before = contents(TOOLS, target)
    with pytest.raises((PermissionDenied, BackupFailed)) as refused:
        restore(folder, limited, replace=True)
    with pytest.raises(ReadOnly):
        restore(folder, replace(target, read_only=True), replace=True)

    assert "row-level security" in str(hidden.value.hint)
    assert refused.value.details["state"] == "untouched"
    assert contents(TOOLS, target) == before
    run(target.url, "DROP OWNED BY bk_limited; DROP ROLE bk_limited")


def test_roles_that_are_gone_cost_nobody_elses_rights(
    postgres_server: Server, postgres_url: str, tmp_path: Path, gone: Callable[[str], str]
) -> None:
    target = target_of(postgres_url)
    run(
        postgres_url,
        "CREATE TABLE owned (i int); INSERT INTO owned VALUES (1); ALTER TABLE owned ENABLE ROW LEVEL SECURITY",
        *(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}" for role in ("bk_stays", '"bk leaves"')),
        'ALTER TABLE owned OWNER TO "bk leaves"; GRANT SELECT ON owned TO "bk leaves", bk_stays',
        'CREATE POLICY one ON owned TO "bk leaves" USING (true); CREATE POLICY two ON owned TO bk_stays USING (i > 0)',
    )
    write(target, tmp_path / "backup")
    run(postgres_url, 'DROP OWNED BY "bk leaves"; DROP ROLE "bk leaves"')
    copy = TOOLS.elsewhere(target, gone("without_role"))

    notes = restore(tmp_path / "backup", copy, replace=False)

    assert any("bk leaves" in note and "do not exist" in note for note in notes)
    assert any("CREATE POLICY one" in note for note in notes)
    assert contents(TOOLS, copy) == read_back(TOOLS, tmp_path / "backup")
    assert run(copy.url, "SELECT has_table_privilege('bk_stays', 'owned', 'SELECT')") == [(True,)]
    assert run(copy.url, "SELECT polname FROM pg_policy") == [("two",)]


def test_a_list_of_values_reads_the_same_when_it_was_restored(
    postgres_url: str, tmp_path: Path, gone: Callable[[str], str]
) -> None:
    """The server prints such a check in another way when its own text was run again."""
    target = target_of(postgres_url)
    run(
        postgres_url,
        "CREATE TABLE t (s varchar(9) CHECK (s IN ('a', 'it''s', 'c')))",
        "CREATE INDEX some_of ON t (s) WHERE s IN ('a', 'b')",
    )
    written = write(target, tmp_path / "backup")
    copy = TOOLS.elsewhere(target, gone("lists"))

    restore(tmp_path / "backup", copy, replace=False)

    assert fingerprint(copy) == written.objects == fingerprint(target)


def test_rows_that_break_a_foreign_key_come_back_all_the_same(
    postgres_url: str, tmp_path: Path, gone: Callable[[str], str]
) -> None:
    target = target_of(postgres_url)
    run(postgres_url, "CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE c (i int REFERENCES p)",
        "SET session_replication_role = replica; INSERT INTO c VALUES (7)")  # fmt: skip
    write(target, tmp_path / "backup")
    copy = TOOLS.elsewhere(target, gone("broken_key"))

    notes = restore(tmp_path / "backup", copy, replace=False)

    assert len(notes) == 1
    assert "break a foreign key" in notes[0]
    assert contents(TOOLS, copy) == contents(TOOLS, target)
    assert run(copy.url, "SELECT convalidated FROM pg_constraint WHERE contype = 'f'") == [(False,)]


def test_an_older_server_is_backed_up_and_restored_with_the_newer_tools(
    postgres15_url: str, tmp_path: Path
) -> None:
    target = target_of(postgres15_url)
    run(postgres15_url, RICH)
    written, there = write(target, tmp_path / "backup"), contents(TOOLS, target)
    assert read_back(TOOLS, tmp_path / "backup") == there
    run(postgres15_url, "DROP TABLE fleeting; CREATE TABLE later (i int)")

    restore(tmp_path / "backup", target, replace=True)

    assert contents(TOOLS, target) == there
    assert fingerprint(target) == written.objects


def test_a_prepared_transaction_or_a_replica_is_not_cut_off(small: tuple[Target, Path]) -> None:
    target, folder = small
    run(target.url, "SELECT pg_create_physical_replication_slot('bk_other')")
    try:
        notes = restore(folder, target, replace=True)
    finally:
        run(target.url, "SELECT pg_drop_replication_slot('bk_other')")

    assert notes == []


def test_names_for_databases_are_looked_at(rich: Target) -> None:
    for name in ("", " ", "x" * 64, "a\0b"):
        with pytest.raises(InvalidRequest):
            TOOLS.elsewhere(rich, name)
