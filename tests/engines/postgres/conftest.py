"""Fixtures of the PostgreSQL engine's tests: a project on an empty database, on the bundled server and on an older one."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engines.postgres import ENGINE
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, postgres_url, ENGINE)


@pytest.fixture(params=["postgres_url", "postgres15_url"], ids=["18", "15"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """The same story on both servers."""
    return Project(tmp_path, request.getfixturevalue(request.param), ENGINE)
