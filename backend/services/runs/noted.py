"""What the server was seen doing for each file of a run: kept in the ledger, so that a slow time can be explained later.

Looked at once a second from the first second on, so a wait shorter than that is not seen, and the last part of a longer
one may be missing: `waited_ms` is what was seen, not more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.core.errors import AppError
from backend.core.redaction import redact
from backend.engine.port import Engine
from backend.engine.target import Activity, Blocker, Target
from backend.models.migration import Migration

_log = logging.getLogger(__name__)

ROWS_FROM_MS = 1000.0
"""A file that took at least this long gets the row estimates of its tables noted, which costs one look at the catalog."""
_MOST = 5
_LONGEST = 200


@dataclass
class _File:
    begun: float
    waited_ms: float = 0.0
    looks: int = 0
    states: Counter[str] = field(default_factory=Counter)
    blockers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(application or user, what is held) to milliseconds."""
    rows: dict[str, int] = field(default_factory=dict)


class Noted:
    """One run's notes. `began` and `ended` come from the tool's progress, `saw` from the monitor's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        self._current: str | None = None
        self._last_look = 0.0

    def began(self, filename: str) -> None:
        with self._lock:
            self._current = filename
            self._files[filename] = _File(time.monotonic())

    def ended(self, filename: str) -> None:
        with self._lock:
            if self._current == filename:
                self._current = None

    def saw(self, sessions: Sequence[Activity]) -> None:
        """One look: what it found counts for the time since the look before."""
        now = time.monotonic()
        with self._lock:
            file = self._files.get(self._current) if self._current else None
            if file is not None and sessions:
                passed_ms = (now - max(self._last_look, file.begun)) * 1000
                file.looks += 1
                for one in sessions[:_MOST]:
                    file.states[redact(one.state)[:_LONGEST]] += 1
                waiting = [one for one in sessions if one.waiting]
                if waiting:
                    file.waited_ms += passed_ms
                for blocker in {_name_of(held) for one in waiting for held in one.blockers[:_MOST]}:
                    file.blockers[blocker] += round(passed_ms)
            self._last_look = now

    def has_rows(self, filename: str, rows: Mapping[str, int]) -> None:
        """Row estimates of the file's tables, read right after it ended."""
        with self._lock:
            if filename in self._files:
                self._files[filename].rows.update(rows)

    def waited_ms(self, filename: str) -> float | None:
        """None where the server was not looked at while the file ran."""
        with self._lock:
            file = self._files.get(filename)
            return round(file.waited_ms, 1) if file is not None and file.looks else None

    def server(self, filename: str) -> dict[str, Any] | None:
        """`{looks, states: [{state, looks}], blockers: [{by, object, waited_ms}], rows: {table: estimate}}`, or None."""
        with self._lock:
            file = self._files.get(filename)
            if file is None or not (file.looks or file.rows):
                return None
            return {
                "looks": file.looks,
                "states": [{"state": s, "looks": n} for s, n in file.states.most_common(_MOST)],
                "blockers": [
                    {"by": by, "object": held or None, "waited_ms": ms}
                    for (by, held), ms in file.blockers.most_common(_MOST)
                ],
                "rows": file.rows,
            }


def _name_of(blocker: Blocker) -> tuple[str, str]:
    who = blocker.application or blocker.user or f"session {blocker.session_id}"
    return redact(who)[:_LONGEST], redact(blocker.object or "")[:_LONGEST]


def note_rows(
    noted: Noted, engine: Engine, target: Target, took: Sequence[tuple[Migration, float | None]]
) -> None:
    """Read the row estimates of the tables of the files that took long: what they worked on, as the server's statistics
    say. Never an obstacle to the run."""
    slow = [one for one, ms in took if ms is not None and ms >= ROWS_FROM_MS and one.tables]
    if not slow or not engine.capabilities()["catalog"].supported:
        return
    try:
        catalog = engine.catalog(target)
    except AppError:
        _log.debug("The row estimates cannot be read", exc_info=True)
        return
    known = {table.name.casefold(): table.rows for table in catalog.tables}
    known |= {f"{table.schema_name}.{table.name}".casefold(): table.rows for table in catalog.tables}
    for one in slow:
        rows = {table: known.get(table.casefold()) for table in one.tables[:_MOST]}
        noted.has_rows(one.filename, {table: count for table, count in rows.items() if count is not None})
