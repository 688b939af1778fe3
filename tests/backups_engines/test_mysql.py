"""MariaDB's backups on a real server, by its dump tool and by our own hand: what goes in comes back equal."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql
import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.core.errors import (
    AppError,
    BackupFailed,
    Cancelled,
    Conflict,
    InvalidRequest,
    PermissionDenied,
    ReadOnly,
    ToolMissing,
)
from backend.drivers import mysql_tools
from backend.engine.backup import backup_tools
from backend.engine.target import Target
from backend.engines.mysql.backup import running, sqlstream
from backend.engines.mysql.engine import MysqlEngine
from backend.engines.mysql.url import parse
from tests.servers import PASSWORD, Server

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

TOOLS = backup_tools("mysql")
fingerprint = MysqlEngine().fingerprint


def target_of(url: str, **changes: Any) -> Target:
    return Target(
        engine="mysql", url=url, working_dir=Path(), migrations_table="schema_migrations", **changes
    )


def connect(url: str) -> Any:
    at = parse(url)
    return pymysql.connect(host="127.0.0.1", port=int(at.port or 0), user=at.user, password=at.password or "",
                           database=at.database or None, autocommit=True)  # fmt: skip


def run(url: str, *statements: str) -> Any:
    with connect(url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall()


def client(url: str, *, stdin: bytes) -> None:
    at = parse(url)
    subprocess.run(
        ["mariadb", "-h127.0.0.1", f"-P{at.port}", f"-u{at.user}", "--default-character-set=utf8mb4", at.database],
        input=stdin, check=True, capture_output=True, env={"MYSQL_PWD": at.password or "", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def databases(url: str) -> list[str]:
    """Those of a restore that should not be there any more."""
    return [
        name
        for (name,) in run(url, "SHOW DATABASES")
        if re.fullmatch(rf"dbtoolkit_(scratch|replaced)_.*_{os.getpid()}_.*", name)
    ]


def write(target: Target, folder: Path) -> Any:
    return TOOLS.write(target, empty(folder), ignore, token())


def restore(folder: Path, target: Target, *, replace: bool) -> list[str]:
    return TOOLS.restore(folder, target, ignore, token(), replace=replace)


@pytest.fixture(scope="module")
def rich(mariadb_server: Server) -> Iterator[Target]:
    database = mariadb_server.new_database()
    run(database.url, f"ALTER DATABASE {database.name} CHARACTER SET latin1 COLLATE latin1_german1_ci")
    client(database.url, stdin=b"SET sql_mode = '';\n" + (HERE / "mysql_rich.sql").read_bytes())
    yield target_of(database.url)
    mariadb_server.drop_database(database.name)


@pytest.fixture(params=["the tool", "our own hand"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of writing a dump."""
    if request.param == "our own hand":
        without_tool(monkeypatch)
    return str(request.param)


def without_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> mysql_tools.DumpTool:
        raise ToolMissing("There is none.")

    monkeypatch.setattr(mysql_tools, "find_dump_tool", missing)


@pytest.fixture
def gone(mariadb_server: Server) -> Iterator[Callable[[str], str]]:
    """Names of databases that are dropped at the end."""
    names: list[str] = []

    def named(name: str) -> str:
        names.append(f"{name}_{os.getpid()}")  # workers share the server
        return names[-1]

    yield named
    for name in names:
        mariadb_server.drop_database(name)


@pytest.fixture
def small(mysql_url: str, tmp_path: Path) -> tuple[Target, Path]:
    """A database that was backed up and then changed."""
    target = target_of(mysql_url)
    run(
        mysql_url,
        "CREATE TABLE kept (id int PRIMARY KEY, t text)",
        "INSERT INTO kept VALUES (1, 'then'), (2, NULL)",
        "CREATE TABLE log (what text)",
        "CREATE TRIGGER kept_in BEFORE INSERT ON kept FOR EACH ROW INSERT INTO log VALUES (NEW.t)",
        "CREATE VIEW seen AS SELECT t FROM kept",
        "CREATE PROCEDURE old_one() SELECT 1",
    )
    write(target, tmp_path / "backup")
    run(
        mysql_url,
        "UPDATE kept SET t = 'now'",
        "CREATE TABLE newer (of int, FOREIGN KEY (of) REFERENCES kept (id))",
        "INSERT INTO newer VALUES (1)",
        "DROP VIEW seen",
        "CREATE PROCEDURE new_one() SELECT 2",
    )
    return target, tmp_path / "backup"


