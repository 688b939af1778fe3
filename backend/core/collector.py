"""Rest for Python's cycle collector while very many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """No collection of cycles inside, in the whole process: for bursts well under a second.

    Making tens of thousands of objects starts it again and again, and each time it walks all that lives and finds
    nothing: half the time of a large schema's reading. Threads may overlap; the first one out ends the rest.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
