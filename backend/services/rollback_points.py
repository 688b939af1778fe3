"""Where one can go back to: after which migration everything newer can be rolled back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.models.timeline import EventFile

_BLOCKING = {MigrationFlag.MISSING_FILE, MigrationFlag.INVALID, MigrationFlag.DUPLICATE_VERSION}


@dataclass(frozen=True)
class RollbackPoints:
    """Made once of a connection's migrations; asked for each event."""

    place: dict[str, int]
    """Filename → its place among the applied ones, oldest first."""
    sound_from: int
    """The lowest place from which on every applied one can be rolled back."""
    applied: tuple[Migration, ...]
    by_name: dict[str, Migration]
    by_version: dict[str, Migration]

    @classmethod
    def of(cls, migrations: Sequence[Migration]) -> RollbackPoints:
        applied = tuple(one for one in migrations if one.status == MigrationStatus.APPLIED)
        sound = len(applied)
        while sound > 0 and can_go_down(applied[sound - 1]):
            sound -= 1
        return cls(
            {one.filename: at for at, one in enumerate(applied)},
            sound,
            applied,
            {one.filename: one for one in migrations},
            {one.version: one for one in migrations},
        )

    @classmethod
    def none(cls) -> RollbackPoints:
        """Of a database that was not read: nothing is known."""
        return cls({}, 0, (), {}, {})

    def status_of(self, version: str, filename: str) -> MigrationStatus | None:
        """What a file of a past run is today."""
        found = self.by_name.get(filename) or self.by_version.get(version)
        return found.status if found else None

    def after(self, rows: Sequence[Any]) -> tuple[str, int] | None:
        """The newest file of a run's `rows` (`filename`, `status`) that is still applied, and how many are above it;
        None where nothing is above, or where one of those cannot be rolled back."""
        places = [
            self.place[row["filename"]]
            for row in rows
            if row["status"] == "applied" and row["filename"] in self.place
        ]
        if not places:
            return None
        newest = max(places)
        above = len(self.applied) - 1 - newest
        if above == 0 or newest + 1 < self.sound_from:
            return None
        return self.applied[newest].filename, above

    def redo_of(self, files: Sequence[EventFile]) -> str | None:
        """The file, where there is just one, it is applied, nothing is above it, and it can be rolled back."""
        if len(files) != 1 or files[0].filename not in self.place:
            return None
        place = self.place[files[0].filename]
        is_sound = can_go_down(self.applied[place])
        return files[0].filename if is_sound and place == len(self.applied) - 1 else None


def can_go_down(migration: Migration) -> bool:
    return migration.has_down and not _BLOCKING & set(migration.flags)
