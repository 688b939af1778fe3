"""knex with SQL files beside its JavaScript: 20240101120000_name.js with …_name.up.sql and …_name.down.sql."""

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

from .twins import halves_of, paired

_SCRIPT = re.compile(r"(\d.*)\.(js|ts|cjs|mjs)")


class Knex(Source):
    name = "knex"
    label = "knex"
    table = "knex_migrations"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        scripts = {hit[1] for one in files if (hit := _SCRIPT.fullmatch(one.name))}
        stems = {half[0] for one in files if one.name.endswith(".sql") and (half := halves_of(one))}
        if scripts & stems:
            return 92, f"{len(scripts & stems)} SQL migrations beside scripts of the same name"
        if any(_SCRIPT.fullmatch(one.name) and "knex" in one.text for one in files):
            return 40, "scripts that use knex"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        migrations, left = paired(files)
        known = {one.key for one in migrations}
        for file in files:
            hit = _SCRIPT.fullmatch(file.name)
            if hit and hit[1] not in known:
                left.append(Note(file.path, "A JavaScript migration is not carried over: write it as SQL."))
            elif hit:
                for one in migrations:
                    if one.key == hit[1]:
                        one.notes.append(
                            Note(
                                file.path, "What the script does besides running the SQL is not carried over."
                            )
                        )
        return Reading(migrations, left)

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        names = [re.sub(r"\.(js|ts|cjs|mjs|sql)$", "", row.get("name") or "") for row in rows]
        return with_keys(There(table), names, migrations)


SOURCE = Knex()
