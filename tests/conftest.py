"""Fixtures of every test: the database servers, and the app over a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kit import Shop, Toolkit

pytest_plugins = ["tests.plugin_servers"]


# On a machine whose cores are all busy even making an example takes its time; that says nothing of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own data, keychain or DATABASE_URL."""
    monkeypatch.setenv("DB_TOOLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    """The app over an empty home."""
    toolkit = Toolkit(tmp_path / "home")
    yield toolkit
    toolkit.close()


@pytest.fixture
def sqlite_shop(toolkit: Toolkit, sqlite_url: str) -> Shop:
    """A connection to an empty SQLite database."""
    return toolkit.connect(sqlite_url)
