"""PostgreSQL's side of the backup port: pg_dump's custom format, read and restored by pg_restore."""

from __future__ import annotations

import shlex
from dataclasses import replace as changed
from pathlib import Path

from backend.core.errors import InvalidRequest
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.postgres import url as urls
from backend.models.backup import TableContent

from . import described, dumping, reading, restoring

_LONGEST_NAME = 63


class PostgresBackup(BackupTools):
    def how(self, target: Target) -> str:
        return dumping.how(urls.parsed(target.url))

    def size(self, target: Target) -> SourceSize:
        return dumping.size(target, urls.parsed(target.url))

    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        return dumping.write(target, urls.parsed(target.url), folder, progress, cancel)

    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        return reading.read_back(folder, progress, cancel, digest=digest)

    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        return restoring.restore(folder, target, urls.parsed(target.url), progress, cancel, replace=replace)

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        return reading.contents(target, urls.parsed(target.url), progress, cancel, digest=digest)

    def elsewhere(self, target: Target, database: str) -> Target:
        if not database.strip() or "\0" in database or len(database.encode()) > _LONGEST_NAME:
            raise InvalidRequest(
                "A database needs a name of at most 63 bytes.", hint="Choose a shorter name."
            )
        return changed(target, url=urls.parsed(target.url).with_database(database).text())

    def by_hand(self, folder: Path, database: str) -> str:
        archive, name = shlex.quote(str(folder / described.ARCHIVE)), shlex.quote(database)
        return (
            "# pg_restore 17 or newer. Each command asks for the password (or reads ~/.pgpass).\n"
            f"createdb -h HOST -p 5432 -U USER --template=template0 -- {name}\n"
            f"pg_restore -h HOST -p 5432 -U USER --dbname={name} --exit-on-error {archive}\n"
            "# Where the roles in it do not exist, add --no-owner --no-acl to pg_restore.\n"
        )
