"""What is remembered of rehearsals, and whether it still holds: for this text, on this schema."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from backend.core.errors import AppError, DatabaseMissing
from backend.engine.target import Target
from backend.models.migration import Direction
from backend.models.rehearsal import Rehearsal, RehearsalNote, RehearsalNotes
from backend.services.connections import Connections, Resolved
from backend.services.migrations import MigrationService
from backend.store.rehearsals import KeptNote, RehearsalStore


def schema_mark(resolved: Resolved, target: Target) -> str:
    """A digest of every object of the schema as it is now; cheap enough to ask at every look."""
    try:
        found = resolved.engine.fingerprint(target)
    except DatabaseMissing:
        found = {}
    digest = hashlib.sha256()
    for key in sorted(found):
        digest.update(f"{key}\0{found[key]}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


class Remembered:
    def __init__(self, connections: Connections, migrations: MigrationService, store: RehearsalStore) -> None:
        self._connections = connections
        self._migrations = migrations
        self._store = store

    def keep(self, rehearsal: Rehearsal, before: Sequence[tuple[str, str]]) -> None:
        """`before`: (filename, sha256) of what was applied on the scratch ahead of the files."""
        chain = list(before)
        notes = []
        for file in rehearsal.files:
            first = file.passes[0].duration_ms if file.passes else None
            note = RehearsalNote(
                rehearsal_id=rehearsal.id,
                filename=file.filename,
                sha256=file.sha256,
                verdict=file.verdict,
                reasons=file.reasons,
                rows=rehearsal.rows,
                finished_at=rehearsal.finished_at,
                scratch_label=rehearsal.scratch.label,
                duration_ms=first,
            )
            notes.append(KeptNote(note=note, schema_sha256=rehearsal.schema_sha256, before=list(chain)))
            chain.append((file.filename, file.sha256))
        self._store.keep(rehearsal, notes)

    def note(
        self, resolved: Resolved, filename: str, sha256: str, schema_sha256: str | None = None
    ) -> RehearsalNote | None:
        """The last rehearsal of this very text, or of the file's last text (then it is stale); None where there is none."""
        found = [
            one
            for direction in Direction
            for wanted in (sha256, None)
            if (one := self._store.note(resolved.id, filename, wanted, direction)) is not None
        ]
        if not found:
            return None
        exact = [one for one in found if one.note.sha256 == sha256]
        kept = max(exact or found, key=lambda one: one.note.finished_at)
        mark = schema_sha256 or self._mark(resolved)
        return _judged(kept, {filename: sha256}, mark, resolved.name, self._texts(resolved))

    def notes(self, connection: str, versions: Sequence[str] | None) -> RehearsalNotes:
        """Of every file that was rehearsed, or of those asked for."""
        view = self._migrations.view(connection)
        resolved = view.resolved
        texts = self._texts(resolved)
        mark = self._mark(resolved)
        wanted = None if versions is None else set(versions)
        found = []
        for kept in self._store.notes(connection):
            filename = kept.note.filename
            names = {filename, resolved.tool.version_of(filename)}
            if wanted is not None and not wanted & names:
                continue
            current = texts.get(filename)
            exact = self._store.note(connection, filename, current) if current else None
            found.append(_judged(exact or kept, texts, mark, resolved.name, texts))
        return RehearsalNotes(notes=found)

    def result(self, rehearsal_id: str) -> Rehearsal | None:
        """A whole result, with whether it still holds."""
        found = self._store.result(rehearsal_id)
        if found is None:
            return None
        try:
            resolved = self._connections.resolve(found.connection)
        except AppError:
            return found
        texts, mark = self._texts(resolved), self._mark(resolved)
        reasons = list(
            dict.fromkeys(
                reason
                for file in found.files
                for reason in _stale(
                    texts, [(file.filename, file.sha256)], found.schema_sha256, mark, resolved.name
                )
            )
        )
        return found.model_copy(update={"stale": bool(reasons), "stale_reasons": reasons})

    def _texts(self, resolved: Resolved) -> dict[str, str]:
        """Filename → sha256 of what is in the folder now."""
        return {one.filename: one.sha256 for one in self._migrations.index(resolved).scan().files}

    def _mark(self, resolved: Resolved) -> str | None:
        """None where the database cannot be asked."""
        try:
            return schema_mark(resolved, self._connections.target(resolved))
        except AppError:
            return None


def _judged(
    kept: KeptNote,
    current: Mapping[str, str],
    mark: str | None,
    name: str,
    texts: Mapping[str, str],
) -> RehearsalNote:
    own = [(kept.note.filename, kept.note.sha256)] if kept.note.filename in current else []
    reasons = _stale(current, own, kept.schema_sha256, mark, name)
    changed = [filename for filename, sha256 in kept.before if texts.get(filename) != sha256]
    if changed:
        reasons.append(f"{', '.join(changed[:3])}, which ran before it, changed since.")
    return kept.note.model_copy(update={"stale": bool(reasons), "stale_reasons": reasons})


def _stale(
    texts: Mapping[str, str], files: Sequence[tuple[str, str]], schema: str, mark: str | None, name: str
) -> list[str]:
    reasons = []
    for filename, sha256 in files:
        if filename in texts and texts[filename] != sha256:
            reasons.append(f"{filename} changed since it was rehearsed.")
    if mark is None:
        reasons.append(f"{name} could not be asked whether its schema is still the same.")
    elif mark != schema:
        reasons.append(f"The schema of {name} changed since the rehearsal.")
    return reasons
