"""What each file of a ZIP is to the files that are here. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.core.errors import AppError, InvalidRequest
from backend.core.paths import inside
from backend.engine.tool import MigrationTool
from backend.models.migration import Migration, MigrationStatus
from backend.models.share import ImportChoice, ImportEntry, ImportState, ShareMetadata
from backend.services.folder_index import FileRecord
from backend.services.migrations import View
from backend.store import comments as comment_store

from .archive import METADATA, Archive

FOLDER = "migrations/"
_SHOWN_BYTES = 1_000_000
_TAKE, _KEEP, _REPLACE, _RENUMBER = (
    ImportChoice.TAKE,
    ImportChoice.KEEP,
    ImportChoice.REPLACE,
    ImportChoice.RENUMBER,
)


@dataclass
class Looked:
    """A ZIP beside a folder."""

    metadata: ShareMetadata | None
    entries: list[ImportEntry]
    bodies: dict[str, bytes]
    """By filename."""
    comments: comment_store.Read
    notes: list[str] = field(default_factory=list)
    schema_file: bool = False


def look(archive: Archive, view: View) -> Looked:
    """Raises InvalidRequest where nothing in it is a migration of this connection's tool."""
    notes = list(archive.left_out)
    metadata = _metadata(archive, notes)
    tool = view.resolved.tool
    if metadata is not None and metadata.tool != str(tool.name):
        raise InvalidRequest(
            f"These are migrations of {metadata.tool}; {view.resolved.name} is run by {tool.name}.",
            hint="Import them into a connection of the same kind.",
        )
    if metadata is not None and metadata.engine != str(view.resolved.engine.name):
        notes.append(
            f"They were written for {metadata.engine}; this connection is {view.resolved.engine.label}."
        )
    bodies = dict(_migrations(archive, tool, notes))
    if not bodies:
        raise InvalidRequest(
            f"There is no migration of {tool.name} in this ZIP.",
            hint="An export has a folder `migrations` in it.",
        )
    if metadata is not None:
        notes += _changed_since(metadata, bodies)
    comments = _comments(archive, notes)
    entries = [_entry(name, body, view) for name, body in sorted(bodies.items(), key=_order(tool))]
    known = {METADATA, comment_store.FILE, "schema.sql", "schema.json", "README.md"}
    other = [one for one in archive.files if one not in known and one.rpartition("/")[2] not in bodies]
    if other:
        notes.append(
            f"Left out, for they are no migrations: {', '.join(other[:5])}{' …' if other[5:] else ''}."
        )
    has_schema = bool({"schema.sql", "schema.json"} & archive.files.keys())
    return Looked(metadata, entries, bodies, comments, notes, has_schema)


def _order(tool: MigrationTool) -> Any:
    return lambda item: tool.sort_key(item[0])


def _metadata(archive: Archive, notes: list[str]) -> ShareMetadata | None:
    body = archive.files.get(METADATA)
    if body is None:
        notes.append("It is a plain ZIP: who made it, and when, is not known.")
        return None
    try:
        return ShareMetadata.model_validate_json(body)
    except ValidationError:
        notes.append(
            f"{METADATA} in it cannot be read: it is of another version of DB Toolkit, or was changed."
        )
        return None


def _migrations(archive: Archive, tool: MigrationTool, notes: list[str]) -> Iterable[tuple[str, bytes]]:
    """By filename. Of an export those in `migrations/`; of any other ZIP whatever the tool would take."""
    is_export = any(name.startswith(FOLDER) for name in archive.files)
    taken: set[str] = set()
    for name, body in archive.files.items():
        folder, _, filename = name.rpartition("/")
        if not tool.is_migration(filename) or (is_export and folder != FOLDER.rstrip("/")):
            continue
        try:
            inside(Path("/"), filename)
        except InvalidRequest as error:
            notes.append(f"{name[:200]!r}: {error.message}")
            continue
        # Some file systems take two names that differ in case only as one.
        if filename.casefold() in taken:
            notes.append(f"{name[:200]!r}: another file in the ZIP has this name.")
            continue
        taken.add(filename.casefold())
        yield filename, body


