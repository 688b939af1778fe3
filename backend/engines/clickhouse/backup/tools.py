"""ClickHouse's answers to the port of backups."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from backend.core.errors import InvalidRequest
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.text import identifier
from backend.models.backup import TableContent

from . import layout


class ClickHouseBackups(BackupTools):
    """Our own writer: the server's BACKUP writes to the server's own disks, not here."""

    def how(self, target: Target) -> str:
        from .write import TOOL

        return TOOL

    def size(self, target: Target) -> SourceSize:
        from .write import size

        return size(target)

    def write(self, target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
        from .write import write

        return write(target, folder, progress, cancel)

    def read_back(
        self, folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool = False
    ) -> list[TableContent]:
        from .write import read_back

        return read_back(folder, progress, cancel, digest=digest)

    def restore(
        self, folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
    ) -> list[str]:
        from .restore import restore

        return restore(folder, target, progress, cancel, replace=replace)

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        from .write import contents

        return contents(target, progress, cancel, digest=digest)

    def elsewhere(self, target: Target, database: str) -> Target:
        if not database.strip() or "\0" in database or len(database.encode()) > 200:
            raise InvalidRequest(f"{database!r} cannot be a database's name.")
        parsed = url.parse(target.url).with_options(database="")
        return replace(target, url=replace(parsed, raw_database=url.encoded(database)).text())

    def by_hand(self, folder: Path, database: str) -> str:
        _, objects = layout.read_index(folder)
        client = (
            f"clickhouse client --host HOST --user USER --ask-password --database {shlex.quote(database)}"
        )
        create = shlex.quote(f"CREATE DATABASE {identifier(database)}")
        made = [
            "# HOST and USER are the server's; the database is made first and must be empty.",
            f"clickhouse client --host HOST --user USER --ask-password --query {create}",
            f"{client} --multiquery < {shlex.quote(str(folder / layout.TABLES))}",
        ]
        loads = [(one, self._load(client, folder, one)) for one in objects if one.file]
        made += [load for one, load in loads if one.kind == "table"]
        made.append(f"{client} --multiquery < {shlex.quote(str(folder / layout.VIEWS))}")
        made += [load for one, load in loads if one.kind != "table"]
        return "\n".join(made) + "\n"

    def _load(self, client: str, folder: Path, one: layout.Stored) -> str:
        settings = " --optimize_on_insert 0 --max_partitions_per_insert_block 0 --precise_float_parsing 1"
        if any(column.materialized for column in one.columns):
            settings += " --insert_allow_materialized_columns 1"
        rows = shlex.quote(str(folder / (one.file or "")))
        return f"gzip -dc {rows} | {client}{settings} --query {shlex.quote(one.insert())}"
