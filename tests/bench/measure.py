"""Takes times in turns and puts them into words."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table. `hold`: the most it may be, a ratio where there is a peer, else in `unit`; None where
    nothing is promised and the number is for information."""

    name: str
    ours: float
    hold: float | None
    peer: float | None = None
    unit: str = "ms"
    spread: str = ""

    @property
    def value(self) -> float:
        return self.ours / self.peer if self.peer else self.ours

    @property
    def holds(self) -> bool:
        return self.hold is None or self.value <= self.hold

    def text(self) -> str:
        peer = f"{self.peer:9.1f} {self.unit}" if self.peer is not None else " " * (10 + len(self.unit))
        value = f"{self.value:.2f}×" if self.peer else f"{self.value:.0f} {self.unit}"
        hold, verdict = "–", ""
        if self.hold is not None:
            hold = f"≤ {self.hold:g}×" if self.peer else f"≤ {self.hold:g} {self.unit}"
            verdict = "holds" if self.holds else "MISSED"
        return f"{self.name:46} {self.ours:9.1f} {self.unit} {peer}  {value:>9}  {hold:>9}  {verdict:6} {self.spread}"


HEAD = f"{'':46} {'ours':>12} {'bare':>12}  {'is':>9}  {'hold':>9}"


def took_ms(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def in_turns(
    ours: Callable[[], float], peer: Callable[[], float], rounds: int
) -> tuple[list[float], list[float]]:
    """Each measures itself in ms; the one that goes first changes from round to round. One round before does not count."""
    ours(), peer()
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        pairs = [(mine, ours), (theirs, peer)]
        for kept, action in pairs if number % 2 else pairs[::-1]:
            kept.append(action())
    return mine, theirs


def against(name: str, mine: Sequence[float], theirs: Sequence[float], hold: float | None) -> Line:
    ratios = sorted(one / other for one, other in zip(mine, theirs, strict=True))
    spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds)"
    return Line(name, statistics.median(mine), hold, statistics.median(theirs), spread=spread)


def alone(name: str, times: Sequence[float], hold: float | None, unit: str = "ms") -> Line:
    return Line(
        name, statistics.median(times), hold, unit=unit, spread=f"({min(times):.1f} to {max(times):.1f})"
    )
