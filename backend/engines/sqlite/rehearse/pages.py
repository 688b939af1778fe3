"""What a statement wrote: the pages that hold something else after it than before. Measured, not inferred.

A page that was written again as it was (a column dropped that no row had a value for) does not show.

`serialize` gives the file as the connection sees it, what is not committed included; `dbstat` says whose a page is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.models.rehearsal import Evidence, Rewrite

LARGEST_BYTES = 32 << 20
"""Of a larger file no images are taken: each costs as much as reading it."""
_LEAVES = "SELECT name, pageno, ncell FROM dbstat WHERE pagetype = 'leaf'"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
BYTES = Evidence(fact="bytes", query="the file's pages before and after (sqlite3_serialize), compared")
REWRITES = Evidence(fact="rewrites", query=f"{_LEAVES}, and the pages' content before and after")


@dataclass(slots=True)
class Leaves:
    """A table's leaf pages, by number, with what they held."""

    pages: dict[int, bytes] = field(default_factory=dict)
    rows: int = 0


@dataclass(slots=True)
class Written:
    bytes: int
    rewrites: list[Rewrite] | None
    """None: this SQLite cannot tell whose a page is."""


class Pages:
    """Images of one connection's file. `why_not` says why there are none."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        count, self._size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size")
        )
        self.why_not: str | None = None
        if not hasattr(connection, "serialize"):
            self.why_not = (
                "This Python's SQLite gives no image of a file, so the pages written are not known."
            )
        elif count * self._size > LARGEST_BYTES:
            self.why_not = (
                f"The scratch is larger than {LARGEST_BYTES >> 20} MB, so its pages were not compared: the bytes written "
                "and the tables rewritten are not known."
            )
        self._image = b""
        self._last: dict[str, Leaves] = {}
        if self.why_not is None:
            self._image = self._serialized()
            self._last = self._leaves() or {}

    def written(self, *, is_dml: bool) -> Written | None:
        """Since the last time; None where there are no images. A rewrite is of all of a table's leaf pages, by a
        statement that is no INSERT, UPDATE or DELETE."""
        if self.why_not is not None:
            return None
        before, self._image = self._image, self._serialized()
        if before == self._image:
            return Written(0, [])
        now = self._leaves()
        rewrites = None if now is None else [] if is_dml else self._rewritten(now)
        self._last.update(now or {})
        return Written(self._differing(before) * self._size, rewrites)

    def _rewritten(self, now: dict[str, Leaves]) -> list[Rewrite]:
        found = []
        for name, leaves in now.items():
            was = self._last.get(name)
            if was is None or not was.rows or not leaves.rows:
                continue
            if all(was.pages.get(number) != content for number, content in leaves.pages.items()):
                number = len(leaves.pages)
                found.append(
                    Rewrite(
                        table=name,
                        detail=f"{number} of {number} leaf page{'s' if number > 1 else ''} written",
                    )
                )
        return found

    def _differing(self, before: bytes) -> int:
        after, size = self._image, self._size
        both = min(len(before), len(after))
        same = sum(before[at : at + size] == after[at : at + size] for at in range(0, both, size))
        return len(after) // size - same

    def _serialized(self) -> bytes:
        # An empty database has no page to serialize.
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        return self._connection.serialize() if pages else b""

    def _leaves(self) -> dict[str, Leaves] | None:
        try:
            rows: Sequence[tuple[str, int, int]] = self._connection.execute(_LEAVES).fetchall()
            tables = {str(name) for (name,) in self._connection.execute(_TABLES)}
        except sqlite3.Error:
            return None
        found: dict[str, Leaves] = {}
        for name, number, cells in rows:
            if name in tables:
                leaves = found.setdefault(name, Leaves())
                leaves.pages[number] = self._image[(number - 1) * self._size : number * self._size]
                leaves.rows += cells
        return found
