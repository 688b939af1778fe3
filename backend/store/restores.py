"""Restores under way, written down before they begin: a kill may leave databases beside the target that a start removes."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass

import psutil

from .database import Database

_KEY = "restores"


@dataclass(frozen=True, slots=True)
class BrokenRestore:
    """A restore whose process ended before it said so."""

    note: str
    connection: str
    """The connection on whose server it worked."""


class RestoreNotes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begins(self, connection: str) -> str:
        """Returns what `ended` takes."""
        note = uuid.uuid4().hex
        found = self._database.notes(_KEY) or {}
        found[note] = {"connection": connection, "host": socket.gethostname(), "pid": os.getpid()}
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
            BrokenRestore(note, one["connection"])
            for note, one in found.items()
            if one.get("host") == socket.gethostname() and not psutil.pid_exists(int(one.get("pid") or 0))
        ]
