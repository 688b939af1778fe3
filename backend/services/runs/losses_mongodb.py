"""What a MongoDB migration would lose. JavaScript cannot be judged by reading alone: rolling back a database that holds
documents always asks; applying asks where the text calls something that deletes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.models.migration import Direction

_log = logging.getLogger(__name__)
# Only ever raises the alarm: a call it overlooks (built from strings) is the reason rolling back always asks.
_DELETES = re.compile(
    r"\.\s*(drop|dropDatabase|dropCollection|deleteMany|deleteOne|remove)\s*\(|[\"']?\$out[\"']?\s*:"
)


def losses_of_javascript(
    engine: Engine, target: Target | None, direction: Direction, blocks: Iterable[tuple[str, str]]
) -> list[str]:
    asked = [(name, body) for name, body in blocks if direction == Direction.DOWN or _DELETES.search(body)]
    if not asked:
        return []
    counts: dict[str, int] | None = None
    try:
        counts = (
            None
            if target is None
            else engine.row_counts(target, [table.name for table in engine.catalog(target).tables])
        )
    except AppError:
        _log.info("Documents could not be counted", exc_info=True)
    if counts is not None and not any(counts.values()):
        return []
    holds = (
        "documents" if counts is None else f"{sum(counts.values()):,} documents in {len(counts)} collections"
    )
    if direction == Direction.DOWN:
        return [
            f"{name}: what its down does to the data cannot be told beforehand; the database holds {holds}."
            for name, _ in asked
        ]
    return [f"{name}: it deletes or replaces data; the database holds {holds}." for name, _ in asked]