def test_everything_hard_comes_back_equal(
    rich: Target, way: str, tmp_path: Path, gone: Callable[[str], str], mariadb_server: Server
) -> None:
    folder = tmp_path / "backup"
    written = write(rich, folder)

    found = read_back(TOOLS, folder)

    assert found == contents(TOOLS, rich)
    rows = {one.table: one.rows for one in found}
    assert (rows["everything"], rows["empty_one"], rows["no_key"], rows["(sequences)"]) == (3, 0, 4, 2)
    counted = TOOLS.read_back(folder, ignore, token())
    assert [(one.table, one.rows) for one in counted] == [(one.table, one.rows) for one in found]
    assert written.objects == fingerprint(rich)
    assert written.tool.startswith("mariadb-dump 1") if way == "the tool" else written.tool == "DB Toolkit"
    assert any("isam (MyISAM)" in note for note in written.notes)
    assert any("versioned" in note for note in written.notes)
    assert_no_secret_in(folder)
    needed = TOOLS.size(rich).needed_bytes
    assert needed is not None
    assert needed > sum(file.stat().st_size for file in folder.iterdir())

    named = gone("copy_of_rich")
    copy = TOOLS.elsewhere(rich, named)
    assert restore(folder, copy, replace=False) == []
    assert contents(TOOLS, copy) == found
    assert fingerprint(copy) == written.objects
    with pytest.raises(Conflict) as refused:
        restore(folder, copy, replace=False)
    assert refused.value.details["state"] == "untouched"
    collation = (
        f"SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = '{named}'"
    )
    assert run(copy.url, collation) == (("latin1_german1_ci",),)
    # What came after the rows works: the trigger fires now, and did not while they were restored.
    run(copy.url, "INSERT INTO parent VALUES (9, 'nine')")
    assert run(copy.url, "SELECT what FROM audit") == (("before",), ("fired;",))

    # The bare client makes the same of it.
    named = gone("by_the_client")
    other = TOOLS.elsewhere(rich, mariadb_server.new_database(named).name)
    assert "gunzip -c" in TOOLS.by_hand(folder, named)
    client(other.url, stdin=gzip.decompress((folder / "database.sql.gz").read_bytes()))
    assert contents(TOOLS, other) == found

    # What was changed since is replaced.
    run(
        copy.url,
        "DROP TABLE isam",
        "CREATE TABLE extra (a int)",
        "DELETE FROM no_key LIMIT 1",
        "DROP VIEW glad",
    )
    run(
        copy.url,
        "CREATE EVENT another ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "ALTER SEQUENCE tickets RESTART 1",
    )
    assert restore(folder, copy, replace=True) == []
    assert contents(TOOLS, copy) == found
    assert fingerprint(copy) == written.objects
    assert databases(copy.url) == []


def test_one_value_that_differs_is_noticed(rich: Target, tmp_path: Path, gone: Callable[[str], str]) -> None:
    write(rich, tmp_path / "backup")
    copy = TOOLS.elsewhere(rich, gone("differs"))
    restore(tmp_path / "backup", copy, replace=False)
    seen = [read_back(TOOLS, tmp_path / "backup")]

    for change in (
        "UPDATE everything SET twice = 1.7976931348623155e308 WHERE id = 1",
        "UPDATE everything SET bits = b'10000000000' WHERE id = 1",
        "UPDATE everything SET short = '' WHERE id = 2",
        "UPDATE everything SET hidden = 'other' WHERE id = 1",
        "UPDATE everything SET day = '2024-00-01' WHERE id = 3",
        "DELETE FROM no_key WHERE a = 1 LIMIT 1",
        "SELECT NEXTVAL(untouched)",
    ):
        run(copy.url, "SET sql_mode = ''", change)
        seen.append(contents(TOOLS, copy))

    assert all(one not in seen[:place] for place, one in enumerate(seen))


@given(
    some.lists(
        some.tuples(some.none() | some.text(), some.none() | some.binary(), some.none() | some.integers()),
        min_size=1,
    )
)
def test_whatever_is_in_a_row_is_read_as_it_was_written(
    found: list[tuple[str | None, bytes | None, int | None]],
) -> None:
    lines, wanted = [], []
    for text, data, number in found:
        row = [
            None if text is None else text.encode("utf-8", "surrogatepass"),
            data,
            None if number is None else b"%d" % number,
        ]
        wanted.append(row)
        parts = [
            b"NULL" if row[0] is None else sqlstream.literal(row[0]),
            b"NULL" if data is None else b"0x" + data.hex().encode() if data else b"''",
            row[2] or b"NULL",
        ]
        lines.append(b"(" + b",".join(parts) + b")")
    dump = (
        b"SET a;\nINSERT INTO `a``b` (`x`, `y``(`, `z`) VALUES "
        + b",\n".join(lines)
        + b";\n-- Dump completed\n"
    )

    # However it is cut into pieces.
    pieces = [dump[place : place + 7] for place in range(0, len(dump), 7)]
    inserts = [one for one in sqlstream.parts(pieces) if isinstance(one, sqlstream.Insert)]

    assert [sqlstream.values(row) for one in inserts for row in one.rows()] == wanted
    assert (inserts[0].table, inserts[0].columns) == (b"a`b", (b"x", b"y`(", b"z"))


