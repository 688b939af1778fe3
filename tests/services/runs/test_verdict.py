"""What became of each file: the migrations table decides, whatever the tool said."""

from __future__ import annotations

import pytest

from backend.core.errors import SqlFailed
from backend.engine.tool import ToolOutcome
from backend.models.migration import Direction, RunStatus
from backend.services.runs.verdict import judge
from tests.services.runs.test_plan import one

PLANNED = [one("1"), one("2"), one("3")]
BROKEN = ToolOutcome(exit_code=2, output="", error_text="boom")
FINE = ToolOutcome(exit_code=0, output="")
CANCELLED = ToolOutcome(exit_code=-15, output="", cancelled=True)


def verdicts(
    direction: Direction, in_table: set[str], outcome: ToolOutcome, started: set[str] | None = None
) -> list[str]:
    found = judge(
        PLANNED,
        direction,
        in_table,
        outcome,
        {},
        lambda migration: SqlFailed("why"),
        started=started or set(),
    )
    assert all((verdict.error is not None) == (verdict.status == RunStatus.FAILED) for verdict in found)
    return [str(verdict.status) for verdict in found]


@pytest.mark.parametrize(
    ("in_table", "outcome", "expected"),
    [
        ({"1", "2", "3"}, FINE, ["applied", "applied", "applied"]),
        ({"1", "2", "3"}, BROKEN, ["applied", "applied", "applied"]),
        ({"1"}, BROKEN, ["applied", "failed", "not_run"]),
        ({"1"}, FINE, ["applied", "failed", "not_run"]),
        (set(), FINE, ["failed", "not_run", "not_run"]),
        ({"1", "3"}, BROKEN, ["applied", "failed", "applied"]),
    ],
)
def test_up_is_judged_by_the_table(in_table: set[str], outcome: ToolOutcome, expected: list[str]) -> None:
    assert verdicts(Direction.UP, in_table, outcome) == expected


@pytest.mark.parametrize(
    ("in_table", "outcome", "expected"),
    [
        (set(), BROKEN, ["rolled_back", "rolled_back", "rolled_back"]),
        ({"2", "3"}, FINE, ["rolled_back", "failed", "not_run"]),
        ({"1", "2", "3"}, FINE, ["failed", "not_run", "not_run"]),
    ],
)
def test_down_is_judged_by_the_table(in_table: set[str], outcome: ToolOutcome, expected: list[str]) -> None:
    assert verdicts(Direction.DOWN, in_table, outcome) == expected


def test_after_a_cancel_only_the_file_that_was_begun_has_failed() -> None:
    assert verdicts(Direction.UP, {"1"}, CANCELLED, {"1_n1.sql"}) == ["applied", "not_run", "not_run"]
    assert verdicts(Direction.UP, {"1"}, CANCELLED, {"1_n1.sql", "2_n2.sql"}) == [
        "applied",
        "failed",
        "not_run",
    ]
