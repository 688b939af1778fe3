"""Restores under way, written down before they begin: a kill may leave databases beside the target that a start removes."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from .database import Database

_KEY = "restores"


@dataclass(frozen=True, slots=True)
class BrokenRestore:
    """A restore whose process ended before it said so."""

    note: str
    connection: str
    """The connection on whose server it worked."""
    database: str | None = None
    """The database it made and filled; None where it restored into the connection's own."""
    rows: dict[str, int] = field(default_factory=dict)
    """By table, what would be in a database that it made."""


class RestoreNotes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begins(
        self, connection: str, database: str | None = None, rows: Mapping[str, int] | None = None
    ) -> str:
        """`database`: one that it makes, with these rows by table in the end. Returns what `ended` takes."""
        note = uuid.uuid4().hex
        found = self._database.notes(_KEY) or {}
        found[note] = {
            "connection": connection,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "database": database,
            "rows": dict(rows or {}),
        }
        self._database.note(_KEY, found)
        return note

    def ended(self, note: str) -> None:
        found = self._database.notes(_KEY) or {}
        if found.pop(note, None) is not None:
            self._database.note(_KEY, found or None)

    def broken(self) -> list[BrokenRestore]:
        """Those of this machine's processes that live no more."""
        found = self._database.notes(_KEY) or {}
        return [
            BrokenRestore(note, one["connection"], one.get("database"), one.get("rows") or {})
            for note, one in found.items()
            if one.get("host") == socket.gethostname() and not psutil.pid_exists(int(one.get("pid") or 0))
        ]
