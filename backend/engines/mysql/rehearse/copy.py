"""A scratch made like a database: its objects without triggers, its rows as wanted, then the triggers.

The source is read without locks: by consistent reads at READ COMMITTED on its own server, else in a read-only session.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.core.errors import Cancelled
from backend.engine.rehearsal.limit import Limit
from backend.engine.rehearsal.port import Copied, CopySize
from backend.engine.schema.model import SchemaObject
from backend.engine.target import CancelToken, Target
from backend.engines.mysql import sessions
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import reading, rows, run, writing
from backend.engines.mysql.errors import translated
from backend.engines.mysql.schema import SCHEMA
from backend.models.rehearsal import RowsWanted

from .movers import Elsewhere, Mover, SameServer
from .outside import Border
from .parents import add_parents, orphans
from .shape import Shape, read_shape

if TYPE_CHECKING:
    from pymysql.connections import Connection

_SIZE = """
    SELECT count(*), sum(table_rows), sum(coalesce(data_length, 0) + coalesce(index_length, 0))
    FROM information_schema.tables
    WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND lower(table_name) <> lower(%s)
"""
_AFTER_ROWS = ("trigger", "event")
_ELSEWHERE = re.compile(
    r"\)[^)]*\bENGINE=(FEDERATED|FEDERATEDX|CONNECT|SPIDER|S3|MRG_MyISAM)\b", re.IGNORECASE
)


def size(source: Target) -> CopySize:
    with reading(source) as connection:
        ((tables, count, used),) = rows(
            connection, _SIZE, (urls.parse(source.url).database, source.migrations_table)
        )
    return CopySize(int(tables), None if count is None else int(count), None if used is None else int(used))


def copy(
    source: Target, scratch: Target, wanted: RowsWanted, sample_rows: int, cancel: CancelToken
) -> Copied:
    """Raises Cancelled."""
    found = SCHEMA.snapshot(source)
    with reading(scratch) as connection:
        border = Border(connection)
        crossing = {
            one.id: border.named_in(one.sql) for one in found.objects if one.kind in ("trigger", "event")
        }
    missing = list(found.problems)
    first: list[SchemaObject] = []
    last: list[SchemaObject] = []
    for one in found.objects:
        engine = _ELSEWHERE.search(one.sql) if one.kind == "table" else None
        if engine is not None:
            missing.append(
                f"{one.id}: its rows are kept elsewhere ({engine[1]}); a copy would work on the same rows"
            )
        elif crossing.get(one.id):
            missing.append(
                f"{one.id}: it works in the database {crossing[one.id]}, which a copy must not touch"
            )
        else:
            (last if one.kind in _AFTER_ROWS else first).append(one)
    _stop_if(cancel)
    missing += SCHEMA.restore(scratch, replace(found, objects=tuple(first))).skipped
    copied = 0
    notes: list[str] = []
    if wanted is not RowsWanted.NONE:
        copied, lost, notes = _rows(
            source, scratch, None if wanted is RowsWanted.ALL else sample_rows, cancel
        )
        missing += lost
    _stop_if(cancel)
    missing += SCHEMA.restore(scratch, replace(found, objects=tuple(last))).skipped
    tables = sum(1 for one in first if one.kind == "table")
    return Copied(tables, copied, missing=tuple(missing), notes=tuple(notes))


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("The copy was cancelled.")


def _rows(
    source: Target, scratch: Target, limit: int | None, cancel: CancelToken
) -> tuple[int, list[str], list[str]]:
    """(how many rows, what is missing, notes)."""
    with translated(urls.parse(scratch.url)), reading(source) as reader, writing(scratch) as writer:
        quiet(writer)
        shape = read_shape(writer)
        mover: Mover
        if _is_same_server(source, scratch):
            mover, busy = SameServer(urls.parse(source.url).database, writer), writer
        else:
            mover, busy = Elsewhere(reader, writer), reader
        at = scratch if busy is writer else source
        try:
            session_id = int(rows(busy, "SELECT connection_id()")[0][0])
            with Limit(cancel, None, lambda: sessions.end_connection(at, session_id)):
                copied, missing = _move_all(mover, shape, limit, cancel)
                if limit is None:
                    return copied, missing, _broken(writer, shape)
                more, notes = add_parents(mover, writer, shape, cancel)
                return copied + more, missing, notes
        except Exception:
            # The session that was ended says so in the driver's words.
            _stop_if(cancel)
            raise


def quiet(connection: Connection[Any]) -> None:
    """Rows go in as they are: nothing is checked, counted or made up."""
    run(connection, "SET SESSION foreign_key_checks = 0, unique_checks = 0")
    run(connection, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
    run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    if rows(connection, "SHOW VARIABLES LIKE 'check_constraint_checks'"):
        run(connection, "SET SESSION check_constraint_checks = 0")


def _is_same_server(one: Target, other: Target) -> bool:
    a, b = urls.parse(one.url), urls.parse(other.url)
    return (a.host, a.port, a.socket, a.user) == (b.host, b.port, b.socket, b.user)


def _move_all(mover: Mover, shape: Shape, limit: int | None, cancel: CancelToken) -> tuple[int, list[str]]:
    import pymysql

    copied, missing = 0, []
    for table in shape.tables.values():
        _stop_if(cancel)
        try:
            copied += mover.move(table, limit)
        except pymysql.err.MySQLError as error:
            _stop_if(cancel)
            missing.append(f"rows of {table.name}: {error.args[-1]}")
    return copied, missing


def _broken(connection: Connection[Any], shape: Shape) -> list[str]:
    """Foreign keys that do not hold among all rows."""
    notes = []
    for key in shape.keys:
        if found := orphans(connection, key):
            notes.append(
                f"{len(found)} values of {key.child}.{key.name} have no row in {key.parent}; they were copied as they are."
            )
    return notes
