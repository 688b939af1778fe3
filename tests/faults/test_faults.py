"""A few of the random faults, always the same ones; `python -m tests.faults` makes as many as one likes."""

from __future__ import annotations

import pytest

from tests.faults.conftest import subject_of
from tests.faults.disk import CannotMount
from tests.faults.fault import DIRECTIONS, Arena, quiet_environment
from tests.plugin_servers import unavailable

# About as long as the tools run; where the run was quicker, the kill comes after it, which is a moment like any other.
RUNS_TAKE_S = {"sqlite": 0.4, "postgres": 0.7, "mysql": 1.0, "mongodb": 2.0}


FAULTS = [
    (engine, kind, direction)
    for engine in RUNS_TAKE_S
    for kind, direction in (("app", "up"), ("tool", "down"), ("everything", "up"))
    if kind != "everything" or engine in {"sqlite", "mysql"}
] + [
    ("postgres", "cut", "up"),
    ("mongodb", "cut", "down"),
    ("sqlite", "full disk", "up"),
    ("sqlite", "read-only", "down"),
    ("mysql", "two machines", "up"),
    ("sqlite", "clock jump", "up"),
]


@pytest.mark.parametrize(("engine", "kind", "direction"), FAULTS)
def test_after_a_kill_the_status_is_what_the_database_says(
    engine: str, kind: str, direction: str, request: pytest.FixtureRequest
) -> None:
    quiet_environment()
    arena = Arena(subject_of(engine, request), seed=20260117)
    arena.durations = dict.fromkeys(DIRECTIONS, RUNS_TAKE_S[engine])
    try:
        outcome = arena.fault(kind, direction, RUNS_TAKE_S[engine], age_lease=True)
    except CannotMount as error:
        unavailable(f"a small disk cannot be mounted here: {error}")
    assert outcome.findings == []