def _changed_since(metadata: ShareMetadata, bodies: dict[str, bytes]) -> Iterable[str]:
    told = {one.filename: one.sha256 for one in metadata.migrations}
    for name, body in bodies.items():
        if name not in told:
            yield f"{name} was added to the ZIP after it was exported."
        elif told[name] != hashlib.sha256(body).hexdigest():
            yield f"{name} was changed in the ZIP after it was exported."
    for name in told.keys() - bodies.keys():
        yield f"{name} was taken out of the ZIP after it was exported."


def _comments(archive: Archive, notes: list[str]) -> comment_store.Read:
    body = archive.files.get(comment_store.FILE)
    if body is None:
        return comment_store.Read()
    found = comment_store.parse(body, comment_store.FILE)
    if found.problem:
        notes.append(f"In the ZIP: {found.problem}")
    return found


def _entry(filename: str, body: bytes, view: View) -> ImportEntry:
    tool = view.resolved.tool
    parsed = tool.parse(Path(filename), body)
    version = tool.version_of(filename)
    sha256 = hashlib.sha256(body).hexdigest()
    here = next((one for one in view.scan.files if one.filename.casefold() == filename.casefold()), None)
    same_version = next((one for one in view.scan.files if one.version == version), None)
    mine = here or same_version
    migration = _migration(view, mine)
    state = ImportState.NEW
    if mine is not None:
        state = ImportState.DIFFERENT if here is not None else ImportState.VERSION_TAKEN
        if here is not None and here.sha256 == sha256:
            state = ImportState.SAME
    reason = None
    if mine is not None and mine.path.is_symlink() and state != ImportState.SAME:
        reason = f"{mine.filename} is a link here; change what it leads to by hand."
    is_applied = migration is not None and migration.status == MigrationStatus.APPLIED
    gone = state == ImportState.NEW and any(
        one.version == version and one.status == MigrationStatus.APPLIED for one in view.migrations
    )
    newest = max(
        (one.filename for one in view.migrations if one.status == MigrationStatus.APPLIED),
        key=lambda one: tool.sort_key(one),  # type: ignore[arg-type,return-value]
        default=None,
    )
    is_old = (
        state == ImportState.NEW
        and not gone
        and newest is not None
        and bool(tool.sort_key(filename) < tool.sort_key(newest))  # type: ignore[operator]
    )
    return ImportEntry(
        filename=filename,
        version=version,
        state=ImportState.REFUSED if reason else state,
        choices=[_KEEP] if reason else _choices(state, is_applied, is_old),
        reason=reason,
        theirs=_shown(body),
        mine=_shown_file(mine) if mine is not None and state != ImportState.SAME else None,
        mine_filename=mine.filename if mine is not None else None,
        mine_applied=is_applied or gone,
        sha256=sha256,
        size_bytes=len(body),
        out_of_order=is_old,
        problems=[one.message for one in parsed.problems],
    )


def _choices(state: ImportState, is_applied: bool, is_old: bool) -> list[ImportChoice]:
    if state == ImportState.NEW:
        return [_RENUMBER, _TAKE, _KEEP] if is_old else [_TAKE, _KEEP]
    if state == ImportState.SAME:
        return [_KEEP]
    if state == ImportState.DIFFERENT:
        return [_KEEP, _RENUMBER] if is_applied else [_KEEP, _REPLACE, _RENUMBER]
    return [_RENUMBER, _KEEP] if is_applied else [_RENUMBER, _KEEP, _REPLACE]


def _migration(view: View, record: FileRecord | None) -> Migration | None:
    return next((one for one in view.migrations if record and one.filename == record.filename), None)


def _shown(body: bytes) -> str | None:
    if len(body) > _SHOWN_BYTES:
        return None
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _shown_file(record: FileRecord) -> str | None:
    try:
        return _shown(record.path.read_bytes()) if record.size_bytes <= _SHOWN_BYTES else None
    except (OSError, AppError):
        return None


__all__ = ["FOLDER", "Looked", "look"]
