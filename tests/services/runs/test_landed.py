"""What a failed file left behind, in words."""

from __future__ import annotations

from backend.services.runs.halves import Left, _merge
from backend.services.runs.landed import what_landed

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


def test_of_earlier_failures_only_what_is_there_still_counts() -> None:
    left = Left(
        objects={
            "table half": (None, "1"),
            "table mended": (None, "1"),
            "index gone": ("a", None),
            "index back": ("a", None),
            "column users.id": ("int", "bigint"),
        },
        rows={"users": (2, 3), "orders": (5, 6), "huge": (None, None)},
    )
    now = {"table half": "1", "index back": "a", "column users.id": "bigint"}
    assert left.still(now, {"users": 3, "orders": 5, "huge": None}) == [
        "+ table half",
        "- index gone",
        "~ column users.id",
        "~ rows users",
    ]
    assert left.changed_since({**now, "table half": "2"}) == ["table half"]


def test_a_second_failure_keeps_what_was_before_the_first() -> None:
    known = {"column a.x": ("int", "bigint")}
    _merge(known, {"column a.x": ("bigint", "text"), "table b": (None, "1")})
    assert known == {"column a.x": ("int", "text"), "table b": (None, "1")}
