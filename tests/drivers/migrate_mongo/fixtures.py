"""Fixtures of everything that runs MongoDB migrations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .project import Project


@pytest.fixture
def project(tmp_path: Path, mongodb_url: str) -> Iterator[Project]:
    """An empty project with an empty database of its own."""
    made = Project(tmp_path / "shop project", mongodb_url)
    try:
        yield made
    finally:
        made.client.close()
