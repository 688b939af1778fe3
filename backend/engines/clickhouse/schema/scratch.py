"""Scratch databases on a ClickHouse server: made, loaded, run on, filled, read, dropped, and swept after a crash."""

from __future__ import annotations

import os
import re
import secrets
import socket
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

import psutil

from backend.core.context import ended_by_cancel, stop_if_cancelled
from backend.core.errors import AppError, ReadOnly, SqlFailed
from backend.engine import sqltext
from backend.engine.schema.model import Snapshot, Step
from backend.engine.schema.port import Applied, Loaded, Seeded
from backend.engine.target import Target
from backend.engines.clickhouse import errors, url
from backend.engines.clickhouse.connect import Connection, session
from backend.engines.clickhouse.errors import ServerSaid
from backend.engines.clickhouse.sessions import end_queries_in
from backend.engines.clickhouse.text import identifier, literal

from .createtext import TOKEN, Column, parse

_PREFIX = "dbtoolkit_scratch_"
_HIDDEN = re.compile(r"\s*CREATE\s+TABLE\s+\S*[`\"]?\.inner", re.IGNORECASE)
_PASSED_OVER = re.compile(
    r"\s*(?:INSERT|SET|USE|SELECT|OPTIMIZE|SYSTEM|CREATE\s+DATABASE|GRANT|REVOKE)\b", re.IGNORECASE
)
_OTHER_THINGS = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|USER|ROLE|ROW|QUOTA|SETTINGS|NAMED)\b", re.IGNORECASE
)
_ON_CLUSTER = re.compile(r"\s+ON\s+CLUSTER\s+(?:'[^']*'|[\w{}]+)", re.IGNORECASE)
_DATABASE = re.compile(
    r"CREATE\s+DATABASE\s+(?:IF\s+NOT\s+EXISTS\s+)?(`[^`]*`|\"[^\"]*\"|\w+)", re.IGNORECASE
)
_SYNTAX = {62, 50}
HOLDS_ROWS = re.compile(r".*MergeTree|(?:Tiny|Stripe)?Log|Memory|Set|Join")
MERGES_ROWS = re.compile(
    r"(?:Shared|Replicated)?(?:Replacing|Summing|Aggregating|Coalescing|\w*Collapsing|Graphite)MergeTree"
)
"""Rows of one key become one, when the server likes to; FINAL shows them as they will be."""


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _with_database(target: Target, name: str) -> Target:
    parsed = url.parse(target.url).with_options(database="")
    return replace(target, url=replace(parsed, raw_database=url.encoded(name)).text())


@contextmanager
def scratch(server: Target, purpose: str) -> Iterator[Target]:
    """An empty database; dropped at the end whatever happened."""
    if server.read_only:
        raise ReadOnly("The connection is read-only: nothing is created on its server.")
    name = f"{_PREFIX}{_host()}_{os.getpid()}_{secrets.token_hex(4)}_{purpose}"
    with session(server) as connection:
        connection.query(f"CREATE DATABASE {identifier(name)}")
    try:
        with ended_by_cancel(lambda: end_queries_in(server, name)):
            yield _with_database(server, name)
    except BaseException:
        with suppress(AppError):
            end_queries_in(server, name)
        raise
    finally:
        with session(server) as connection:
            connection.query(f"DROP DATABASE IF EXISTS {identifier(name)}")


def sweep(server: Target) -> list[str]:
    swept = []
    with session(server) as connection:
        for (name,) in connection.query(
            f"SELECT name FROM system.databases WHERE startsWith(name, {literal(f'{_PREFIX}{_host()}_')})"
        ):
            pid = str(name).removeprefix(f"{_PREFIX}{_host()}_").split("_")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                connection.query(f"DROP DATABASE IF EXISTS {identifier(str(name))}")
                swept.append(str(name))
    return swept


def load(scratch: Target, text: str, source: str) -> Loaded:
    """Run a schema text; names of the database it was dumped from are taken off, rows and rights left out."""
    found = _DATABASE.search(text)
    other = found[1].strip('`"') if found else None
    pending = []
    skipped: list[str] = []
    for statement in sqltext.split(text, "clickhouse"):
        if _OTHER_THINGS.match(statement.text):
            skipped.append(
                f"line {statement.line}: {' '.join(statement.text.split()[:3])} belongs to the whole server"
            )
        elif not _PASSED_OVER.match(statement.text) and not _HIDDEN.match(statement.text):
            sql = _ON_CLUSTER.sub("", statement.text)
            pending.append((statement.line, _unqualified(sql, other) if other else sql))
    done, failed = _make(scratch, pending)
    for line, error in failed:
        if error.code in _SYNTAX or not done:
            raise _placed(error, line, source)
        skipped.append(f"line {line}: {errors.translate(error).message}")
    return Loaded(done, tuple(skipped))


def restore(scratch: Target, snapshot: Snapshot) -> Loaded:
    done, failed = _make(scratch, [(number, one.sql) for number, one in enumerate(snapshot.objects)])
    return Loaded(
        done, tuple(f"{snapshot.objects[n].id}: {errors.translate(error).message}" for n, error in failed)
    )


def _make(scratch: Target, pending: list[tuple[int, str]]) -> tuple[int, list[tuple[int, ServerSaid]]]:
    """Run statements; those that fail again after the others, until nothing changes. (how many, what failed)."""
    database, done = url.parse(scratch.url).database, 0
    with session(scratch) as server:
        while pending:
            failed: list[tuple[int, str, ServerSaid]] = []
            for number, sql in pending:
                stop_if_cancelled()
                try:
                    server.query(sql, database=database)
                    done += 1
                except ServerSaid as error:
                    stop_if_cancelled()
                    failed.append((number, sql, error))
            if len(failed) == len(pending):
                return done, [(number, error) for number, _, error in failed]
            pending = [(number, sql) for number, sql, _ in failed]
    return done, []


