"""What there is to tell of the app's own ledger: damage that was met, once."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from backend.core.errors import StorageFailed
from backend.store.ledger import Ledger


class LedgerHealth:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def untold(self) -> dict[str, Any] | None:
        """The damage nobody was told of yet: path, set_aside, why, at, saved. Asking again gives the same until `told`.

        Raises StorageFailed where the ledger cannot be used at all (of a newer version, held by another program).
        """
        found = self._ledger.damage()
        return found if found is not None and not found["told"] else None

    def told(self) -> None:
        """The user has seen it."""
        # Where it cannot be noted, it is told once more.
        with suppress(StorageFailed):
            self._ledger.damage_told()

    def mark(self, connection: str) -> str:
        """Changes with every run of the connection, by whichever process on this home; empty where it cannot be read."""
        try:
            return self._ledger.mark(connection)
        except StorageFailed:
            return ""
