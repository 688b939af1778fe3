"""The contract's shops on both tools, with DDL that rolls back and DDL that stays: what a batch is differs in nothing else.

The contract itself runs on every engine.
"""

from __future__ import annotations

import pytest

from tests.contract.conftest import shop, three
from tests.contract.dialects import DIALECTS, Dialect

__all__ = ["dialect", "shop", "three"]

ENGINES = ("sqlite", "postgres", "mysql", "mongodb")


@pytest.fixture(
    params=[one for one in DIALECTS if one.engine in ENGINES],
    ids=lambda one: one.url_fixture.removesuffix("_url"),
)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    found: Dialect = request.param
    return found
