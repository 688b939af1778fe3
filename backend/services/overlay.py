"""What is true of each migration: files, the migrations table and the ledger laid over each other. Pure.

The table decides what is applied. The ledger adds when, by whom, what failed and what was edited since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from backend.core.paths import shown
from backend.models.connection import Applied
from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.store.ledger import LastKnown

from .folder_index import FileRecord


def lay_over(
    files: Sequence[FileRecord],
    applied: Sequence[Applied] | None,
    known: Mapping[str, LastKnown],
    sort_key: Callable[[str], object],
    name_of: Callable[[str], str],
) -> list[Migration]:
    """Every migration, oldest first. `applied` None means that the table could not be read: then the ledger's last word
    is all there is."""
    rows = {row.version: row for row in applied} if applied is not None else _from_ledger(known)
    counts = Counter(record.version for record in files)
    owners = _owners(files, rows, known, counts)
    newest = max((sort_key(owners[v]) for v in rows if v in owners), default=None)  # type: ignore[type-var]
    migrations = [
        _of_file(
            record,
            rows.get(record.version) if owners.get(record.version) == record.filename else None,
            known.get(record.version),
            counts,
            newest,
            sort_key,
        )
        for record in files
    ]
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


def _of_file(
    record: FileRecord,
    row: Applied | None,
    last: LastKnown | None,
    counts: Counter[str],
    newest: object,
    sort_key: Callable[[str], object],
) -> Migration:
    flags: list[MigrationFlag] = []
    status = MigrationStatus.PENDING
    error: str | None = None
    applied_at, duration_ms, author = None, None, None
    if row is not None:
        status = MigrationStatus.APPLIED
        applied_at = row.applied_at
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
        elif last is not None and last.status == "failed" and last.direction == "down" and last.partial:
            flags.append(MigrationFlag.PARTIAL)
        if newest is not None and sort_key(record.filename) < newest:  # type: ignore[operator]
            flags.append(MigrationFlag.OUT_OF_ORDER)
    if counts[record.version] > 1:
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
        author=author,
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
        has_down=False,
        sha256=last.applied_sha256 if last else None,
    )


def _message(last: LastKnown) -> str:
    if last.error and last.error.get("message"):
        return str(last.error["message"])
    return "It was interrupted before it ended." if last.status == "interrupted" else "It failed."
