"""What the schema was for each set of applied versions, as the engine's fingerprint told it around a run.

Kept so that a rollback can be compared with what was there before its up. The last of each connection are kept.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.clock import from_iso, utc_now
from backend.models.base import iso_z

from .database import Database

KEPT = 200


@dataclass(frozen=True, slots=True)
class SchemaState:
    objects: Mapping[str, str]
    taken_at: datetime | None
    run_id: str | None


class SchemaStates:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, connection: str, run_id: str, states: Iterable[tuple[Iterable[str], Mapping[str, str]]]
    ) -> None:
        """Keep (applied versions, fingerprint) pairs; a later one of the same versions takes the earlier one's place."""
        now = iso_z(utc_now())
        rows = [(connection, _key(applied), now, run_id, packed(objects)) for applied, objects in states]
        if not rows:
            return
        with self._database.write() as db:
            db.executemany(
                "DELETE FROM schema_state WHERE connection = ? AND applied_sha256 = ?",
                [row[:2] for row in rows],
            )
            db.executemany(
                "INSERT INTO schema_state (connection, applied_sha256, taken_at, run_id, objects)"
                " VALUES (?, ?, ?, ?, ?)",
                rows,
            )
            db.execute(
                "DELETE FROM schema_state WHERE connection = ?1 AND id NOT IN"
                " (SELECT id FROM schema_state WHERE connection = ?1 ORDER BY id DESC LIMIT ?2)",
                (connection, KEPT),
            )

    def note(self, run_id: str, check: Mapping[str, Any]) -> None:
        """What was found when the schema was compared after a rollback, with the run."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET rollback_check = ? WHERE run_id = ?",
                (json.dumps(check, ensure_ascii=False), run_id),
            )

    def of(self, connection: str, applied: Iterable[str]) -> SchemaState | None:
        """What the schema was when exactly these versions were applied; None where that was never seen."""
        row = (
            self._database.connection()
            .execute(
                "SELECT objects, taken_at, run_id FROM schema_state WHERE connection = ? AND applied_sha256 = ?",
                (connection, _key(applied)),
            )
            .fetchone()
        )
        return SchemaState(unpacked(row[0]), from_iso(row[1]), row[2]) if row else None


def _key(applied: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(applied)).encode()).hexdigest()


def packed(value: object) -> bytes:
    """JSON, compressed quickly: a schema's texts repeat themselves much."""
    return zlib.compress(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)


def unpacked(data: bytes) -> dict[str, str]:
    found: dict[str, str] = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    return found
