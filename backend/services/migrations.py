"""Migration files: new, read, save, delete, list, and their status. Runs are in `services/runs`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.core.clock import utc_now
from backend.core.envelope import envelope_error
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
from backend.core.paths import inside, storage_errors, write_atomically
from backend.engine.tool import ParsedFile
from backend.models.connection import Applied
from backend.models.migration import (
    Migration,
    MigrationContent,
    MigrationFlag,
    MigrationStatus,
    StatusReport,
)
from backend.store.ledger import LastKnown, Ledger

from .connections import Connections, Resolved
from .folder_index import FileRecord, FolderIndex, Scan
from .overlay import Made, lay_over
from .runs.reconcile import Reconciler
from .templates.service import Templates

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """One consistent look at a connection's migrations."""

    resolved: Resolved
    scan: Scan
    migrations: list[Migration]
    applied: Sequence[Applied] | None
    """None where the table could not be read; `problem` says why."""
    database_exists: bool
    problem: AppError | None


@dataclass(frozen=True, slots=True)
class _Laid:
    """The last overlay, good as long as files, table and ledger are the same."""

    mark: tuple[object, ...]
    known: Mapping[str, LastKnown]
    migrations: list[Migration]
    made: dict[str, Made]


class MigrationService:
    def __init__(
        self,
        connections: Connections,
        ledger: Ledger,
        reconciler: Reconciler,
        events: EventBus,
        templates: Templates,
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._reconciler = reconciler
        self._events = events
        self._templates = templates
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[tuple[object, ...], FolderIndex]] = {}
        self._laid: dict[str, _Laid] = {}
        self._reports: dict[str, StatusReport] = {}

    # -- looking -------------------------------------------------------------------------------------------------

    def index(self, resolved: Resolved) -> FolderIndex:
        """The connection's folder index; a new one where its folders changed."""
        mark = (resolved.stored.tool, resolved.engine.dialect, resolved.migrations_dirs)
        with self._lock:
            known = self._indexes.get(resolved.id)
            if known is None or known[0] != mark:
                known = (mark, FolderIndex(resolved.tool, resolved.migrations_dirs, resolved.engine.dialect))
                self._indexes[resolved.id] = known
            return known[1]

    def view(self, connection_id: str) -> View:
        """Files, table and ledger, read now. A database that cannot be reached is `problem`, not an error."""
        resolved = self._connections.resolve(connection_id)
        scan = self.index(resolved).scan()
        for unreadable in scan.problems:
            # Without its files every applied migration would look as if its file were missing.
            raise unreadable
        applied, exists, problem = self._applied(resolved)
        if applied is not None:
            applied = self._reconciler.settle(resolved, applied)
        known = self._ledger.last_known(connection_id)
        table_mark = (
            None if applied is None else hash(tuple((row.version, row.applied_at) for row in applied))
        )
        mark = (scan.revision, id(self.index(resolved)), table_mark)
        laid = self._laid.get(connection_id)
        if laid is None or laid.mark != mark or laid.known is not known:
            made = dict(laid.made) if laid is not None and laid.mark[1] == mark[1] else {}
            migrations = lay_over(
                scan.files, applied, known, resolved.tool.sort_key, resolved.tool.name_of, made
            )
            laid = _Laid(mark, known, migrations, made)
            self._laid[connection_id] = laid
        return View(resolved, scan, laid.migrations, applied, exists, problem)

    def status(self, connection_id: str) -> StatusReport:
        view = self.view(connection_id)
        problem = envelope_error(view.problem) if view.problem else None
        last = self._reports.get(connection_id)
        if (
            last is not None
            and last.migrations is view.migrations
            and (last.database_exists, last.problem) == (view.database_exists, problem)
        ):
            return last
        counts = dict.fromkeys(MigrationStatus, 0)
        for migration in view.migrations:
            counts[migration.status] += 1
        report = StatusReport.model_construct(
            engine=view.resolved.stored.engine,
            database_exists=view.database_exists,
            total=len(view.migrations),
            applied=counts[MigrationStatus.APPLIED],
            pending=counts[MigrationStatus.PENDING],
            failed=counts[MigrationStatus.FAILED],
            migrations=view.migrations,
            reachable=view.problem is None,
            problem=problem,
        )
        self._reports[connection_id] = report
        return report

    def list(
        self,
        connection: str,
        query: str | None = None,
        status: Any = None,
        flags: Sequence[str] | None = None,
        applied_from: datetime | None = None,
        applied_to: datetime | None = None,
        author: str | None = None,
        table: str | None = None,
        offset: int = 0,
        limit: int = 200,
        order: str = "oldest",
    ) -> tuple[list[Migration], int]:
        """The migrations that match everything given, one page of them, and how many there are in all."""
        view = self.view(connection)
        chosen: list[Migration] = view.migrations
        if query and query.split():
            texts = view.scan.texts
            for word in query.lower().split():
                chosen = [m for m in chosen if word in (texts.get(m.filename) or m.filename.lower())]
        if status:
            wanted = {status} if isinstance(status, str) else set(status)
            chosen = [m for m in chosen if m.status in wanted]
        if flags:
            chosen = [m for m in chosen if set(flags) & set(m.flags)]
        if applied_from or applied_to:
            low, high = _aware(applied_from), _aware(applied_to)
            chosen = [
                m
                for m in chosen
                if m.applied_at
                and (low is None or m.applied_at >= low)
                and (high is None or m.applied_at <= high)
            ]
        if author:
            chosen = [m for m in chosen if m.author and author.lower() in m.author.lower()]
        if table:
            wanted_table = table.lower()
            chosen = [m for m in chosen if wanted_table in "\n".join(m.tables).lower()]
        if order == "newest":
            chosen = chosen[::-1]
        return chosen[offset : offset + limit], len(chosen)

    def read(self, connection_id: str, version: str) -> MigrationContent:
        view = self.view(connection_id)
        try:
            record = self.index(view.resolved).find(version)
        except MigrationNotFound as error:
            if error.details.get("filenames"):
                raise
            return self._read_from_ledger(view, version)
        parsed = self.index(view.resolved).read(record)
        migration = _of_file(view.migrations, record.filename)
        ran = None
        if MigrationFlag.EDITED in migration.flags:
            last = self._ledger.last_known(connection_id).get(record.version)
            ran = self._ledger.content(last.applied_sha256) if last and last.applied_sha256 else None
        return _content(migration, parsed, ran)

    # -- writing -------------------------------------------------------------------------------------------------

    def new(
        self,
        connection: str,
        name: str,
        up: str | None = None,
        down: str | None = None,
        transaction: bool = True,
        template: str | None = None,
        values: dict[str, object] | None = None,
        content: str | None = None,
    ) -> Migration:
        """Create the file. It is never written over another one."""
        resolved = self._connections.resolve(connection)
        if template is not None:
            if up is not None or down is not None or content is not None:
                raise InvalidRequest("Give a `template` with `values`, or the text itself, not both.")
            return self._from_template(connection, name, template, values or {})
        if content is not None and (up is not None or down is not None):
            raise InvalidRequest("Give `content`, or `up` and `down`, not both.")
        text = (
            content
            if content is not None
            else resolved.tool.compose(
                up or "", down or "", transaction_up=transaction, transaction_down=transaction
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
                with storage_errors(path, "create"), path.open("xb"):
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
        migration = _of_file(view.migrations, record.filename)
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

    def delete(self, connection_id: str, version: str, *, confirm: str | None) -> None:
        """Move a file that is not applied to the trash."""
        view = self.view(connection_id)
        record = self.index(view.resolved).find(version)
        migration = _of_file(view.migrations, record.filename)
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
        self._connections.store.trash_file(record.path)
        self._events.publish("migrations:changed", connection=connection_id)

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

    def _from_template(
        self, connection: str, name: str, template: str, values: Mapping[str, object]
    ) -> Migration:
        """Every file the template makes, in order; answers the first."""
        rendered = self._templates.render(connection, template, values)
        made = [
            self.new(connection, f"{name} {one.step}" if one.step else name, content=one.content)
            for one in rendered.files
        ]
        return made[0]

    def _applied(self, resolved: Resolved) -> tuple[Sequence[Applied] | None, bool, AppError | None]:
        try:
            target = self._connections.target(resolved)
            rows = resolved.engine.applied(target)
            exists = bool(rows) or resolved.engine.probe(target).database_exists
        except AppError as error:
            return None, False, error
        return rows, exists, None

    def _rename(self, view: View, record: FileRecord, migration: Migration, name: str) -> str:
        if migration.status == MigrationStatus.APPLIED:
            raise MigrationApplied(
                f"{record.filename} is applied to {view.resolved.name}; its name is its identity there.",
                hint="Roll it back first, then rename it.",
                version=record.version,
            )
        tool = view.resolved.tool
        taken = [other.filename for other in view.scan.files]
        fresh = tool.new_filename(name, utc_now(), taken)
        filename = _with_name_of(record.filename, record.name, tool.name_of(fresh), fresh)
        path = inside(record.path.parent, filename)
        if path.exists() and not _same_file(path, record.path):
            raise Conflict(f"There is a file {filename} already.", hint="Choose another name.")
        with storage_errors(record.path, "rename"):
            record.path.rename(path)
        self._ledger.rename_version(view.resolved.id, record.version, tool.version_of(filename), filename)
        return filename

    def _one(self, connection_id: str, filename: str) -> Migration:
        return _of_file(self.view(connection_id).migrations, filename)

    def _read_from_ledger(self, view: View, version: str) -> MigrationContent:
        """An applied migration whose file is gone, as it was run."""
        for migration in view.migrations:
            if (
                version in {migration.version, migration.filename}
                and MigrationFlag.MISSING_FILE in migration.flags
            ):
                text = self._ledger.content(migration.sha256) if migration.sha256 else None
                if text is None:
                    raise MigrationNotFound(
                        f"The file of {version} is missing, and DB Toolkit did not run it, so its text is not known.",
                        hint="Bring the file back from version control.",
                        version=version,
                    )
                name = (
                    migration.filename
                    if view.resolved.tool.is_migration(migration.filename)
                    else f"{version}.sql"
                )
                parsed = view.resolved.tool.parse(Path(name), text.encode())
                return _content(migration, parsed, text)
        raise MigrationNotFound(f"There is no migration {version!r} on {view.resolved.name}.")


def _content(migration: Migration, parsed: ParsedFile, ran: str | None) -> MigrationContent:
    return MigrationContent(
        migration=migration,
        content=parsed.content,
        up=parsed.up.body if parsed.up else "",
        down=parsed.down.body if parsed.down else "",
        sha256=parsed.sha256,
        encoding=parsed.encoding,
        newline=parsed.newline,
        ran=ran,
    )


def _of_file(migrations: Sequence[Migration], filename: str) -> Migration:
    for migration in migrations:
        if migration.filename == filename:
            return migration
    raise MigrationNotFound(f"There is no file {filename!r}.")


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


def _aware(moment: datetime | None) -> datetime | None:
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
