"""Times, counts and shares in words. Pure."""

from __future__ import annotations


def spell(ms: float | None) -> str:
    """0.4 ms, 12 ms, 1.3 s, 2 min 5 s; `unknown` for None."""
    if ms is None or ms < 0:
        return "unknown"
    if ms < 0.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 9950:
        return f"{ms / 1000:.1f} s"
    seconds = round(ms / 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def spell_count(count: int) -> str:
    return f"{count:,}"


def spell_rate(rate: float | None) -> str:
    """98.2 %; `none yet` for None. Never rounded up to 100."""
    if rate is None:
        return "none yet"
    percent = rate * 100
    if 99.9 < percent < 100:
        percent = 99.9
    return f"{percent:.1f} %".replace(".0 %", " %")


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
