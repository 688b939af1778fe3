"""Fixtures of the ClickHouse engine's tests: a project on an empty database, and the system's real, old server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.engines.clickhouse import ENGINE
from tests.engines.clickhouse.old_server import OldClickHouse
from tests.engines.sqlite.project import Project
from tests.plugin_servers import unavailable
from tests.servers import Server, ServerUnavailable
from tests.servers.launch import running


@pytest.fixture
def shop(clickhouse_url: str, tmp_path: Path) -> Project:
    """A project on an empty database of the current engine."""
    return Project(tmp_path, clickhouse_url, ENGINE)


@pytest.fixture(scope="session")
def old_server() -> Iterator[Server]:
    """The system's server, for what needs a real process list and the native protocol."""
    recipe = OldClickHouse()
    try:
        recipe.require()
    except ServerUnavailable as error:
        unavailable(str(error))
    with running(recipe) as server:
        yield server


@pytest.fixture(params=["http", "native"])
def old_shop(request: pytest.FixtureRequest, old_server: Server, tmp_path: Path) -> Iterator[Project]:
    """A project on an empty database of the real server, over each protocol."""
    recipe, name = OldClickHouse(), f"t_{secrets.token_hex(4)}"
    recipe.create_database(old_server, name)
    url = recipe.url if request.param == "http" else recipe.native_url
    yield Project(tmp_path, url(old_server, name), ENGINE)
    recipe.drop_database(old_server, name)
