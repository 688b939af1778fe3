"""What is true of each migration: files, the migrations table and the ledger laid over each other. Pure.

The table decides what is applied. The ledger adds when, by whom, what failed and what was edited since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.paths import shown
from backend.models.connection import Applied
from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.store.ledger import LastKnown

from .folder_index import FileRecord


@dataclass(slots=True)
class Made:
    """What a file's migration was made of, and the migration."""

    record: FileRecord
    is_applied: bool
    applied_at: datetime | None
    last: LastKnown | None
    is_duplicate: bool
    is_late: bool
    """Not applied, and older than the newest applied one."""
    written_by: str | None = None
    """As git has it."""
    _migration: Migration | None = None

    @property
    def migration(self) -> Migration:
        assert self._migration is not None
        return self._migration

    def with_migration(self, migration: Migration) -> Made:
        self._migration = migration
        return self

    def is_same(self, other: Made) -> bool:
        """Made of the same things? A file's record is replaced whenever the file changes."""
        return (
            self.record is other.record
            and self.is_applied == other.is_applied
            and self.is_late == other.is_late
            and self.is_duplicate == other.is_duplicate
            and self.applied_at == other.applied_at
            and self.written_by == other.written_by
            and (self.last is other.last or self.last == other.last)
        )


def lay_over(
    files: Sequence[FileRecord],
    applied: Sequence[Applied] | None,
    known: Mapping[str, LastKnown],
    sort_key: Callable[[str], object],
    name_of: Callable[[str], str],
    made: dict[str, Made] | None = None,
    authors: Mapping[str, str] | None = None,
) -> list[Migration]:
    """Every migration, oldest first. `applied` None means that the table could not be read: then the ledger's last word
    is all there is. `made` keeps what was made of each file (by path) from one call to the next, so that of thousands
    only those are made anew of which something changed. `authors`: path → who wrote the file, where that is known; of
    the others the author is who ran them."""
    made = {} if made is None else made
    authors = authors or {}
    rows = {row.version: row for row in applied} if applied is not None else _from_ledger(known)
    counts = Counter(record.version for record in files)
    owners = _owners(files, rows, known, counts)
    newest = max((sort_key(owners[v]) for v in rows if v in owners), default=None)  # type: ignore[type-var]
    migrations: list[Migration] = []
    for record in files:
        version, path = record.version, record.order[1]
        row = rows.get(version) if owners.get(version) == record.filename else None
        is_late = row is None and newest is not None and record.order[0] < newest  # type: ignore[operator]
        why = Made(
            record,
            row is not None,
            row.applied_at if row is not None else None,
            known.get(version),
            counts[version] > 1,
            is_late,
            authors.get(path),
        )
        before = made.get(path)
        if before is None or not before.is_same(why):
            before = made[path] = why.with_migration(_of_file(why))
        migrations.append(before.migration)
    missing = [
        _missing(row, known.get(version), name_of) for version, row in rows.items() if version not in counts
    ]
    if missing:
        migrations = sorted([*migrations, *missing], key=lambda one: sort_key(one.filename))  # type: ignore[arg-type,return-value]
    return migrations


def _from_ledger(known: Mapping[str, LastKnown]) -> dict[str, Applied]:
    return {
        version: Applied(version=version, applied_at=last.applied_at)
        for version, last in known.items()
        if last.applied_at
    }


def _owners(
    files: Sequence[FileRecord],
    rows: Mapping[str, Applied],
    known: Mapping[str, LastKnown],
    counts: Counter[str],
) -> dict[str, str]:
    """Which file an applied version belongs to: of several, the one the ledger saw run, else the first in order."""
    owners: dict[str, str] = {}
    for record in files:
        if record.version not in rows:
            continue
        ran = known[record.version].applied_filename if record.version in known else None
        if record.version not in owners or (counts[record.version] > 1 and record.filename == ran):
            owners[record.version] = record.filename
    return owners


def _of_file(why: Made) -> Migration:
    record, last = why.record, why.last
    flags: list[MigrationFlag] = []
    status = MigrationStatus.PENDING
    error: str | None = None
    applied_at, duration_ms, author = None, None, None
    if why.is_applied:
        status = MigrationStatus.APPLIED
        applied_at = why.applied_at
        if last is not None and last.applied_at is not None:
            applied_at = applied_at or last.applied_at
            duration_ms, author = last.applied_ms, last.applied_author
            if last.applied_sha256 and last.applied_sha256 != record.sha256:
                flags.append(MigrationFlag.EDITED)
        if last is not None and last.status in {"failed", "interrupted"} and last.direction == "down":
            error = _message(last)
            if last.partial:
                flags.append(MigrationFlag.PARTIAL)
    else:
        if last is not None and last.status in {"failed", "interrupted"} and last.direction == "up":
            # A failure is of the text that failed: once the file changes it is pending again, but what stayed, stayed.
            if last.sha256 == record.sha256 and last.filename == record.filename:
                status, error, duration_ms, author = (
                    MigrationStatus.FAILED,
                    _message(last),
                    last.duration_ms,
                    last.author,
                )
            if last.partial and last.filename == record.filename:
                flags.append(MigrationFlag.PARTIAL)
        elif (
            last is not None
            and last.status in {"failed", "interrupted"}
            and last.direction == "down"
            and last.partial
        ):
            flags.append(MigrationFlag.PARTIAL)
        if why.is_late:
            flags.append(MigrationFlag.OUT_OF_ORDER)
    if why.is_duplicate:
        flags.append(MigrationFlag.DUPLICATE_VERSION)
    if not record.is_valid:
        flags.append(MigrationFlag.INVALID)
    # model_construct: 5,000 of these are made for one status; every value above is already of its type.
    return Migration.model_construct(
        version=record.version,
        name=record.name,
        filename=record.filename,
        path=shown(record.path),
        status=status,
        flags=flags,
        applied_at=applied_at,
        duration_ms=duration_ms,
        author=why.written_by or author,
        author_source="git" if why.written_by else "ledger" if author else None,
        has_down=record.has_down,
        tables=list(record.tables),
        sha256=record.sha256 or None,
        error=error,
        transaction=record.transaction_up,
        size_bytes=record.size_bytes,
        modified_at=record.modified_at,
        problems=list(record.problems),
    )


def _missing(row: Applied, last: LastKnown | None, name_of: Callable[[str], str]) -> Migration:
    filename = (last.applied_filename or last.filename) if last is not None else row.version
    return Migration(
        version=row.version,
        name=name_of(filename) or row.version,
        filename=filename,
        path="",
        status=MigrationStatus.APPLIED,
        flags=[MigrationFlag.MISSING_FILE],
        applied_at=row.applied_at or (last.applied_at if last else None),
        duration_ms=last.applied_ms if last else None,
        author=last.applied_author if last else None,
        author_source="ledger" if last and last.applied_author else None,
        has_down=False,
        sha256=last.applied_sha256 if last else None,
    )


def _message(last: LastKnown) -> str:
    if last.error and last.error.get("message"):
        return str(last.error["message"])
    return "It was interrupted before it ended." if last.status == "interrupted" else "It failed."
