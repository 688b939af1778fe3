"""What a live database holds, object by object, and its rows as they are backed up and compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from backend.core.errors import BackupFailed
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.connect import session
from backend.engines.clickhouse.schema import SCHEMA
from backend.engines.clickhouse.schema.scratch import HOLDS_ROWS, MERGES_ROWS
from backend.engines.clickhouse.text import identifier, literal

from .layout import Column, Stored, file_of
from .wire import Wire

_KEEPS_ROWS = re.compile(rf"(?!Set$)(?:{HOLDS_ROWS.pattern})|EmbeddedRocksDB")
_WRITES_ELSEWHERE = re.compile(r"CREATE MATERIALIZED VIEW \S+\s+(?:REFRESH\b|TO\s)", re.IGNORECASE)
_ENGINE = re.compile(r"\bENGINE\s*=\s*(\w+)")
_BACKED_UP = {"", "DEFAULT", "MATERIALIZED"}
_GUESSED = re.compile(r"\b(?:Variant|Dynamic)\b")
READING = {"max_execution_time": "0"}
NOT_OF_ONE_MOMENT = (
    "Each table is as of the moment it was read: ClickHouse has no snapshot over several tables."
)


def objects_of(target: Target) -> tuple[list[Stored], list[str]]:
    """Every object, what is needed first, the migrations table included; and what of it is not backed up."""
    database = url.parse(target.url).database
    found = SCHEMA.snapshot(replace(target, migrations_table=""))
    columns: dict[str, list[Column]] = defaultdict(list)
    with session(target) as server:
        for table, name, type_, kind in server.query(
            "SELECT table, name, type, default_kind FROM system.columns "
            f"WHERE database = {literal(database)} ORDER BY table, position"
        ):
            if kind in _BACKED_UP:
                columns[table].append(Column(str(name), str(type_), kind == "MATERIALIZED"))
        detached = server.query(
            f"SELECT DISTINCT table FROM system.detached_parts WHERE database = {literal(database)}"
        )
    notes = [*found.problems, NOT_OF_ONE_MOMENT]
    made: list[Stored] = []
    for number, one in enumerate(found.objects, 1):
        engine = one.facts.get("engine", "")
        if one.kind == "materialized view" and (inner := _ENGINE.search(one.sql)):
            engine = inner[1]
        keeps = bool(_KEEPS_ROWS.fullmatch(engine)) and one.kind in ("table", "materialized view")
        if keeps and one.kind == "materialized view" and _WRITES_ELSEWHERE.match(one.sql):
            keeps = False
        if not keeps and one.kind == "table":
            notes.append(
                f"{one.name}: its structure only; {engine} shows, or takes in, what is kept elsewhere."
            )
        guessed = [column.name for column in columns[one.name] if _GUESSED.search(column.type)]
        if keeps and guessed:
            notes.append(
                f"{one.name}: the types inside {', '.join(guessed)} are guessed anew from the text at a restore."
            )
        made.append(
            Stored(
                one.name, one.kind, engine, one.sql,
                file_of(number, one.name) if keeps and columns[one.name] else None,
                tuple(columns[one.name]) if keeps else (),
            )
        )  # fmt: skip
    notes += [f"{table}: its detached parts are not in it." for (table,) in detached]
    merging = [one.name for one in made if one.file and MERGES_ROWS.fullmatch(one.engine)]
    if merging:
        notes.append(
            f"{', '.join(merging)}: the rows are those that FINAL shows, merged as the engine merges them."
        )
    notes.append("Users, grants, row policies and functions belong to the server; they are not in it.")
    return made, notes


def rows_of(wire: Wire, database: str, one: Stored, cancel: CancelToken) -> Iterator[bytes]:
    """The rows as text, in pieces of whole lines."""
    final = " FINAL" if MERGES_ROWS.fullmatch(one.engine) else ""
    sql = f"SELECT {one.selected} FROM {identifier(one.name)}{final} FORMAT TabSeparated"
    rest = b""
    for piece in wire.read(sql, database, READING, cancel):
        whole, newline, after = piece.rpartition(b"\n")
        if not newline:
            rest += piece
            continue
        yield rest + whole + b"\n"
        rest = after
    if rest:
        raise BackupFailed(f"The server stopped in the middle of a row of {one.name}.", hint="Try again.")
