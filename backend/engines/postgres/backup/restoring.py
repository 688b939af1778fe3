"""Restores an archive: into a new database, or by one built beside the old and put in its place, or in one transaction."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import (
    AppError,
    BackupFailed,
    Cancelled,
    Conflict,
    DatabaseMissing,
    DiskFull,
    PermissionDenied,
    ReadOnly,
)
from backend.drivers import pg_archive
from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.backup import Progress
from backend.engine.target import CancelToken, Target
from backend.engines.postgres.catalog import USER_SCHEMAS
from backend.engines.postgres.schema.scratch import drop, scratch_name
from backend.engines.postgres.truth import maintenance

from . import described, inplace, making, refusals, swapping
from .dumping import ending, how, parameters, tag_of

if TYPE_CHECKING:
    from psycopg import Connection

_log = logging.getLogger(__name__)
_NOBODYS = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '{}'::regclass AND d.objid = {}.oid AND d.deptype = 'e')"
_IS_EMPTY = f"""
SELECT NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE {USER_SCHEMAS} AND c.oid >= 16384 AND {_NOBODYS.format("pg_class", "c")})
   AND NOT EXISTS (SELECT 1 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                   WHERE {USER_SCHEMAS} AND p.oid >= 16384 AND {_NOBODYS.format("pg_proc", "p")})
   AND NOT EXISTS (SELECT 1 FROM pg_largeobject_metadata)
   AND NOT EXISTS (SELECT 1 FROM pg_namespace n WHERE {USER_SCHEMAS} AND n.nspname <> 'public')
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One restore: what every step of it is given."""

    folder: Path
    target: Target
    url: PgUrl
    progress: Progress
    cancel: CancelToken
    tag: str

    @property
    def archive(self) -> Path:
        return self.folder / described.ARCHIVE

    def say(self, what: str) -> None:
        if self.cancel.is_cancelled:
            raise Cancelled("The restore was cancelled.")
        self.progress(0, None, what)


def restore(
    folder: Path, target: Target, url: PgUrl, progress: Progress, cancel: CancelToken, *, replace: bool
) -> list[str]:
    if target.read_only:
        raise ReadOnly("The connection is read-only.")
    how(url)
    work = Work(folder, target, url, progress, cancel, tag_of(target, "restore"))
    with ending(target, url, work.tag, cancel), _failures(work):
        there = _there(work)
        if there is False and not replace:
            raise Conflict(
                f"The database {url.database!r} exists and is not empty.",
                hint="Choose another name, or restore in place of what is there.",
                state="untouched",
            )
        if there is None:
            return _into_new(work)
        reason = swapping.why_not(work)
        return inplace.restore(work, reason) if reason else swapping.restore(work)


@contextmanager
def _failures(work: Work) -> Iterator[None]:
    """What fails leaves the database as it was, unless the error says otherwise."""
    try:
        yield
    except AppError as error:
        error.details.setdefault("state", "untouched")
        raise


def _there(work: Work) -> bool | None:
    """None: there is no such database; True: it is empty."""
    try:
        with session(work.target, work.url, application_name=work.tag) as connection:
            return bool(rows(connection, _IS_EMPTY, {})[0][0])
    except DatabaseMissing:
        return None


def _into_new(work: Work) -> list[str]:
    like, _ = described.kept(work.folder)
    name = work.url.database
    with maintenance(work.target, work.url, write=True) as connection:
        notes = making.create(connection, name, like)
        try:
            notes += fill(work, name)
            return [*notes, *making.give(connection, name, like, like)]
        except BaseException:
            discard(work, name)
            raise


def fill(work: Work, database: str) -> list[str]:
    """Everything of the archive into that (empty) database, and statistics for the planner. Notes on what was left out."""
    inside = replace(work.target, url=work.url.with_database(database).without("search_path").text())
    url = work.url.with_database(database).without("search_path")
    with session(inside, url, application_name=work.tag) as connection:
        roles = {role for (role,) in rows(connection, "SELECT rolname FROM pg_roles")}
    count = 0

    def on_object(name: str) -> None:
        nonlocal count
        count += 1
        work.progress(count, None, name)

    money = _setting_of(described.kept(work.folder)[0], "lc_monetary")
    done = pg_archive.restore_archive(
        parameters(inside, url, work.tag, **({"lc_monetary": money} if money else {})),
        work.archive,
        cancel=work.cancel,
        on_object=on_object,
        passes=lambda one: refusals.may_be_left_out(one, roles),
    )
    if done.fatal is not None:
        raise failed(work, done.fatal)
    work.say("statistics for the query planner")
    with session(inside, url, application_name=work.tag) as connection:
        for one in done.refused:
            if (key := refusals.broken_key(one)) is not None:
                connection.execute(key.encode())
        _grants_again(connection, done.refused)
        connection.execute(b"ANALYZE")
    return refusals.notes_of(done.refused, roles)


def _grants_again(connection: Connection[Any], refused: list[pg_archive.Refused]) -> None:
    import psycopg

    for statement in refusals.tried_again(refused):
        with suppress(psycopg.Error):
            connection.execute(statement.encode())


def _setting_of(described_: dict[str, Any], name: str) -> str | None:
    for role, pairs in described_.get("settings") or ():
        for pair in pairs:
            key, _, value = pair.partition("=")
            if role is None and key == name:
                return str(value)
    return None


def failed(work: Work, words: str, *, state: str = "untouched") -> AppError:
    """pg_restore's or psql's last words as an error, with what it means for the database."""
    password = work.url.parts.password
    if password and len(password) > 2:
        words = words.replace(password, "***")
    left = {
        "untouched": "The database is as it was before.",
        "incomplete": "The database is not whole now: restore again, or restore the backup made of it before.",
    }.get(state, "Look at the database before anything else is done with it.")
    if re.search(
        r"unsupported version|could not read|uncompress|end of file|not appear to be a valid archive|corrupt|damaged",
        words,
    ):
        error = pg_archive.damaged(work.archive, words)
        error.details["state"] = state
        return error
    kind: type[AppError] = BackupFailed
    if re.search(r"No space left on device|could not extend file|disk full", words):
        kind = DiskFull
    elif re.search(r"permission denied|must be (?:owner|superuser)|Must be superuser", words):
        kind = PermissionDenied
    hint = f"{left} {_advice(words)}".strip()
    return kind(f"The backup could not be restored: {words}.", hint=hint, state=state, reason="restore")


def _advice(words: str) -> str:
    extension = re.search(
        r'extension "([^"]+)" is not available|could not open extension control file "[^"]*/([^/"]+)\.control"',
        words,
    )
    if extension:
        return f"Install the extension {extension[1] or extension[2]} on the server, then restore again."
    if "permission denied to create extension" in words:
        return "A superuser must restore it, or create the extension in template1 first."
    return ""


@contextmanager
def beside(work: Work, like: dict[str, Any]) -> Iterator[tuple[Any, str, list[str]]]:
    """A new database beside the old, as (a session outside both, its name, notes); dropped where what is done fails."""
    with ExitStack() as stack:
        connection = stack.enter_context(maintenance(work.target, work.url, write=True))
        name = scratch_name("restore")
        work.say("a new database beside the old one")
        notes = making.create(connection, name, like)
        try:
            yield connection, name, notes
        except BaseException:
            discard(work, name)
            raise


def discard(work: Work, name: str) -> None:
    """Drop what a failed restore made. What cannot be dropped now goes when the app starts next."""
    try:
        drop(work.target, work.url, name)
    except AppError as error:
        _log.warning("The database %s of a failed restore stayed: %s", name, error.message)


__all__ = ["Work", "beside", "failed", "fill", "restore"]
