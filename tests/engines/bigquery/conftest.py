"""Fixtures of the BigQuery engine's tests: a project on an empty dataset of the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engines.bigquery import ENGINE
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(bigquery_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, ENGINE.check_url(bigquery_url), ENGINE)


@pytest.fixture
def dataset(shop: Project) -> str:
    """The emulator puts unqualified names into one dataset for all, so its migrations write the dataset's name."""
    return ENGINE.split_url(shop.url)["dataset"]
