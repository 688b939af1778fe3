"""A few of the random faults in a backup and a restore, always the same ones; `python -m tests.faults` makes many."""

from __future__ import annotations

import pytest

from tests.faults.conftest import subject_of
from tests.faults.disk import CannotMount
from tests.faults.fault import quiet_environment
from tests.faults.vault import MOMENTS, Vault
from tests.plugin_servers import unavailable

TAKES_S = 0.4


@pytest.mark.parametrize(
    ("engine", "kind", "moment"),
    [
        ("sqlite", "everything", "restore"),
        ("sqlite", "read-only", "restore"),
        ("sqlite", "full disk", "backup"),
        ("postgres", "app", "restore"),
        ("postgres", "tool", "backup"),
        ("mysql", "app", "restore"),
        ("mysql", "cut", "backup"),
        ("mongodb", "cut", "restore"),
    ],
)
def test_after_a_fault_every_backup_is_whole_and_the_database_is_known(
    engine: str, kind: str, moment: str, request: pytest.FixtureRequest
) -> None:
    quiet_environment()
    vault = Vault(subject_of(engine, request), seed=20260117)
    vault.durations = dict.fromkeys(MOMENTS, TAKES_S)
    try:
        outcome = vault.fault(kind, moment, TAKES_S, age_lease=True)
    except CannotMount as error:
        unavailable(f"a small disk cannot be mounted here: {error}")
    assert outcome.findings == []
