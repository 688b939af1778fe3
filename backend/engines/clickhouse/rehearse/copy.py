"""A scratch made like a database: its tables, their rows as wanted, then what would act on rows as they come."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from backend.core.errors import Cancelled
from backend.engine.rehearsal.limit import Limit
from backend.engine.rehearsal.port import Copied, CopySize
from backend.engine.schema.model import SchemaObject
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import errors, url
from backend.engines.clickhouse.catalog import mine
from backend.engines.clickhouse.connect import Connection, session
from backend.engines.clickhouse.errors import ServerSaid
from backend.engines.clickhouse.schema import SCHEMA
from backend.engines.clickhouse.schema.createtext import parse
from backend.engines.clickhouse.schema.scratch import HOLDS_ROWS
from backend.engines.clickhouse.text import identifier
from backend.models.rehearsal import RowsWanted

from .ending import end

_KEPT_HERE = re.compile(rf"(?:{HOLDS_ROWS.pattern})|Null|Buffer|Merge|GenerateRandom|Alias|TimeSeries")
_REPLICATED = re.compile(
    r"\b(?:Replicated|Shared)(\w*MergeTree)(?:\(\s*'[^']*'\s*,\s*'[^']*'\s*,?\s*([^)]*)\)|\(\))?"
)

_WRITES_TO = re.compile(r"CREATE MATERIALIZED VIEW \S+\s+(?:REFRESH [^\n]*\s+)?TO\s", re.IGNORECASE)


def size(source: Target) -> CopySize:
    database = url.parse(source.url).database
    with session(source) as server:
        ((tables, rows, used),) = server.query(
            "SELECT count(), sum(total_rows), sum(total_bytes) FROM system.tables "
            f"WHERE {mine(source, 'name', database)} AND create_table_query != '' AND NOT engine LIKE '%View'"
        )
        free = server.query("SELECT min(free_space) FROM system.disks")
    return CopySize(
        int(tables), int(rows or 0), int(used or 0), int(free[0][0]) if free and free[0][0] else None
    )


def copy(
    source: Target, scratch: Target, wanted: RowsWanted, sample_rows: int, cancel: CancelToken
) -> Copied:
    """Raises Cancelled."""
    found = SCHEMA.snapshot(source)
    missing = list(found.problems)
    notes: list[str] = []
    tables: list[SchemaObject] = []
    for one in found.objects:
        if one.kind != "table":
            continue
        engine = one.facts.get("engine", "")
        if not _KEPT_HERE.fullmatch(engine):
            missing.append(f"{one.id}: {engine} only shows, or takes in, what is kept elsewhere")
            continue
        alone = on_this_server_alone(one.sql)
        if alone != one.sql:
            notes.append(f"{one.name} is replicated; its copy is not.")
        tables.append(replace(one, sql=alone))
    others = tuple(one for one in found.objects if one.kind != "table")
    _stop_if(cancel)
    missing += SCHEMA.restore(scratch, replace(found, objects=tuple(tables))).skipped
    copied = 0
    if wanted is not RowsWanted.NONE:
        copied, lost = _rows(
            source, scratch, tables, None if wanted is RowsWanted.ALL else sample_rows, cancel
        )
        missing += lost
        missing += [
            f"rows of {one.id}: they are in a hidden table of the view"
            for one in others
            if one.kind == "materialized view" and not _WRITES_TO.match(one.sql)
        ]  # fmt: skip
    _stop_if(cancel)
    missing += SCHEMA.restore(scratch, replace(found, objects=others)).skipped
    return Copied(len(tables), copied, missing=tuple(missing), notes=tuple(notes))


def on_this_server_alone(sql: str) -> str:
    """A table without its replicas: with the same path it would be one more replica of the table it is made from."""
    return _REPLICATED.sub(lambda found: f"{found[1]}({found[2]})" if found[2] else found[1], sql, count=1)


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("The copy was cancelled.")


def _rows(
    source: Target, scratch: Target, tables: list[SchemaObject], limit: int | None, cancel: CancelToken
) -> tuple[int, list[str]]:
    if not _is_same_server(source, scratch):
        return 0, ["rows: they are copied only where the scratch is on the same server"]
    copied = 0
    missing: list[str] = []
    query_id = f"dbtoolkit-copy-{secrets.token_hex(8)}"
    with session(scratch) as server, Limit(cancel, None, lambda: end(scratch, query_id)):
        for one in tables:
            _stop_if(cancel)
            if not HOLDS_ROWS.fullmatch(one.facts.get("engine", "")):
                continue
            try:
                copied += _move(
                    server,
                    url.parse(source.url).database,
                    url.parse(scratch.url).database,
                    one,
                    limit,
                    query_id,
                )
            except (ServerSaid, ValueError) as error:
                _stop_if(cancel)
                said = errors.translate(error).message if isinstance(error, ServerSaid) else str(error)
                missing.append(f"rows of {one.name}: {said}")
    return copied, missing


def _move(
    server: Connection, source: str, scratch: str, table: SchemaObject, limit: int | None, query_id: str
) -> int:
    columns = ", ".join(one.name for one in parse(table.sql).columns if one.default_kind in (None, "DEFAULT"))
    into = f"{identifier(scratch)}.{identifier(table.name)}"
    at_most = f" LIMIT {limit}" if limit is not None else ""
    server.query(
        f"INSERT INTO {into} ({columns}) SELECT {columns} FROM {identifier(source)}.{identifier(table.name)}{at_most}",
        query_id=query_id,
    )
    return int(server.query(f"SELECT count() FROM {into}")[0][0])


def _is_same_server(one: Target, other: Target) -> bool:
    a, b = url.parse(one.url), url.parse(other.url)
    return (list(a.addresses), a.user) == (list(b.addresses), b.user)
