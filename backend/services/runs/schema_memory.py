"""The schema around a run, kept for each set of applied versions; after a rollback it is held against what was kept.

Two looks a run, not one a file: what was rolled back to is known where a run once began or ended at those versions.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from backend.core.errors import AppError
from backend.engine.target import Target
from backend.models.migration import Direction, RollbackCheck
from backend.services.connections import Resolved
from backend.store.schema_states import SchemaState, SchemaStates

from .landed import what_landed

_log = logging.getLogger(__name__)
Objects = Mapping[str, str]
_MOST = 50
_UNKNOWN = RollbackCheck(known=False)


@dataclass(slots=True)
class Memory:
    """One run's looks: (applied versions, fingerprint)."""

    before: Objects | None = None
    seen: list[tuple[frozenset[str], Objects]] = field(default_factory=list)
    _after: Future[Objects | None] | None = None


class SchemaMemory:
    def __init__(self, states: SchemaStates) -> None:
        self._states = states

    def begin(self, resolved: Resolved, target: Target, applied: Iterable[str]) -> Memory:
        """Look before anything runs."""
        memory = Memory(before=look(resolved, target))
        if memory.before is not None:
            memory.seen.append((frozenset(applied), memory.before))
        return memory

    def look_again(self, memory: Memory, resolved: Resolved, target: Target) -> None:
        """Look after the run, beside what is done meanwhile (the schema file is written); `end` waits for it."""
        if memory.before is None:
            return
        pool = ThreadPoolExecutor(1, thread_name_prefix="schema-memory")
        memory._after = pool.submit(copy_context().run, look, resolved, target)
        pool.shutdown(wait=False)

    def end(
        self, memory: Memory, resolved: Resolved, run_id: str, applied: Iterable[str], direction: Direction
    ) -> RollbackCheck | None:
        """Keep what was seen. Answers, after a rollback, whether the schema is what it was at these versions."""
        after = memory._after.result() if memory._after is not None else None
        now = frozenset(applied)
        check: RollbackCheck | None = None
        try:
            if direction == Direction.DOWN:
                known = self._states.of(resolved.id, now)
                check = _UNKNOWN if known is None or after is None else compared(known, after)
                self._states.note(run_id, check.model_dump(mode="json"))
            if after is not None:
                memory.seen.append((now, after))
            self._states.keep(resolved.id, run_id, memory.seen)
        except AppError:
            # What cannot be remembered is unknown later; the run itself is done and told.
            _log.warning("The schema around a run could not be kept", exc_info=True)
        return check


def look(resolved: Resolved, target: Target) -> Objects | None:
    """The schema now; None where it cannot be read or the engine does not tell."""
    if not resolved.engine.capabilities()["change_detection"].supported:
        return None
    try:
        return resolved.engine.fingerprint(target)
    except AppError:
        _log.info("The schema of %s cannot be looked at", resolved.id, exc_info=True)
        return None


def compared(known: SchemaState, now: Objects) -> RollbackCheck:
    """Documents and rows are no part of the schema: they may differ."""
    differences = what_landed(_schema(known.objects), _schema(now))
    if len(differences) > _MOST:
        differences = [*differences[:_MOST], f"… and {len(differences) - _MOST} more"]
    return RollbackCheck(known=True, equal=not differences, taken_at=known.taken_at, differences=differences)


def _schema(objects: Objects) -> dict[str, str]:
    return {key: text for key, text in objects.items() if not key.startswith("documents ")}
