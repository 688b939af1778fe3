"""How fast work goes, as ranges that hold from a slow cloud disk under load to a fast machine with all of it in memory.

They are meant to be wrong by being too wide, never by promising: a table of 10 GB is scanned in 5 s from memory and in
several minutes from a throttled network disk, so that is what is said. Waiting for locks is in none of them.

Bytes count the table with its indexes, as catalogs tell. Where they tell no bytes, rows stand in for them, at 20 bytes
(keys only) to 2 KB (documents) a row, which widens the range again.
"""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Per second, the slow and the fast end."""

    bytes: tuple[float, float]
    rows: tuple[float, float]


RATES: dict[str, Rate] = {
    # Sequential read and a comparison a row: 40 MB/s is a throttled cloud disk, 4 GB/s is memory.
    "scan": Rate((40 * MB, 4000 * MB), (50_000, 20_000_000)),
    # Read, write, write-ahead log, indexes built again: 3 MB/s with many indexes, 500 MB/s with none on a fast disk.
    "rewrite": Rate((3 * MB, 500 * MB), (5_000, 3_000_000)),
    # Read and sort; a sort that spills to a slow disk against one in memory.
    "index": Rate((5 * MB, 1500 * MB), (10_000, 8_000_000)),
    # Two passes, and it waits for the transactions that were open when it began.
    "index_online": Rate((2 * MB, 700 * MB), (4_000, 4_000_000)),
    # A row found, changed, logged, its indexes and triggers served. Per row, for bytes see `rows`.
    "rows": Rate((1 * MB, 300 * MB), (2_000, 1_000_000)),
    # One row of an INSERT: a round trip each at worst, long VALUES lists at best.
    "rows_in": Rate((0.2 * MB, 200 * MB), (500, 500_000)),
}
CATALOG_MS = (1.0, 500.0)
"""A change of the catalog only: a transaction with its flush to disk. The high end is a busy server or a slow disk."""
LEAST_MS = 1.0
