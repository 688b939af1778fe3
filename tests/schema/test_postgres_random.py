"""PostgreSQL: random schemas converge both ways, and what cannot be said is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from backend.diff.compare import compare
from backend.engine.schema.model import PlanOptions
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from tests.schema.random_postgres import schema

TOOLS = schema_tools("postgres")


@pytest.fixture
def server(postgres_url: str) -> Target:
    return Target("postgres", postgres_url, Path("/"), "schema_migrations")


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schema(), schema())
def test_any_schema_becomes_any_other(server: Target, one: str, other: str) -> None:
    """On empty tables, in the planned order, nothing tried twice."""
    with TOOLS.scratch(server, "one") as target, TOOLS.scratch(server, "other") as twin:
        assert TOOLS.load(target, one, "one.sql").skipped == ()
        assert TOOLS.load(twin, other, "other.sql").skipped == ()
        old, new = TOOLS.snapshot(target), TOOLS.snapshot(twin)
        for place, was, wanted in ((target, old, new), (twin, new, old)):
            plan = TOOLS.plan(was, wanted, PlanOptions())
            applied = TOOLS.apply(place, plan.steps)
            assert applied.ok, (applied.error, plan.steps[applied.step or 0].sql)
            assert [change.id for change in compare(TOOLS.snapshot(place), wanted)] == []
            assert plan.not_expressed == ()
