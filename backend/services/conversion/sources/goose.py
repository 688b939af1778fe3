"""goose: `-- +goose Up`, `-- +goose Down`, NO TRANSACTION, StatementBegin; Go migrations are named."""

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
    is_true,
    with_keys,
)
from backend.services.conversion.sections import sections, trimmed, without_lines

from .placeholders import filled

_HALF = re.compile(r"\s*--\s*\+goose\s+(up|down)\s*", re.IGNORECASE)
_NO_TX = re.compile(r"\s*--\s*\+goose\s+no\s+transaction\s*", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*--\s*\+goose\s+(statementbegin|statementend|envsub\s+(on|off)|no\s+transaction)\s*", re.I
)
_ENVSUB = re.compile(r"\s*--\s*\+goose\s+envsub\s+(on|off)\s*", re.IGNORECASE)
_NAME = re.compile(r"([0-9]+)_(.+)\.(sql|go)")


class Goose(Source):
    name = "goose"
    label = "goose"
    table = "goose_db_version"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            for number, line in enumerate(file.text.splitlines(), 1):
                if file.name.endswith(".sql") and re.match(r"\s*--\s*\+goose\s", line, re.IGNORECASE):
                    return 97, f"`{line.strip()}` in {file.path}, line {number}"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        found: dict[int, Found] = {}
        for file in files:
            hit = _NAME.fullmatch(file.name)
            if file.name.endswith("_test.go"):
                continue
            if hit is None:
                if file.name.endswith(".sql"):
                    reading.left_out.append(Note(file.path, "Its name is not NUMBER_name.sql."))
                continue
            if hit[3] == "go":
                reading.left_out.append(
                    Note(file.path, "A Go migration is not carried over: write it as SQL.")
                )
                continue
            one = _read(file, hit[1], hit[2], options)
            number = int(hit[1])
            if number in found:
                found[number].problems.append(
                    Note(file.path, f"{found[number].files[0]} has this version too.")
                )
                continue
            found[number] = one
        reading.migrations = [found[number] for number in sorted(found)]
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """The newest row of each version counts."""
        newest: dict[str, bool] = {}
        for row in sorted(rows, key=lambda one: int(one.get("id") or 0)):
            newest[str(int(row.get("version_id") or 0))] = is_true(row.get("is_applied"))
        return with_keys(
            There(table), [key for key, is_on in newest.items() if is_on and key != "0"], migrations
        )


def _read(file: SourceFile, version: str, name: str, options: Options) -> Found:
    one = Found(key=str(int(version)), version=version, name=name, files=[file.path], up="")
    one.transaction = one.transaction_down = not any(
        _NO_TX.fullmatch(line) for line in file.text.splitlines()
    )
    ups = 0
    for section in sections(file.text, _HALF):
        if section.marker is None:
            rest = without_lines(section.text, _STATEMENT)
            if any(line.strip() and not line.strip().startswith("--") for line in rest.splitlines()):
                one.problems.append(Note(file.path, "There is text before `-- +goose Up`.", section.line))
            continue
        text, notes, problems = _substituted(section.text, file.path, section.line + 1, options)
        one.notes += notes
        one.problems += problems
        body = trimmed(without_lines(text, _STATEMENT))
        if section.marker[1].lower() == "up":
            ups += 1
            one.up = body
        else:
            one.down = body
    if ups != 1:
        said = "There is no `-- +goose Up`." if not ups else "There are several `-- +goose Up`."
        one.problems.append(Note(file.path, said))
    return one


def _substituted(text: str, path: str, first: int, options: Options) -> tuple[str, list[Note], list[Note]]:
    """`${NAME}` between ENVSUB ON and OFF, filled in from what was given."""
    kept: list[str] = []
    notes: list[Note] = []
    problems: list[Note] = []
    is_on = False
    for number, line in enumerate(text.splitlines(keepends=True), first):
        switch = _ENVSUB.fullmatch(line.rstrip("\r\n"))
        if switch:
            is_on = switch[1].lower() == "on"
        elif is_on:
            line, more, against = filled(line, options.placeholders, path, first_line=number)
            notes += more
            problems += against
            if re.search(r"\$[A-Za-z_]\w*", line):
                problems.append(
                    Note(path, "ENVSUB would fill in `$NAME` here; write its value into the file.", number)
                )
        kept.append(line)
    return "".join(kept), notes, problems


SOURCE = Goose()
