"""Statistics that a few wild values do not bend. Pure.

Times are compared by their logarithm: they spread by factors, not by sums. The score is the modified z-score of Iglewicz
and Hoaglin, 0.6745 × (x − median) / MAD; above 3.5 is an outlier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

OUTLIER = 3.5
LEAST_OWN = 5
"""Earlier runs of the same migration that a comparison needs."""
LEAST_KIND = 20
"""Other files of its kind that a comparison needs."""
_SCALE = 0.6745
_SHORTEST_MS = 0.1
_NOISE = math.log(1.1)
"""Times that differ by less than a tenth are the same: a MAD below this would make outliers of noise."""
LEAST_MS = 50.0
"""Nobody waits for less."""
LEAST_TIMES = 2.0


def median(values: Sequence[float]) -> float | None:
    return quantile(sorted(values), 0.5)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Of ascending values, interpolated between neighbours; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass(frozen=True, slots=True)
class Peers:
    """What a time is held against: how many there are, their median, and the MAD of their logarithms."""

    count: int
    median_ms: float
    middle: float
    deviation: float

    @classmethod
    def of(cls, times: Sequence[float]) -> Peers:
        """Of at least one time."""
        logs = sorted(math.log(max(one, _SHORTEST_MS)) for one in times)
        middle = quantile(logs, 0.5) or 0.0
        deviation = quantile(sorted(abs(one - middle) for one in logs), 0.5) or 0.0
        return cls(len(logs), median(times) or 0.0, middle, max(deviation, _NOISE))

    def score(self, value: float) -> float:
        """How far above their median, in robust deviations of the logarithm; negative where it is below."""
        return _SCALE * (math.log(max(value, _SHORTEST_MS)) - self.middle) / self.deviation

    def is_outlier(self, value: float) -> bool:
        """Far above them, by a factor that matters and long enough to be felt."""
        if value < LEAST_MS or value < LEAST_TIMES * self.median_ms:
            return False
        return self.score(value) > OUTLIER
