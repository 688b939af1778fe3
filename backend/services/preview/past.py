"""What files of each kind took on this connection before, from the ledger. A range of the middle, never one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.core.errors import AppError
from backend.models.migration import Direction
from backend.services.analytics.robust import quantile
from backend.services.analytics.service import Analytics
from backend.store.ledger_stats import LedgerStats

_LEAST = 5
"""Files of a kind that a range needs."""
_MANY = 10
"""From here on the range is the middle four fifths; before, all that was seen."""
_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Seen:
    runs: int
    low_ms: float
    high_ms: float


@dataclass(frozen=True, slots=True)
class Past:
    """Times by kind, ascending; `by_row`: milliseconds a row, of those whose rows were noted."""

    times: Mapping[str, list[float]] = field(default_factory=dict)
    by_row: Mapping[str, list[float]] = field(default_factory=dict)

    def files(self, kind: str) -> Seen | None:
        """Whole files of this kind."""
        return _seen(self.times.get(kind, []), 1.0)

    def scaled(self, kind: str, rows: int) -> Seen | None:
        """What such a file takes on a table of so many rows."""
        return _seen(self.by_row.get(kind, []), float(rows))


def _seen(ordered: list[float], factor: float) -> Seen | None:
    if len(ordered) < _LEAST:
        return None
    low, high = ordered[0], ordered[-1]
    if len(ordered) >= _MANY:
        low, high = quantile(ordered, 0.1) or low, quantile(ordered, 0.9) or high
    return Seen(len(ordered), low * factor, high * factor)


def read_past(
    stats: LedgerStats, analytics: Analytics, connection: str, engine: str, direction: Direction
) -> Past:
    """Raises nothing: without a ledger nothing is known of the past."""
    try:
        sampled = [one for one in stats.sample([connection], _LOOKED_AT) if one.direction == direction.value]
        if len(sampled) < _LEAST:
            return Past()
        kinds = analytics.kinds({(one.sha256, engine, one.direction) for one in sampled})
        noted = stats.files([one.id for one in sampled])
    except AppError:
        return Past()
    times: dict[str, list[float]] = {}
    by_row: dict[str, list[float]] = {}
    for one in sampled:
        kind = kinds.get((one.sha256, engine, one.direction))
        if kind is None:
            continue
        times.setdefault(kind, []).append(one.duration_ms)
        rows = _rows_of((noted.get(one.id) or {}).get("server"))
        if rows:
            by_row.setdefault(kind, []).append(one.duration_ms / rows)
    return Past(
        {kind: sorted(found) for kind, found in times.items()},
        {kind: sorted(found) for kind, found in by_row.items()},
    )


def _rows_of(server: object) -> int:
    """Of the largest table that the server's note names."""
    import json

    if not isinstance(server, str):
        return 0
    try:
        rows = json.loads(server).get("rows") or {}
    except (ValueError, AttributeError):
        return 0
    return max((int(count) for count in rows.values() if isinstance(count, int)), default=0)
