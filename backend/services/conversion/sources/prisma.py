"""Prisma Migrate: migrations/20240101120000_name/migration.sql, with a down.sql where one was written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.services.conversion.model import (
    Found,
    Note,
    Options,
    Reading,
    Row,
    Source,
    SourceFile,
    There,
    with_keys,
)


class Prisma(Source):
    name = "prisma"
    label = "Prisma Migrate"
    table = "_prisma_migrations"
    leaves_transaction = True

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        named = [one for one in files if one.name == "migration.sql" and one.folder]
        if not named:
            return 0, ""
        return 97, f"{len(named)} folder{'s' if len(named) != 1 else ''} with a migration.sql"

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        downs = {one.folder: one for one in files if one.name == "down.sql"}
        for file in files:
            if file.name != "migration.sql" or not file.folder:
                if file.name.endswith(".sql") and file.name != "down.sql":
                    reading.left_out.append(Note(file.path, "It is no migration.sql of Prisma's."))
                continue
            key = file.folder.rpartition("/")[2]
            version = (re.match(r"\d*", key) or [""])[0]
            one = Found(
                key=key,
                version=version,
                name=key[len(version) :].strip("_- ") or key,
                files=[file.path],
                up=file.text,
            )
            down = downs.pop(file.folder, None)
            if down is not None:
                one.down = down.text
                one.files.append(down.path)
            reading.migrations.append(one)
        reading.left_out += [Note(one.path, "There is no migration.sql beside it.") for one in downs.values()]
        reading.migrations.sort(key=lambda one: one.key)
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """A row that was rolled back does not count; one that never finished failed."""
        live = [row for row in rows if not row.get("rolled_back_at")]
        there = There(
            table, failed={row.get("migration_name") or "" for row in live if not row.get("finished_at")}
        )
        there.failed &= {one.key for one in migrations}
        return with_keys(
            there, [row.get("migration_name") or "" for row in live if row.get("finished_at")], migrations
        )


SOURCE = Prisma()
