"""The description of a SQLite file. Reads only; nothing is counted, so rows are known only after ANALYZE."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from backend.core.errors import DatabaseMissing, NotFound
from backend.engine.browse import missing, relations_of
from backend.engine.tableids import parse_table_id, table_id
from backend.engine.target import Target
from backend.engines.sqlite.catalog import Column, estimates, schema_of, shadow_tables
from backend.engines.sqlite.connect import read
from backend.models.schema_detail import (
    DetailCheck,
    DetailColumn,
    DetailForeignKey,
    DetailIndex,
    DetailKey,
    DetailTable,
    DetailTrigger,
    OutlineTable,
    Property,
    SchemaDdl,
    SchemaDetail,
    SchemaOutline,
)

from .written import Written, index_text, trigger_when, written

_FOREIGN_KEYS = """
    SELECT m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' AND NOT m.sql LIKE 'CREATE VIRTUAL TABLE%' {only}
    ORDER BY m.rowid, f.id, f.seq
"""
_INDEXES = """
    SELECT m.name, l.name, l."unique", l.origin, l.partial, i.name, i."desc"
    FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_xinfo(l.name) i
    WHERE m.type = 'table' AND NOT m.sql LIKE 'CREATE VIRTUAL TABLE%' AND i.key = 1 {only}
    ORDER BY m.rowid, l.seq, i.seqno
"""
_ONLY = "AND m.name IN (SELECT value FROM json_each(?))"
_OBJECTS = """
    SELECT type, name, tbl_name, sql FROM sqlite_master
    WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid
"""


def outline(target: Target) -> SchemaOutline:
    """Tables and foreign keys, in two queries; without the migrations table and what virtual tables keep."""

    def work(connection: sqlite3.Connection) -> SchemaOutline:
        reader = _Reader(connection, target.migrations_table, None)
        reader.foreign_keys(named=False)
        found = list(reader.found.values())
        return SchemaOutline(
            engine="sqlite",
            tables=[OutlineTable(id=one.id, name=one.name, kind=one.kind, rows=one.rows) for one in found],
            relations=relations_of(found),
        )

    try:
        return read(target, work)
    except DatabaseMissing:
        return SchemaOutline(engine="sqlite")


def describe(target: Target, only: Sequence[str] | None) -> SchemaDetail:
    """All tables, or those with these ids."""

    def work(connection: sqlite3.Connection) -> SchemaDetail:
        reader = _Reader(connection, target.migrations_table, only)
        reader.columns()
        reader.foreign_keys()
        reader.indexes()
        reader.triggers()
        return SchemaDetail(
            engine="sqlite",
            tables=list(reader.found.values()),
            missing=missing(only, (one.id for one in reader.found.values())),
        )

    try:
        return read(target, work)
    except DatabaseMissing:
        return SchemaDetail(engine="sqlite", missing=list(only or ()))


def table_ddl(target: Target, table: str) -> SchemaDdl:
    """The texts as they were run: the table's, then its indexes' and triggers'. Raises NotFound."""
    _, name = parse_table_id(table)

    def work(connection: sqlite3.Connection) -> list[str]:
        return [
            str(sql)
            for (sql,) in connection.execute(
                "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
                "ORDER BY type NOT IN ('table', 'view'), rowid",
                (name,),
            )
        ]

    texts = read(target, work)
    if not texts:
        raise NotFound(f"There is no table {table}.")
    return SchemaDdl(table=table, text=";\n\n".join(texts) + ";\n", source="sqlite_master")


