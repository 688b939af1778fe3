"""Alembic's own SQL output: `alembic upgrade base:head --sql`, with `alembic downgrade head:base --sql` beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.services.conversion.model import Found, Note, Options, Reading, Row, Source, SourceFile, There
from backend.services.conversion.sections import sections, trimmed, without_lines

_STEP = re.compile(r"-- Running (upgrade|downgrade) (.*?) ?-> (.*)")
_FRAME = re.compile(r"\s*(BEGIN|COMMIT|BEGIN TRANSACTION|START TRANSACTION)\s*;?\s*", re.IGNORECASE)
_OWN = re.compile(
    r"(?is)^(?:CREATE TABLE|INSERT INTO|UPDATE|DELETE FROM|DROP TABLE)\s+(?:\S+\.)?[`\"]?alembic_version\b.*?;[ \t]*$",
    re.M,
)


class Alembic(Source):
    name = "alembic"
    label = "Alembic (SQL output)"
    table = "alembic_version"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            for number, line in enumerate(file.text.splitlines(), 1):
                if file.name.endswith(".sql") and _STEP.fullmatch(line):
                    return 97, f"`{line[:60]}` in {file.path}, line {number}"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        found: dict[str, Found] = {}
        before: dict[str, str] = {}
        downs: dict[str, tuple[str, str]] = {}
        for file in files:
            if file.name.endswith(".py"):
                reading.left_out.append(
                    Note(file.path, "A Python migration is read from Alembic's SQL output alone.")
                )
            if not file.name.endswith(".sql"):
                continue
            steps = [one for one in sections(file.text, _STEP) if one.marker is not None]
            if not steps:
                reading.left_out.append(Note(file.path, "There is no `-- Running upgrade` in it."))
            for step in steps:
                assert step.marker is not None
                body = trimmed(_OWN.sub("", without_lines(step.text, _FRAME)))
                start, end = step.marker[2].strip(), step.marker[3].strip()
                if step.marker[1] == "downgrade":
                    downs[start] = (file.path, body)
                    continue
                if end in found:
                    found[end].problems.append(
                        Note(file.path, f"{end} is in {found[end].files[0]} too.", step.line)
                    )
                    continue
                found[end] = Found(end, "", end, [file.path], body)
                before[end] = start
                if "," in start or "," in end:
                    found[end].problems.append(
                        Note(file.path, "Branches that are merged are not carried over.", step.line)
                    )
        for key, (path, body) in downs.items():
            if key in found:
                found[key].down = body
                found[key].files.append(path)
        reading.migrations = _ordered(found, before)
        reading.notes.append(
            Note(
                "",
                "The statements are Alembic's own; its table alembic_version stays and is not written any more.",
            )
        )
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """The row is the revision it stands at; everything before it is applied too."""
        there = There(table)
        keys = [one.key for one in migrations]
        for row in rows:
            head = row.get("version_num") or ""
            if head in keys:
                there.applied |= set(keys[: keys.index(head) + 1])
            else:
                there.unknown.append(head)
        if len(rows) > 1:
            there.notes.append("The database stands at several heads; look at what is marked as applied.")
        return there


def _ordered(found: dict[str, Found], before: dict[str, str]) -> list[Found]:
    """Each after the one it follows, else in the order of the files."""
    ordered: list[Found] = []
    waiting = list(found)
    while waiting:
        ready = [one for one in waiting if before[one] not in waiting] or waiting[:1]
        ordered.append(found[ready[0]])
        waiting.remove(ready[0])
    return ordered


SOURCE = Alembic()
