"""Backups: what one is, why it was made, and what became of restoring it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from .base import Model, Moment
from .requests import OfConnection


class BackupReason(StrEnum):
    MANUAL = "manual"
    BEFORE_UP = "before_up"
    BEFORE_DOWN = "before_down"
    BEFORE_RESTORE = "before_restore"
    """What a restore was about to replace."""
    BEFORE_REPAIR = "before_repair"
    """Before a failed migration was cleaned up or its remainder run."""


class BackupState(StrEnum):
    GOOD = "good"
    """It was read back whole after it was written, and its files are still those, by size."""
    UNVERIFIED = "unverified"
    DAMAGED = "damaged"
    """The last look found a file that is missing or is not what was written."""


BackupWhen = Literal["never", "production", "always"]
"""When a backup is made by itself: `production` means on connections of that environment only."""


class BackupSettings(Model):
    """The app's; a connection may override each (`BackupOverrides`)."""

    before_up: BackupWhen = "production"
    before_down: BackupWhen = "production"
    keep_count: int | None = Field(20, ge=1)
    """How many of a connection are kept; null: any number."""
    keep_days: int | None = Field(90, ge=1)
    """How old one may become; null: any age. The newest good one and those of failed runs are never removed by either."""
    folder: str | None = None
    """Absolute path; each connection gets a folder of its id in it. Null: `backups/` in the connection's own folder."""


class BackupOverrides(Model):
    """A connection's own; what is null is the app's."""

    before_up: BackupWhen | None = None
    before_down: BackupWhen | None = None
    keep_count: int | None = Field(None, ge=1)
    keep_days: int | None = Field(None, ge=1)
    folder: str | None = None


class BackupFile(Model):
    """A file of a backup, by its path inside the backup's folder (with `/`)."""

    name: str
    size_bytes: int
    sha256: str


class TableContent(Model):
    """The rows of a table or collection."""

    table: str
    """The engine's id of the table, as elsewhere (`public.users`)."""
    rows: int
    digest: str | None = None
    """Over all rows, their order not counting; null where only counting was asked for or nothing better is possible."""


class Backup(Model):
    """What `manifest.json` in a backup's folder holds. No secret is in it."""

    id: str
    """The folder's name: moment, connection, reason; unique on this machine."""
    connection: str
    connection_name: str
    engine: str
    database: str
    environment: str
    reason: BackupReason
    note: str | None = None
    """What the user wrote to it."""
    run_id: str | None = None
    """The run it was made before."""
    migrations: list[str] = Field(default_factory=list)
    """Filenames that run was about to apply or roll back."""
    applied: list[str] = Field(default_factory=list)
    """Versions in the migrations table when it was made."""
    created_at: Moment
    duration_ms: float
    host: str
    author: str | None = None
    app_version: str
    server: str | None = None
    """Product and version of the server."""
    tool: str
    """What wrote it: `pg_dump 18.6`, `mariadb-dump 10.11`, `SQLite backup API`, `DB Toolkit`."""
    format: str
    """`pg_dump custom`, `SQL`, `SQLite file`, `mongodump folder`, …: how the bare tools call it."""
    path: str = ""
    """Absolute path of the folder. Filled in when it is read."""
    size_bytes: int
    """On disk, all files together."""
    files: list[BackupFile]
    tables: list[TableContent] = Field(default_factory=list)
    """Rows of each table in it, as reading it back counted them; empty where that was not done."""
    objects: dict[str, str] = Field(default_factory=dict)
    """The schema it holds, as the engine's fingerprint had it in the same moment."""
    notes: list[str] = Field(default_factory=list)
    """What is not in it, in plain sentences (roles, users, other databases)."""
    verified_at: Moment | None = None
    state: BackupState = BackupState.UNVERIFIED
    problem: str | None = None
    """Why it is `damaged`."""
    pinned: bool = False
    """Kept by hand: retention passes over it."""


class BackupListed(Backup):
    """A backup in a list, with what hangs on it."""

    kept_because: list[str] = Field(default_factory=list)
    """Why retention leaves it, in plain words: pinned, newest good one, before a run that failed."""
    run_state: str | None = None
    """What became of the run it was made before: ok, failed, cancelled, running."""
    restorable: bool = True
    restore_problem: str | None = None


class BackupPlan(Model):
    """What a backup made now would be; nothing is made."""

    possible: bool
    problem: str | None = None
    tool: str | None = None
    folder: str
    source_bytes: int | None = None
    """What the database takes on its server, as the catalog tells."""
    needed_bytes: int | None = None
    """An upper estimate of what it would take here."""
    free_bytes: int | None = None
    tables: int | None = None
    rows: int | None = None
    """An estimate of the server."""
    notes: list[str] = Field(default_factory=list)


class RestoreCheck(Model):
    """One thing that was compared between the backup and what was restored."""

    what: Literal["schema", "rows", "content"]
    equal: bool
    differences: list[str] = Field(default_factory=list)


class Restored(Model):
    """What a restore did, proven by reading both again."""

    backup_id: str
    connection: str
    database: str
    into: Literal["same", "new"]
    new_connection: str | None = None
    """The id of the connection that was made for a new database, where that was asked for."""
    safety_backup_id: str | None = None
    """The backup of what was replaced."""
    checks: list[RestoreCheck] = Field(default_factory=list)
    equal: bool
    tables: int
    rows: int
    duration_ms: float
    applied: list[str] = Field(default_factory=list)
    """Versions in the migrations table now."""
    notes: list[str] = Field(default_factory=list)


class CreateBackupRequest(OfConnection):
    note: str | None = None
    pinned: bool = False
    job_id: str | None = None


class BackupsRequest(Model):
    connection: str | None = None
    """Null: of every connection."""


class BackupList(Model):
    backups: list[BackupListed]
    """Newest first."""
    problems: list[str] = Field(default_factory=list)
    """Folders that are no whole backup, and backups that runs name and that are gone, in plain sentences."""


class BackupRequest(OfConnection):
    backup_id: str
    job_id: str | None = None


class BackupCommands(Model):
    """How to restore it with the engine's own tools, without this app."""

    shell: str
    folder: str


class UpdateBackupRequest(BackupRequest):
    note: str | None = None
    """An empty text takes it away; null leaves it."""
    pinned: bool | None = None


class RestoreRequest(BackupRequest):
    into: Literal["same", "new"] = "same"
    database: str | None = None
    """`new`: the name of the database (SQLite: of the file beside it), which must not exist."""
    on: str | None = None
    """`new`: another connection of the same engine, on whose server it is made. Null: the backup's own."""
    add_connection: bool = True
    """`new`: also add a connection to it."""
    safety_backup: bool = True
    """`same`: back up what is there first. Switching it off is named among the losses."""
    confirm: str | None = None


class DeleteBackupRequest(BackupRequest):
    confirm: str | None = None
