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
    created: str | None = None
    """The database that it made under a name of the user's, where it restored into a new one."""
    tables: Mapping[str, int | None] = field(default_factory=dict)
    """What the backup holds: rows by table."""


class RestoreNotes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begins(
        self, connection: str, created: str | None = None, tables: Mapping[str, int | None] | None = None
    ) -> str:
        """Returns what `ended` takes. `created`: the database that did not exist before and is about to be made."""
        note = uuid.uuid4().hex
        found = self._database.notes(_KEY) or {}
        found[note] = {"connection": connection, "host": socket.gethostname(), "pid": os.getpid()}
        if created is not None:
            found[note] |= {"created": created, "tables": dict(tables or {})}
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
            BrokenRestore(note, one["connection"], one.get("created"), one.get("tables") or {})
            for note, one in found.items()
            if one.get("host") == socket.gethostname() and not psutil.pid_exists(int(one.get("pid") or 0))
        ]
