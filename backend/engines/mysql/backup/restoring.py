"""Restores a dump: into a new database; or loaded beside the old one, whose tables then change places in one statement;
or in place."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    AppError,
    BackupFailed,
    Cancelled,
    Conflict,
    DiskFull,
    PermissionDenied,
    ReadOnly,
)
from backend.engine.backup import Progress
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import lock_wait, quoted, run, writing
from backend.engines.mysql.errors import from_driver
from backend.engines.mysql.schema.scratch import drop_scratch

from . import swapping, wiping
from .ending import ending
from .reading import DUMP, damaged, pieces
from .running import Runner
from .sqlstream import Insert, NotWhole, parts
from .writing import DESCRIPTION, describe

if TYPE_CHECKING:
    from pymysql.connections import Connection

_log = logging.getLogger(__name__)
_LOCK_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Work:
    folder: Path
    target: Target
    progress: Progress
    cancel: CancelToken

    @property
    def database(self) -> str:
        return urls.parse(self.target.url).database

    @property
    def like(self) -> dict[str, str]:
        """The backup's character set, collation and comment."""
        try:
            found = json.loads((self.folder / DESCRIPTION).read_text("utf-8"))
            return {str(key): str(value) for key, value in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            raise damaged(self.folder / DESCRIPTION, type(error).__name__) from None

    def say(self, what: str) -> None:
        if self.cancel.is_cancelled:
            raise Cancelled("The restore was cancelled.")
        self.progress(0, None, what)


def restore(
    folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace: bool
) -> list[str]:
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    work = Work(folder, target, progress, cancel)
    with session(work) as connection, stated(work):
        there = _there(connection, work)
        if there is False and not replace:
            raise Conflict(
                f"The database {work.database!r} exists and is not empty.",
                hint="Choose another name, or restore in place of what is there.",
            )
        if there is None:
            return _into_new(connection, work)
        if there:
            return _into_empty(connection, work)
        reason = swapping.why_not(connection, work)
        return _in_place(connection, work, reason) if reason else swapping.restore(connection, work)


@contextmanager
def session(work: Work) -> Iterator[Connection[Any]]:
    """A session outside of any database, ended by a cancel."""
    with writing(work.target, database=False) as connection, ending(work.target, connection, work.cancel):
        wait = lock_wait(_LOCK_WAIT_S if work.target.lock_timeout_s is None else work.target.lock_timeout_s)
        run(connection, f"SET SESSION lock_wait_timeout = {wait}, sql_mode = '', net_read_timeout = 3600")
        run(connection, "SET NAMES utf8mb4")
        yield connection


@contextmanager
def stated(work: Work, state: str = "untouched") -> Iterator[None]:
    """What fails says what the database is now; an error that says so already keeps it."""
    import pymysql

    try:
        yield
    except AppError as error:
        error.details.setdefault("state", state)
        raise
    except NotWhole as problem:
        broken = damaged(work.folder / DUMP, str(problem))
        broken.details["state"] = state
        raise broken from None
    except pymysql.err.MySQLError as problem:
        if work.cancel.is_cancelled:
            raise Cancelled("The restore was cancelled.", state=state) from None
        raise failed(problem, state) from None


def failed(problem: Exception, state: str) -> AppError:
    found = from_driver(problem)
    left = {
        "untouched": "The database is as it was before.",
        "incomplete": "The database is not whole now: restore again, or restore the backup made of it before.",
    }.get(state, "Look at the database before anything else is done with it.")
    kind = type(found) if isinstance(found, (PermissionDenied, DiskFull, Conflict)) else BackupFailed
    details = {key: value for key, value in found.details.items() if key in ("errno", "sqlstate")}
    return kind(
        f"The backup could not be restored: {found.message}",
        hint=" ".join(filter(None, [left, found.hint if kind is not BackupFailed else None])),
        state=state,
        reason="restore",
        **details,
    )


def _there(connection: Connection[Any], work: Work) -> bool | None:
    """None: there is no such database; True: it is empty."""
    import pymysql

    try:
        run(connection, f"USE {quoted(work.database)}")
    except pymysql.err.MySQLError as error:
        if error.args and error.args[0] == 1049:
            return None
        raise
    return not wiping.anything(connection, work.database)


def create(connection: Connection[Any], name: str, like: dict[str, str]) -> list[str]:
    """CREATE DATABASE with that character set; where the server does not know it, with its own. Notes."""
    import pymysql

    start = f"CREATE DATABASE {quoted(name)}"
    wanted = ""
    if like.get("charset") and like.get("collation"):
        wanted = f" CHARACTER SET {_word(like['charset'])} COLLATE {_word(like['collation'])}"
    try:
        run(connection, start + wanted)
    except pymysql.err.MySQLError as error:
        if not error.args or error.args[0] not in (1115, 1273, 1253):
            raise
        run(connection, start)
        return [f"This server does not know the collation {like['collation']}: the database has its own."]
    return []


def _word(name: str) -> str:
    if not name.replace("_", "").isalnum():
        raise BackupFailed(f"{DESCRIPTION} names no character set.", reason="damaged")
    return name


def load(connection: Connection[Any], work: Work, runner: Runner, database: str) -> None:
    """Everything in the dump that `runner` lets pass, into that database."""
    run(connection, f"USE {quoted(database)}")

    def told(done: int, total: int | None, _: str) -> None:
        work.progress(done, total, runner.rows_of)

    for part in parts(pieces(work.folder, work.cancel, told)):
        runner.part(part)
        if work.cancel.is_cancelled:
            raise Cancelled("The restore was cancelled.")
        if isinstance(part, Insert):
            runner.rows_of = part.table.decode("utf-8", "replace")


def _into_new(connection: Connection[Any], work: Work) -> list[str]:
    notes = create(connection, work.database, work.like)
    runner = Runner(connection)
    try:
        load(connection, work, runner, work.database)
    except BaseException:
        discard(connection, work, work.database)
        raise
    return [*notes, *runner.notes()]


def discard(connection: Connection[Any], work: Work, name: str) -> None:
    """Drop what a restore made, by a session of its own. What cannot be dropped now goes when the app starts next."""
    # Or this session's own locks would be waited for.
    with suppress(Exception):
        connection.rollback()
    try:
        drop_scratch(work.target, name)
    except AppError as error:
        _log.warning("The database %s of a failed restore stayed: %s", name, error.message)


def _into_empty(connection: Connection[Any], work: Work) -> list[str]:
    runner = Runner(connection)
    notes = as_it_was(connection, work)
    try:
        load(connection, work, runner, work.database)
    except BaseException:
        with suppress(Exception):
            connection.rollback()
        with suppress(AppError), session(replace(work, cancel=CancelToken())) as other:
            wiping.wipe(other, work.database)
        raise
    return [*notes, *runner.notes()]


def as_it_was(connection: Connection[Any], work: Work) -> list[str]:
    """The database's character set and collation as in the backup."""
    import pymysql

    like, own = work.like, describe(connection, work.database)
    if not like or all(own.get(key) == like.get(key) for key in ("charset", "collation")):
        return []
    try:
        run(
            connection,
            f"ALTER DATABASE {quoted(work.database)} CHARACTER SET {_word(like['charset'])} COLLATE {_word(like['collation'])}",
        )
    except pymysql.err.MySQLError as error:
        return [f"The database keeps its collation {own.get('collation')}: {from_driver(error).message}"]
    return []


def _in_place(connection: Connection[Any], work: Work, reason: str) -> list[str]:
    """Everything goes, then everything comes; a failure in between leaves neither."""
    runner = Runner(connection)
    # Whatever is wrong with the file is found before anything is touched.
    work.say("the backup is read through")
    for part in parts(pieces(work.folder, work.cancel)):
        if isinstance(part, Insert):
            part.rows()
    work.say("everything is replaced in place")
    with stated(work, "incomplete"):
        wiping.wipe(connection, work.database)
        notes = as_it_was(connection, work)
        load(connection, work, runner, work.database)
    return [f"It was restored into the database itself, because {reason}.", *notes, *runner.notes()]


__all__ = ["Work", "as_it_was", "create", "load", "restore", "stated"]
