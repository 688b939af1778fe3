"""MongoDB's answers to the port of backups."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from backend.core.errors import InvalidRequest, InvalidUrl
from backend.engine.backup import BackupTools, Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb.url import check, check_database, encode, parse
from backend.models.backup import TableContent


class MongoBackups(BackupTools):
    """Our own writer everywhere: it reads one snapshot of all collections, which mongodump of one database cannot."""

    stages_inside = True

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

        return restore(folder, target, progress, cancel, replace_=replace)

    def contents(
        self, target: Target, progress: Progress, cancel: CancelToken, *, digest: bool = True
    ) -> list[TableContent]:
        from .write import contents

        return contents(target, progress, cancel, digest=digest)

    def sweep(self, target: Target) -> list[str]:
        from .restore import sweep

        return sweep(target)

    def elsewhere(self, target: Target, database: str) -> Target:
        parts = parse(check(target.url))
        try:
            check_database(database)
        except InvalidUrl as error:
            raise InvalidRequest(error.message) from None
        login = ""
        if parts.user is not None:
            login = parts.user + (f":{parts.password}" if parts.password is not None else "") + "@"
        query = parts.query
        if parts.user is not None and "authsource=" not in query.lower():
            # Without it the database of the URL is where the user is looked up.
            query = "&".join([*([query] if query else []), f"authSource={parts.database or 'admin'}"])
        text = f"{parts.scheme}://{login}{parts.hosts}/{encode(database)}"
        return replace(target, url=text + (f"?{query}" if query else ""))

    def by_hand(self, folder: Path, database: str) -> str:
        from .layout import ROOT, database_in

        was = database_in(folder)
        moved = (
            ""
            if was == database
            else f" --nsFrom={shlex.quote(was + '.*')} --nsTo={shlex.quote(database + '.*')}"
        )
        return (
            "# $URL is the server's URL without a database. --drop replaces the collections that the backup holds;\n"
            "# others stay. Add --bypassDocumentValidation where documents stand against a rule.\n"
            f'mongorestore --uri="$URL" --gzip --drop --nsInclude={shlex.quote(was + ".*")}{moved} '
            f"{shlex.quote(str(folder / ROOT))}\n"
        )
