"""What rehearsals found, by connection, file and the sha256 of its text; and which scratch databases are in use."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import Field, ValidationError

from backend.core.clock import utc_now
from backend.models.base import Model, iso_z
from backend.models.migration import Direction
from backend.models.rehearsal import Rehearsal, RehearsalNote

from .database import Database

_T = TypeVar("_T", bound=Model)
_KEPT = 30
"""Whole results of a connection; of each file's last one the verdict is kept beside them."""


class KeptNote(Model):
    """A file's last rehearsal, with what it hangs on."""

    note: RehearsalNote
    schema_sha256: str
    before: list[tuple[str, str]] = Field(default_factory=list)
    """(filename, sha256) of the files that were rehearsed, or applied, on the scratch before it."""


@dataclass(frozen=True, slots=True)
class KnownScratch:
    """A scratch database that a process wrote down before it was made."""

    scratch_id: str
    place: str
    """`bundled`, or the id of the connection whose server it is on."""
    engine: str
    pid: int


class RehearsalStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, rehearsal: Rehearsal, notes: Sequence[KeptNote]) -> None:
        """Remember a result and what it says of each file; older results of the connection go."""
        finished_at = iso_z(rehearsal.finished_at)
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO rehearsal VALUES (?, ?, ?, ?, ?)",
                (
                    rehearsal.id,
                    rehearsal.connection,
                    finished_at,
                    rehearsal.schema_sha256,
                    rehearsal.model_dump_json(),
                ),
            )
            for one in notes:
                db.execute(
                    "INSERT OR REPLACE INTO rehearsed_file VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        rehearsal.id,
                        rehearsal.connection,
                        one.note.filename,
                        one.note.sha256,
                        str(rehearsal.direction),
                        finished_at,
                        one.schema_sha256,
                        one.model_dump_json(),
                    ),
                )
            db.execute(
                "DELETE FROM rehearsal WHERE connection = ? AND rehearsal_id NOT IN (SELECT rehearsal_id FROM rehearsal"
                " WHERE connection = ? ORDER BY finished_at DESC LIMIT ?)",
                (rehearsal.connection, rehearsal.connection, _KEPT),
            )

    def result(self, rehearsal_id: str) -> Rehearsal | None:
        """A whole result, as it was; None where it is not kept (any more)."""
        row = (
            self._database.connection()
            .execute("SELECT result FROM rehearsal WHERE rehearsal_id = ?", (rehearsal_id,))
            .fetchone()
        )
        return _read(Rehearsal, row[0]) if row else None

    def note(
        self, connection: str, filename: str, sha256: str | None = None, direction: Direction = Direction.UP
    ) -> KeptNote | None:
        """The last one of this very text; without `sha256` of whatever text the file had."""
        of_text = " AND sha256 = ?" if sha256 else ""
        row = (
            self._database.connection()
            .execute(
                "SELECT note FROM rehearsed_file WHERE connection = ? AND filename = ? AND direction = ?"
                f"{of_text} ORDER BY finished_at DESC LIMIT 1",
                (connection, filename, str(direction), *([sha256] if sha256 else [])),
            )
            .fetchone()
        )
        return _read(KeptNote, row[0]) if row else None

    def of_text(self, connection: str, filename: str, sha256: str, direction: Direction) -> list[KeptNote]:
        """Every one of this very text that is kept, the last first."""
        rows = self._database.connection().execute(
            "SELECT note FROM rehearsed_file WHERE connection = ? AND filename = ? AND sha256 = ? AND direction = ?"
            " ORDER BY finished_at DESC LIMIT 100",
            (connection, filename, sha256, str(direction)),
        )
        return [one for row in rows if (one := _read(KeptNote, row[0])) is not None]

    def notes(self, connection: str) -> list[KeptNote]:
        """The last one of every file, by its name."""
        rows = self._database.connection().execute(
            "SELECT note, max(finished_at) FROM rehearsed_file WHERE connection = ? GROUP BY filename ORDER BY filename",
            (connection,),
        )
        return [one for row in rows if (one := _read(KeptNote, row[0])) is not None]

    # -- scratch databases in use --------------------------------------------------------------------------------

    def scratch_begins(self, place: str, engine: str) -> str:
        """Written before a scratch is made, so that a start after a crash knows where to look."""
        scratch_id = uuid.uuid4().hex
        with self._database.write() as db:
            db.execute(
                "INSERT INTO scratch VALUES (?, ?, ?, ?, ?, ?)",
                (scratch_id, place, engine, socket.gethostname(), os.getpid(), iso_z(utc_now())),
            )
        return scratch_id

    def scratch_ended(self, scratch_id: str) -> None:
        with self._database.write() as db:
            db.execute("DELETE FROM scratch WHERE scratch_id = ?", (scratch_id,))

    def scratches(self) -> list[KnownScratch]:
        """Those that were written down on this machine and not taken out."""
        rows = self._database.connection().execute(
            "SELECT scratch_id, place, engine, pid FROM scratch WHERE host = ?", (socket.gethostname(),)
        )
        return [KnownScratch(*row) for row in rows]


def _read(kind: type[_T], text: str) -> _T | None:
    """None for what another version of the app kept in another shape."""
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        return None


__all__ = ["KeptNote", "KnownScratch", "RehearsalStore"]