def test_real_rows_of_every_byte_survive_both_ways(
    way: str, mysql_url: str, tmp_path: Path, gone: Callable[[str], str]
) -> None:
    target = target_of(mysql_url)
    run(
        mysql_url,
        "CREATE TABLE bytes (id int PRIMARY KEY, t text CHARACTER SET utf8mb4, l text CHARACTER SET latin1, b blob)",
    )
    with connect(mysql_url) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = ''")
        for number in range(256):
            around = bytes([number])
            cursor.execute(
                "INSERT INTO bytes VALUES (%s, CONVERT(%s USING utf8mb4), CONVERT(%s USING latin1), %s)",
                (
                    number,
                    f"a{chr(number)}'\\{chr(number + 0x1F600)}",
                    f"{chr(number)}),(",
                    b"\\'" + around * 3,
                ),
            )
    written = write(target, tmp_path / "backup")

    copy = TOOLS.elsewhere(target, gone("bytes_copy"))
    restore(tmp_path / "backup", copy, replace=False)

    assert read_back(TOOLS, tmp_path / "backup") == contents(TOOLS, target) == contents(TOOLS, copy)
    assert run(copy.url, "SELECT * FROM bytes") == run(mysql_url, "SELECT * FROM bytes")
    assert written.objects == fingerprint(copy)


def test_a_swap_that_fails_puts_everything_back(small: tuple[Target, Path]) -> None:
    target, folder = small
    before = contents(TOOLS, target), fingerprint(target)

    with connect(target.url) as holder, holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM newer")
        # Its lock keeps the tables from changing places.
        with pytest.raises(AppError) as failure:
            restore(folder, replace(target, lock_timeout_s=1), replace=True)

    assert failure.value.details["state"] == "untouched"
    assert (contents(TOOLS, target), fingerprint(target)) == before
    assert run(target.url, "CALL new_one()") == ((2,),)
    assert databases(target.url) == []

    assert restore(folder, target, replace=True) == []
    assert contents(TOOLS, target) == read_back(TOOLS, folder)
    assert run(target.url, "SELECT * FROM seen") == (("then",), (None,))
    assert [name for name, *_ in run(target.url, "SHOW TABLES")] == ["kept", "log", "seen"]


