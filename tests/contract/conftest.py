"""A fresh app and a fresh database on each engine."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.contract.dialects import DIALECTS, Dialect
from tests.kit import Shop, Toolkit


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.url_fixture.removesuffix("_url"))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    found: Dialect = request.param
    if found.engine != "bigquery":
        return found
    return found.inside(urlsplit(request.getfixturevalue(found.url_fixture)).path.rsplit("/", 1)[-1])


@pytest.fixture
def shop(toolkit: Toolkit, dialect: Dialect, request: pytest.FixtureRequest) -> Shop:
    return toolkit.connect(request.getfixturevalue(dialect.url_fixture))


@pytest.fixture
def three(shop: Shop, dialect: Dialect) -> list[str]:
    """Three pending migrations users, orders, items; their versions in order."""
    return [
        shop.new(name, up, down)["version"]
        for name, (up, down) in zip(("users", "orders", "items"), dialect.tables, strict=True)
    ]
