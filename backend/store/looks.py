"""What each database was like when it was last seen, kept in looks.json: for when it does not answer.

A comfort, not a truth: a file that cannot be read or written costs nothing but the memory.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backend.core.clock import from_iso, utc_now
from backend.core.errors import AppError
from backend.core.paths import write_atomically
from backend.models.base import iso_z
from backend.models.dashboard import MigrationCounts

from .connections import StoredConnection

_log = logging.getLogger(__name__)
_SAVE_AGAIN_AFTER = timedelta(minutes=5)


class LookStore:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, MigrationCounts]] | None = None
        self._saved_at: datetime | None = None

    def get(self, stored: StoredConnection) -> MigrationCounts | None:
        """The last look at this very database; what was seen under another URL does not count."""
        with self._lock:
            mark, counts = self._all().get(stored.id, (None, None))
            return counts if mark == database_mark(stored) else None

    def put(self, stored: StoredConnection, counts: MigrationCounts) -> None:
        """Remember a look. Written when the counts changed, or when the time of it would be too old on disk."""
        with self._lock:
            known = self._all()
            mark, before = known.get(stored.id, (None, None))
            known[stored.id] = (database_mark(stored), counts)
            is_same = before is not None and before.model_dump(exclude={"at"}) == counts.model_dump(
                exclude={"at"}
            )
            if (
                is_same
                and mark == database_mark(stored)
                and self._saved_at
                and utc_now() - self._saved_at < _SAVE_AGAIN_AFTER
            ):
                return
            self._save(known)

    def keep_only(self, connections: Iterable[str]) -> None:
        """Forget connections that are gone: another may get their id."""
        with self._lock:
            known, wanted = self._all(), set(connections)
            if known.keys() - wanted:
                self._known = {one: seen for one, seen in known.items() if one in wanted}
                self._save(self._known)

    def _all(self) -> dict[str, tuple[str, MigrationCounts]]:
        if self._known is None:
            self._known = _read(self._path)
        return self._known

    def _save(self, known: dict[str, tuple[str, MigrationCounts]]) -> None:
        rows = {
            one: {**counts.model_dump(exclude={"at"}), "at": iso_z(counts.at or utc_now()), "of": mark}
            for one, (mark, counts) in known.items()
        }
        try:
            write_atomically(self._path, json.dumps(rows, indent=1).encode())
            self._saved_at = utc_now()
        except (OSError, AppError):
            _log.warning("What was last seen of the databases cannot be kept", exc_info=True)


def database_mark(stored: StoredConnection) -> str:
    """Which database: of the URL as it is stored, which holds no secret."""
    text = f"{stored.engine} {stored.url} {stored.migrations_table} {stored.migrations_dirs}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, tuple[str, MigrationCounts]]:
    try:
        rows: Any = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(one): (
                str(row["of"]),
                MigrationCounts(
                    total=int(row["total"]),
                    applied=int(row["applied"]),
                    pending=int(row["pending"]),
                    failed=int(row["failed"]),
                    at=from_iso(row["at"]) or utc_now(),
                ),
            )
            for one, row in rows.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        _log.warning("%s cannot be read; it is begun anew", path, exc_info=True)
        return {}