def test_code_that_cannot_be_made_brings_the_old_tables_back(
    small: tuple[Target, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails when the tables have changed places already, so they change places again."""
    target, folder = small
    before, replay, tried = (contents(TOOLS, target), fingerprint(target)), running.Runner.replay, []

    def once(self: running.Runner, pieces: Any) -> None:
        tried.append([name for name, *_ in run(target.url, "SHOW TABLES")])
        if len(tried) == 1:
            raise pymysql.err.OperationalError(1227, "Access denied")
        replay(self, pieces)

    monkeypatch.setattr(running.Runner, "replay", once)
    with pytest.raises(PermissionDenied) as failure:
        restore(folder, target, replace=True)

    assert tried == [["kept", "log"], ["kept", "log", "newer"]]
    assert failure.value.details["state"] == "untouched"
    assert (contents(TOOLS, target), fingerprint(target)) == before
    assert run(target.url, "CALL new_one()") == ((2,),)
    assert databases(target.url) == []


@pytest.mark.parametrize("how", ["a byte", "cut short", "no end", "missing", "no archive"])
def test_a_damaged_backup_is_noticed_and_changes_nothing(small: tuple[Target, Path], how: str) -> None:
    target, folder = small
    dump = folder / "database.sql.gz"
    data = dump.read_bytes()
    if how == "a byte":
        place = len(data) * 2 // 3
        dump.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
    elif how == "cut short":
        dump.write_bytes(data[:-9])
    elif how == "no end":
        dump.write_bytes(gzip.compress(gzip.decompress(data).replace(b"-- Dump completed", b"")))
    elif how == "missing":
        dump.unlink()
    else:
        dump.write_bytes(b"CREATE TABLE x (i int);\n")
    before = contents(TOOLS, target), fingerprint(target)

    with pytest.raises(BackupFailed) as found:
        read_back(TOOLS, folder)
    with pytest.raises(AppError) as failure:
        restore(folder, target, replace=True)

    assert found.value.details["reason"] == "damaged"
    assert failure.value.details["state"] == "untouched"
    assert (contents(TOOLS, target), fingerprint(target)) == before
    assert databases(target.url) == []


def test_a_dump_that_waits_for_a_lock_is_cancelled_and_leaves_no_session(
    small: tuple[Target, Path], tmp_path: Path, way: str
) -> None:
    target, _ = small
    waiting = (
        "SELECT id FROM information_schema.processlist WHERE state LIKE 'Waiting for table%' "
        f"AND db = '{parse(target.url).database}'"
    )
    cancel = token()
    with connect(target.url) as holder, holder.cursor() as cursor:
        cursor.execute("LOCK TABLES kept WRITE")
        # The schema's description waits for it first; it is of no interest here.
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("backend.engines.mysql.backup.writing.fingerprint", lambda _: {})
            with in_background(
                lambda: TOOLS.write(target, empty(tmp_path / "stopped"), ignore, cancel)
            ) as stopped:
                eventually(lambda: run(target.url.replace(parse(target.url).database, "mysql"), waiting))
                if way == "the tool":
                    assert_no_secret_in_argv(programs("dump"))
                cancel.cancel()
        assert isinstance(stopped["raised"], Cancelled)
        assert run(target.url.replace(parse(target.url).database, "mysql"), waiting) == ()
        assert programs("dump") == []


def test_a_restore_that_is_cancelled_leaves_the_database_as_it_was(small: tuple[Target, Path]) -> None:
    target, folder = small
    before, cancel = (contents(TOOLS, target), fingerprint(target)), token()

    def progress(_done: int, _total: int | None, _what: str) -> None:
        if databases(target.url):
            cancel.cancel()

    with pytest.raises(Cancelled):
        TOOLS.restore(folder, target, progress, cancel, replace=True)

    assert (contents(TOOLS, target), fingerprint(target)) == before
    assert databases(target.url) == []


def test_who_may_not_make_databases_restores_in_place_and_who_may_not_read_is_told_so(
    small: tuple[Target, Path], tmp_path: Path
) -> None:
    target, folder = small
    name = parse(target.url).database
    run(
        target.url,
        "CREATE OR REPLACE USER bk_plain IDENTIFIED BY 'Plain-7'",
        f"GRANT ALL ON {name}.* TO bk_plain",
        "CREATE OR REPLACE USER bk_limited IDENTIFIED BY 'Limited-7'",
        f"GRANT SELECT ON {name}.log TO bk_limited",
    )
    plain, limited = (
        replace(target, url=target.url.replace(f"toolkit:{PASSWORD}", credentials))
        for credentials in ("bk_plain:Plain-7", "bk_limited:Limited-7")
    )
    before = contents(TOOLS, target)

    with pytest.raises((PermissionDenied, BackupFailed)):
        restore(folder, limited, replace=True)
    with pytest.raises(ReadOnly):
        restore(folder, replace(target, read_only=True), replace=True)
    assert contents(TOOLS, target) == before

    notes = restore(folder, plain, replace=True)

    assert "may not make databases" in notes[0]
    # The trigger and the view were another user's, which only a privileged one can make again.
    assert any("run as you now" in note for note in notes)
    assert contents(TOOLS, target) == read_back(TOOLS, folder)
    run(target.url, "DROP USER bk_plain, bk_limited")


def test_names_for_databases_are_looked_at(rich: Target) -> None:
    for name in ("", " ", "x" * 65, "a\0b", "a "):
        with pytest.raises(InvalidRequest):
            TOOLS.elsewhere(rich, name)


def test_a_connection_lost_among_the_rows_is_told_as_that(mysql_url: str) -> None:
    from backend.engines.mysql.connect import reading, unbuffered

    def lose(connection: Any) -> None:
        with unbuffered(connection) as cursor:
            cursor.execute("SELECT seq, repeat('x', 2000) FROM seq_1_to_100000")
            assert cursor.fetchone()[0] == 1
            run(mysql_url, f"KILL {connection.thread_id()}")
            while cursor.fetchmany(1000):
                pass

    with reading(target_of(mysql_url)) as connection, pytest.raises(pymysql.err.MySQLError):
        lose(connection)
