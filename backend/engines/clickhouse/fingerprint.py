"""Every object of a database with a text that changes whenever the object does. A few queries in all."""

from __future__ import annotations

import re

from backend.engine.target import Target

from . import url
from .catalog import mine, optional, optional_rows
from .connect import session
from .createsql import parts

_KINDS = {
    "View": "view",
    "LiveView": "view",
    "WindowView": "view",
    "MaterializedView": "materialized view",
    "Dictionary": "dictionary",
}
# A materialized view's hidden table is named after an id that a new one would not have.
_UUID = re.compile(r"\s*\bUUID '[0-9a-f-]{36}'|\.inner_id\.[0-9a-f-]{36}")


def fingerprint(target: Target) -> dict[str, str]:
    """Keys as `table users`, `column users.email`, `index users.by_email`, `constraint users.positive`,
    `projection users.daily`, `view v`, `materialized view m`, `dictionary d`, `function f`."""
    database = url.parse(target.url).database
    found: dict[str, str] = {}
    with session(target) as server:
        tables = server.query(
            "SELECT name, engine, engine_full, create_table_query FROM system.tables "
            f"WHERE {mine(target, 'name', database)} ORDER BY name"
        )
        details = ", ".join(
            optional(server, "columns", column, "''") for column in ("comment", "compression_codec")
        )
        columns = server.query(
            f"SELECT table, name, type, default_kind, default_expression, {details} "
            f"FROM system.columns WHERE {mine(target, 'table', database)}"
        )
        functions = optional_rows(
            server, "SELECT name, create_query FROM system.functions WHERE origin = 'SQLUserDefined'"
        )
    for name, engine, engine_full, create in tables:
        kind = _KINDS.get(engine, "table")
        # A table's columns have keys of their own; the rest of it is its engine, keys, TTL, settings and comment.
        found[f"{kind} {name}"] = (
            f"{engine_full} {_after_engine(create)}" if kind == "table" else _UUID.sub("", create)
        )
        for part, part_name, definition in parts(create):
            found[f"{part} {name}.{part_name}"] = definition
    for table, name, *rest in columns:
        found[f"column {table}.{name}"] = " ".join(str(one) for one in rest if one).strip()
    for name, create in functions:
        found[f"function {name}"] = str(create)
    return found


def _after_engine(create_sql: str) -> str:
    """The table's comment, which the engine's text leaves out."""
    match = re.search(r" COMMENT '(?:[^'\\]|\\.)*'\s*$", create_sql)
    return match.group().strip() if match else ""
