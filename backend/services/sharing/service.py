"""Export and import of migrations as a ZIP."""

from __future__ import annotations

import base64
import hashlib
import logging
from pathlib import Path

from backend import __version__
from backend.core.clock import utc_now
from backend.core.errors import ChangedMeanwhile, Conflict, InvalidRequest, MigrationNotFound
from backend.core.events import EventBus
from backend.core.paths import given_path, inside, slug, storage_errors, write_atomically
from backend.core.people import git_user, os_user
from backend.models.migration import MigrationStatus
from backend.models.share import (
    ImportChoice,
    ImportedFile,
    ImportEntry,
    ImportInspection,
    ImportState,
    SharedFile,
    ShareExported,
    ShareExportRequest,
    ShareImported,
    ShareImportRequest,
    ShareMetadata,
    ShareSource,
)
from backend.services.comments import Comments
from backend.services.connections import Connections, Resolved
from backend.services.consent import ask
from backend.services.folder_index import FileRecord
from backend.services.migrations import MigrationService, View
from backend.services.renumber import after_all
from backend.store import comments as comment_store
from backend.store.journal import FileChange, Journal, sha256_of
from backend.store.settings import SettingsStore

from .archive import METADATA, read_archive, written, zip_bytes
from .look import FOLDER, Looked, look

_log = logging.getLogger(__name__)
_MOST_ANSWERED = 20_000_000


