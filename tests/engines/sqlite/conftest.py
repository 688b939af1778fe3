"""Fixtures of the SQLite engine's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engines.sqlite import ENGINE
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """A project whose database file does not exist yet."""
    return Project(tmp_path, "sqlite:shop.db", ENGINE)
