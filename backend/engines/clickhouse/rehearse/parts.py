"""The parts of a scratch's tables before and after a statement: what was written, and what was written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.engines.clickhouse.connect import Connection
from backend.engines.clickhouse.text import literal
from backend.models.rehearsal import Rewrite

QUERY = "SELECT table, name, rows, bytes_on_disk FROM system.parts WHERE active AND database = {database}"


@dataclass(frozen=True, slots=True)
class Part:
    rows: int
    bytes: int


Parts = Mapping[tuple[str, str], Part]


def read_parts(server: Connection, database: str) -> Parts:
    found = server.query(QUERY.format(database=literal(database)))
    return {(str(table), str(name)): Part(int(rows), int(used)) for table, name, rows, used in found}


def written_bytes(before: Parts, after: Parts) -> int:
    return sum(part.bytes for key, part in after.items() if key not in before)


def grown(before: Parts, after: Parts, table: str) -> int:
    def rows(parts: Parts) -> int:
        return sum(part.rows for (name, _), part in parts.items() if name == table)

    return rows(after) - rows(before)


def rewritten(before: Parts, after: Parts) -> list[Rewrite]:
    """Tables with parts that a mutation replaced: `all_1_1_0` became `all_1_1_0_4`."""
    old = {(table, _block(name)): name for table, name in before}
    found: dict[str, list[str]] = {}
    for table, name in sorted(after):
        was = old.get((table, _block(name)))
        if was is not None and was != name:
            found.setdefault(table, []).append(f"{was} → {name}")
    return [Rewrite(table=table, detail=_detail(changes)) for table, changes in found.items()]


def _block(name: str) -> str:
    """Partition, first and last block and level, without the mutation's number."""
    head, *numbers = name.split("_")
    return "_".join([head, *numbers[:3]])


def _detail(changes: list[str]) -> str:
    more = f" and {len(changes) - 3} parts more" if len(changes) > 3 else ""
    return f"part {', '.join(changes[:3])}{more}"
