"""A dump as lines whose order does not count: columns and keys in another order are no other schema to any peer here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator


def lines_of(dump: str) -> Counter[str]:
    """Without comments, blank lines, commas, psql's commands and the dump's own settings; what stands in a table carries
    its name."""
    return Counter(_placed(re.sub(r"(?m)^\\(?:un)?restrict .*$|^--.*$|^SET default_.*$", "", dump)))


def _placed(dump: str) -> Iterator[str]:
    table = ""
    for line in dump.splitlines():
        bare = line.strip().rstrip(",")
        if not bare:
            continue
        if bare.startswith("CREATE ") and bare.endswith("("):
            table = bare.removesuffix("(")
        elif line.startswith(")") or bare.endswith(";"):
            yield f"{table}{bare}"
            table = ""
        else:
            yield f"{table}{bare}"
