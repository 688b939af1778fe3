"""Small helps for the lock tables of engines: one lock said once, what is new said to block nobody. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from backend.engine.lint.ops import Name
from backend.models.preview import ExpectedLock

from .port import Place

Blocks = Literal["reads", "writes", "schema changes"]
NEW = "Made by the same file, so nobody else uses it yet. "


def expected(
    place: Place,
    table: Name,
    mode: str,
    blocks: Sequence[Blocks],
    held: str,
    because: str,
    *,
    certain: bool = True,
) -> ExpectedLock:
    """A lock; on what the file itself makes (or files before it) it stands in nobody's way."""
    is_new = place.scene.is_new(table)
    return ExpectedLock(
        object=str(table),
        mode=mode,
        blocks=[] if is_new else list(blocks),
        held=held,
        because=NEW + because if is_new else because,
        certain=certain,
    )


def once(found: Iterable[ExpectedLock], order: Sequence[str]) -> tuple[ExpectedLock, ...]:
    """One of each object, mode and time held; on one object only the strongest by `order` (weakest first) of those that
    are certain, where all are held as long."""
    kept: dict[tuple[str, str], ExpectedLock] = {}
    for one in found:
        key = (one.object.casefold(), one.held)
        other = kept.get(key)
        if other is None:
            kept[key] = one
            continue
        stronger = order.index(one.mode) > order.index(other.mode)
        if one.mode == other.mode:
            kept[key] = one if one.certain and not other.certain else other
        elif stronger and (one.certain or not other.certain):
            kept[key] = one
        elif stronger:
            # A stronger one that is not certain does not hide what is certain.
            kept[(f"{key[0]} {one.mode}", one.held)] = one
        elif not stronger and one.certain and not other.certain:
            kept[key] = one
            kept[(f"{key[0]} {other.mode}", other.held)] = other
    return tuple(kept.values())


__all__ = ["NEW", "Blocks", "expected", "once"]
