"""Django's own SQL output: `manage.py sqlmigrate app 0001`, one file each: app.0001_name.sql or app/0001_name.sql."""

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
from backend.services.conversion.sections import trimmed, without_lines

_WRITTEN = re.compile(
    r"(?m)^--\r?\n-- (?:(?:Create|Delete|Rename|Add|Remove|Alter|Raw|Change) .+|Custom state/.+)\r?\n--"
)
_FRAME = re.compile(r"\s*(BEGIN|COMMIT|START TRANSACTION)\s*;\s*", re.IGNORECASE)
_NAME = re.compile(
    r"(?:(?P<app>[A-Za-z]\w*?)(?:\.|__|_))?(?P<name>\d{4}_\w+?)(?P<down>[._](?:backwards?|reverse|down))?\.sql"
)


class Django(Source):
    name = "django"
    label = "Django (sqlmigrate)"
    table = "django_migrations"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            if file.name.endswith(".sql") and _NAME.fullmatch(file.name) and _WRITTEN.search(file.text):
                return 93, f"{file.path} reads as `manage.py sqlmigrate` writes"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        found: dict[str, Found] = {}
        downs: dict[str, SourceFile] = {}
        for file in files:
            if not file.name.endswith(".sql"):
                if re.match(r"\d{4}_\w+\.py", file.name):
                    reading.left_out.append(
                        Note(file.path, "A Python migration is read from `sqlmigrate`'s output alone.")
                    )
                continue
            hit = _NAME.fullmatch(file.name)
            if hit is None:
                reading.left_out.append(Note(file.path, "Its name is not app.0001_name.sql."))
                continue
            app = hit["app"] or file.folder.rpartition("/")[2]
            key = f"{app}.{hit['name']}"
            if hit["down"]:
                downs[key] = file
            elif key in found:
                found[key].problems.append(Note(file.path, f"{found[key].files[0]} is the same migration."))
            else:
                one = Found(key, "", f"{app} {hit['name']}", [file.path], _body(file.text))
                # Without its frame sqlmigrate says that the migration is not atomic.
                one.transaction = _FRAME.search(file.text) is not None
                if not app:
                    one.problems.append(Note(file.path, "Its app is not told: name it app.0001_name.sql."))
                found[key] = one
        for key, file in downs.items():
            if key in found:
                found[key].down = _body(file.text)
                found[key].files.append(file.path)
            else:
                reading.left_out.append(Note(file.path, "There is no forward migration beside it."))
        reading.migrations = sorted(found.values(), key=lambda one: (one.key.partition(".")[2][:4], one.key))
        if len({one.key.partition(".")[0] for one in reading.migrations}) > 1:
            reading.notes.append(
                Note(
                    "",
                    "Several apps: ordered by number, then by app. Django orders by dependencies; look at the order.",
                )
            )
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        apps = {one.key.partition(".")[0] for one in migrations}
        keys = [f"{row.get('app')}.{row.get('name')}" for row in rows if row.get("app") in apps]
        return with_keys(There(table), keys, migrations)


def _body(text: str) -> str:
    return trimmed(without_lines(text, _FRAME))


SOURCE = Django()