def _unqualified(sql: str, database: str) -> str:
    tokens = TOKEN.findall(sql)
    kept: list[str] = []
    position = 0
    while position < len(tokens):
        is_it = tokens[position].strip('`"') == database and not tokens[position].startswith("'")
        if is_it and tokens[position + 1 : position + 2] == ["."]:
            position += 2
            continue
        kept.append(tokens[position])
        position += 1
    return "".join(kept)


def _placed(error: ServerSaid, line: int, source: str) -> AppError:
    found = errors.translate(error)
    if isinstance(found, SqlFailed):
        found.details.update(file=source, line=line)
    return found


def run(scratch: Target, steps: Sequence[Step], *, retry: bool) -> Applied:
    """Run steps one by one; nothing is undone where one fails."""
    database = url.parse(scratch.url).database
    order: list[int] = []
    waiting = list(range(len(steps)))
    with session(scratch) as server:
        while waiting:
            failed: list[tuple[int, str]] = []
            for place, number in enumerate(waiting):
                stop_if_cancelled()
                try:
                    server.query(steps[number].sql, database=database, settings=WAITS)
                    order.append(number)
                except ServerSaid as error:
                    stop_if_cancelled()
                    failed.append((number, errors.translate(error).message))
                    if not retry:
                        failed += [(later, "") for later in waiting[place + 1 :]]
                        break
            if failed and (not retry or len(failed) == len(waiting)):
                return Applied(False, len(order), failed[0][1], failed[0][0], tuple(order))
            waiting = [number for number, _ in failed]
    return Applied(True, len(steps), order=tuple(order))


WAITS = {"mutations_sync": "1", "alter_sync": "1"}
"""An ALTER that rewrites parts has done so when it returns."""


def seed(scratch: Target, snapshot: Snapshot, rows: int) -> Seeded:
    """Random rows of each table's own types, the same at every run."""
    database = url.parse(scratch.url).database
    filled: dict[str, int] = {}
    skipped: list[str] = []
    with session(scratch) as server:
        for one in snapshot.objects:
            if one.kind != "table" or not HOLDS_ROWS.fullmatch(one.facts.get("engine", "")):
                continue
            stop_if_cancelled()
            try:
                table = parse(one.sql)
                if "TTL" in table.clauses or any(c.get("TTL") for c in table.columns):
                    skipped.append(f"{one.name}: its rows expire")
                    continue
                columns = [c for c in table.columns if c.default_kind in (None, "DEFAULT")]
                _fill(server, database, one.name, columns, rows)
                filled[one.id] = rows
            except (ServerSaid, ValueError) as error:
                said = errors.translate(error).message if isinstance(error, ServerSaid) else str(error)
                skipped.append(f"{one.name}: {said}")
    return Seeded(filled, tuple(skipped))


def _fill(server: Connection, database: str, table: str, columns: Sequence[Column], rows: int) -> None:
    """Small values that most constraints take; where they do not, any values of the types. Raises ServerSaid."""
    into = f"INSERT INTO {identifier(table)} ({', '.join(one.name for one in columns)})"
    shape = literal(", ".join(f"{one.name} {one.type}" for one in columns))
    try:
        values = ", ".join(_value(one.type) for one in columns)
        server.query(f"{into} SELECT {values} FROM numbers({rows})", database=database)
    except ServerSaid:
        server.query(f"{into} SELECT * FROM generateRandom({shape}, 1, 8, 2) LIMIT {rows}", database=database)


_INSIDE = re.compile(r"(?:Nullable|LowCardinality)\((.*)\)")


def _value(type_: str) -> str:
    """An expression over `number` that gives a value of the type."""
    plain = type_
    while found := _INSIDE.fullmatch(plain):
        plain = found[1]
    if re.match(r"U?Int|Float|Decimal|Bool", plain):
        given = "number + 1"
    elif plain == "String" or plain.startswith("FixedString"):
        given = "concat('r', toString(number))"
    elif plain.startswith("Date"):
        given = "toDateTime('2026-01-01 00:00:00', 'UTC') + number * 86400"
    else:
        return f"defaultValueOfTypeName({literal(type_)})"
    return f"CAST({given}, {literal(type_)})"


def row_digest(scratch: Target, snapshot: Snapshot) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with session(scratch) as server:
        for one in snapshot.objects:
            if one.kind != "table" or not HOLDS_ROWS.fullmatch(one.facts.get("engine", "")):
                continue
            try:
                columns = [c.name for c in parse(one.sql).columns if c.default_kind != "EPHEMERAL"]
            except ValueError:
                continue
            source = identifier(one.name) + (
                " FINAL" if MERGES_ROWS.fullmatch(one.facts.get("engine", "")) else ""
            )
            found[one.id] = _digest(server, url.parse(scratch.url).database, source, columns)
    return found


def _digest(server: Connection, database: str, source: str, columns: list[str]) -> dict[str, str]:
    def asked(names: Sequence[str]) -> list[str]:
        sums = "".join(f", sum(cityHash64(toString({name})))" for name in names)
        return [str(one) for one in server.query(f"SELECT count(){sums} FROM {source}", database=database)[0]]

    plain = [re.sub(r"\\(.)", r"\1", one.strip("`")) for one in columns]
    try:
        values = asked(columns)
        return {"*": values[0], **dict(zip(plain, values[1:], strict=True))}
    except ServerSaid:
        pass
    kept: dict[str, str] = {}
    for name, column in zip(plain, columns, strict=True):
        try:
            kept["*"], kept[name] = asked([column])
        except ServerSaid:
            # A state of an aggregate has no text.
            continue
    return kept
