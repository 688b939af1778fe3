"""What the server holds: the migrations table as it is, the database itself, the server's own words about itself."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from backend.core.errors import Conflict
from backend.engine.target import Target
from backend.models.connection import Applied, ServerInfo

from . import url
from .connect import exists, session
from .errors import DATABASE_EXISTS, READONLY, UNKNOWN_DATABASE, UNKNOWN_TABLE, ServerSaid
from .text import dbmate_string, identifier, literal


def probe(target: Target) -> ServerInfo:
    """Reach the server. Creates nothing."""
    parsed = url.parse(target.url)
    with session(target) as server:
        started = time.perf_counter()
        version = str(server.query("SELECT version()")[0][0])
        latency_ms = (time.perf_counter() - started) * 1000
        found = exists(server, parsed.database)
        notes = []
        if parsed.on_cluster is not None:
            notes.append(f"Databases and the migrations table are made ON CLUSTER '{parsed.on_cluster}'.")
        return ServerInfo(
            product="ClickHouse",
            version=version,
            database_exists=found,
            latency_ms=latency_ms,
            read_only=_user_is_read_only(target),
            notes=notes,
        )


def _user_is_read_only(target: Target) -> bool:
    """Whether the user's own profile forbids writing, apart from what this connection asks for."""
    from dataclasses import replace

    with session(replace(target, read_only=False)) as server:
        try:
            rows = server.query("SELECT value FROM system.settings WHERE name = 'readonly'")
        except ServerSaid as error:
            if error.code == READONLY:
                return True
            raise
        return bool(rows) and str(rows[0][0]) != "0"


def create_database(target: Target) -> None:
    """Create the database, on the cluster where the URL says so. Raises Conflict where it exists."""
    parsed = url.parse(target.url)
    with session(target) as server:
        try:
            server.query(f"CREATE DATABASE {identifier(parsed.database)}{on_cluster(parsed)}")
        except ServerSaid as error:
            if error.code != DATABASE_EXISTS:
                raise
            raise Conflict(f"The database {parsed.database} exists already.") from None


def drop_database(target: Target) -> None:
    """Drop the database; nothing happens where it does not exist."""
    parsed = url.parse(target.url)
    with session(target) as server:
        server.query(f"DROP DATABASE IF EXISTS {identifier(parsed.database)}{on_cluster(parsed)}")


def on_cluster(parsed: url.ClickHouseUrl) -> str:
    """The clause that dbmate appends, or nothing."""
    return "" if parsed.on_cluster is None else f" ON CLUSTER '{dbmate_string(parsed.on_cluster)}'"


def applied(target: Target) -> list[Applied]:
    """The applied versions, in order. A rollback only adds a row with applied=0: FINAL leaves the newest of each."""
    parsed = url.parse(target.url)
    table = f"{identifier(parsed.database)}.{identifier(target.migrations_table)}"
    with session(target) as server:
        try:
            rows = server.query(
                f"SELECT version, toUnixTimestamp(ts) FROM {table} FINAL WHERE applied ORDER BY version"
            )
        except ServerSaid as error:
            if error.code in (UNKNOWN_TABLE, UNKNOWN_DATABASE):
                return []
            raise
    return [
        Applied(version=str(version), applied_at=datetime.fromtimestamp(int(moment), UTC))
        for version, moment in rows
    ]


def row_counts(target: Target, tables: Sequence[str]) -> dict[str, int]:
    """Exact row counts of the named tables (`name` or `database.name`); missing ones are left out."""
    parsed = url.parse(target.url)
    counts: dict[str, int] = {}
    with session(target) as server:
        there = {
            str(row[0])
            for row in server.query(
                f"SELECT name FROM system.tables WHERE database = {literal(parsed.database)}"
            )
        }
        for table in tables:
            name = table.removeprefix(f"{parsed.database}.")
            if name not in there:
                continue
            try:
                rows = server.query(f"SELECT count() FROM {identifier(parsed.database)}.{identifier(name)}")
            except ServerSaid as error:
                if error.code == UNKNOWN_TABLE:
                    continue
                raise
            counts[table] = int(rows[0][0])
    return counts
