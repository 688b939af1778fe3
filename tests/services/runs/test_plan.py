"""Which files a run takes, in which order, and what refuses it."""

from __future__ import annotations

import pytest

from backend.core.errors import (
    AppError,
    InvalidRequest,
    MigrationApplied,
    MigrationInvalid,
    MigrationNotFound,
)
from backend.models.migration import FileProblem, Migration, MigrationFlag, MigrationStatus
from backend.services.runs.plan import RunPlan, Selection, plan_down, plan_failed, plan_up


def one(version: str, status: str = "pending", *flags: MigrationFlag, has_down: bool = True) -> Migration:
    return Migration(
        version=version,
        name=f"n{version}",
        filename=f"{version}_n{version}.sql",
        path=f"/m/{version}.sql",
        status=MigrationStatus(status),
        flags=list(flags),
        has_down=has_down,
        problems=[FileProblem(code="no_up", message="There is no up.")]
        if MigrationFlag.INVALID in flags
        else [],
    )


FIVE = [one("1", "applied"), one("2", "applied"), one("3", "failed"), one("4"), one("5")]


def taken(plan: RunPlan) -> list[str]:
    return [migration.version for migration in plan.migrations]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), ["3", "4", "5"]),
        (Selection(count=1), ["3"]),
        (Selection(count=99), ["3", "4", "5"]),
        (Selection(to="4"), ["3", "4"]),
        (Selection(to="1"), []),
        (Selection(versions=["5", "4"]), ["4", "5"]),
        (Selection(versions=["5_n5.sql"]), ["5"]),
    ],
    ids=repr,
)
def test_up_takes_what_is_not_applied_oldest_first(selection: Selection, expected: list[str]) -> None:
    assert taken(plan_up(FIVE, selection, allow_out_of_order=False)) == expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), ["2"]),
        (Selection(count=2), ["2", "1"]),
        (Selection(to="1"), ["2"]),
        (Selection(to="2"), []),
        (Selection(versions=["1"]), ["1"]),
    ],
    ids=repr,
)
def test_down_takes_what_is_applied_newest_first(selection: Selection, expected: list[str]) -> None:
    assert taken(plan_down(FIVE, selection)) == expected


@pytest.mark.parametrize(
    ("selection", "error"),
    [
        (Selection(versions=["1"]), MigrationApplied),
        (Selection(versions=[]), InvalidRequest),
        (Selection(versions=["9"]), MigrationNotFound),
        (Selection(to="9"), MigrationNotFound),
        (Selection(to="4", count=2), InvalidRequest),
    ],
    ids=repr,
)
def test_up_refuses_what_makes_no_sense(selection: Selection, error: type[AppError]) -> None:
    with pytest.raises(error):
        plan_up(FIVE, selection, allow_out_of_order=False)


@pytest.mark.parametrize("selection", [Selection(versions=["4"]), Selection(to="4")], ids=repr)
def test_down_refuses_what_is_not_applied(selection: Selection) -> None:
    with pytest.raises(InvalidRequest):
        plan_down(FIVE, selection)


def test_an_invalid_file_refuses_the_run_only_where_it_is_planned() -> None:
    files = [one("1"), one("2", "pending", MigrationFlag.INVALID), one("3")]
    assert plan_up(files, Selection(versions=["1"]), allow_out_of_order=False).problems == []
    (problem,) = plan_up(files, Selection(), allow_out_of_order=False).problems
    assert isinstance(problem, MigrationInvalid) and problem.details["files"] == ["2_n2.sql"]


def test_a_late_file_is_refused_and_where_it_is_allowed_it_is_told() -> None:
    files = [one("1", "pending", MigrationFlag.OUT_OF_ORDER), one("2", "applied")]
    (problem,) = plan_up(files, Selection(), allow_out_of_order=False).problems
    assert problem.code == "out_of_order"
    allowed = plan_up(files, Selection(), allow_out_of_order=True)
    assert allowed.problems == [] and "1_n1.sql" in allowed.warnings[0]


def test_two_files_of_one_version_are_named_and_not_run() -> None:
    twins = [
        one("1", "pending", MigrationFlag.DUPLICATE_VERSION),
        one("1", "pending", MigrationFlag.DUPLICATE_VERSION),
    ]
    twins[1].filename = "1_other.sql"
    (problem,) = plan_up(twins, Selection(), allow_out_of_order=False).problems
    assert problem.details["reason"] == "duplicate_version"
    with pytest.raises(MigrationInvalid):
        plan_up(twins, Selection(versions=["1"]), allow_out_of_order=False)


def test_rolling_back_needs_the_file_and_a_down() -> None:
    missing = [one("1", "applied"), one("2", "applied", MigrationFlag.MISSING_FILE, has_down=False)]
    (problem,) = plan_down(missing, Selection()).problems
    assert problem.code == "migration_not_found"
    (problem,) = plan_down([one("1", "applied", has_down=False)], Selection()).problems
    assert problem.details["reason"] == "no_down"


def test_skipping_older_ones_is_told() -> None:
    plan = plan_up(FIVE, Selection(versions=["5"]), allow_out_of_order=False)
    assert "3_n3.sql, 4_n4.sql" in plan.warnings[0]


def test_retry_takes_the_failed_ones_only() -> None:
    assert taken(plan_failed(FIVE, None, allow_out_of_order=False)) == ["3"]
    assert taken(plan_failed(FIVE[:2], None, allow_out_of_order=False)) == []
    with pytest.raises(InvalidRequest):
        plan_failed(FIVE, ["4"], allow_out_of_order=False)
