"""Making one backup: room on the disk, the engine's own tool, read back, hashed, named."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend import __version__
from backend.core.clock import utc_now
from backend.core.errors import AppError, BackupFailed, DiskFull, StorageFailed
from backend.core.people import git_user, host_name, os_user
from backend.engine.backup import BackupTools, SourceSize, backup_tools
from backend.engine.target import Target
from backend.models.backup import Backup, BackupReason, BackupState
from backend.services.connections import Resolved
from backend.store.backups import Shelf, files_of

from .work import Work

_log = logging.getLogger(__name__)
_SPARE_BYTES = 50_000_000
"""Left free on the disk, whatever the estimate."""


@dataclass(frozen=True, slots=True)
class About:
    """Why a backup is made, and for what."""

    reason: BackupReason
    note: str | None = None
    pinned: bool = False
    run_id: str | None = None
    migrations: Sequence[str] = field(default_factory=tuple)
    author: str | None = None


def make(resolved: Resolved, target: Target, shelf: Shelf, about: About) -> Backup:
    """A whole, verified backup, or none. Raises BackupFailed, DiskFull, Cancelled, DatabaseMissing, …"""
    began, created = time.monotonic(), utc_now()
    work = Work()
    tools = backup_tools(str(resolved.engine.name))
    work.says(f"Measuring {resolved.name}")
    size = tools.size(target)
    check_room(shelf.folder, size)
    backup_id = (
        f"{created:%Y%m%dT%H%M%S}{created.microsecond // 1000:03d}Z-{str(about.reason).replace('_', '-')}"
    )
    while (shelf.folder / backup_id).exists():
        backup_id += "-2"
    partial = shelf.begin(backup_id)
    try:
        applied = [one.version for one in resolved.engine.applied(target)]
        work.says(f"Backing up {resolved.name}")
        written = tools.write(target, partial, work.heard, work.cancel)
        work.says("Reading the backup back")
        tables = tools.read_back(partial, work.heard, work.cancel)
        total = sum(one.stat().st_size for one in partial.rglob("*") if one.is_file())
        files = files_of(partial, work.reading("Computing checksums", total))
        if not files:
            raise BackupFailed("The tool wrote nothing.")
        now = utc_now()
        return shelf.seal(
            partial,
            Backup(
                id=backup_id,
                connection=resolved.id,
                connection_name=resolved.name,
                engine=str(resolved.engine.name),
                database=database_name(resolved, target),
                environment=str(resolved.stored.environment),
                reason=about.reason,
                note=about.note,
                run_id=about.run_id,
                migrations=list(about.migrations),
                applied=applied,
                created_at=created,
                duration_ms=round((time.monotonic() - began) * 1000, 1),
                host=host_name(),
                author=about.author or git_user() or os_user(),
                app_version=__version__,
                server=_server(resolved, target),
                tool=written.tool,
                format=written.format,
                size_bytes=total,
                files=files,
                tables=tables,
                objects=dict(written.objects),
                notes=list(written.notes),
                verified_at=now,
                state=BackupState.GOOD,
                pinned=about.pinned,
            ),
        )
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise _as_app_error(error, shelf.folder) from error


def check_room(folder: Path, size: SourceSize) -> None:
    """Raise DiskFull, with the numbers, where the backup would not fit."""
    free = free_bytes(folder)
    if size.needed_bytes is None or free is None or size.needed_bytes + _SPARE_BYTES <= free:
        return
    raise DiskFull(
        f"The backup may take {size.needed_bytes / 1e6:,.0f} MB and {folder} has {free / 1e6:,.0f} MB free.",
        hint="Free some space, remove old backups, or choose another folder: Settings → Safety → Backups.",
        path=str(folder),
        needed_bytes=size.needed_bytes,
        free_bytes=free,
    )


def check_folder(folder: Path) -> None:
    """Raise StorageFailed where the backups' folder could not be made."""
    existing = next((one for one in (folder, *folder.parents) if one.exists()), None)
    if existing is None or not existing.is_dir():
        raise StorageFailed(
            f"The backups' folder {folder} cannot be made: {existing or folder} is no folder.",
            hint="Choose another one: Settings → Safety → Backups.",
            path=str(folder),
        )
    if not os.access(existing, os.W_OK | os.X_OK):
        raise StorageFailed(
            f"The backups' folder {folder} cannot be written to.",
            hint="Check its owner and permissions, or choose another one: Settings → Safety → Backups.",
            path=str(folder),
        )


def free_bytes(folder: Path) -> int | None:
    existing = next((one for one in (folder, *folder.parents) if one.exists()), None)
    try:
        return shutil.disk_usage(existing).free if existing else None
    except OSError:
        return None


def database_name(resolved: Resolved, target: Target) -> str:
    try:
        fields = resolved.engine.split_url(target.url)
    except AppError:
        fields = {}
    return fields.get("database") or resolved.stored.database_name or fields.get("path") or resolved.name


def _server(resolved: Resolved, target: Target) -> str | None:
    try:
        found = resolved.engine.probe(target)
    except AppError:
        return None
    return f"{found.product} {found.version}"


def _as_app_error(error: BaseException, folder: Path) -> BaseException:
    if isinstance(error, AppError) or not isinstance(error, Exception):
        return error
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(
            f"The disk of {folder} filled up while the backup was written; nothing of it is left there.",
            path=str(folder),
        )
    _log.exception("A backup broke off")
    said = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return BackupFailed(f"The backup broke off: {said}.", hint="The log has the details.")


__all__ = ["About", "BackupTools", "check_room", "database_name", "free_bytes", "make"]
