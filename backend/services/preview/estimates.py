"""How long it takes, as a range with its basis: past runs here, sizes from the catalog, or *unknown*. Pure, given both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from backend.engine.forecast.known import Known
from backend.engine.forecast.port import Work
from backend.engine.forecast.rates import CATALOG_MS, LEAST_MS, RATES
from backend.engine.lint.ops import Name
from backend.engine.lint.scene import Scene
from backend.models.preview import Estimate, MatchingRows

from .past import Past

Source = Literal["history", "size", "constant", "unknown"]
_RANK: tuple[Source, ...] = ("constant", "history", "size", "unknown")


@dataclass(frozen=True, slots=True)
class Sized:
    rows: int | None
    size_bytes: int | None
    most_bytes: int | None = None
    """No more than so much, where neither of the two is known."""
    is_here: bool = False
    """Made by the files themselves: the rows are those they write."""


def size_of(table: Name, known: Known, scene: Scene) -> Sized:
    found = scene.rows(table)
    if found.is_new:
        return Sized(found.count, None, is_here=True)
    name = scene.renamed.get(table.key, table)
    return Sized(known.rows(name), known.size_bytes(name), known.most_bytes if known.entry(name) else None)


def estimate_of(
    works: Sequence[Work], known: Known, scene: Scene, matching: MatchingRows | None, kind: str, past: Past
) -> Estimate:
    """Of one statement that does all of `works`."""
    parts = [_of_work(one, known, scene, matching, kind, past) for one in works]
    return total(parts, "statement")


def _of_work(
    work: Work, known: Known, scene: Scene, matching: MatchingRows | None, kind: str, past: Past
) -> Estimate:
    if work.kind == "catalog":
        return _quick(work, kind, past)
    if work.kind == "unknown":
        return Estimate(basis=_sentence(work.why))
    if work.kind == "rows_in":
        return _range(work, "rows_in", 0, work.rows or 0, f"{work.rows or 0:,} rows")
    if work.table is None:
        return Estimate(basis=_sentence(f"{work.why}: its size is not known"))
    size = size_of(work.table, known, scene)
    if work.kind == "rows":
        return _matched(work, size, matching)
    if size.rows is not None and size.rows > 0:
        scaled = past.scaled(kind, size.rows)
        if scaled is not None:
            said = f"{work.why}: {scaled.runs} earlier files of this kind noted their rows; {work.table} has {size.rows:,}"
            return Estimate(
                low_ms=scaled.low_ms, high_ms=scaled.high_ms, source="history", basis=_sentence(said)
            )
    return _by_size(work, size)


def _quick(work: Work, kind: str, past: Past) -> Estimate:
    found = past.files(kind)
    if found is not None:
        said = f"{found.runs} earlier files of this kind took {spoken(found.low_ms, found.high_ms)} here as a whole"
        return Estimate(
            low_ms=LEAST_MS, high_ms=max(found.high_ms, LEAST_MS), source="history", basis=_sentence(said)
        )
    said = f"{work.why}: the time depends on no size; waiting for locks is not in it"
    return Estimate(low_ms=CATALOG_MS[0], high_ms=CATALOG_MS[1], source="constant", basis=_sentence(said))


def _by_size(work: Work, size: Sized) -> Estimate:
    if size.size_bytes:
        told = f"{work.table} has {spoken_bytes(size.size_bytes)}" + (
            f" in about {size.rows:,} rows" if size.rows else ""
        )
        return _range(work, work.kind, size.size_bytes, None, told)
    if size.rows is not None:
        return _range(work, work.kind, 0, size.rows, f"{work.table} has about {size.rows:,} rows")
    if size.most_bytes:
        told = f"{work.table} is no larger than the whole database, {spoken_bytes(size.most_bytes)}"
        found = _range(work, work.kind, size.most_bytes, None, told)
        # It may be as small as can be.
        return found.model_copy(update={"low_ms": LEAST_MS})
    return Estimate(basis=_sentence(f"{work.why}; how large {work.table} is, is not known"))


def _matched(work: Work, size: Sized, matching: MatchingRows | None) -> Estimate:
    """The rows must be found and then changed."""
    count = matching.count if matching is not None else None
    if count is None and size.rows is None:
        return Estimate(basis=_sentence(f"{work.why}; how many, and how large {work.table} is, is not known"))
    scan, change = RATES["scan"], RATES["rows"]
    most = (
        count
        if count is not None and not (matching and matching.at_least)
        else max(size.rows or 0, count or 0)
    )
    least = count or 0
    look = size.size_bytes / scan.bytes[0] if size.size_bytes else (size.rows or most) / scan.rows[0]
    low, high = least / change.rows[1] * 1000, (look + most / change.rows[0]) * 1000
    told = f"{count:,} rows match now" if count is not None else f"at most all of its {most:,} rows match"
    said = f"{work.why}: {told}; at {change.rows[0]:,.0f} to {change.rows[1]:,.0f} rows a second, after they are found"
    return Estimate(
        low_ms=max(LEAST_MS, low), high_ms=max(CATALOG_MS[1], high), source="size", basis=_sentence(said)
    )


def _range(work: Work, kind: str, size_bytes: int, rows: int | None, told: str) -> Estimate:
    rate = RATES[kind]
    amount: float = size_bytes if rows is None else rows
    slow, fast = rate.bytes if rows is None else rate.rows
    speed = f"{slow / 1e6:g}–{fast / 1e6:g} MB" if rows is None else f"{slow:,.0f}–{fast:,.0f} rows"
    said = f"{work.why}: {told}; at {speed} a second"
    low, high = amount / fast * 1000, amount / slow * 1000
    return Estimate(
        low_ms=max(LEAST_MS, low), high_ms=max(CATALOG_MS[1], high), source="size", basis=_sentence(said)
    )


# -- sums --------------------------------------------------------------------------------------------------------


def total(parts: Sequence[Estimate], noun: str, times: Sequence[int] | None = None) -> Estimate:
    """The sum of ranges; one part that is not known makes the whole unknown."""
    counted = times or [1] * len(parts)
    if len(parts) == 1 and counted[0] == 1:
        return parts[0]
    if not parts:
        return Estimate(low_ms=0.0, high_ms=0.0, source="constant", basis="There is nothing to run.")
    unknown = [one for one in parts if one.source == "unknown" or one.low_ms is None or one.high_ms is None]
    known = [
        (one, many)
        for one, many in zip(parts, counted, strict=True)
        if one.low_ms is not None and one.high_ms is not None
    ]
    low = sum((one.low_ms or 0.0) * many for one, many in known)
    high = sum((one.high_ms or 0.0) * many for one, many in known)
    if unknown:
        many = len(unknown)
        said = f"Not known for {'one' if many == 1 else many} of {len(parts)} {noun}s. {unknown[0].basis}"
        if known:
            said = f"{said} The others take {spoken(low, high)}."
        return Estimate(basis=said)
    source = max((one.source for one, _ in known), key=_RANK.index)
    longest = max((one for one, _ in known), key=lambda one: one.high_ms or 0.0)
    return Estimate(
        low_ms=low,
        high_ms=high,
        source=source,
        basis=f"The sum of {len(parts)} {noun}s. The longest: {longest.basis}",
    )


def spoken(low_ms: float, high_ms: float) -> str:
    """`3–40 ms`, `0.8–2.1 s`, `200 ms–4 min`."""
    low, high = _unit(low_ms), _unit(high_ms)
    return f"{low[0]}–{high[0]} {high[1]}" if low[1] == high[1] else f"{low[0]} {low[1]}–{high[0]} {high[1]}"


def _unit(ms: float) -> tuple[str, str]:
    for size, unit in ((3_600_000.0, "h"), (60_000.0, "min"), (1000.0, "s")):
        if ms >= size:
            return f"{ms / size:.3g}", unit
    return f"{ms:.3g}", "ms"


def spoken_bytes(size: float) -> str:
    for least, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= least:
            return f"{size / least:.3g} {unit}"
    return f"{size:.0f} bytes"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
