"""Charts as SVG text that stands in a document by itself: no scripts, no fonts from elsewhere. Pure; everything escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from .words import spell

_W, _H = 720, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 12, 26


def line_chart(
    labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[float | None]]], title: str
) -> str:
    """Times over stretches of time, on a scale of powers of ten. `series`: (name, CSS class, milliseconds)."""
    values = [value for _, _, some in series for value in some if value is not None and value > 0]
    if not values:
        return ""
    low = math.floor(math.log10(max(min(values), 0.1)))
    high = max(math.ceil(math.log10(max(values))), low + 1)

    def x(at: int) -> float:
        return _LEFT + (_W - _LEFT - _RIGHT) * (at / max(len(labels) - 1, 1) if len(labels) > 1 else 0.5)

    def y(value: float) -> float:
        share = (math.log10(max(value, 0.1)) - low) / (high - low)
        return _H - _BOTTOM - (_H - _TOP - _BOTTOM) * min(max(share, 0), 1)

    parts = []
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_W - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{_LEFT - 6}" y="{at + 3:.1f}" text-anchor="end">{spell(10.0**power)}</text>'
        )
    for _, look, some in series:
        points = [(x(at), y(value)) for at, value in enumerate(some) if value is not None]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        parts.append(f'<polyline class="{escape(look)}" points="{path}"/>')
        parts += [
            f'<circle class="{escape(look)}" cx="{px:.1f}" cy="{py:.1f}" r="2.2"/>' for px, py in points
        ]
    return _svg(parts + _labels(labels, x), title)


def bar_chart(labels: Sequence[str], stacks: Sequence[Sequence[tuple[str, int]]], title: str) -> str:
    """Counts over stretches of time, stacked. A stack is (CSS class, count), from the ground up."""
    most = max((sum(count for _, count in stack) for stack in stacks), default=0)
    if not most:
        return ""
    width = (_W - _LEFT - _RIGHT) / len(stacks)

    def x(at: int) -> float:
        return _LEFT + width * (at + 0.5)

    height = _H - _TOP - _BOTTOM
    parts = []
    for share in (0, 0.5, 1):
        at = _H - _BOTTOM - height * share
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_W - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        if share == 0 or most > 1 or share == 1:
            parts.append(
                f'<text class="tick" x="{_LEFT - 6}" y="{at + 3:.1f}" text-anchor="end">{most * share:g}</text>'
            )
    for place, stack in enumerate(stacks):
        ground = float(_H - _BOTTOM)
        for look, count in stack:
            tall = height * count / most
            ground -= tall
            if count:
                parts.append(
                    f'<rect class="{escape(look)}" x="{x(place) - width * 0.36:.1f}" y="{ground:.1f}"'
                    f' width="{width * 0.72:.1f}" height="{tall:.1f}"/>'
                )
    return _svg(parts + _labels(labels, x), title)


def _labels(labels: Sequence[str], x: object) -> list[str]:
    assert callable(x)
    step = max(1, math.ceil(len(labels) / 8))
    return [
        f'<text class="tick" x="{x(at):.1f}" y="{_H - 8}" text-anchor="middle">{escape(label)}</text>'
        for at, label in enumerate(labels)
        if at % step == 0
    ]


def _svg(parts: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {_W} {_H}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        + "".join(parts)
        + "</svg>"
    )
