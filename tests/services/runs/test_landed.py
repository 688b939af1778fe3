"""What a failed file left behind, in words."""

from __future__ import annotations

from backend.services.runs.landed import still_there, what_landed

BEFORE = {"table users": "1", "column users.id": "int", "index users_id": "a"}


def test_nothing_changed_nothing_landed() -> None:
    assert what_landed(BEFORE, dict(BEFORE)) == []


def test_what_came_what_went_what_changed() -> None:
    after = {"table users": "1", "column users.id": "bigint", "view v": "x"}
    assert what_landed(BEFORE, after) == ["+ view v", "- index users_id", "~ column users.id"]


def test_the_columns_of_a_new_table_are_not_listed_but_those_of_an_old_one_are() -> None:
    after = {**BEFORE, "table orders": "2", "column orders.id": "int", "column users.name": "text"}
    assert what_landed(BEFORE, after) == ["+ table orders", "+ column users.name"]


def test_a_schema_of_thousands_is_cut_and_says_so() -> None:
    lines = what_landed({}, {f"table t{n}": "" for n in range(500)})
    assert len(lines) == 201 and lines[-1] == "… and 300 more"


def test_of_an_earlier_failure_only_what_is_there_still_counts() -> None:
    earlier = ["+ table half", "+ table mended", "- index gone", "- index back", "~ column users.id"]
    now = {"table half": "", "index back": "", "column users.id": ""}
    assert still_there(earlier, now) == ["+ table half", "- index gone", "~ column users.id"]
