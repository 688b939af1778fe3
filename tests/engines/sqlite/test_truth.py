"""Reading and making SQLite files: what is there is told, and nothing is created by looking."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from backend.core.errors import (
    AppError,
    Conflict,
    ConnectionFailed,
    DatabaseMissing,
    LockTimeout,
    PermissionDenied,
    ReadOnly,
)
from backend.engine.port import CAPABILITIES
from backend.engines.sqlite import ENGINE
from backend.engines.sqlite.errors import translated
from tests.engines.sqlite.project import Project


def files(shop: Project) -> list[str]:
    return sorted(path.name for path in shop.folder.iterdir() if path.name != "m")


def test_every_capability_has_an_answer_and_what_is_missing_a_reason() -> None:
    found = ENGINE.capabilities()
    assert set(found) == set(CAPABILITIES)
    assert all(answer.supported or answer.reason for answer in found.values())


def test_looking_at_a_missing_file_creates_nothing(shop: Project) -> None:
    assert ENGINE.applied(shop.target) == []
    assert ENGINE.fingerprint(shop.target) == {}
    assert ENGINE.catalog(shop.target).tables == []
    assert ENGINE.row_counts(shop.target, ["t"]) == {}
    info = ENGINE.probe(shop.target)
    assert not info.database_exists and info.product == "SQLite" and info.version == sqlite3.sqlite_version
    with pytest.raises(DatabaseMissing):
        ENGINE.dump_schema(shop.target)
    assert files(shop) == []


def test_looking_at_a_wal_database_leaves_no_files_beside_it(shop: Project) -> None:
    shop.write("1_a.sql", "PRAGMA journal_mode=WAL;\nCREATE TABLE t (id int);", option=" transaction:false")
    assert shop.up().returncode == 0
    assert files(shop) == ["shop.db"]
    assert shop.applied() == ["1"]
    ENGINE.catalog(shop.target)
    assert files(shop) == ["shop.db"]


def test_a_wal_database_in_use_is_read_with_what_is_only_in_its_log(shop: Project) -> None:
    shop.write("1_a.sql", "PRAGMA journal_mode=WAL;\nCREATE TABLE t (id int);", option=" transaction:false")
    shop.up()
    with closing(sqlite3.connect(shop.folder / "shop.db", isolation_level=None)) as other:
        other.execute("INSERT INTO schema_migrations VALUES ('2')")
        assert (shop.folder / "shop.db-wal").stat().st_size > 0
        assert shop.applied() == ["1", "2"]


def test_versions_are_text_in_version_order(shop: Project) -> None:
    for name in ("2_b.sql", "10_a.sql", "001_c.sql"):
        shop.write(name, "SELECT 1;")
    shop.up()
    assert shop.applied() == ["001", "10", "2"]
    assert shop.with_(migrations_table="other").applied() == []


def test_an_empty_file_is_an_empty_database(shop: Project) -> None:
    ENGINE.create_database(shop.target)
    assert (shop.folder / "shop.db").stat().st_size == 0
    assert ENGINE.probe(shop.target).database_exists
    assert shop.applied() == []
    with pytest.raises(Conflict):
        ENGINE.create_database(shop.target)


def test_a_database_in_a_missing_folder_is_reported_and_not_made(shop: Project) -> None:
    target = Project(shop.folder, "sqlite:no/shop.db", ENGINE).target
    assert "does not exist" in ENGINE.probe(target).notes[0]
    with pytest.raises(ConnectionFailed, match="folder"):
        ENGINE.create_database(target)


def test_drop_removes_the_file_and_its_companions(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE t (id int);")
    shop.up()
    for suffix in ("-wal", "-shm", "-journal"):
        Path(f"{shop.folder}/shop.db{suffix}").touch()
    ENGINE.drop_database(shop.target)
    ENGINE.drop_database(shop.target)
    assert files(shop) == []


def test_drop_is_refused_while_another_program_writes(shop: Project) -> None:
    ENGINE.create_database(shop.target)
    with closing(sqlite3.connect(shop.folder / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockTimeout):
            ENGINE.drop_database(shop.target)
    assert (shop.folder / "shop.db").exists()


def test_a_file_that_is_no_database_is_said_to_be_none(shop: Project) -> None:
    (shop.folder / "shop.db").write_text(
        "this is a diary, not a database, and longer than a header of SQLite is"
    )
    for look in (ENGINE.probe, ENGINE.applied, ENGINE.catalog, ENGINE.fingerprint):
        with pytest.raises(ConnectionFailed, match="not a SQLite database"):
            look(shop.target)


def test_a_folder_is_no_database(shop: Project) -> None:
    (shop.folder / "shop.db").mkdir()
    with pytest.raises(ConnectionFailed, match="folder"):
        ENGINE.probe(shop.target)


def test_a_locked_database_is_reported_as_locked(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.engines.sqlite.connect._BUSY_TIMEOUT_S", 0.1)
    ENGINE.create_database(shop.target)
    with closing(sqlite3.connect(shop.folder / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LockTimeout) as caught:
            ENGINE.applied(shop.target)
    assert caught.value.details["sqlite_code"] == "SQLITE_BUSY"


@pytest.mark.parametrize("work", ["create_database", "drop_database"])
def test_a_read_only_connection_refuses_to_write(shop: Project, work: str) -> None:
    target = shop.with_(read_only=True).target
    with pytest.raises(ReadOnly):
        getattr(ENGINE, work)(target)


def test_a_file_that_may_not_be_read_is_a_permission_error(shop: Project) -> None:
    # Root may read every file, so the system's refusal is raised here by hand.
    with pytest.raises(PermissionDenied, match="may not be opened"), translated(shop.folder / "shop.db"):
        raise PermissionError(13, "Permission denied")


def test_the_read_session_refuses_writes(shop: Project) -> None:
    from backend.engines.sqlite.connect import read

    ENGINE.create_database(shop.target)
    with pytest.raises(AppError):
        read(shop.target, lambda connection: connection.execute("CREATE TABLE t (id int)"))
    assert ENGINE.fingerprint(shop.target) == {}
