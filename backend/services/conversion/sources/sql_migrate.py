"""sql-migrate: `-- +migrate Up`, `-- +migrate Down`, notransaction, StatementBegin."""

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
from backend.services.conversion.sections import sections, trimmed, without_lines

_HALF = re.compile(r"--\s*\+migrate\s+(Up|Down)((?:\s+\w+)*)\s*")
_STATEMENT = re.compile(r"--\s*\+migrate\s+Statement(Begin|End)\s*")


class SqlMigrate(Source):
    name = "sql-migrate"
    label = "sql-migrate"
    table = "gorp_migrations"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            for number, line in enumerate(file.text.splitlines(), 1):
                if file.name.endswith(".sql") and _HALF.fullmatch(line):
                    return 96, f"`{line.strip()}` in {file.path}, line {number}"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        for file in files:
            if not file.name.endswith(".sql"):
                continue
            one = _read(file)
            if one is None:
                reading.left_out.append(Note(file.path, "There is no `-- +migrate Up` in it."))
            else:
                reading.migrations.append(one)
        # sql-migrate: by the number at the beginning where both have one, else by the name.
        reading.migrations.sort(key=lambda one: (int(one.version) if one.version else float("inf"), one.key))
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        return with_keys(There(table), [row.get("id") or "" for row in rows], migrations)


def _read(file: SourceFile) -> Found | None:
    stem = file.name.removesuffix(".sql")
    version = (re.match(r"\d*", stem) or [""])[0]
    one = Found(
        key=file.name,
        version=version,
        name=stem[len(version) :].strip("-_ ") or stem,
        files=[file.path],
        up="",
    )
    halves: dict[str, list[str]] = {"Up": [], "Down": []}
    for section in sections(file.text, _HALF):
        if section.marker is None:
            continue
        half = section.marker[1]
        halves[half].append(trimmed(without_lines(section.text, _STATEMENT)))
        for option in section.marker[2].split():
            if option.lower() != "notransaction":
                one.notes.append(
                    Note(file.path, f"The option {option} is not known and was left out.", section.line)
                )
            elif half == "Up":
                one.transaction = False
            else:
                one.transaction_down = False
    if not halves["Up"]:
        return None
    one.up = "\n\n".join(halves["Up"])
    one.down = "\n\n".join(halves["Down"]) if halves["Down"] else None
    return one


SOURCE = SqlMigrate()
