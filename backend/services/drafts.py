"""Drafts of a connection that exists."""

from __future__ import annotations

from typing import Any

from backend.core.errors import InvalidRequest
from backend.store.connections import ConnectionStore
from backend.store.drafts import DraftStore

_MOST_CHARACTERS = 20_000_000


class Drafts:
    def __init__(self, connections: ConnectionStore, store: DraftStore) -> None:
        self._connections = connections
        self._store = store

    def save(self, connection_id: str, key: str, content: str, base_sha256: str | None) -> dict[str, Any]:
        self._connections.load(connection_id)
        if len(content) > _MOST_CHARACTERS:
            raise InvalidRequest("The draft is larger than 20 million characters; save it as a file.")
        return self._store.save(connection_id, key, content, base_sha256)

    def list(self, connection_id: str) -> list[dict[str, Any]]:
        self._connections.load(connection_id)
        return self._store.list(connection_id)

    def delete(self, connection_id: str, key: str) -> None:
        self._store.delete(connection_id, key)
