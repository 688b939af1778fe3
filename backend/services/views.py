"""Looking at a connection's migrations: files, migrations table and ledger, laid over each other. Nothing is written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, MigrationNotFound
from backend.core.events import EventBus, Subscription
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

from .authors import Authors
from .connections import Connections, Resolved
from .folder_index import FolderIndex, Scan
from .overlay import Made, lay_over
from .runs.reconcile import Reconciler

_SPARE_A_GONE_SERVER_S = 4.0
# Where the system tells of every change, all files are looked at again so often only to be sure.
_TOLD_FILES_MAY_BE_OLD_S = 10.0


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
    authors: Mapping[str, str]
    """Held, so that its id in `mark` stays its own."""


class Views:
    """One look after the other, each made of what changed since the last one."""

    def __init__(
        self, connections: Connections, ledger: Ledger, reconciler: Reconciler, events: EventBus
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._reconciler = reconciler
        self._events = events
        self._authors = Authors(events)
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[tuple[object, ...], FolderIndex]] = {}
        self._laid: dict[str, _Laid] = {}
        self._reports: dict[str, StatusReport] = {}
        self._unreachable: dict[str, tuple[float, AppError]] = {}
        self._changes: Subscription | None = None
        self._told_since: Callable[[Sequence[Path]], float | None] = lambda folders: None

    def folders_are_watched(self, told_since: Callable[[Sequence[Path]], float | None]) -> None:
        """From now on the bus tells of changed files, so a look at them that is moments old may serve a search.

        `told_since`: since when (monotonic) the system itself tells of every change in these folders; an older look
        then serves too.
        """
        if self._changes is None:
            self._changes = self._events.subscribe()
            self._told_since = told_since

    def index(self, resolved: Resolved) -> FolderIndex:
        """The connection's folder index; a new one where its folders changed."""
        mark = (resolved.stored.tool, resolved.engine.dialect, resolved.migrations_dirs)
        with self._lock:
            known = self._indexes.get(resolved.id)
            if known is None or known[0] != mark:
                index = FolderIndex(
                    resolved.tool,
                    resolved.migrations_dirs,
                    resolved.engine.dialect,
                    str(resolved.engine.name),
                )
                known = (mark, index)
                self._indexes[resolved.id] = known
            return known[1]

    def view(self, connection_id: str, *, max_age_s: float = 0.0) -> View:
        """Files, table and ledger, read now. A database that cannot be reached is `problem`, not an error.

        `max_age_s` lets the look at the files be so old where the folders are watched; the table is always read.
        """
        resolved = self._connections.resolve(connection_id)
        self._hear()
        scan = self.index(resolved).scan(self._files_may_be_old(resolved, max_age_s))
        for unreadable in scan.problems:
            # Without its files every applied migration would look as if its file were missing.
            raise unreadable
        applied, exists, problem = self._applied(resolved, max_age_s)
        if applied is not None:
            applied = self._reconciler.settle(resolved, applied)
        known = self._ledger.last_known(connection_id)
        table_mark = (
            None if applied is None else hash(tuple((row.version, row.applied_at) for row in applied))
        )
        authors = self._authors.of(resolved.id, resolved.migrations_dirs)
        mark = (scan.revision, id(self.index(resolved)), table_mark, id(authors))
        laid = self._laid.get(connection_id)
        if laid is None or laid.mark != mark or laid.known is not known:
            made = dict(laid.made) if laid is not None and laid.mark[1] == mark[1] else {}
            migrations = lay_over(
                scan.files, applied, known, resolved.tool.sort_key, resolved.tool.name_of, made, authors
            )
            laid = _Laid(mark, known, migrations, made, authors)
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

    def read(self, connection_id: str, version: str) -> MigrationContent:
        view = self.view(connection_id)
        try:
            record = self.index(view.resolved).find(version)
        except MigrationNotFound as error:
            if error.details.get("filenames"):
                raise
            return self._read_from_ledger(view, version)
        parsed = self.index(view.resolved).read(record)
        migration = of_file(view.migrations, record.filename)
        ran = None
        if MigrationFlag.EDITED in migration.flags:
            last = self._ledger.last_known(connection_id).get(record.version)
            ran = self._ledger.content(last.applied_sha256) if last and last.applied_sha256 else None
        return _content(migration, parsed, ran)

    # -- inside --------------------------------------------------------------------------------------------------

    def _files_may_be_old(self, resolved: Resolved, max_age_s: float) -> float:
        if self._changes is None or not max_age_s:
            return 0.0
        since = self._told_since(resolved.migrations_dirs)
        if since is None:
            return max_age_s
        # A look from before the system told us of changes may have missed one.
        return max(max_age_s, min(_TOLD_FILES_MAY_BE_OLD_S, time.monotonic() - since))

    def _hear(self) -> None:
        """What changed since the last look, as far as the bus told."""
        while self._changes is not None and (event := self._changes.next(0)) is not None:
            name, data = event
            if name in {"migrations:changed", "connection:changed", "events:lost"}:
                told, files = data.get("connection"), data.get("files")
                with self._lock:
                    for connection_id, (_, index) in self._indexes.items():
                        if told is None or told == connection_id:
                            index.touched(files)

    def _applied(
        self, resolved: Resolved, max_age_s: float
    ) -> tuple[Sequence[Applied] | None, bool, AppError | None]:
        gone_at, gone = self._unreachable.get(resolved.id, (0.0, None))
        if max_age_s and gone is not None and time.monotonic() - gone_at < _SPARE_A_GONE_SERVER_S:
            # Each letter of a search would otherwise wait out the whole time limit of a server that is away.
            return None, False, gone
        try:
            target = self._connections.target(resolved)
            rows = resolved.engine.applied(target)
            exists = bool(rows) or resolved.engine.probe(target).database_exists
        except AppError as error:
            self._unreachable[resolved.id] = (time.monotonic(), error)
            return None, False, error
        self._unreachable.pop(resolved.id, None)
        return rows, exists, None

    def _one(self, connection_id: str, filename: str) -> Migration:
        return of_file(self.view(connection_id).migrations, filename)

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


def of_file(migrations: Sequence[Migration], filename: str) -> Migration:
    for migration in migrations:
        if migration.filename == filename:
            return migration
    raise MigrationNotFound(f"There is no file {filename!r}.")
