"""MySQL's and MariaDB's side of the backup port: mysqldump's layout, packed by gzip."""

from __future__ import annotations

import shlex
from dataclasses import replace as changed
from pathlib import Path

from backend.core.errors import InvalidRequest
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.models.backup import TableContent

from . import reading, restoring, writing

_LONGEST_NAME = 64


class MysqlBackup(BackupTools):
    def how(self, target: Target) -> str:
        return writing.how(target)

    def size(self, target: Target) -> SourceSize:
        return writing.size(target)

    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        return writing.write(target, folder, progress, cancel)

    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        return reading.read_back(folder, progress, cancel, digest=digest)

    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        return restoring.restore(folder, target, progress, cancel, replace=replace)

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        return reading.contents(target, progress, cancel, digest=digest)

    def elsewhere(self, target: Target, database: str) -> Target:
        if (
            not database.strip()
            or "\0" in database
            or len(database) > _LONGEST_NAME
            or database != database.rstrip()
        ):
            raise InvalidRequest(
                "A database needs a name of at most 64 letters, without a blank at its end.",
                hint="Choose another name.",
            )
        return changed(target, url=changed(urls.parse(target.url), database=database).text())

    def by_hand(self, folder: Path, database: str) -> str:
        dump, name = shlex.quote(str(folder / reading.DUMP)), shlex.quote(database)
        create = shlex.quote("CREATE DATABASE `" + database.replace("`", "``") + "`")
        return (
            "# mysql or mariadb, whichever there is. Each command asks for the password.\n"
            f"mysql -h HOST -P 3306 -u USER -p -e {create}\n"
            f"gunzip -c {dump} | mysql -h HOST -P 3306 -u USER -p --default-character-set=utf8mb4 {name}\n"
        )
