"""MongoDB's collections: create, index, validation schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.errors import NotFound
from backend.core.events import EventBus
from backend.engine.target import Target

from .connections import Connections, Resolved
from .consent import ask, refuse_read_only


class Collections:
    def __init__(self, connections: Connections, events: EventBus) -> None:
        self._connections = connections
        self._events = events

    def create(
        self, connection_id: str, name: str, options: Mapping[str, Any], *, confirm: str | None
    ) -> None:
        resolved, target = self._writable(connection_id, f"create the collection {name}", confirm)
        resolved.engine.create_collection(target, name, options)
        self._changed(connection_id)

    def create_index(
        self,
        connection_id: str,
        collection: str,
        keys: Sequence[tuple[str, Any]],
        options: Mapping[str, Any],
        *,
        confirm: str | None,
    ) -> str:
        """Returns the index's name."""
        resolved, target = self._writable(connection_id, f"create an index on {collection}", confirm)
        name = resolved.engine.create_index(target, collection, keys, options)
        self._changed(connection_id)
        return name

    def set_validator(
        self,
        connection_id: str,
        collection: str,
        validator: Mapping[str, Any],
        level: str,
        action: str,
        confirm: str | None,
    ) -> int:
        """Set the validation schema. Returns how many documents fail it."""
        resolved, target = self._writable(
            connection_id, f"set the validation schema of {collection}", confirm
        )
        try:
            failing = resolved.engine.count_invalid(target, collection, validator)
        except NotFound:
            # A collection that is made here has no documents to fail.
            failing = 0
        resolved.engine.set_validator(target, collection, validator, level, action)
        self._changed(connection_id)
        return failing

    def count_invalid(self, connection_id: str, collection: str, validator: Mapping[str, Any]) -> int:
        resolved = self._connections.resolve(connection_id)
        resolved.engine.require("collections")
        return resolved.engine.count_invalid(self._connections.target(resolved), collection, validator)

    def _writable(self, connection_id: str, doing: str, confirm: str | None) -> tuple[Resolved, Target]:
        resolved = self._connections.resolve(connection_id)
        refuse_read_only(resolved, doing)
        resolved.engine.require("collections")
        ask(resolved, confirm, f"On {resolved.name}: {doing}", [])
        return resolved, self._connections.target(resolved)

    def _changed(self, connection_id: str) -> None:
        self._events.publish("database:changed", connection=connection_id)
