"""Versions of theirs as versions dbmate orders by the bytes of the name: unique, in their order, timestamps kept. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

WIDTH = 14
_TIMESTAMP = re.compile(r"(19|20)\d{6,15}")


def numbered(versions: Sequence[str]) -> list[str]:
    """A version for each of `versions`, which are in the order they run; "" is one without (it comes where it stands).

    Timestamps of one width stay as they are. Plain numbers are padded to 14 digits, so that later timestamps come after
    them. Everything else is counted.
    """
    own = [one for one in versions if one]
    if own and len(set(own)) == len(own):
        kept = [one for one in own if _TIMESTAMP.fullmatch(one)]
        if len(kept) == len(own) and len({len(one) for one in own}) == 1:
            return _filled(versions)
        if all(re.fullmatch(r"[0-9]+", one) and len(one.lstrip("0")) <= WIDTH for one in own):
            padded = [(one.lstrip("0") or "0").zfill(WIDTH) if one else "" for one in versions]
            if len(set(padded) - {""}) == len(own):
                return _filled(padded)
    return [str(number).zfill(WIDTH) for number in range(1, len(versions) + 1)]


def _filled(versions: Sequence[str]) -> list[str]:
    """Those without a version get one behind the one before them, where that leaves the order as it is."""
    found: list[str] = []
    for one in versions:
        if not one:
            one = str(int(found[-1]) + 1).zfill(len(found[-1])) if found else "0" * WIDTH
        found.append(one)
    if all(a < b for a, b in pairwise(found)):
        return found
    return [str(number).zfill(WIDTH) for number in range(1, len(versions) + 1)]
