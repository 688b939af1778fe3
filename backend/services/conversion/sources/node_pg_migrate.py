"""node-pg-migrate with SQL files: `-- Up Migration`, `-- Down Migration`; JavaScript is named."""

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
from backend.services.conversion.sections import sections, trimmed

_HALF = re.compile(r"\s*--[\s-]*(up|down)\s+migration.*", re.IGNORECASE)


class NodePgMigrate(Source):
    name = "node-pg-migrate"
    label = "node-pg-migrate"
    table = "pgmigrations"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            if not file.name.endswith(".sql"):
                continue
            for number, line in enumerate(file.text.splitlines(), 1):
                if _HALF.fullmatch(line):
                    return 94, f"`{line.strip()}` in {file.path}, line {number}"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading(dialect="postgres")
        for file in files:
            if file.name.endswith((".js", ".ts", ".cjs", ".mjs")):
                reading.left_out.append(
                    Note(file.path, "A JavaScript migration is not carried over: write it as SQL.")
                )
            if not file.name.endswith(".sql"):
                continue
            stem = file.name.removesuffix(".sql")
            version = (re.match(r"\d*", stem) or [""])[0]
            one = Found(
                key=stem,
                version=version,
                name=stem[len(version) :].strip("_- ") or stem,
                files=[file.path],
                up="",
            )
            parts = sections(file.text, _HALF)
            if not any(part.marker for part in parts):
                # Without a marker the whole file is the up.
                one.up = trimmed(file.text)
            for part in parts:
                if part.marker is not None and part.marker[1].lower() == "up":
                    one.up = trimmed(part.text)
                elif part.marker is not None:
                    one.down = trimmed(part.text)
            reading.migrations.append(one)
        reading.migrations.sort(key=lambda one: (int(one.version or 0), one.key))
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        return with_keys(There(table), [row.get("name") or "" for row in rows], migrations)


SOURCE = NodePgMigrate()
