"""A digest of rows whose order does not count: the sum of a hash of each, so that equal rows count as often as they are."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

_SIZE = 16
_ALL = (1 << (8 * _SIZE)) - 1


class RowSum:
    """Rows counted and, where asked for, summed. A row is bytes, the same for the same row wherever it is read."""

    def __init__(self, *, digest: bool) -> None:
        self.rows = 0
        self._sum = 0
        self.digests = digest

    def add(self, rows: Iterable[bytes], count: int) -> None:
        """`count` rows; what they are is only asked where there is a digest."""
        self.rows += count
        if self.digests:
            from_bytes = int.from_bytes
            self._sum += sum([from_bytes(blake2b(row, digest_size=_SIZE).digest(), "little") for row in rows])

    @property
    def digest(self) -> str | None:
        return f"{self._sum & _ALL:0{2 * _SIZE}x}" if self.digests else None
