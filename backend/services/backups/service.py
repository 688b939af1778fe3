"""The backup channels."""

from __future__ import annotations

from backend.core.errors import NotSupported
from backend.models.backup import (
    Backup,
    BackupCommands,
    BackupList,
    BackupListed,
    BackupPlan,
    CreateBackupRequest,
    DeleteBackupRequest,
    Restored,
    RestoreRequest,
    UpdateBackupRequest,
)


class Backups:
    def create(self, request: CreateBackupRequest) -> Backup:
        raise NotSupported("Not in this version.")

    def plan(self, connection: str) -> BackupPlan:
        raise NotSupported("Not in this version.")

    def list(self, connection: str | None) -> BackupList:
        raise NotSupported("Not in this version.")

    def get(self, connection: str, backup_id: str) -> BackupListed:
        raise NotSupported("Not in this version.")

    def verify(self, connection: str, backup_id: str) -> Backup:
        raise NotSupported("Not in this version.")

    def restore(self, request: RestoreRequest) -> Restored:
        raise NotSupported("Not in this version.")

    def update(self, request: UpdateBackupRequest) -> BackupListed:
        raise NotSupported("Not in this version.")

    def delete(self, request: DeleteBackupRequest) -> None:
        raise NotSupported("Not in this version.")

    def commands(self, connection: str, backup_id: str) -> BackupCommands:
        raise NotSupported("Not in this version.")
