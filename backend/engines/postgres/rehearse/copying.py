"""A database's schema, and rows as wanted, made again in a scratch on the same or another server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, Cancelled
from backend.drivers.pgwire.connect import reading, rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.rehearsal.port import Copied
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import CancelToken, Target
from backend.engines.postgres.schema import loading
from backend.engines.postgres.schema.snapshot import snapshot
from backend.engines.postgres.truth import quoted
from backend.models.rehearsal import RowsWanted

from . import roles
from .moving import Mover
from .twin import set_for

if TYPE_CHECKING:
    from psycopg import Connection

# Made after the rows: they would refuse them one by one, or act on them.
_AFTER_ROWS = {"fk constraint", "trigger", "event trigger", "rule"}
# Only a superuser may make them, and they belong to the database rather than to who works in it.
_SUPERUSER_S = {"schema", "extension"}
_DEFAULT_PATH = '"$user", public'
_SEQUENCES = """
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences
WHERE last_value IS NOT NULL
"""


@dataclass(slots=True)
class _Copy:
    source: Target
    source_url: PgUrl
    scratch: Target
    url: PgUrl
    cancel: CancelToken
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def check(self) -> None:
        if self.cancel.is_cancelled:
            raise Cancelled("Copying the database was cancelled.")


def copy(
    source: Target,
    source_url: PgUrl,
    scratch: Target,
    url: PgUrl,
    wanted: RowsWanted,
    sample_rows: int,
    cancel: CancelToken,
) -> Copied:
    """See RehearsalTools.copy."""
    work = _Copy(source, source_url, scratch, url, cancel)
    found = snapshot(source, source_url)
    work.check()
    with reading(source, source_url) as origin, session(scratch, url) as into:
        _prepare(work, origin, into)
        early = [one for one in found.objects if one.kind not in _AFTER_ROWS]
        _restore(work, found, early, into)
        work.check()
        mover = Mover(origin, into, source.migrations_table, work.missing, work.check)
        tables, copied = len([one for one in found.objects if one.kind == "table"]), 0
        if wanted != RowsWanted.NONE:
            copied = mover.move(None if wanted == RowsWanted.ALL else sample_rows)
            _set_sequences(work, origin, into)
        _restore(work, found, [one for one in found.objects if one.kind in _AFTER_ROWS], into)
        if copied:
            into.execute(b"ANALYZE")
        size = int(rows(into, "SELECT pg_database_size(current_database())")[0][0])
    return Copied(tables, copied, size, tuple(dict.fromkeys(work.missing)), tuple(dict.fromkeys(work.notes)))


def _prepare(work: _Copy, origin: Connection[Any], into: Connection[Any]) -> None:
    """The role that migrations run as on the app's own server, the roles they may name, and the search_path."""
    there, here = origin.info.server_version, into.info.server_version
    if there // 10000 != here // 10000:
        work.notes.append(
            f"The target is PostgreSQL {there // 10000}, the scratch PostgreSQL {here // 10000}: what one of them lacks "
            "the other may do."
        )
    path = str(rows(origin, "SELECT current_setting('search_path')")[0][0])
    if path != _DEFAULT_PATH and path:
        with suppress_driver():
            set_for(into, work.url.database, "search_path", path)
    if not work.scratch.private:
        if rows(into, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0][0]:
            work.notes.append(
                "The connection's user is a superuser: a function or DO block that reaches files or roles of the server "
                "reaches them in a rehearsal too."
            )
        return
    roles.make(into, roles.role_of(work.url))
    work.notes.append(roles.NOTE)
    names = rows(origin, "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")
    known = {name for (name,) in rows(into, "SELECT rolname FROM pg_roles")}
    for (name,) in names:
        if name not in known:
            with suppress_driver():
                into.execute(f"CREATE ROLE {quoted(name)} NOLOGIN".encode())
                into.execute(
                    f"GRANT {quoted(name)} TO {quoted(roles.role_of(work.url))} WITH ADMIN OPTION".encode()
                )


def _restore(work: _Copy, found: Snapshot, objects: list[SchemaObject], into: Connection[Any]) -> None:
    """Make objects; on the app's own server as the role, so that they are its own, and only what it may not make by the
    superuser."""
    if not objects:
        return
    if not work.scratch.private:
        work.missing += _made(work, replace(found, objects=tuple(objects)), work.scratch)
        return
    role = roles.role_of(work.url)
    first = tuple(one for one in objects if one.kind in _SUPERUSER_S)
    if first:
        work.missing += _made(work, replace(found, objects=first), work.scratch)
        for one in first:
            if one.kind == "schema" and one.name != "public":
                with suppress_driver():
                    into.execute(f"ALTER SCHEMA {quoted(one.name)} OWNER TO {quoted(role)}".encode())
    rest = tuple(one for one in objects if one.kind not in _SUPERUSER_S)
    if not rest:
        return
    as_role = replace(work.scratch, private=True, env={"PGOPTIONS": f"-c role={role}"})
    skipped = _made(work, replace(found, objects=rest), as_role)
    if not skipped:
        return
    ids = {one.id: one for one in rest}
    again = [ids[one] for one in (said.partition(": ")[0] for said in skipped) if one in ids]
    work.missing += _made(work, replace(found, objects=tuple(again)), work.scratch)


def _made(work: _Copy, objects: Snapshot, target: Target) -> list[str]:
    loaded = loading.restore(target, work.url, objects)
    work.notes += loaded.notes
    return list(loaded.skipped)


def _set_sequences(work: _Copy, origin: Connection[Any], into: Connection[Any]) -> None:
    for name, value in rows(origin, _SEQUENCES):
        with suppress_driver():
            into.execute(b"SELECT setval(%s::regclass, %s)", (name, value))


def suppress_driver() -> suppress:
    """What may be refused without harm."""
    import psycopg

    return suppress(psycopg.Error, AppError)
