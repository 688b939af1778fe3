"""Puts a backup back: the tables are filled in a database beside, and the two change places by their names.

Views, dictionaries and what only shows other tables name the database in their text, so they are made in the new one
after the rows are in, which also keeps a materialized view from firing. Until all are made the old database waits
under another name, and comes back where anything fails.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.core.errors import AppError, BackupFailed, Cancelled, Conflict, ReadOnly
from backend.engine.backup import Progress
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import errors, url
from backend.engines.clickhouse.connect import exists
from backend.engines.clickhouse.errors import ServerSaid, Unreachable
from backend.engines.clickhouse.text import identifier, literal

from . import layout
from .layout import Stored
from .wire import Wire, wire
from .write import stop_if

_log = logging.getLogger(__name__)

_NEW, _OLD = "dbtoolkit_new_", "dbtoolkit_old_"
_PATH_OF_ITS_OWN = re.compile(r"\b(?:Replicated|Shared)\w*MergeTree\(\s*'(?![^']*\{uuid\})")
_LOADING = {
    # The rows as they are: neither merged nor thought to be a repetition, and of any number of partitions.
    "optimize_on_insert": "0",
    "insert_deduplicate": "0",
    "max_partitions_per_insert_block": "0",
    "max_execution_time": "0",
    # The quick way to read a number's text is off by a last bit.
    "precise_float_parsing": "1",
    "insert_allow_materialized_columns": "1",
    "async_insert": "0",
}
_MOVING = {"check_table_dependencies": "0", "check_referential_table_dependencies": "0"}


def restore(
    folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
) -> list[str]:
    if target.read_only:
        raise ReadOnly("This connection is read-only, so DB Toolkit changes nothing in its database.")
    _, objects = layout.read_index(folder)
    with wire(target) as server:
        work = _Restore(server, url.parse(target.url).database, folder, objects, progress, cancel)
        work.go(replace=replace)
        return work.notes


class _Restore:
    def __init__(
        self, server: Wire, database: str, folder: Path, objects: list[Stored],
        progress: Progress, cancel: CancelToken,
    ) -> None:  # fmt: skip
        self._server, self._database, self._folder = server, database, folder
        self._tables = [one for one in objects if one.kind == "table" and one.file is not None]
        self._others = [one for one in objects if one not in self._tables]
        self._progress, self._cancel = progress, cancel
        self._done = 0
        token = secrets.token_hex(4)
        self._new, self._old = f"{_NEW}{token}_{database}", f"{_OLD}{token}_{database}"
        self._is_aside = self._dropped = self._created = False
        names = ", ".join(literal(name) for name in _LOADING)
        known = {
            str(row[0]) for row in server.query(f"SELECT name FROM system.settings WHERE name IN ({names})")
        }
        self._loading = {name: value for name, value in _LOADING.items() if name in known}
        self.notes: list[str] = []

    def go(self, *, replace: bool) -> None:
        self._sweep()
        there = exists(self._server, self._database)
        if there and not replace and self._names():
            raise Conflict(f"The database {self._database} is not empty.")
        with self._failing_truly():
            if not there:
                self._query(f"CREATE DATABASE {identifier(self._database)}")
                self._created = True
                self._fill(self._database)
            elif self._can_swap():
                self._query(f"CREATE DATABASE {identifier(self._new)}")
                self._fill(self._new)
                self._swap()
            else:
                self._empty()
                self._fill(self._database)
            self._make_the_rest()
        self._tidy()

    # -- steps ---------------------------------------------------------------------------------------------------

    def _query(self, sql: str, database: str = "", settings: dict[str, str] | None = None) -> None:
        stop_if(self._cancel)
        self._server.query(sql, database=database, settings=settings)

    def _names(self) -> list[str]:
        rows = self._server.query(
            f"SELECT name FROM system.tables WHERE database = {literal(self._database)} "
            "AND NOT startsWith(name, '.inner') ORDER BY endsWith(engine, 'View') DESC, engine = 'Dictionary' DESC, name"
        )
        return [str(row[0]) for row in rows]

    def _can_swap(self) -> bool:
        """Only an Atomic database takes another name, and a replica's path in Keeper is its table's alone."""
        ((engine,),) = self._server.query(
            f"SELECT engine FROM system.databases WHERE name = {literal(self._database)}"
        )
        return engine == "Atomic" and not any(_PATH_OF_ITS_OWN.search(one.sql) for one in self._tables)

    def _fill(self, database: str) -> None:
        for one in self._tables:
            self._query(one.sql, database)
        for one in self._tables:
            self._load(one, database)

    def _load(self, one: Stored, database: str) -> None:
        assert one.file is not None
        read = layout.pieces(self._folder, one.file)
        first = next(read, None)
        if first is not None:
            self._server.send(
                one.insert(), database, self._loading, self._told(one, first, read), self._cancel
            )

    def _told(self, one: Stored, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
        piece: bytes | None = first
        while piece is not None:
            stop_if(self._cancel)
            self._done += piece.count(b"\n")
            yield piece
            self._progress(self._done, None, one.name)
            piece = next(rest, None)

    def _swap(self) -> None:
        here, new = identifier(self._database), identifier(self._new)
        self._query(f"RENAME DATABASE {here} TO {identifier(self._old)}", settings=_MOVING)
        self._is_aside = True
        self._query(f"CREATE DATABASE {here}")
        if self._tables:
            names = [identifier(one.name) for one in self._tables]
            moved = ", ".join(f"{new}.{name} TO {here}.{name}" for name in names)
            self._query(f"RENAME TABLE {moved}", settings=_MOVING)

    def _empty(self) -> None:
        """In place: from here on nothing brings the old back."""
        self._dropped = True
        for name in self._names():
            self._query(
                f"DROP TABLE IF EXISTS {identifier(name)} SYNC",
                self._database,
                {"max_table_size_to_drop": "0"} | _MOVING,
            )

    def _make_the_rest(self) -> None:
        """What is needed first comes first; what the texts do not tell is found by trying again."""
        waiting = self._others
        while waiting:
            failed: list[tuple[Stored, ServerSaid]] = []
            for one in waiting:
                try:
                    self._query(one.sql, self._database)
                except ServerSaid as error:
                    failed.append((one, error))
                    continue
                if one.file is not None:
                    self._load(one, self._database)
            if len(failed) == len(waiting):
                raise failed[0][1]
            waiting = [one for one, _ in failed]

    # -- endings -------------------------------------------------------------------------------------------------

    @contextmanager
    def _failing_truly(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not isinstance(error, AppError | ServerSaid | Unreachable):
                raise
            failed = errors.translate(error) if isinstance(error, ServerSaid | Unreachable) else error
            state = self._undo()
            if self._cancel.is_cancelled:
                raise Cancelled("The restore was cancelled.", state=state) from None
            details = {**failed.details, "state": state, "cause": failed.code}
            if state == "unknown" and self._is_aside:
                details["old_database"] = self._old
            raise BackupFailed(
                f"The backup was not restored: {failed.message}", hint=failed.hint, **details
            ) from error

    def _undo(self) -> str:
        here = identifier(self._database)
        try:
            if self._created:
                self._server.query(f"DROP DATABASE IF EXISTS {here}", settings=_MOVING)
            if self._is_aside:
                self._server.query(f"DROP DATABASE IF EXISTS {here}", settings=_MOVING)
                self._server.query(f"RENAME DATABASE {identifier(self._old)} TO {here}", settings=_MOVING)
            self._server.query(f"DROP DATABASE IF EXISTS {identifier(self._new)}", settings=_MOVING)
        except (ServerSaid, Unreachable) as error:
            _log.warning("An interrupted restore could not be taken back: %s", error)
            return "unknown"
        return "incomplete" if self._dropped else "untouched"

    def _tidy(self) -> None:
        for name in (self._new, self._old):
            try:
                self._server.query(
                    f"DROP DATABASE IF EXISTS {identifier(name)}",
                    settings={"max_table_size_to_drop": "0"} | _MOVING,
                )
            except ServerSaid as error:
                self.notes.append(
                    f"What was replaced is still there as {name}: {errors.translate(error).message}"
                )

    def _sweep(self) -> None:
        """What a crashed restore had filled beside this database. What it had put aside is left: it may be the only one."""
        pattern = f"^{_NEW}[0-9a-f]{{8}}_{re.escape(self._database)}$"
        found = self._server.query(f"SELECT name FROM system.databases WHERE match(name, {literal(pattern)})")
        for (name,) in found:
            self._server.query(f"DROP DATABASE IF EXISTS {identifier(str(name))}")
