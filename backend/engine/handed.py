"""Work on a long text that several ask for in a row: the first does it, the others are handed it.

A file is split (or parsed) to find its halves, to hear its engine's own parser, and for the risk rules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar, cast

Made = TypeVar("Made")

_LONG = 20_000
"""Characters from which the work is worth remembering."""
_MOST = 8
"""Of one file: its tree, its up and its down split and read into statements."""

_kept: ContextVar[dict[Hashable, object] | None] = ContextVar("handed_on", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """While this is open, in this thread, what was made of the last texts is remembered; then it is let go. One inside
    another shares what is known."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def handed_on(key: Hashable, make: Callable[[], Made], *, size: int) -> Made:
    """What `make` makes for `key`; within `one_reading`, made once. Not to be changed by who gets it."""
    kept = _kept.get()
    if kept is None or size < _LONG:
        return make()
    if key not in kept:
        kept[key] = make()
        while len(kept) > _MOST:
            del kept[next(iter(kept))]
    return cast("Made", kept[key])
