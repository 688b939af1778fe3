"""What there was before a file that can stay half done, and what of a failed one is still in the database.

`before_file` is kept while the file runs, in case the app does not come back; `half_done` from its failure until nothing
of it is left, or until it is recorded or rolled back.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from .database import Database


class HalfDoneStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_before(self, run_id: str, version: str, content: Mapping[str, Any]) -> None:
        """Right before the file runs; `Ledger.finish` forgets it."""
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO before_file VALUES (?, ?, ?)", (run_id, version, _packed(content))
            )

    def before(self, run_id: str, version: str) -> dict[str, Any] | None:
        return self._one(
            "SELECT content FROM before_file WHERE run_id = ? AND version = ?", (run_id, version)
        )

    def keep(
        self, connection: str, version: str, direction: str, run_id: str, content: Mapping[str, Any]
    ) -> None:
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO half_done VALUES (?, ?, ?, ?, ?)",
                (connection, version, direction, run_id, _packed(content)),
            )

    def of(self, connection: str, version: str, direction: str) -> dict[str, Any] | None:
        return self._one(
            "SELECT content FROM half_done WHERE connection = ? AND version = ? AND direction = ?",
            (connection, version, direction),
        )

    def forget(self, connection: str, version: str) -> None:
        with self._database.write() as db:
            db.execute("DELETE FROM half_done WHERE connection = ? AND version = ?", (connection, version))

    def _one(self, query: str, values: tuple[str, ...]) -> dict[str, Any] | None:
        row = self._database.connection().execute(query, values).fetchone()
        if row is None:
            return None
        found: dict[str, Any] = json.loads(zlib.decompress(row[0]).decode("utf-8", "surrogatepass"))
        return found


def _packed(content: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)
