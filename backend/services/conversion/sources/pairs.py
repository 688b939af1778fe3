"""Plain pairs of SQL files: NUMBER_name.up.sql/.down.sql, -up/-down, .do./.undo., NUMBER_name/up.sql; and Rails' table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.services.conversion.model import Found, Note, Options, Reading, Row, Source, SourceFile, There

from .twins import halves_of, paired


class Pairs(Source):
    name = "pairs"
    label = "Plain SQL files"
    table = "schema_migrations"
    # Its table has the name and the columns of dbmate's own; only this one tells that it is Rails'.
    beside = "ar_internal_metadata"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        named = [one for one in files if one.name.endswith(".sql") and halves_of(one) is not None]
        if not named or any("-- migrate:up" in one.text for one in named):
            return 0, ""
        return 30, f"{len(named)} numbered SQL file{'s' if len(named) != 1 else ''}"

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        migrations, left = paired(files)
        left += [
            Note(one.path, "A Ruby migration is not carried over: write it as SQL.")
            for one in files
            if one.name.endswith(".rb")
        ]
        return Reading(migrations, left)

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        there = There(table)
        by_number = {int(one.version or 0): one.key for one in migrations}
        for row in rows:
            version = row.get("version") or ""
            key = by_number.get(int(version)) if re.fullmatch(r"\d+", version) else None
            if key is not None:
                there.applied.add(key)
            elif version:
                there.unknown.append(version)
        return there


SOURCE = Pairs()