class Sharing:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        comments: Comments,
        settings: SettingsStore,
        events: EventBus,
        journal: Journal,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._comments = comments
        self._settings = settings
        self._events = events
        self._journal = journal

    def recover(self) -> None:
        """Finish an import that was confirmed and then interrupted."""
        for said in self._journal.recover():
            _log.warning("%s", said)

    # -- out -----------------------------------------------------------------------------------------------------

    def export(self, request: ShareExportRequest) -> ShareExported:
        """The files as they are on disk, what is known of them, the schema file and the comments. No URL, no secret.

        Raises MigrationNotFound, Conflict where the file is there already, StorageFailed.
        """
        view = self._migrations.view(request.connection)
        chosen = _chosen(view, request.versions)
        files: list[tuple[str, bytes]] = []
        shared: list[SharedFile] = []
        state = {one.filename: one.status for one in view.migrations}
        for record in chosen:
            with storage_errors(record.path, "read"):
                body = record.path.read_bytes()
            files.append((FOLDER + record.filename, body))
            shared.append(
                SharedFile(
                    filename=record.filename,
                    version=record.version,
                    sha256=hashlib.sha256(body).hexdigest(),
                    size_bytes=len(body),
                    applied=None
                    if view.applied is None
                    else state.get(record.filename) == MigrationStatus.APPLIED,
                )
            )
        resolved = view.resolved
        version, _, _ = resolved.tool.found()
        metadata = ShareMetadata(
            connection=resolved.name,
            engine=str(resolved.engine.name),
            tool=str(resolved.tool.name),
            tool_version=version,
            app_version=__version__,
            exported_at=utc_now(),
            exported_by=self._settings.current().author or git_user() or os_user(),
            migrations=shared,
        )
        has_schema = request.schema_file and resolved.schema_file.is_file()
        if has_schema:
            with storage_errors(resolved.schema_file, "read"):
                name = "schema.json" if resolved.schema_file.suffix == ".json" else "schema.sql"
                files.append((name, resolved.schema_file.read_bytes()))
        kept = self._comments_of(resolved, {one.version for one in chosen}) if request.comments else []
        if kept:
            files.append((comment_store.FILE, comment_store.text(kept)))
        data = written([(METADATA, metadata.model_dump_json(indent=2).encode()), *files])
        return self._handed_out(resolved, request, data, len(shared), len(kept), has_schema)

    def _comments_of(self, resolved: Resolved, versions: set[str]) -> list[comment_store.KeptComment]:
        found = comment_store.read(self._comments.path(resolved)).comments.values()
        return [one for one in found if one.version in versions and one.deleted_at is None]

    @staticmethod
    def _handed_out(
        resolved: Resolved,
        request: ShareExportRequest,
        data: bytes,
        files: int,
        comments: int,
        has_schema: bool,
    ) -> ShareExported:
        filename = f"{slug(resolved.name)}-migrations-{utc_now():%Y%m%d-%H%M%S}.zip"
        path = None
        if request.path is not None:
            path = given_path(request.path)
            if path.is_dir():
                path = path / filename
            if path.exists() and not request.overwrite:
                raise Conflict(
                    f"There is a file {path} already.", hint="Choose another name.", path=str(path)
                )
            write_atomically(path, data)
        elif len(data) > _MOST_ANSWERED:
            raise InvalidRequest("The ZIP is larger than 20 MB.", hint="Give a `path` to write it to.")
        return ShareExported(
            filename=path.name if path else filename,
            path=str(path) if path else None,
            content=None if path else base64.b64encode(data).decode(),
            files=files,
            comments=comments,
            schema_file=has_schema,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    # -- in ------------------------------------------------------------------------------------------------------

    def inspect(self, request: ShareSource) -> ImportInspection:
        """What each file of the ZIP is to those that are here. Nothing is written.

        Raises InvalidRequest where it is no ZIP, encrypted, too large, or holds no migration of this tool."""
        archive = read_archive(zip_bytes(request.path, request.content))
        view = self._migrations.view(request.connection)
        looked = look(archive, view)
        here = comment_store.read(self._comments.path(view.resolved))
        new = [one for one in looked.comments.comments if one not in here.comments]
        return ImportInspection(
            sha256=archive.sha256,
            metadata=looked.metadata,
            entries=looked.entries,
            comments_new=len(new),
            comments_known=len(looked.comments.comments) - len(new),
            schema_file=looked.schema_file,
            notes=looked.notes,
        )

    def take(self, request: ShareImportRequest) -> ShareImported:
        """Write what was chosen: all of it or nothing, also where the app is killed in the middle.

        Raises ChangedMeanwhile where the ZIP is not the one that was looked at, InvalidRequest for a choice that is not
        one of the file's, EditedOnDisk where a file here changed meanwhile, ConfirmationRequired where files are replaced.
        """
        archive = read_archive(zip_bytes(request.path, request.content))
        if archive.sha256 != request.sha256:
            raise ChangedMeanwhile("The ZIP is not the one that was looked at.", hint="Look at it again.")
        view = self._migrations.view(request.connection)
        looked = look(archive, view)
        chosen = _choices(looked, request)
        replaced = [one for one, choice in chosen if choice == ImportChoice.REPLACE]
        ask(
            view.resolved,
            request.confirm,
            f"Import migrations into {view.resolved.name}",
            [f"Your {one.mine_filename} is replaced; it goes to DB Toolkit's trash." for one in replaced],
        )
        changes, imported, renumbered = self._changes(view, looked, chosen)
        with self._comments.held(view.resolved):
            added = self._add_comments(view.resolved, looked, renumbered, changes) if request.comments else 0
            for one in replaced:
                record = _record(view, one)
                if record is not None:
                    self._connections.store.trash_copy(record.path)
            self._journal.carry_out(changes)
        self._events.publish("migrations:changed", connection=request.connection)
        if added:
            self._events.publish("comments:changed", connection=request.connection)
        return ShareImported(files=imported, comments=added, says=_says(imported, added))

    def _changes(
        self, view: View, looked: Looked, chosen: list[tuple[ImportEntry, ImportChoice]]
    ) -> tuple[dict[Path, FileChange], list[ImportedFile], dict[str, str]]:
        """What is written, what becomes of each file, and versions of theirs that have another one here."""
        tool, folder = view.resolved.tool, view.resolved.migrations_dirs[0]
        taken = [one.filename for one in view.scan.files]
        taken += [one.filename for one in view.migrations if one.filename not in taken]
        taken += [one.filename for one, choice in chosen if choice == ImportChoice.TAKE]
        changes: dict[Path, FileChange] = {}
        imported: list[ImportedFile] = []
        renumbered: dict[str, str] = {}
        for entry, choice in chosen:
            body, filename = looked.bodies[entry.filename], entry.filename
            if choice == ImportChoice.KEEP:
                imported.append(
                    ImportedFile(
                        filename=entry.mine_filename or filename, was=filename, choice=choice, written=False
                    )
                )
                continue
            if choice == ImportChoice.RENUMBER:
                filename = after_all(tool, entry.filename, taken)
                taken.append(filename)
                renumbered[entry.version] = tool.version_of(filename)
            if choice == ImportChoice.REPLACE:
                record = _record(view, entry)
                assert record is not None
                path = record.path
                if record.filename != filename:
                    changes[path] = FileChange(None, record.sha256)
                    path = inside(path.parent, filename)
                    changes[path] = FileChange(body, None)
                else:
                    changes[path] = FileChange(body, record.sha256)
            else:
                path = inside(folder, filename)
                if path.is_symlink() or path.exists():
                    raise Conflict(f"There is something called {filename} already.", hint="Look again.")
                changes[path] = FileChange(body, None)
            imported.append(ImportedFile(filename=filename, was=entry.filename, choice=choice, written=True))
        return changes, imported, renumbered

    def _add_comments(
        self, resolved: Resolved, looked: Looked, renumbered: dict[str, str], changes: dict[Path, FileChange]
    ) -> int:
        """Theirs laid over those that are here; answers how many are new."""
        theirs = looked.comments.comments
        if not theirs:
            return 0
        path = self._comments.path(resolved)
        here = comment_store.read(path)
        comment_store.must_be_writable(here, path)
        joined = dict(here.comments)
        for key, one in theirs.items():
            moved = one.model_copy(update={"version": renumbered.get(one.version, one.version)})
            joined[key] = comment_store.laid_over([joined[key], moved]) if key in joined else moved
        if joined != here.comments:
            changes[path] = FileChange(comment_store.text(joined.values()), sha256_of(path))
        return len(joined.keys() - here.comments.keys())


def _chosen(view: View, versions: list[str] | None) -> list[FileRecord]:
    if versions is None:
        found = list(view.scan.files)
        if not found:
            raise MigrationNotFound("There is no migration to export.")
        return found
    by_name = {one.filename: one for one in view.scan.files}
    by_version = {one.version: one for one in view.scan.files}
    missing = [one for one in versions if one not in by_name and one not in by_version]
    if missing or not versions:
        raise MigrationNotFound(
            f"There is no file of {', '.join(missing[:5])}." if missing else "Choose what to export."
        )
    wanted = {(by_name.get(one) or by_version[one]).filename for one in versions}
    return [one for one in view.scan.files if one.filename in wanted]


def _choices(looked: Looked, request: ShareImportRequest) -> list[tuple[ImportEntry, ImportChoice]]:
    unknown = request.choices.keys() - looked.bodies.keys()
    if unknown:
        raise InvalidRequest(f"There is no {sorted(unknown)[0][:200]!r} in the ZIP.")
    found = []
    for entry in looked.entries:
        choice = request.choices.get(entry.filename, entry.choices[0])
        if choice not in entry.choices:
            raise InvalidRequest(
                f"{entry.filename}: {choice} is not possible here ({entry.reason or entry.state}).",
                hint=f"Possible: {', '.join(entry.choices)}.",
            )
        found.append((entry, choice))
    return found


def _record(view: View, entry: ImportEntry) -> FileRecord | None:
    return next((one for one in view.scan.files if one.filename == entry.mine_filename), None)


def _says(imported: list[ImportedFile], comments: int) -> str:
    wrote = sum(one.written for one in imported)
    said = f"{wrote} of {len(imported)} file{'s' if len(imported) != 1 else ''} written"
    return f"{said}, {comments} comment{'s' if comments != 1 else ''} added." if comments else f"{said}."


__all__ = ["ImportState", "Sharing"]
