"""Trend and frequency: days gathered into stretches that a chart can show. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from backend.models.analytics import FrequencyPoint, TrendPoint
from backend.store.ledger_stats import Day

from .robust import quantile

FIRST_DAY = date(2020, 1, 1)
"""A day before this is a clock that was wrong: the app did not exist."""
_MOST_POINTS = 62
_STEPS = (("day", 1), ("week", 7), ("month", 31), ("year", 366))


def split_dated(days: Iterable[Day], today: date) -> tuple[list[tuple[date, Day]], int]:
    """The days that can be right, and how many files the others hold."""
    dated, undated = [], 0
    for one in days:
        try:
            day = date.fromisoformat(one.day)
        except ValueError:
            undated += one.files
            continue
        if FIRST_DAY <= day <= today + timedelta(days=1):
            dated.append((day, one))
        else:
            undated += one.files
    return dated, undated


def bucket_for(first: date, last: date) -> str:
    """The shortest stretch that keeps the chart readable."""
    span = (last - first).days + 1
    return next((name for name, length in _STEPS if span / length <= _MOST_POINTS), "year")


def start_of(day: date, bucket: str) -> date:
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    if bucket == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if bucket == "year" else day


def trend(dated: Sequence[tuple[date, Day]], bucket: str) -> list[TrendPoint]:
    """Median and 95th percentile of what was applied, one point a stretch with something in it."""
    times: dict[date, list[float]] = defaultdict(list)
    for day, one in dated:
        if one.direction == "up" and one.status == "applied" and one.times:
            times[start_of(day, bucket)] += one.times
    points = []
    for start in sorted(times):
        ordered = sorted(times[start])
        points.append(
            TrendPoint(
                start=start.isoformat(),
                files=len(ordered),
                median_ms=quantile(ordered, 0.5),
                p95_ms=quantile(ordered, 0.95),
            )
        )
    return points


def frequency(
    dated: Sequence[tuple[date, Day]], bucket: str, first: date, last: date
) -> list[FrequencyPoint]:
    """How many ran, for every stretch from first to last, empty ones included."""
    counts: dict[date, Counter[str]] = defaultdict(Counter)
    for day, one in dated:
        status = "failed" if one.status == "interrupted" else one.status
        counts[start_of(day, bucket)][status] += one.files
    points, start = [], start_of(first, bucket)
    while start <= last:
        found = counts[start]
        points.append(
            FrequencyPoint(
                start=start.isoformat(),
                applied=found["applied"],
                rolled_back=found["rolled_back"],
                failed=found["failed"],
            )
        )
        start = _next(start, bucket)
    return points


def _next(start: date, bucket: str) -> date:
    if bucket == "month":
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    if bucket == "year":
        return start.replace(year=start.year + 1)
    return start + timedelta(days=7 if bucket == "week" else 1)
