"""A few of the random faults, always the same ones; `python -m tests.faults` makes as many as one likes."""

from __future__ import annotations

import pytest

from tests.faults.fault import Arena
from tests.faults.model import Subject

# About as long as the tools run; where the run was quicker, the kill comes after it, which is a moment like any other.
RUNS_TAKE_S = {"sqlite": 0.4, "postgres": 0.7, "mysql": 1.0, "mongodb": 2.0}


@pytest.mark.parametrize(
    ("kind", "direction"),
    [("app", "up"), ("tool", "down"), ("everything", "up")],
    ids=lambda value: str(value),
)
def test_after_a_kill_the_status_is_what_the_database_says(
    subject: Subject, kind: str, direction: str
) -> None:
    arena = Arena(subject, seed=20260117)
    arena.durations = dict.fromkeys(("up", "down"), RUNS_TAKE_S[subject.name])
    outcome = arena.fault(kind, direction, RUNS_TAKE_S[subject.name], age_lease=True)
    assert outcome.findings == []
