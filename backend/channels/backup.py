"""backup:* – a copy of a database in files, and back."""

from __future__ import annotations

from backend.models.backup import (
    Backup,
    BackupCommands,
    BackupList,
    BackupListed,
    BackupPlan,
    BackupRequest,
    BackupsRequest,
    CreateBackupRequest,
    DeleteBackupRequest,
    Restored,
    RestoreRequest,
    UpdateBackupRequest,
)
from backend.models.requests import Done, OfConnection
from backend.rpc.registry import channel
from backend.services import Services


@channel("backup:create", job=True)
def create(services: Services, request: CreateBackupRequest) -> Backup:
    """Back up the database now, and read it back whole."""
    return services.backups.create(request)


@channel("backup:plan")
def plan(services: Services, request: OfConnection) -> BackupPlan:
    """What a backup made now would take; nothing is made."""
    return services.backups.plan(request.connection)


@channel("backup:list")
def list_(services: Services, request: BackupsRequest) -> BackupList:
    """The backups, newest first, of one connection or of all."""
    return services.backups.list(request.connection)


@channel("backup:get")
def get(services: Services, request: BackupRequest) -> BackupListed:
    """One backup."""
    return services.backups.get(request.connection, request.backup_id)


@channel("backup:verify", job=True)
def verify(services: Services, request: BackupRequest) -> Backup:
    """Read every byte of it again."""
    return services.backups.verify(request.connection, request.backup_id)


@channel("backup:restore", job=True)
def restore(services: Services, request: RestoreRequest) -> Restored:
    """Make a database hold what the backup holds, and prove it. In the same database, what is there is backed up first."""
    return services.backups.restore(request)


@channel("backup:update")
def update(services: Services, request: UpdateBackupRequest) -> BackupListed:
    """Change its note, or keep it from being removed by age."""
    return services.backups.update(request)


@channel("backup:delete")
def delete(services: Services, request: DeleteBackupRequest) -> Done:
    """Remove it. Asks first where it is the newest good one or belongs to a failed run."""
    services.backups.delete(request)
    return Done()


@channel("backup:commands")
def commands(services: Services, request: BackupRequest) -> BackupCommands:
    """How to restore it without this app."""
    return services.backups.commands(request.connection, request.backup_id)
