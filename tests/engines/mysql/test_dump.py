"""schema.sql of MariaDB: what dbmate writes, and loads back into the same schema, with and without a dump tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.errors import SqlFailed, ToolMissing
from backend.drivers import mysql_tools
from backend.engines.mysql import ENGINE
from tests.engines.mysql.helpers import run
from tests.engines.sqlite.project import Project
from tests.servers import Server

FULL = (Path(__file__).parent / "fixtures" / "schema_full.sql").read_text()


@pytest.fixture
def full(shop: Project) -> Project:
    """A project whose database has one of everything, and two versions."""
    shop.write("1_a.sql", "SELECT 1;")
    shop.write("2_b.sql", "SELECT 1;")
    assert shop.up().returncode == 0
    ENGINE.load_schema(shop.target, FULL, Path("schema_full.sql"))
    return shop


@pytest.fixture
def copy(mariadb_server: Server, tmp_path: Path) -> Iterator[Project]:
    """Another empty database on the same server."""
    database = mariadb_server.new_database()
    yield Project(tmp_path, database.url, ENGINE)
    mariadb_server.drop_database(database.name)


@pytest.fixture(params=["with the dump tool", "without"])
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "without":

        def missing() -> mysql_tools.DumpTool:
            raise ToolMissing("none here")

        monkeypatch.setattr(mysql_tools, "find_dump_tool", missing)
    return str(request.param)


def test_the_dump_is_what_dbmate_writes(full: Project) -> None:
    ours = ENGINE.dump_schema(full.target)
    done = full.dbmate("dump")
    assert done.returncode == 0, done.stderr
    assert ours == (full.folder / "db" / "schema.sql").read_text()


def test_a_dump_loads_into_the_same_schema(full: Project, copy: Project, tool: str) -> None:
    dumped = ENGINE.dump_schema(full.target)
    ENGINE.load_schema(copy.target, dumped, Path("schema.sql"))
    assert ENGINE.fingerprint(copy.target) == ENGINE.fingerprint(full.target)
    assert copy.applied() == ["1", "2"]
    again = ENGINE.dump_schema(copy.target)
    own = ENGINE.split_url(full.url)["database"]
    assert again.replace(ENGINE.split_url(copy.url)["database"], own) == dumped


def test_a_dump_without_migrations_table_brings_one_and_creates_none(
    shop: Project, copy: Project, tool: str
) -> None:
    run(shop, "CREATE TABLE t (id int)")
    dumped = ENGINE.dump_schema(shop.target)
    assert run(shop, "SHOW TABLES") == [("t",)]
    ENGINE.load_schema(copy.target, dumped, Path("schema.sql"))
    assert sorted(run(copy, "SHOW TABLES")) == [("schema_migrations",), ("t",)]


def test_the_dump_hides_the_password_from_the_process_list(
    full: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = mysql_tools.process.run

    def watch(command: mysql_tools.process.Command, **others: object) -> object:
        seen.append([str(part) for part in command.argv])
        assert "Tk7" not in repr(command)
        return real(command, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(mysql_tools.process, "run", watch)
    ENGINE.dump_schema(full.target)
    assert seen and not any("Tk7-not-for-logs" in part for argv in seen for part in argv)


def test_counters_do_not_change_the_dump(full: Project) -> None:
    before = ENGINE.dump_schema(full.target)
    run(full, "INSERT INTO parent (name, pt) VALUES ('a', point(1, 1)), ('b', point(2, 2))")
    assert ENGINE.dump_schema(full.target) == before and "AUTO_INCREMENT=" not in before


def test_a_schema_file_that_fails_says_where_and_what_stays(shop: Project) -> None:
    sql = "CREATE TABLE a (id int);\n\nCREATE TABLE b (\n  id int,\n  oops int nut null\n);\n"
    with pytest.raises(SqlFailed) as caught:
        ENGINE.load_schema(shop.target, sql, Path("schema.sql"))
    assert caught.value.code == "syntax_error"
    assert (caught.value.details["file"], caught.value.details["line"], caught.value.details["column"]) == (
        "schema.sql",
        5,
        16,
    )
    assert "stays" in (caught.value.hint or "")
    assert list(ENGINE.fingerprint(shop.target)) == ["column a.id", "table a"]
