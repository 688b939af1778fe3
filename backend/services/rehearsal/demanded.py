"""The rule that a connection may set: no file runs whose very text has not passed a rehearsal on the schema as it is."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import RehearsalRequired
from backend.engine.target import Target
from backend.models.migration import Direction, Migration, MigrationFlag
from backend.models.rehearsal import Verdict
from backend.services.connections import Resolved
from backend.store.rehearsals import KeptNote, RehearsalStore

from .remembered import schema_mark

# What `check --rehearse` lets pass: a lossy down, or none, is said and is no failure.
_FAILED = {
    Verdict.FAILED: "its rehearsal failed",
    Verdict.BROKEN: "its rehearsal found it broken",
    Verdict.STOPPED: "its rehearsal was stopped",
}
_NAMED = 3
Files = Sequence[tuple[str, str]]
"""(filename, sha256), in the order they run."""


class Demanded:
    def __init__(self, store: RehearsalStore) -> None:
        self._store = store

    def problem(
        self, resolved: Resolved, target: Target, planned: Sequence[Migration], *, again: bool = False
    ) -> RehearsalRequired | None:
        """What of a plan nobody rehearsed, as the error that refuses it; None where all may run, or nothing is demanded.
        `again`: they are applied and would be undone and run again, which no rehearsal stands for: an edited one is refused.

        Raises what keeps the schema from being read."""
        if not resolved.stored.options.get("require_rehearsal") or not planned:
            return None
        if again:
            edited = {
                one.filename: "it was edited since" for one in planned if MigrationFlag.EDITED in one.flags
            }
            return _refused(resolved, planned, edited, hint="Roll it back, rehearse it, and apply it.")
        files = [(one.filename, one.sha256 or "") for one in planned]
        mark = schema_mark(resolved, target)
        why = {
            filename: said
            for place, (filename, sha256) in enumerate(files)
            if (said := self._why_not(resolved, filename, sha256, mark, files[:place])) is not None
        }
        hint = "Rehearse these files together, as they are now, and run them then."
        return _refused(resolved, planned, why, hint=hint)

    def _why_not(self, resolved: Resolved, filename: str, sha256: str, mark: str, ahead: Files) -> str | None:
        kept = self._store.of_text(resolved.id, filename, sha256, Direction.UP)
        if not kept:
            other = self._store.note(resolved.id, filename, None, Direction.UP)
            return "another text of it was rehearsed" if other is not None else "it was never rehearsed"
        here = [one for one in kept if one.schema_sha256 == mark]
        if not here:
            return "the schema changed since its rehearsal"
        same = [one for one in here if list(one.before) == list(ahead)]
        if not same:
            return _another_way(here[0], ahead)
        return _FAILED.get(same[0].note.verdict)


def _another_way(kept: KeptNote, ahead: Files) -> str:
    names = {filename for filename, _ in ahead}
    left_out = [filename for filename, _ in kept.before if filename not in names]
    if left_out:
        return f"it was rehearsed behind {left_out[0]}, which is not in this run"
    return "it was rehearsed with other files ahead of it"


def _refused(
    resolved: Resolved, planned: Sequence[Migration], why: dict[str, str], *, hint: str
) -> RehearsalRequired | None:
    if not why:
        return None
    said = [f"{filename} ({reason})" for filename, reason in list(why.items())[:_NAMED]]
    more = f" and {len(why) - _NAMED} more" if len(why) > _NAMED else ""
    return RehearsalRequired(
        f"{resolved.name} takes only files that passed a rehearsal: {', '.join(said)}{more}.",
        hint=hint,
        files=list(why),
        why=why,
        versions=[one.version for one in planned],
    )
