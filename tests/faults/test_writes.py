"""A few of the faults while something is saved; `python -m tests.faults --engine files` makes as many as one likes."""

from __future__ import annotations

import random

import pytest

from tests.faults import disk, writes
from tests.faults.fault import quiet_environment
from tests.plugin_servers import unavailable


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("app", "settings"),
        ("app", "save"),
        ("full disk", "draft"),
        ("read-only", "save"),
        ("two apps", "settings"),
        ("app", "ledger"),
    ],
)
def test_what_was_saved_is_there_whole(kind: str, moment: str) -> None:
    quiet_environment()
    try:
        outcome = writes.fault(kind, moment, random.Random(20260117))
    except disk.CannotMount as error:
        unavailable(f"a small disk cannot be mounted here: {error}")
    assert outcome.findings == []
