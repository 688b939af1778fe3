"""Drafts: unsaved text, kept until it is saved or thrown away."""

from __future__ import annotations

from typing import Any

from backend.core.clock import utc_now
from backend.models.base import iso_z

from .database import Database


class DraftStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, connection: str, key: str, content: str, base_sha256: str | None) -> dict[str, Any]:
        saved_at = iso_z(utc_now())
        with self._database.write() as db:
            db.execute(
                "INSERT INTO draft VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, key) DO UPDATE SET"
                " content = excluded.content, base_sha256 = excluded.base_sha256, saved_at = excluded.saved_at",
                (connection, key, content, base_sha256, saved_at),
            )
        return {"key": key, "content": content, "base_sha256": base_sha256, "saved_at": saved_at}

    def list(self, connection: str) -> list[dict[str, Any]]:
        rows = self._database.connection().execute(
            "SELECT key, content, base_sha256, saved_at FROM draft WHERE connection = ? ORDER BY saved_at DESC",
            (connection,),
        )
        return [dict(row) for row in rows]

    def delete(self, connection: str, key: str) -> None:
        with self._database.write() as db:
            db.execute("DELETE FROM draft WHERE connection = ? AND key = ?", (connection, key))

    def delete_all(self, connection: str) -> None:
        with self._database.write() as db:
            db.execute("DELETE FROM draft WHERE connection = ?", (connection,))
