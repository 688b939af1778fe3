"""Rates, times and counts of an overview, from what the ledger counted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from backend.core.clock import utc_now
from backend.core.errors import AppError
from backend.models.analytics import FileRef, FrequencyPoint, KindTimes, Rate, Times
from backend.services.history import measured, moment_of, name_then
from backend.store.ledger_stats import TRIED, Day, Sampled

from .over_time import frequency
from .readings import Key
from .robust import quantile


def members(
    connections: tuple[str, ...] | None, family: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...] | None:
    """The connections and all that share their folders: whose past a file may be held against."""
    if connections is None:
        return None
    return tuple(sorted({member for one in connections for member in family.get(one, (one,))}))


def day_range(
    dated: Sequence[tuple[date, Day]], until: datetime | None
) -> tuple[date, date] | tuple[None, None]:
    """The first and the last day with something in it; the last is today where the range is open."""
    if not dated:
        return None, None
    first = min(day for day, _ in dated)
    last = max(day for day, _ in dated)
    today = utc_now().date()
    return first, max(last, today) if until is None else last


def frequency_of(
    dated: Sequence[tuple[date, Day]], bucket: str, first: date | None, last: date | None
) -> list[FrequencyPoint]:
    return frequency(dated, bucket, first, last) if first and last else []


def rate_of(days: Sequence[Day], direction: str, good: str) -> Rate:
    tried = sum(one.files for one in days if one.direction == direction and one.status in TRIED)
    ok = sum(one.files for one in days if one.direction == direction and one.status == good)
    return Rate(ok=ok, tried=tried, rate=ok / tried if tried else None)


def times_of(days: Sequence[Day], direction: str, good: str) -> Times:
    ordered = sorted(
        ms for one in days if one.direction == direction and one.status == good for ms in one.times
    )
    return Times(
        files=len(ordered),
        mean_ms=sum(ordered) / len(ordered) if ordered else None,
        median_ms=quantile(ordered, 0.5),
        p95_ms=quantile(ordered, 0.95),
        slowest_ms=ordered[-1] if ordered else None,
    )


def distribution_of(days: Sequence[Day]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in days:
        counts[one.status] += one.files
    return {status: counts[status] for status in (*TRIED, "not_run") if counts[status]}


def per_days(files: int, span_days: int, length: int) -> float | None:
    return round(files / span_days * length, 2) if span_days else None


def kind_times(
    sample: Sequence[Sampled],
    kinds: Mapping[Key, str],
    engines: Mapping[str, str],
    connections: tuple[str, ...] | None,
) -> list[KindTimes]:
    times: dict[str, list[float]] = {}
    for one in sample:
        kind = kinds.get((one.sha256, engines.get(one.connection, ""), one.direction))
        if (
            kind is not None
            and one.direction == "up"
            and (connections is None or one.connection in connections)
        ):
            times.setdefault(kind, []).append(one.duration_ms)
    found = []
    for kind, some in times.items():
        ordered = sorted(some)
        found.append(
            KindTimes(
                kind=kind,
                files=len(ordered),
                median_ms=quantile(ordered, 0.5) or 0.0,
                p95_ms=quantile(ordered, 0.95) or 0.0,
            )
        )
    return sorted(found, key=lambda one: -one.median_ms)


def ref_of(
    row: Mapping[str, Any], kinds: Mapping[Key, str], named: Mapping[str, tuple[str, str | None]]
) -> FileRef:
    environment = named.get(row["connection"], ("", None))[1]
    return FileRef(
        run_id=row["run_id"],
        connection=row["connection"],
        connection_name=name_then(row),
        environment=row["environment"] or environment,
        version=row["version"],
        filename=row["filename"],
        direction=row["direction"],
        duration_ms=measured(row["duration_ms"]) or 0.0,
        started_at=moment_of(row["started_at"]),
        kind=kinds.get((row["sha256"] or "", row["engine"], row["direction"])),
    )


def error_titles() -> dict[str, str]:
    """Every error's title by its code."""
    found: dict[str, str] = {}
    pending: list[type[AppError]] = [AppError]
    while pending:
        one = pending.pop()
        found.setdefault(one.code, one.title)
        pending += one.__subclasses__()
    return found
