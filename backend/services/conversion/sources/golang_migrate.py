"""golang-migrate: 000001_name.up.sql with 000001_name.down.sql."""

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
)

_NAME = re.compile(r"([0-9]+)_(.*)\.(up|down)\.(.*)")


class GolangMigrate(Source):
    name = "golang-migrate"
    label = "golang-migrate"
    table = "schema_migrations"
    leaves_transaction = True

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        named = [one for one in files if (hit := _NAME.fullmatch(one.name)) and hit[4] == "sql"]
        if not named:
            return 0, ""
        return 85, f"{len(named)} file{'s' if len(named) != 1 else ''} named as {named[0].name}"

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        found: dict[int, Found] = {}
        downs: dict[int, SourceFile] = {}
        for file in files:
            hit = _NAME.fullmatch(file.name)
            if hit is None or hit[4] != "sql":
                if file.name.endswith(".sql") or hit is not None:
                    reading.left_out.append(
                        Note(file.path, "Its name is not NUMBER_name.up.sql or .down.sql.")
                    )
                continue
            number = int(hit[1])
            if hit[3] == "down":
                if number in downs:
                    reading.left_out.append(Note(file.path, f"{downs[number].path} has this version too."))
                else:
                    downs[number] = file
            elif number in found:
                # golang-migrate refuses such a folder; so do we.
                found[number].problems.append(
                    Note(file.path, f"{found[number].files[0]} has this version too.")
                )
            else:
                found[number] = Found(
                    key=str(number), version=hit[1], name=hit[2], files=[file.path], up=file.text
                )
        for number, file in downs.items():
            if number not in found:
                reading.left_out.append(Note(file.path, "There is no up of this version."))
                continue
            found[number].down = file.text
            found[number].files.append(file.path)
        reading.migrations = [found[number] for number in sorted(found)]
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        """One row: the version it stands at. Dirty: that version did not end well."""
        there = There(table)
        for row in rows[:1]:
            at = int(row.get("version") or 0)
            dirty = is_true(row.get("dirty"))
            there.applied = {one.key for one in migrations if int(one.key) < at + (not dirty)}
            if str(at) not in {one.key for one in migrations}:
                there.unknown.append(str(at))
            elif dirty:
                there.failed.add(str(at))
        return there


SOURCE = GolangMigrate()
