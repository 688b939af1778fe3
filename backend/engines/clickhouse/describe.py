"""ClickHouse schemas described for people: system tables, one query a kind of object, and the server's own CREATE text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from backend.core.errors import AppError, NotFound
from backend.engine.browse import Problems, missing
from backend.engine.sqlrules.tokens import Cursor, ReadError, T, tokenize
from backend.engine.tableids import parse_table_id, table_id
from backend.engine.target import Target
from backend.models.schema_detail import (
    DetailCheck,
    DetailColumn,
    DetailIndex,
    DetailKey,
    DetailObject,
    DetailTable,
    Property,
    SchemaDdl,
    SchemaDetail,
)

from . import errors, url
from .catalog import mine, optional_rows
from .connect import Connection, session
from .createsql import parts
from .errors import ServerSaid
from .text import identifier, literal

_KINDS = {
    "View": "view",
    "LiveView": "view",
    "WindowView": "view",
    "MaterializedView": "materialized_view",
    "Dictionary": "dictionary",
}
_CLAUSES = ("PARTITION", "PRIMARY", "ORDER", "SAMPLE", "TTL", "SETTINGS", "COMMENT")
_TABLE_COLUMNS = (
    "engine",
    "engine_full",
    "create_table_query",
    "partition_key",
    "sorting_key",
    "primary_key",
    "sampling_key",
    "total_rows",
    "total_bytes",
    "comment",
    "as_select",
)


def describe(target: Target, only: Sequence[str] | None) -> SchemaDetail:
    """All tables and functions, or the tables with these ids; without the migrations table."""
    database = url.parse(target.url).database
    names = None if only is None else [parse_table_id(one)[1] for one in only]
    problems = Problems()
    with session(target) as server:
        tables = {one.name: one for one in _tables(server, target, database, names)}
        ask = _asker(target, database, problems)
        ask("The columns", lambda: _columns(server, tables, target, database, names))
        ask("The indexes", lambda: _indexes(server, tables, target, database, names))
        functions = (
            []
            if only is not None
            else optional_rows(
                server,
                "SELECT name, create_query FROM system.functions WHERE origin = 'SQLUserDefined' ORDER BY name",
            )
        )
    return SchemaDetail(
        engine="clickhouse",
        default_schema=None,
        tables=list(tables.values()),
        objects=[DetailObject(kind="function", name=name, detail=text) for name, text in functions],
        missing=missing(only, (one.id for one in tables.values())),
        problems=problems,
    )


def table_ddl(target: Target, table: str) -> SchemaDdl:
    """SHOW CREATE as the server formats it. Raises NotFound where there is no such table."""
    database = url.parse(target.url).database
    _, name = parse_table_id(table)
    with session(target) as server:
        there = server.query(
            f"SELECT 1 FROM system.tables WHERE database = {literal(database)} AND name = {literal(name)}"
        )
        if not there:
            raise NotFound(f"There is no table {table}.")
        # With every kind of table; laid out in lines, which system.tables does not do.
        text = server.query(f"SHOW CREATE TABLE {identifier(database)}.{identifier(name)}")[0][0]
    return SchemaDdl(table=table, text=str(text).rstrip("; \n") + ";\n", source="SHOW CREATE TABLE")


def _asker(target: Target, database: str, problems: Problems) -> Callable[[str, Callable[[], None]], None]:
    def ask(what: str, question: Callable[[], None]) -> None:
        def translated() -> None:
            try:
                question()
            except ServerSaid as error:
                said: AppError = errors.translate(error, target.read_only, database)
                raise said from None

        problems.ask(what, translated, None)

    return ask


def _only(column: str, names: Sequence[str] | None) -> str:
    if names is None:
        return ""
    listed = ", ".join(literal(one) for one in names) or "''"
    return f" AND {column} IN ({listed})"


def _known(server: Connection, table: str, wanted: Sequence[str], instead: str = "NULL") -> str:
    """The columns, each as `instead` where this version of the server has none."""
    found = {
        str(name)
        for (name,) in server.query(
            f"SELECT name FROM system.columns WHERE database = 'system' AND table = {literal(table)}"
        )
    }
    return ", ".join(one if one in found else f"{instead} AS {one}" for one in wanted)


def _tables(
    server: Connection, target: Target, database: str, names: Sequence[str] | None
) -> Iterator[DetailTable]:
    for row in server.query(
        f"SELECT name, {_known(server, 'tables', _TABLE_COLUMNS)} FROM system.tables "
        f"WHERE {mine(target, 'name', database)}{_only('name', names)} ORDER BY name"
    ):
        name = str(row[0])
        known = dict(zip(_TABLE_COLUMNS, row[1:], strict=True))
        create = str(known["create_table_query"] or "")
        clauses = _clauses(str(known["engine_full"] or ""))
        kind = _KINDS.get(str(known["engine"]), "table")
        options = [
            ("engine", clauses.get("ENGINE") or known["engine"]),
            ("order by", known["sorting_key"]),
            ("primary key", known["primary_key"] if known["primary_key"] != known["sorting_key"] else None),
            ("sample by", known["sampling_key"]),
            ("TTL", clauses.get("TTL")),
            ("settings", clauses.get("SETTINGS")),
        ]
        written = list(parts(create))
        yield DetailTable(
            id=table_id(None, name),
            name=name,
            kind=kind,
            comment=str(known["comment"] or "") or None,
            rows=None if known["total_rows"] is None else int(known["total_rows"]),
            size_bytes=None if known["total_bytes"] is None else int(known["total_bytes"]),
            primary_key=DetailKey(columns=_listed(str(known["primary_key"] or "")))
            if known["primary_key"]
            else None,
            checks=[
                DetailCheck(name=part, definition=text)
                for what, part, text in written
                if what == "constraint"
            ],
            properties=[Property(name=key, value=str(value)) for key, value in options if value]
            + [
                Property(name=f"projection {part}", value=text)
                for what, part, text in written
                if what == "projection"
            ],
            partition_by=str(known["partition_key"] or "") or None,
            definition=(str(known["as_select"] or "") or create) if "view" in kind else None,
        )


def _columns(
    server: Connection,
    tables: dict[str, DetailTable],
    target: Target,
    database: str,
    names: Sequence[str] | None,
) -> None:
    details = _known(
        server, "columns", ("comment", "compression_codec", "is_in_sorting_key", "position"), "''"
    )
    for table, name, type_, kind, expression, in_key, comment, codec, in_order, _ in server.query(
        f"SELECT table, name, type, default_kind, default_expression, is_in_primary_key, {details} "
        f"FROM system.columns WHERE {mine(target, 'table', database)}{_only('table', names)} "
        "ORDER BY table, position"
    ):
        found = tables.get(str(table))
        if found is None:
            continue
        computed = kind in ("MATERIALIZED", "ALIAS")
        notes = [str(kind).lower()] if kind and kind != "DEFAULT" else []
        notes += [str(codec)] if codec else []
        notes += ["in the order"] if in_order and int(in_order) and not int(in_key) else []
        found.columns.append(
            DetailColumn(
                name=str(name),
                type=str(type_),
                nullable=str(type_).startswith(("Nullable(", "LowCardinality(Nullable(")),
                default=str(expression) if expression and not computed else None,
                generated=str(expression) if computed else None,
                primary_key=bool(int(in_key)),
                comment=str(comment or "") or None,
                notes=notes,
            )
        )


def _indexes(
    server: Connection,
    tables: dict[str, DetailTable],
    target: Target,
    database: str,
    names: Sequence[str] | None,
) -> None:
    for table, name, expression, type_, granularity in optional_rows(
        server,
        "SELECT table, name, expr, type, granularity FROM system.data_skipping_indices "
        f"WHERE {mine(target, 'table', database)}{_only('table', names)} ORDER BY table, name",
    ):
        found = tables.get(str(table))
        if found is not None:
            found.indexes.append(
                DetailIndex(
                    name=str(name),
                    columns=[str(expression)],
                    method=str(type_),
                    notes=["skipping", f"granularity {granularity}"],
                )
            )


def _clauses(engine_full: str) -> dict[str, str]:
    """`ENGINE`, `TTL`, `SETTINGS`, … of the engine's text, each without its keyword."""
    cursor = Cursor(engine_full, tokenize(engine_full, "clickhouse"), "clickhouse")
    found: dict[str, str] = {}
    keyword = "ENGINE"
    while not cursor.done:
        begin, end = cursor.until(*_CLAUSES)
        text = cursor.text(begin, end)
        found[keyword] = text if keyword == "ENGINE" else text[len(keyword) :].strip()
        keyword = cursor.word
    return found


def _listed(expression: str) -> list[str]:
    """The parts of `a, f(b, c)`, without the quotes of plain names."""
    cursor = Cursor(expression, tokenize(expression, "clickhouse"), "clickhouse")
    try:
        items: list[Any] = cursor.items()
    except ReadError:
        return [expression]
    return [
        one.tokens[0].text
        if len(one.tokens) == 1 and one.tokens[0].kind is T.NAME
        else one.text(0, len(one.tokens))
        for one in items
        if one.tokens
    ]
