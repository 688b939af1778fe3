"""Fixtures: real database servers shared by the whole test run, and a fresh empty database for each test.

A server starts when the first test asks for it. Where this machine cannot run one, its tests are skipped with
the reason; with CI=true such a skip is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.servers import PrivateServer, Server, ServerUnavailable, recipe_of
from tests.servers.shared import SharedServers

SHARED = pytest.StashKey[SharedServers]()
PrivateServerFactory = Callable[[], PrivateServer]


def pytest_configure(config: pytest.Config) -> None:
    worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker_input is None:
        config.stash[SHARED] = SharedServers.for_this_process()
    else:
        config.stash[SHARED] = SharedServers(
            run_dir=Path(worker_input["servers_run_dir"]), owner_pid=worker_input["servers_owner_pid"]
        )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """On the controller, for each worker of pytest-xdist: tell it where the run's servers are."""
    shared = node.config.stash[SHARED]
    node.workerinput["servers_run_dir"] = str(shared.run_dir)
    node.workerinput["servers_owner_pid"] = shared.owner_pid


def pytest_unconfigure(config: pytest.Config) -> None:
    shared = config.stash.get(SHARED, None)
    if shared is not None and not hasattr(config, "workerinput"):
        shared.close()


def unavailable(reason: str) -> None:
    """Skip with the reason, or fail where everything is supposed to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have this server: {reason}", pytrace=False)
    pytest.skip(reason)


def _server(config: pytest.Config, kind: str) -> Server:
    try:
        return config.stash[SHARED].get(kind)
    except ServerUnavailable as error:
        unavailable(str(error))
        raise


def _fresh_url(server: Server) -> Iterator[str]:
    database = server.new_database()
    try:
        yield database.url
    finally:
        server.drop_database(database.name)


def _private(kind: str) -> Iterator[PrivateServerFactory]:
    with ExitStack() as stack:

        def make() -> PrivateServer:
            try:
                return stack.enter_context(PrivateServer(recipe_of(kind)))
            except ServerUnavailable as error:
                unavailable(str(error))
                raise

        yield make


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Server:
    """PostgreSQL 18, shared by the run."""
    return _server(pytestconfig, "postgres18")


@pytest.fixture(scope="session")
def postgres15_server(pytestconfig: pytest.Config) -> Server:
    """An older PostgreSQL (15 on Debian 12), shared by the run."""
    return _server(pytestconfig, "postgres15")


@pytest.fixture(scope="session")
def mariadb_server(pytestconfig: pytest.Config) -> Server:
    """MariaDB, shared by the run."""
    return _server(pytestconfig, "mariadb")


@pytest.fixture(scope="session")
def mongodb_server(pytestconfig: pytest.Config) -> Server:
    """MongoDB's protocol as a replica set of one, shared by the run."""
    return _server(pytestconfig, "mongodb")


@pytest.fixture(scope="session")
def clickhouse_server(pytestconfig: pytest.Config) -> Server:
    """The ClickHouse engine behind HTTP, shared by the run."""
    return _server(pytestconfig, "clickhouse")


@pytest.fixture(scope="session")
def bigquery_server(pytestconfig: pytest.Config) -> Server:
    """A BigQuery emulator, shared by the run."""
    return _server(pytestconfig, "bigquery")


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The URL of an empty PostgreSQL 18 database."""
    yield from _fresh_url(postgres_server)


@pytest.fixture
def postgres15_url(postgres15_server: Server) -> Iterator[str]:
    """The URL of an empty database on the older PostgreSQL."""
    yield from _fresh_url(postgres15_server)


@pytest.fixture
def mysql_url(mariadb_server: Server) -> Iterator[str]:
    """The URL of an empty MariaDB database."""
    yield from _fresh_url(mariadb_server)


@pytest.fixture
def mongodb_url(mongodb_server: Server) -> Iterator[str]:
    """The URL of an empty MongoDB database."""
    yield from _fresh_url(mongodb_server)


@pytest.fixture
def clickhouse_url(clickhouse_server: Server) -> Iterator[str]:
    """The URL of an empty ClickHouse database."""
    yield from _fresh_url(clickhouse_server)


@pytest.fixture
def bigquery_url(bigquery_server: Server) -> Iterator[str]:
    """The URL of an empty dataset of the BigQuery emulator."""
    yield from _fresh_url(bigquery_server)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:{(tmp_path / 'test.db').as_posix()}"


@pytest.fixture
def private_postgres() -> Iterator[PrivateServerFactory]:
    """Makes PostgreSQL 18 servers that the test may kill and start again."""
    yield from _private("postgres18")


@pytest.fixture
def private_postgres15() -> Iterator[PrivateServerFactory]:
    """Makes older PostgreSQL servers that the test may kill and start again."""
    yield from _private("postgres15")


@pytest.fixture
def private_mariadb() -> Iterator[PrivateServerFactory]:
    """Makes MariaDB servers that the test may kill and start again."""
    yield from _private("mariadb")


@pytest.fixture
def private_mongodb() -> Iterator[PrivateServerFactory]:
    """Makes MongoDB servers that the test may kill and start again."""
    yield from _private("mongodb")
