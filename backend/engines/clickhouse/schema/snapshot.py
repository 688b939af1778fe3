"""A database's schema as system.tables prints it, without the database's own name. Reads only."""

from __future__ import annotations

import re

from backend.core.errors import DatabaseMissing
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.clickhouse import url
from backend.engines.clickhouse.catalog import mine
from backend.engines.clickhouse.connect import Connection, exists, session
from backend.engines.clickhouse.errors import ServerSaid

from .createtext import TOKEN, names_in, parse

_KINDS = {
    "View": "view",
    "LiveView": "view",
    "WindowView": "view",
    "MaterializedView": "materialized view",
    "Dictionary": "dictionary",
}
# A view's hidden table, and an id that a new object would not have.
_UUID = re.compile(r"\s*\bUUID '[0-9a-f-]{36}'|\s*TO INNER UUID '[0-9a-f-]{36}'")
_BEFORE_A_TABLE = {"FROM", "JOIN", "TO", "TABLE", "VIEW", "DICTIONARY"}
_UNKNOWN_FUNCTION = 46


def snapshot(target: Target) -> Snapshot:
    """Tables, dictionaries and views, what is needed first. Raises DatabaseMissing."""
    database = url.parse(target.url).database
    with session(target) as server:
        if not exists(server, database):
            raise DatabaseMissing(f"The database {database} does not exist.")
        version = str(server.query("SELECT version()")[0][0])
        rows = _rows(server, target, database)
    names = {name for name, _, _ in rows}
    objects = [_object(name, engine, without_database(text, database, names)) for name, engine, text in rows]
    problems = tuple(
        f"The server does not show the password in {one.id}: it can be compared but not made."
        for one in objects
        if "[HIDDEN]" in one.sql
    )
    return Snapshot("clickhouse", tuple(_ordered(objects)), server_version=version, problems=problems)


def _rows(server: Connection, target: Target, database: str) -> list[tuple[str, str, str]]:
    def asked(text: str) -> list[tuple[str, str, str]]:
        found = server.query(
            f"SELECT name, engine, {text} FROM system.tables WHERE {mine(target, 'name', database)} "
            "AND create_table_query != '' ORDER BY name"
        )
        return [(str(name), str(engine), str(create)) for name, engine, create in found]

    try:
        return asked("formatQuery(create_table_query)")
    except ServerSaid as error:
        # Before 23.10 the server cannot lay out a text; it is the same text on one line.
        if error.code != _UNKNOWN_FUNCTION:
            raise
        return asked("create_table_query")


def _object(name: str, engine: str, sql: str) -> SchemaObject:
    kind = _KINDS.get(engine, "table")
    return SchemaObject(
        id=f"{kind} {name}",
        kind=kind,
        name=name,
        sql=sql,
        compared=_in_order(sql) if kind == "table" else None,
        facts={"engine": engine},
    )


def _in_order(sql: str) -> str | None:
    """Indexes, projections and constraints mean the same in any order; columns do not."""
    try:
        table = parse(sql)
    except ValueError:
        return None
    items = [*(one.text for one in table.columns), *sorted(table.items.values())]
    clauses = "\n".join(f"{name} {value}" for name, value in table.clauses.items())
    return f"{table.head}\n(\n    " + ",\n    ".join(items) + f"\n)\n{clauses}"


def without_database(sql: str, database: str, names: set[str]) -> str:
    """The text without the database before its own tables' names and in a dictionary's source."""
    tokens = TOKEN.findall(_UUID.sub("", sql))
    kept: list[str] = []
    position, in_engine = 0, False
    while position < len(tokens):
        token = tokens[position]
        follows = tokens[position + 2] if tokens[position + 1 : position + 2] == ["."] else ""
        before = next((one.upper() for one in reversed(kept) if not one.isspace()), "")
        is_table = follows and (_unquoted(follows) in names or before in _BEFORE_A_TABLE)
        if is_table and _unquoted(token) == database and token[0] != "'":
            position += 2
            continue
        if token == "ENGINE":
            in_engine = True
        if in_engine and _is_string(tokens, position, database):
            # Buffer, Merge and Distributed name the database they read.
            token = "currentDatabase()"
        if token == "DB" and _is_string(tokens, position + 2, database):
            position += 3
            while kept and kept[-1].isspace():
                kept.pop()
            continue
        kept.append(token)
        position += 1
    return "".join(kept).strip()


def _is_string(tokens: list[str], position: int, text: str) -> bool:
    return position < len(tokens) and tokens[position][0] == "'" and _unquoted(tokens[position]) == text


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "`\"'" and len(token) > 1 else token


def _ordered(objects: list[SchemaObject]) -> list[SchemaObject]:
    """What is named comes before what names it; a circle is left as it is."""
    by_name = {one.name: one for one in objects}
    uses = {
        one.id: {by_name[name].id for name in names_in(one.sql) if name in by_name} - {one.id}
        for one in objects
    }
    rank = {"table": 0, "dictionary": 1, "materialized view": 2, "view": 3}
    waiting = sorted(objects, key=lambda one: (rank[one.kind], one.name))
    done: list[SchemaObject] = []
    placed: set[str] = set()
    while waiting:
        ready = next((one for one in waiting if uses[one.id] <= placed), waiting[0])
        waiting.remove(ready)
        placed.add(ready.id)
        # A column may be called like a table: what only seems to be needed must not be dropped or made for it.
        needs = tuple(sorted(uses[ready.id])) if ready.kind != "table" else ()
        done.append(
            SchemaObject(
                ready.id, ready.kind, ready.name, ready.sql,
                needs=needs, compared=ready.compared, facts=ready.facts,
            )
        )  # fmt: skip
    return done
