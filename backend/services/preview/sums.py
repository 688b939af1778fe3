"""Sums over a preview: objects by kind, the worst risk. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend.models.finding import Severity
from backend.models.preview import ObjectCount

if TYPE_CHECKING:
    from .statements import Shown

_ORDER = (
    "table", "collection", "column", "field", "index", "constraint", "view", "materialized view", "function",
    "procedure", "trigger", "type", "sequence",
)  # fmt: skip


def counts_of(shown: Iterable[Shown]) -> list[ObjectCount]:
    """Each object once, however many statements name it; statements that are not shown count too."""
    seen: dict[tuple[str, str], set[tuple[str, str | None]]] = {}
    for one in shown:
        for found in one.described.objects:
            key = (found.kind, "change" if found.change == "rows" else found.change)
            seen.setdefault(key, set()).add((found.name.casefold(), (found.parent or "").casefold()))
    kinds = sorted(
        {kind for kind, _ in seen}, key=lambda kind: (_ORDER.index(kind) if kind in _ORDER else 99, kind)
    )
    return [
        ObjectCount(
            kind=kind,
            added=len(seen.get((kind, "add"), ())),
            removed=len(seen.get((kind, "remove"), ())),
            changed=len(seen.get((kind, "change"), ())),
        )
        for kind in kinds
    ]


def worst_of(found: Iterable[Severity | None]) -> Severity | None:
    return max((one for one in found if one is not None), key=list(Severity).index, default=None)
