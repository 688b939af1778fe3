"""Fixtures of the MySQL engine's tests: a project on an empty MariaDB database."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engines.mysql import ENGINE
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(mysql_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, mysql_url, ENGINE)
