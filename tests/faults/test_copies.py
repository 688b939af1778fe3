"""A few of the random faults in a backup and a restore, always the same ones; `python -m tests.faults` makes many."""

from __future__ import annotations

import pytest

from tests.faults.conftest import subject_of
from tests.faults.copies import OPERATIONS, Copies
from tests.faults.disk import CannotMount
from tests.faults.fault import quiet_environment
from tests.plugin_servers import unavailable

TAKES_S = 0.4


@pytest.mark.parametrize(
    ("engine", "kind", "operation"),
    [
        ("sqlite", "everything", "restore"),
        ("sqlite", "full disk", "backup"),
        ("postgres", "app", "restore"),
        ("postgres", "tool", "backup"),
        ("mysql", "app", "restore"),
        ("mysql", "cut", "backup"),
        ("mongodb", "app", "backup"),
        ("mongodb", "cut", "restore"),
    ],
)
def test_after_a_fault_every_listed_backup_is_whole_and_the_database_is_known(
    engine: str, kind: str, operation: str, request: pytest.FixtureRequest
) -> None:
    quiet_environment()
    copies = Copies(subject_of(engine, request), seed=20260117)
    copies.durations = dict.fromkeys(OPERATIONS, TAKES_S)
    try:
        outcome = copies.fault(kind, operation, TAKES_S)
    except CannotMount as error:
        unavailable(f"a small disk cannot be mounted here: {error}")
    assert outcome.findings == []
