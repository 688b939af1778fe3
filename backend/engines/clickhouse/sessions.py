"""A run's queries on the server: found by the mark dbmate carries in each, ended by KILL QUERY."""

from __future__ import annotations

import re
import time
from typing import Any

from backend.engine.target import Activity, ServerSession, Target

from . import url
from .catalog import optional_rows
from .connect import Connection, session
from .text import literal

END_TIMEOUT_S = 5.0
_POLL_S = 0.05


def mark(run_tag: str) -> str:
    """The tag as a product name that clickhouse-go accepts (`name/version`)."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", run_tag).strip("-") or "db-toolkit"


def tagged(parsed: url.ClickHouseUrl, run_tag: str) -> url.ClickHouseUrl:
    """The URL with the mark: as product in User-Agent or client name, and as log_comment, which the query log keeps."""
    product = f"{mark(run_tag)}/1"
    if own := parsed.option("client_info_product"):
        product = f"{product},{own}"
    marked = parsed.with_options(client_info_product=product)
    return marked if parsed.option("log_comment") else marked.with_options(log_comment=mark(run_tag))


def sessions(target: Target, run_tag: str) -> list[ServerSession]:
    """The run's running queries; `id` is the query id."""
    with session(target) as server:
        return [
            ServerSession(id=str(id_), state="running", query=str(query), since_s=float(elapsed))
            for id_, query, elapsed in _rows(server, run_tag)
        ]


def end_sessions(target: Target, run_tag: str) -> int:
    """KILL QUERY each and wait until the server lists them no more (5 s at most). Returns how many were gone then.

    A mutation that the run started goes on: it is a job of the server, not a query.
    """
    with session(target) as server:
        started = [str(row[0]) for row in _rows(server, run_tag)]
        for id_ in started:
            server.query(f"KILL QUERY WHERE query_id = {literal(id_)} ASYNC")
        deadline = time.monotonic() + END_TIMEOUT_S
        left = set(started)
        while left and time.monotonic() < deadline:
            time.sleep(_POLL_S)
            left &= {str(row[0]) for row in _rows(server, run_tag)}
        return len(started) - len(left)


def end_queries_in(server: Target, database: str) -> None:
    """KILL QUERY whatever the user runs in a database."""
    with session(server) as connection:
        running = connection.query(
            f"SELECT query_id FROM system.processes WHERE current_database = {literal(database)}"
        )
        for (id_,) in running:
            connection.query(f"KILL QUERY WHERE query_id = {literal(str(id_))} ASYNC")


def activity(target: Target, run_tag: str) -> list[Activity]:
    """The run's queries with their progress, and the mutations of the database that are still under way."""
    database = url.parse(target.url).database
    with session(target) as server:
        running = _rows(server, run_tag, "read_rows, total_rows_approx, memory_usage")
        mutations = optional_rows(
            server,
            "SELECT table, mutation_id, command, parts_to_do, latest_fail_reason FROM system.mutations "
            f"WHERE database = {literal(database)} AND NOT is_done",
        )
    found = []
    for id_, query, elapsed, read, total, memory in running:
        done, of = int(read), int(total)
        found.append(
            Activity(
                session_id=str(id_),
                state="Running",
                query=str(query),
                progress=min(done / of, 1.0) if of else None,
                since_s=float(elapsed),
                phase=f"{int(memory) // 1_048_576:,} MiB of memory",
                done=float(done),
                total=float(max(of, done)) if of else None,
                unit="rows read",
            )
        )
    for table, id_, command, parts, failure in mutations:
        note = f"It failed and is tried again: {failure}" if failure else None
        found.append(
            Activity(
                session_id=str(id_),
                state=f"The mutation of {table} works in the background",
                query=str(command),
                object=str(table),
                phase=f"{int(parts):,} parts to do",
                note=note,
            )
        )
    return found


def _rows(server: Connection, run_tag: str, more: str = "") -> list[list[Any]]:
    tag = mark(run_tag)
    has_settings = server.query(
        "SELECT 1 FROM system.columns WHERE database = 'system' AND table = 'processes' AND name = 'Settings'"
    )
    by_comment = f" OR Settings['log_comment'] = {literal(tag)}" if has_settings else ""
    product = literal(f"%{tag}/1%")
    return server.query(
        f"SELECT query_id, query, elapsed{', ' + more if more else ''} FROM system.processes "
        f"WHERE http_user_agent LIKE {product} OR client_name LIKE {product}{by_comment}"
    )
