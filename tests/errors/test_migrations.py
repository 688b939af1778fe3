"""What real servers say when a migration fails: each case is a file run by the real dbmate, and read as a run reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from backend.core.catalogue import entries
from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.target import FailedBlock
from backend.engines.clickhouse import ENGINE as CLICKHOUSE
from backend.engines.mysql import ENGINE as MYSQL
from backend.engines.postgres import ENGINE as POSTGRES
from backend.engines.sqlite import ENGINE as SQLITE
from tests.engines.mysql.helpers import session
from tests.engines.sqlite.project import Project
from tests.errors import clickhouse_cases, mysql_cases, postgres_cases, sqlite_cases
from tests.errors.case import Case
from tests.plugin_servers import _fresh_url, _server

LEAST = {"postgres": 30, "mysql": 30, "sqlite": 30, "clickhouse": 20}
TABLES: dict[str, list[Case]] = {
    "postgres": postgres_cases.CASES,
    "mysql": mysql_cases.CASES,
    "sqlite": sqlite_cases.CASES,
    "clickhouse": clickhouse_cases.CASES,
}


def _project(folder: Path, url: str, engine: Engine) -> Project:
    return Project(folder, url, engine)


@pytest.fixture(scope="module")
def postgres(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    for url in _fresh_url(_server(pytestconfig, "postgres18")):
        with psycopg.connect(url, autocommit=True) as other, psycopg.connect(url) as holder:
            setups = [sql for one in postgres_cases.CASES for sql in one.setup]
            for statement in (*postgres_cases.SETUP, *setups, "create table held (x int)"):
                other.execute(statement.encode())
            holder.execute("lock table held")
            yield _project(tmp_path_factory.mktemp("postgres"), url, POSTGRES)


@pytest.fixture(scope="module")
def mysql(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    for url in _fresh_url(_server(pytestconfig, "mariadb")):
        project = _project(tmp_path_factory.mktemp("mysql"), url, MYSQL)
        with session(project) as other, session(project, autocommit=False) as holder:
            for statement in mysql_cases.SETUP:
                other.cursor().execute(statement)
            holder.cursor().execute("UPDATE held SET n = 3")
            yield project


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = _project(tmp_path_factory.mktemp("sqlite"), "sqlite:shop.db", SQLITE)
    connection = sqlite3.connect(project.folder / "shop.db", isolation_level=None)
    for statement in sqlite_cases.SETUP:
        connection.execute(statement)
    connection.close()
    return project


@pytest.fixture(scope="module")
def clickhouse(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    for url in _fresh_url(_server(pytestconfig, "clickhouse")):
        ready = _project(tmp_path_factory.mktemp("ready"), url, CLICKHOUSE)
        for number, statement in enumerate(clickhouse_cases.SETUP):
            ready.write(f"{number + 1}_ready.sql", statement, "SELECT 1")
        done = ready.up()
        assert done.returncode == 0, done.stderr
        yield _project(tmp_path_factory.mktemp("clickhouse"), url, CLICKHOUSE)


def explained(project: Project, case: Case, number: int) -> AppError:
    """What the app says of the case, run by the real tool in a file of its own."""
    for path in project.folder.glob("m/*.sql"):
        path.unlink()
    name = f"{1000 + number}_case.sql"
    project.write(name, case.sql, option=case.option)
    done = project.up()
    assert done.returncode == 2, f"it did not fail: {done.stdout}"
    block = f"-- migrate:up{case.option}\n{case.sql}\n"
    return project.engine.explain_failure(FailedBlock(done.stderr, block, name))


def told(project: Project, cases: Sequence[Case], case: Case) -> None:
    error = explained(project, case, cases.index(case))
    assert (error.code, error.details.get("reason")) == (case.code, case.reason), error.message
    if case.line is not None:
        assert error.details.get("line") == case.line, error.details
    if case.reason is not None:
        assert error.hint and case.reason in entries()
    assert "Error:" not in error.message and "pq:" not in error.message


@pytest.mark.parametrize("case", postgres_cases.CASES, ids=str)
def test_postgresql_says_why(postgres: Project, case: Case) -> None:
    told(postgres, postgres_cases.CASES, case)


@pytest.mark.parametrize("case", mysql_cases.CASES, ids=str)
def test_mariadb_says_why(mysql: Project, case: Case) -> None:
    told(mysql, mysql_cases.CASES, case)


@pytest.mark.parametrize("case", sqlite_cases.CASES, ids=str)
def test_sqlite_says_why(sqlite: Project, case: Case) -> None:
    told(sqlite, sqlite_cases.CASES, case)


@pytest.mark.parametrize("case", clickhouse_cases.CASES, ids=str)
def test_clickhouse_says_why(clickhouse: Project, case: Case) -> None:
    told(clickhouse, clickhouse_cases.CASES, case)


@pytest.mark.parametrize(("engine", "least"), LEAST.items())
def test_enough_of_what_a_server_says_is_known(engine: str, least: int) -> None:
    assert len({one.sql for one in TABLES[engine]}) >= least