class _Reader:
    """Fills the tables, a query a kind; the file's list of objects is read at once."""

    def __init__(self, connection: sqlite3.Connection, own_table: str, only: Sequence[str] | None) -> None:
        self._connection = connection
        objects = [
            (str(kind), str(name), str(table), sql) for kind, name, table, sql in connection.execute(_OBJECTS)
        ]
        self._objects = objects
        self._names = None if only is None else {parse_table_id(one)[1] for one in only}
        shadows = shadow_tables(objects)
        rows = estimates(connection)
        self._by_lower = {name.lower(): name for kind, name, _, _ in objects if kind in ("table", "view")}
        self.found: dict[str, DetailTable] = {}
        self._texts: dict[str, str] = {}
        for kind, name, _, sql in objects:
            if kind not in ("table", "view") or name.lower() == own_table.lower() or name in shadows:
                continue
            if self._names is not None and name not in self._names:
                continue
            self._texts[name] = str(sql or "")
            self.found[name] = DetailTable(
                id=table_id(None, name),
                name=name,
                kind=kind,
                rows=rows.get(name),
                definition=str(sql) if kind == "view" else None,
                properties=_properties(str(sql or "")) if kind == "table" else [],
            )
        self._written: dict[str, Written] = {}

    def _text_of(self, name: str) -> Written:
        if name not in self._written:
            self._written[name] = written(self._texts[name])
        return self._written[name]

    def _only(self, query: str) -> tuple[str, tuple[str, ...]]:
        if self._names is None:
            return query.format(only=""), ()
        return query.format(only=_ONLY), (json.dumps(sorted(self._names)),)

    def columns(self) -> None:
        by_table: dict[str, list[Column]] = defaultdict(list)
        for column in schema_of(self._connection, self._names).columns:
            if column.hidden != 1:
                by_table[column.table].append(column)
        for name, table in self.found.items():
            text = self._text_of(name) if table.kind == "table" else Written()
            columns = by_table.get(name, [])
            table.columns = [_column(one, text) for one in columns]
            key = [one.name for one in sorted(columns, key=lambda one: one.key_position) if one.key_position]
            if key:
                folded = tuple(one.lower() for one in key)
                table.primary_key = DetailKey(name=text.key_names.get(folded), columns=key)
            table.checks = [DetailCheck(name=one, definition=check) for one, check in text.checks]
            if not columns:
                table.problem = (
                    "SQLite cannot open it: it speaks of something that is not there."
                    if table.kind == "view"
                    else "SQLite cannot open it: the module that keeps it is not there."
                )

    def foreign_keys(self, *, named: bool = True) -> None:
        """`named`: with what only the text tells, which takes reading it."""
        keys: dict[tuple[str, int], DetailForeignKey] = {}
        query, arguments = self._only(_FOREIGN_KEYS)
        for name, number, there, column, to, on_update, on_delete in self._connection.execute(
            query, arguments
        ):
            table = self.found.get(str(name))
            if table is None:
                continue
            key = keys.get((table.name, int(number)))
            if key is None:
                real = self._by_lower.get(str(there).lower(), str(there))
                key = keys[(table.name, int(number))] = DetailForeignKey(
                    table=table_id(None, real), on_update=str(on_update), on_delete=str(on_delete)
                )
                # The pragma counts from the last one written.
                table.foreign_keys.insert(0, key)
            key.columns.append(str(column))
            if to is not None:
                key.to_columns.append(str(to))
        for (name, _), key in keys.items() if named else ():
            text, folded = self._text_of(name), tuple(one.lower() for one in key.columns)
            key.name = text.key_names.get(folded)
            key.notes = ["deferrable"] if folded in text.deferrable else []

    def indexes(self) -> None:
        texts = {name: str(sql) for kind, name, _, sql in self._objects if kind == "index" and sql}
        query, arguments = self._only(_INDEXES)
        found: dict[str, DetailIndex] = {}
        partial: set[str] = set()
        of_constraints: list[tuple[DetailTable, DetailIndex]] = []
        for name, index_name, unique, origin, is_partial, column, descending in self._connection.execute(
            query, arguments
        ):
            table = self.found.get(str(name))
            if table is None:
                continue
            index = found.get(str(index_name))
            if index is None:
                index = found[str(index_name)] = DetailIndex(
                    name=str(index_name),
                    unique=bool(unique),
                    primary=origin == "pk",
                    definition=texts.get(str(index_name)),
                )
                table.indexes.insert(0, index)
                if is_partial:
                    partial.add(index.name)
                if origin == "u":
                    of_constraints.append((table, index))
            part = "(expression)" if column is None else str(column)
            index.columns.append(f"{part} DESC" if descending else part)
        for index in found.values():
            has_expression = any(one.startswith("(expression)") for one in index.columns)
            if index.definition and (has_expression or index.name in partial):
                text = index_text(index.definition)
                index.where = text.where
                index.columns = list(text.parts) if has_expression else index.columns
        for table, index in reversed(of_constraints):
            folded = tuple(one.lower() for one in index.columns)
            name = self._text_of(table.name).key_names.get(folded)
            table.uniques.append(DetailKey(name=name, columns=index.columns))

    def triggers(self) -> None:
        for kind, name, table_name, sql in self._objects:
            table = self.found.get(self._by_lower.get(table_name.lower(), table_name))
            if kind == "trigger" and table is not None:
                table.triggers.append(
                    DetailTrigger(name=name, when=trigger_when(str(sql or "")), definition=sql)
                )


def _column(one: Column, text: Written) -> DetailColumn:
    folded = one.name.lower()
    return DetailColumn(
        name=one.name,
        type=one.type,
        # A rowid key cannot be null, whatever is written.
        nullable=not one.not_null and not (one.key_position and one.type.upper() == "INTEGER"),
        default=one.default,
        primary_key=one.key_position > 0,
        generated=text.generated.get(folded),
        identity="autoincrement" if text.autoincrement == folded else None,
        collation=text.collations.get(folded),
        notes={2: ["virtual"], 3: ["stored"]}.get(one.hidden, []),
    )


def _properties(sql: str) -> list[Property]:
    """What stands behind the last parenthesis, and a virtual table's module."""
    head = sql[:400].upper()
    if head.startswith("CREATE VIRTUAL TABLE"):
        using = sql.upper().find(" USING ")
        return [Property(name="module", value=sql[using + 7 :].strip())] if using >= 0 else []
    tail = sql[sql.rfind(")") + 1 :].upper()
    return [
        Property(name=name, value="yes")
        for name, word in (("strict", "STRICT"), ("without rowid", "WITHOUT ROWID"))
        if word in " ".join(tail.split())
    ]
