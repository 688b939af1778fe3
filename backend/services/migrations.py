"""Migration files: new, saved, renamed, deleted, brought back. Looking is in `views`, runs are in `services/runs`."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.errors import (
    AppError,
    ConfirmationRequired,
    Conflict,
    EditedOnDisk,
    InvalidRequest,
    MigrationApplied,
    MigrationNotFound,
    NotFound,
)
from backend.core.events import EventBus
from backend.core.paths import inside, new_file, storage_errors, write_atomically
from backend.models.migration import Migration, MigrationStatus
from backend.store.ledger import Ledger

from .connections import Connections
from .folder_index import FileRecord
from .runs.reconcile import Reconciler
from .templates.service import Templates
from .views import View, Views, of_file

__all__ = ["MigrationService", "View"]


class MigrationService(Views):
    def __init__(
        self,
        connections: Connections,
        ledger: Ledger,
        reconciler: Reconciler,
        events: EventBus,
        templates: Templates,
    ) -> None:
        super().__init__(connections, ledger, reconciler, events)
        self._templates = templates
        self._trashed: dict[str, tuple[str, Path, Path]] = {}
        """Token → connection, where the file was, where it is in the trash."""
        self._renamed: dict[tuple[str, str], str] = {}
        """Connection and filename → the filename before, so that taking a rename back gives it letter by letter."""

    def new(
        self,
        connection: str,
        name: str,
        up: str | None = None,
        down: str | None = None,
        transaction: bool = True,
        transaction_down: bool | None = None,
        template: str | None = None,
        values: dict[str, object] | None = None,
        content: str | None = None,
    ) -> Migration:
        """Create the file. It is never written over another one."""
        resolved = self._connections.resolve(connection)
        if template is not None:
            if up is not None or down is not None or content is not None:
                raise InvalidRequest("Give a `template` with `values`, or the text itself, not both.")
            return self.new_files(connection, name, template, values or {})[0]
        if content is not None and (up is not None or down is not None):
            raise InvalidRequest("Give `content`, or `up` and `down`, not both.")
        text = (
            content
            if content is not None
            else resolved.tool.compose(
                up or "",
                down or "",
                transaction_up=transaction,
                transaction_down=transaction if transaction_down is None else transaction_down,
            )
        )
        folder = resolved.migrations_dirs[0]
        with storage_errors(folder, "create"):
            folder.mkdir(parents=True, exist_ok=True)
        taken = [record.filename for record in self.index(resolved).scan().files]
        while True:
            filename = resolved.tool.new_filename(name, utc_now(), taken)
            path = inside(folder, filename)
            try:
                # Reserves the name against another app that creates one in the same second.
                with storage_errors(path, "create"), new_file(path):
                    pass
            except AppError:
                if not path.exists():
                    raise
                taken.append(filename)
                continue
            break
        try:
            write_atomically(path, text.encode())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._events.publish("migrations:changed", connection=connection)
        return self._one(connection, filename)

    def new_files(
        self, connection: str, name: str, template: str, values: Mapping[str, object]
    ) -> list[Migration]:
        """Every file the template makes, in the order they run."""
        rendered = self._templates.render(connection, template, values)
        return [
            self.new(connection, f"{name} {one.step}" if one.step else name, content=one.content)
            for one in rendered.files
        ]

    def update(
        self,
        connection: str,
        version: str,
        content: str | None = None,
        up: str | None = None,
        down: str | None = None,
        transaction: bool | None = None,
        expected_sha256: str | None = None,
        name: str | None = None,
        confirm: str | None = None,
    ) -> Migration:
        """Save, where the file is still the one that was read. Raises EditedOnDisk with what is there now."""
        view = self.view(connection)
        record = self.index(view.resolved).find(version)
        parsed = self.index(view.resolved).read(record)
        if expected_sha256 is not None and parsed.sha256 != expected_sha256:
            raise EditedOnDisk(
                f"{record.filename} changed on disk since it was read.",
                hint="Look at both versions and choose what to keep.",
                expected_sha256=expected_sha256,
                actual_sha256=parsed.sha256,
                content=parsed.content,
            )
        migration = of_file(view.migrations, record.filename)
        filename = record.filename
        if content is not None and (up is not None or down is not None or transaction is not None):
            raise InvalidRequest("Give `content`, or `up`, `down` and `transaction`, not both.")
        text = content
        if text is None and (up is not None or down is not None or transaction is not None):
            text = view.resolved.tool.replace_blocks(parsed, up=up, down=down, transaction=transaction)
        if name is not None and view.resolved.tool.describe_name(name) != record.name:
            filename = self._rename(view, record, migration, name)
        # Saving also mends what dbmate would refuse: a byte order mark, UTF-16, lone CRs.
        is_odd = parsed.encoding != "utf-8" or parsed.newline == "\r"
        if text is not None and (is_odd or text != parsed.content):
            write_atomically(record.path.with_name(filename), text.encode())
        self._events.publish("migrations:changed", connection=connection)
        return self._one(connection, filename)

    def delete(self, connection_id: str, version: str, *, confirm: str | None) -> str:
        """Move a file that is not applied to the trash. Returns a token for `undelete`, good until the app ends."""
        view = self.view(connection_id)
        record = self.index(view.resolved).find(version)
        migration = of_file(view.migrations, record.filename)
        if migration.status == MigrationStatus.APPLIED:
            raise MigrationApplied(
                f"{record.filename} is applied to {view.resolved.name}.",
                hint="Roll it back first, then delete it.",
                version=record.version,
            )
        if view.applied is None:
            raise view.problem or NotFound("The migrations table cannot be read.")
        if view.resolved.is_production and confirm != view.resolved.name:
            raise ConfirmationRequired(
                f"{view.resolved.name} is a production connection.",
                confirm=view.resolved.name,
                losses=[f"The file {record.filename} moves to DB Toolkit's trash."],
            )
        in_trash = self._connections.store.trash_file(record.path)
        token = uuid.uuid4().hex
        self._trashed[token] = (connection_id, record.path, in_trash)
        self._events.publish("migrations:changed", connection=connection_id)
        return token

    def undelete(self, connection_id: str, token: str) -> Migration:
        """Bring a deleted file back to where it was. Raises NotFound for an unknown token, Conflict where a file took
        its name meanwhile."""
        owner, path, in_trash = self._trashed.get(token, ("", Path(), Path()))
        if owner != connection_id or not in_trash.is_file():
            raise NotFound(
                "What was deleted cannot be brought back by itself any more.",
                hint="Deleted files stay in the folder `trash` of DB Toolkit's home; move it back by hand.",
            )
        with storage_errors(path, "create"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                # Reserves the name: nothing is written over.
                new_file(path).close()
            except FileExistsError:
                raise Conflict(
                    f"There is a file {path.name} again.",
                    hint="Rename it first, then bring the old one back.",
                ) from None
            shutil.copy2(in_trash, path)
            in_trash.unlink()
        del self._trashed[token]
        self._events.publish("migrations:changed", connection=connection_id)
        return self._one(connection_id, path.name)

    def restore(self, connection_id: str, version: str) -> Migration:
        """Write the file of an applied migration again, as it was run. Raises where its text is not known.

        No file is written over: where there is one of that name, it is not missing.
        """
        view = self.view(connection_id)
        migration = self._read_from_ledger(view, version).migration
        text = self._ledger.content(migration.sha256) if migration.sha256 else None
        if text is None or not view.resolved.tool.is_migration(migration.filename):
            raise MigrationNotFound(
                f"What {version} was called and held is not known.",
                hint="Bring the file back from version control.",
                version=version,
            )
        folder = view.resolved.migrations_dirs[0]
        path = inside(folder, migration.filename)
        with storage_errors(path, "create"):
            folder.mkdir(parents=True, exist_ok=True)
            if path.exists():
                raise InvalidRequest(f"There is a file {migration.filename} already.")
            write_atomically(path, text.encode("utf-8", errors="surrogateescape"))
        self._events.publish("migrations:changed", connection=connection_id)
        return self._one(connection_id, migration.filename)

    # -- inside --------------------------------------------------------------------------------------------------

    def _rename(self, view: View, record: FileRecord, migration: Migration, name: str) -> str:
        if migration.status == MigrationStatus.APPLIED:
            raise MigrationApplied(
                f"{record.filename} is applied to {view.resolved.name}; its name is its identity there.",
                hint="Roll it back first, then rename it.",
                version=record.version,
            )
        tool = view.resolved.tool
        taken = [other.filename for other in view.scan.files]
        before = self._renamed.get((view.resolved.id, record.filename))
        if before is not None and name in {tool.name_of(before), tool.describe_name(tool.name_of(before))}:
            filename = before
        else:
            fresh = tool.new_filename(name, utc_now(), taken)
            filename = _with_name_of(record.filename, record.name, tool.name_of(fresh), fresh)
        path = inside(record.path.parent, filename)
        if path.exists() and not _same_file(path, record.path):
            raise Conflict(f"There is a file {filename} already.", hint="Choose another name.")
        with storage_errors(record.path, "rename"):
            record.path.rename(path)
        self._renamed[(view.resolved.id, filename)] = record.filename
        self._ledger.rename_version(view.resolved.id, record.version, tool.version_of(filename), filename)
        return filename


def _with_name_of(old: str, old_name: str, new_name: str, fresh: str) -> str:
    """The old filename with its words replaced: the version (and so the order) stays."""
    if old_name and old_name in old:
        head, _, tail = old.rpartition(old_name)
        return f"{head}{new_name}{tail}"
    return fresh


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
