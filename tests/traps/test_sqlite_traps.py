"""What dbmate really does with SQLite, each trap by name, and that the engine keeps the user out of it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.errors import InvalidUrl
from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project(tmp_path, "sqlite:shop.db", ENGINE)


def query(shop: Project, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(shop.folder / "shop.db")) as connection:
        return connection.execute(sql).fetchall()


def test_two_slashes_mean_the_root_folder(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    # One folder that exists nowhere, so that nothing is written: the path dbmate tries is what counts.
    done = shop.up("sqlite://no-such-folder-dbt/t.db")
    assert "Creating: /no-such-folder-dbt/t.db" in done.stdout and done.returncode == 2
    with pytest.raises(InvalidUrl, match="ambiguous"):
        ENGINE.check_url("sqlite://t.db")


def test_a_question_mark_in_a_filename_opens_another_file(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    shop.up("sqlite:q%3Fx.db")
    assert (shop.folder / "q").exists() and not (shop.folder / "q?x.db").exists()
    for url in ("sqlite:q%3Fx.db", "sqlite:q?x.db"):
        with pytest.raises(InvalidUrl):
            ENGINE.check_url(url)


def test_a_hash_in_a_filename_dumps_another_file_unless_encoded(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    shop.up("sqlite:h#x.db")
    # The raw form migrates h#x.db, then looks for `h` when it dumps, which creates it.
    shop.dbmate("dump", url="sqlite:h#x.db")
    assert (shop.folder / "h").exists()
    (shop.folder / "h").unlink()
    mended = ENGINE.check_url("sqlite:h#x.db")
    assert shop.dbmate("dump", url=mended).returncode == 0
    assert not (shop.folder / "h").exists()
    assert Project(shop.folder, mended, ENGINE).applied() == ["1"]


def test_an_encoded_percent_sign_is_decoded_twice(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    shop.up("sqlite:p%2520x.db")
    assert (shop.folder / "p x.db").exists() and not (shop.folder / "p%20x.db").exists()
    with pytest.raises(InvalidUrl):
        ENGINE.check_url("sqlite:p%2520x.db")


@pytest.mark.parametrize("name", ["a b.db", "ü.db", "a%20c.db"])
def test_spaces_unicode_and_percent_20_are_fine(shop: Project, name: str) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    url = ENGINE.check_url(f"sqlite:{name}")
    assert shop.up(url).returncode == 0
    assert Project(shop.folder, url, ENGINE).applied() == ["1"]
    assert (shop.folder / name.replace("%20", " ")).exists()


def test_an_in_memory_database_reports_success_and_keeps_nothing(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    for url in ("sqlite::memory:", "sqlite:", "sqlite://"):
        assert "Applied: 1_a.sql" in shop.up(url).stdout
        with pytest.raises(InvalidUrl):
            ENGINE.check_url(url)
    assert sorted(path.name for path in shop.folder.iterdir()) == ["m"]


def test_status_rollback_and_dump_create_an_empty_file(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    shop.dbmate("--no-dump-schema", "status")
    assert (shop.folder / "shop.db").exists()
    (shop.folder / "shop.db").unlink()
    assert ENGINE.applied(shop.target) == [] and not ENGINE.probe(shop.target).database_exists
    assert not (shop.folder / "shop.db").exists()


def test_ddl_is_really_rolled_back(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);\nCREATE TABLE t (id int);")
    before = ENGINE.fingerprint(shop.target)
    assert shop.up().returncode == 2
    assert ENGINE.fingerprint(shop.target) == before and shop.applied() == []
    assert ENGINE.capabilities()["transactional_ddl"].supported


REBUILD = """
PRAGMA foreign_keys=off;
CREATE TABLE new_parent (id INTEGER PRIMARY KEY, note TEXT);
INSERT INTO new_parent(id) SELECT id FROM parent;
DROP TABLE parent;
ALTER TABLE new_parent RENAME TO parent;
"""


@pytest.mark.parametrize(("option", "children"), [("", 0), (" transaction:false", 2)])
def test_a_table_rebuild_in_a_transaction_cascades_the_children_away(
    shop: Project, option: str, children: int
) -> None:
    shop = Project(shop.folder, "sqlite:shop.db?_foreign_keys=on", ENGINE)
    shop.write(
        "1_a.sql",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE child (id INT, parent_id INT REFERENCES parent(id) ON DELETE CASCADE);\n"
        "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1), (2, 1);",
    )
    shop.write("2_b.sql", REBUILD, option=option)
    assert shop.up().returncode == 0
    assert query(shop, "SELECT count(*) FROM child") == [(children,)]
    warned = ENGINE.block_warnings(REBUILD, transaction=not option)
    assert any("rebuilds the table parent" in text for text in warned) == (not option)


def test_journal_mode_wal_needs_a_block_without_transaction(shop: Project) -> None:
    failure = shop.failure("1_a.sql", "PRAGMA journal_mode=WAL;")
    assert "cannot change into wal mode from within a transaction" in failure.tool_text
    assert "transaction:false" in (ENGINE.explain_failure(failure).hint or "")
    assert ENGINE.block_warnings("PRAGMA journal_mode=WAL;", transaction=True)
    shop.write("1_a.sql", "PRAGMA journal_mode=WAL;", option=" transaction:false")
    assert shop.up().returncode == 0
    assert query(shop, "PRAGMA journal_mode") == [("wal",)]


def test_a_busy_file_is_waited_for_only_so_long(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    ENGINE.create_database(shop.target)
    target = shop.with_(lock_timeout_s=0.3).target
    with closing(sqlite3.connect(shop.folder / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        done = shop.up(ENGINE.tool_setup(target, "tag").env["DATABASE_URL"])
        waited = time.monotonic() - started
    assert "database is locked" in done.stderr and waited < 3
    assert shop.up().returncode == 0


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_killing_the_tool_leaves_no_lock_and_half_a_transaction_is_rolled_back(
    shop: Project, journal: str
) -> None:
    shop.write("1_a.sql", f"PRAGMA journal_mode={journal}; CREATE TABLE t (x);", option=" transaction:false")
    assert shop.up().returncode == 0
    # A small cache makes SQLite write the unfinished transaction into the file, leaving a hot journal when killed.
    shop.write(
        "2_b.sql",
        "PRAGMA cache_size = 5;\nCREATE TABLE big (x);\n"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)\n"
        "INSERT INTO big SELECT hex(randomblob(200)) FROM n;",
    )
    before = ENGINE.fingerprint(shop.target)
    process = subprocess.Popen(
        shop.command("--no-dump-schema", "up"),
        cwd=shop.folder,
        env=shop.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    grown = shop.folder / ("shop.db-wal" if journal == "wal" else "shop.db-journal")
    deadline = time.monotonic() + 10
    while not (grown.exists() and grown.stat().st_size > 4096) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert grown.exists(), "the tool ended before it was killed"
    assert ENGINE.end_sessions(shop.target, "tag", tool_pid=process.pid) == 0
    with closing(sqlite3.connect(shop.folder / "shop.db", isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("ROLLBACK")
    assert shop.applied() == ["1"] and ENGINE.fingerprint(shop.target) == before


def test_a_hot_journal_is_rolled_back_by_reading_the_truth(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (x);")
    shop.up()
    script = (
        "import sqlite3, os, signal\n"
        "c = sqlite3.connect('shop.db', isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN')\n"
        "c.executemany('INSERT INTO t VALUES (?)', [('x' * 2000,)] * 500)\n"
        "c.execute(\"INSERT INTO schema_migrations VALUES ('9')\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run(["python3", "-c", script], cwd=shop.folder, check=False)
    assert (shop.folder / "shop.db-journal").exists()
    assert shop.applied() == ["1"]


def test_the_dump_leaves_out_tables_whose_name_begins_with_sqlite(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE sqlitefoo (id int);\nCREATE TABLE kept (id int);")
    shop.up()
    text = ENGINE.dump_schema(shop.target)
    assert "kept" in text and "sqlitefoo" not in text
    assert "table sqlitefoo" in ENGINE.fingerprint(shop.target)


def test_migration_lock_is_refused_for_sqlite(shop: Project) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    done = shop.dbmate("--migration-lock", "--no-dump-schema", "up")
    assert done.returncode == 2 and "Creating:" in done.stdout
    assert "--migration-lock" not in ENGINE.tool_setup(shop.target, "tag").flags
