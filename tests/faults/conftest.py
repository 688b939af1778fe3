"""The engines under fault on the servers of the test run."""

from __future__ import annotations

import pytest

from tests.faults.model import ServerSubject, Subject
from tests.faults.mongodb import MongoDB
from tests.faults.sql import MariaDB, PostgreSQL, SQLite

# The harness asks MongoDB for everybody's runs, so there it wants a server that nobody else uses.
SUBJECTS: dict[str, tuple[type[Subject], str | None]] = {
    "sqlite": (SQLite, None),
    "postgres": (PostgreSQL, "postgres_server"),
    "mysql": (MariaDB, "mariadb_server"),
    "mongodb": (MongoDB, "private_mongodb"),
}


def subject_of(name: str, request: pytest.FixtureRequest) -> Subject:
    kind, fixture = SUBJECTS[name]
    found = kind()
    if isinstance(found, ServerSubject):
        server = request.getfixturevalue(fixture or "")
        found.share(server() if callable(server) else server)
    return found


@pytest.fixture(params=list(SUBJECTS))
def subject(request: pytest.FixtureRequest) -> Subject:
    return subject_of(request.param, request)


@pytest.fixture(params=["sqlite", "postgres", "mysql"])
def sql_subject(request: pytest.FixtureRequest) -> Subject:
    return subject_of(request.param, request)
