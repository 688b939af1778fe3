"""Trend and frequency; days that cannot be right."""

from __future__ import annotations

from datetime import date

import pytest

from backend.services.analytics.over_time import bucket_for, frequency, split_dated, trend
from backend.store.ledger_stats import Day

TODAY = date(2026, 6, 15)


def day(text: str, status: str = "applied", files: int = 1, *times: float) -> Day:
    return Day(text, "down" if status == "rolled_back" else "up", status, files, list(times))


def test_days_of_a_wrong_clock_are_counted_apart() -> None:
    days = [
        day("1970-01-01", files=2),
        day("2999-12-31", files=3),
        day("2026-06-16"),
        day("yesterday", files=4),
    ]
    dated, undated = split_dated(days, TODAY)
    assert [one for one, _ in dated] == [date(2026, 6, 16)]
    assert undated == 9


@pytest.mark.parametrize(
    ("first", "bucket"),
    [(date(2026, 6, 15), "day"), (date(2026, 5, 1), "day"), (date(2026, 1, 1), "week"), (date(2024, 1, 1), "month"),
     (date(2020, 1, 1), "year")],
)  # fmt: skip
def test_the_stretch_keeps_the_chart_readable(first: date, bucket: str) -> None:
    assert bucket_for(first, TODAY) == bucket


def test_the_trend_is_of_what_was_applied() -> None:
    dated, _ = split_dated(
        [
            day("2026-06-01", "applied", 3, 1, 5, 9),
            day("2026-06-01", "rolled_back", 1, 99),
            day("2026-06-03", "failed"),
        ],
        TODAY,
    )
    (point,) = trend(dated, "day")
    assert (point.start, point.files, point.median_ms) == ("2026-06-01", 3, 5)


def test_frequency_has_the_empty_stretches_too() -> None:
    dated, _ = split_dated([day("2026-01-31", "applied", 2), day("2026-03-01", "interrupted")], TODAY)
    points = frequency(dated, "month", date(2026, 1, 31), date(2026, 3, 1))
    assert [(one.start, one.applied, one.failed) for one in points] == [
        ("2026-01-01", 2, 0), ("2026-02-01", 0, 0), ("2026-03-01", 0, 1),
    ]  # fmt: skip


def test_months_turn_the_year() -> None:
    dated, _ = split_dated([day("2025-11-30"), day("2026-02-01")], TODAY)
    starts = [one.start for one in frequency(dated, "month", date(2025, 11, 30), date(2026, 2, 1))]
    assert starts == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]
