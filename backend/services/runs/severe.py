"""What applying files would do that the risk rules call severe enough for a typed confirmation, in plain sentences.

What `losses` counts exactly (dropped tables and columns, deleted rows) is said there; here is what counting cannot see:
CASCADE, a rebuild that cascades, documents that expire, fields and collections that are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backend.engine.tool import ParsedFile
from backend.models.finding import Finding
from backend.models.migration import Direction, Migration

Judge = Callable[[Sequence[Migration], Sequence[ParsedFile]], Sequence[tuple[str, Finding]]]
COUNTED = frozenset({"drop-table", "drop-column", "delete-without-where", "truncate", "drop-database"})
# Only where one of these words stands need the rules be asked; what they find is decided by a parser.
_PERHAPS = ("cascade", "drop", "$unset", "$out", "$merge", "expireafterseconds")
_WORDS = re.compile(
    r"cascade|drop\s+table|\$unset|\$out|\$merge|expireAfterSeconds|dropTarget|dropDatabase|\.\s*drop",
    re.IGNORECASE,
)


def severe_of(
    migrations: Sequence[Migration], files: Sequence[ParsedFile], direction: Direction, judge: Judge
) -> list[str]:
    """Sentences to consent to; none for a rollback, which `losses` judges whole."""
    if direction != Direction.UP or not any(one.up and _calls_for_a_look(one.up.body) for one in files):
        return []
    found = judge(migrations, files)
    return [f"{filename}: {one.message}" for filename, one in found if one.code not in COUNTED]


def _calls_for_a_look(body: str) -> bool:
    lowered = body.lower()
    return any(word in lowered for word in _PERHAPS) and _WORDS.search(body) is not None


def nothing_severe(*_: object) -> list[tuple[str, Finding]]:
    """Where no rules are built in."""
    return []
