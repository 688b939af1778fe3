"""What was last found of each database's drift, kept in drift.json: a look at it costs a replay, and the dashboard has none.

A comfort, not a truth: a file that cannot be read or written costs nothing but the memory.
"""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.core.errors import AppError
from backend.core.paths import write_atomically
from backend.models.schema_diff import Drift

from .connections import StoredConnection
from .looks import database_mark

_log = logging.getLogger(__name__)
_NAMED = 20


class DriftStore:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._rows: dict[str, Any] = {}

    def get(self, stored: StoredConnection) -> Drift | None:
        """The last answer for this very database; what was found under another URL or other folders does not count."""
        with self._lock:
            row = self._read().get(stored.id)
        if row is None or row.get("of") != database_mark(stored):
            return None
        try:
            return Drift.model_validate(row["drift"]).model_copy(update={"from_memory": True})
        except (ValidationError, KeyError):
            return None

    def put(self, stored: StoredConnection, drift: Drift) -> None:
        """Remember an answer: the names of the first changes, without their texts."""
        named = [one.model_copy(update={"before": None, "after": None}) for one in drift.changes[:_NAMED]]
        kept = drift.model_copy(update={"changes": named})
        with self._lock:
            rows = self._read()
            rows[stored.id] = {"of": database_mark(stored), "drift": kept.model_dump(mode="json")}
            try:
                write_atomically(self._path, json.dumps(rows, indent=1).encode())
            except (OSError, AppError):
                _log.warning("What was found of the drift cannot be kept", exc_info=True)

    def _read(self) -> dict[str, Any]:
        try:
            stat = self._path.stat()
            # `check --drift` of another process may have written meanwhile.
            if self._stamp != (stat.st_mtime_ns, stat.st_size):
                rows = json.loads(self._path.read_text(encoding="utf-8"))
                self._rows = rows if isinstance(rows, dict) else {}
                self._stamp = (stat.st_mtime_ns, stat.st_size)
            return dict(self._rows)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            _log.warning("%s cannot be read; it is begun anew", self._path, exc_info=True)
            return {}
