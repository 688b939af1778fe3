"""Tables, columns and indexes of a SQLite file by pragma functions over the whole schema; reads only."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from backend.core.errors import DatabaseMissing
from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

from .connect import quoted, read

_COLUMNS = """
    SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
    FROM sqlite_master m JOIN pragma_table_xinfo(m.name) p
    WHERE m.type = '{kind}' {only} AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY m.rowid, p.cid
"""
_VIRTUAL = "m.sql LIKE 'CREATE VIRTUAL TABLE%'"
_INDEXES = """
    SELECT m.name, l.name, l."unique", l.origin, i.name
    FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i
    WHERE m.type = 'table' AND NOT m.sql LIKE 'CREATE VIRTUAL TABLE%'
    ORDER BY m.rowid, l.seq, i.seqno
"""
_COUNTS_AT_ONCE = 100
"""SQLite refuses a compound SELECT of more than 500 terms."""


@dataclass(frozen=True, slots=True)
class Column:
    table: str
    name: str
    type: str
    not_null: bool
    default: str | None
    key_position: int
    hidden: int
    """1 hidden in a virtual table, 2 generated virtual, 3 generated stored."""


@dataclass(slots=True)
class Schema:
    """The schema's rows as they are in the file."""

    objects: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    """(type, name, table, sql) in order of creation."""
    columns: list[Column] = field(default_factory=list)
    shadows: frozenset[str] = frozenset()
    """Tables that a virtual table keeps for itself."""


def schema_of(connection: sqlite3.Connection, only: Collection[str] | None = None) -> Schema:
    """Everything but SQLite's own objects. A view or virtual table SQLite cannot open is there without columns.

    `only`: columns of tables and views with these names."""
    objects = [
        (str(kind), str(name), str(table), sql)
        for kind, name, table, sql in connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master "
            "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
        )
    ]
    named = "" if only is None else f" AND m.name IN ({', '.join(map(_literal, only))})"
    columns = _columns(connection, "table", f"AND NOT {_VIRTUAL}{named}")
    columns += _columns(connection, "table", f"AND {_VIRTUAL}{named}")
    columns += _columns(connection, "view", named)
    return Schema(objects, columns, shadow_tables(objects))


def _columns(connection: sqlite3.Connection, kind: str, only: str) -> list[Column]:
    try:
        rows = connection.execute(_COLUMNS.format(kind=kind, only=only)).fetchall()
    except sqlite3.OperationalError:
        # One broken view, or a module this SQLite lacks, fails the whole query: ask one by one.
        rows = []
        names = connection.execute(
            f"SELECT m.name FROM sqlite_master m WHERE m.type = '{kind}' {only} ORDER BY m.rowid"
        ).fetchall()
        for (name,) in names:
            rows += _columns_of(connection, str(name))
    return [
        Column(str(table), str(name), str(type_ or ""), bool(not_null), default, int(key), int(hidden))
        for table, name, type_, not_null, default, key, hidden in rows
    ]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _columns_of(connection: sqlite3.Connection, name: str) -> list[tuple[object, ...]]:
    try:
        rows = connection.execute(
            'SELECT ?, name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid',
            (name, name),
        ).fetchall()
    except sqlite3.OperationalError:
        return []
    return [tuple(row) for row in rows]


def shadow_tables(objects: Sequence[tuple[str, str, str, str | None]]) -> frozenset[str]:
    """By name (`docs_data` of the virtual table `docs`), as older SQLite cannot tell them itself."""
    virtual = {name for kind, name, _, sql in objects if kind == "table" and _is_virtual(sql)}
    return frozenset(
        name
        for kind, name, _, sql in objects
        if kind == "table" and not _is_virtual(sql) and "_" in name and name.rsplit("_", 1)[0] in virtual
    )


def _is_virtual(sql: str | None) -> bool:
    return bool(sql) and str(sql)[:20].upper() == "CREATE VIRTUAL TABLE"


def catalog(target: Target) -> Catalog:
    """Tables and views with columns, indexes and row estimates (from ANALYZE, where it ran)."""
    try:
        return read(target, lambda connection: _catalog(connection, target.migrations_table))
    except DatabaseMissing:
        return Catalog(default_schema="main")


def _catalog(connection: sqlite3.Connection, migrations_table: str) -> Catalog:
    schema = schema_of(connection)
    columns: dict[str, list[CatalogColumn]] = defaultdict(list)
    for column in schema.columns:
        if column.hidden == 1:
            continue
        columns[column.table].append(
            CatalogColumn(
                name=column.name,
                type=column.type,
                nullable=not column.not_null,
                default=column.default,
                primary_key=column.key_position > 0,
            )
        )
    indexes = _indexes(connection)
    rows = estimates(connection)
    tables = [
        CatalogTable(
            name=name,
            kind=kind,
            columns=columns.get(name, []),
            indexes=list(indexes.get(name, {}).values()),
            rows=rows.get(name),
        )
        for kind, name, _, _ in schema.objects
        if kind in ("table", "view")
        and name.lower() != migrations_table.lower()
        and name not in schema.shadows
    ]
    return Catalog(tables=tables, default_schema="main")


def _indexes(connection: sqlite3.Connection) -> dict[str, dict[str, CatalogIndex]]:
    found: dict[str, dict[str, CatalogIndex]] = defaultdict(dict)
    for table, name, unique, _origin, column in connection.execute(_INDEXES):
        index = found[table].setdefault(name, CatalogIndex(name=name, unique=bool(unique)))
        index.columns.append(column if column is not None else "(expression)")
    return found


def estimates(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by table, from the last ANALYZE; empty where there was none."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone() is None:
        return {}
    found: dict[str, int] = {}
    for table, stat in connection.execute("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL"):
        first = str(stat).split(" ", 1)[0]
        if first.isdigit():
            found[str(table)] = max(int(first), found.get(str(table), 0))
    return found


def row_counts(target: Target, tables: Sequence[str]) -> dict[str, int]:
    """Exact counts; tables that are missing are left out. Names may be written `main.users`."""

    def work(connection: sqlite3.Connection) -> dict[str, int]:
        there = {
            str(name).lower(): str(name)
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        wanted = [
            (asked, there[key]) for asked in tables if (key := asked.removeprefix("main.").lower()) in there
        ]
        counts: dict[str, int] = {}
        for start in range(0, len(wanted), _COUNTS_AT_ONCE):
            part = wanted[start : start + _COUNTS_AT_ONCE]
            query = " UNION ALL ".join(
                f"SELECT {i}, count(*) FROM {quoted(name)}" for i, (_, name) in enumerate(part)
            )
            counts.update({part[i][0]: int(count) for i, count in connection.execute(query)})
        return counts

    try:
        return read(target, work)
    except DatabaseMissing:
        return {}
