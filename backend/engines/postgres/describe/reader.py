"""The description from pg_catalog: tables and all that belongs to them. Reads only, and takes no lock on a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.errors import translated
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.browse import Problems, missing
from backend.engine.tableids import table_id
from backend.engine.target import Target
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
    Relation,
    SchemaDetail,
    SchemaOutline,
)

from . import queries
from .objects import objects

if TYPE_CHECKING:
    from psycopg import Connection

_KINDS = {
    "r": "table",
    "p": "partitioned_table",
    "f": "foreign_table",
    "v": "view",
    "m": "materialized_view",
}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_IDENTITY = {"a": "always", "d": "by default"}
_GENERATED = {"s": "stored", "v": "virtual"}
_POLICY_FOR = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


def outline(target: Target, url: PgUrl) -> SchemaOutline:
    """Tables and foreign keys, in two queries; without the migrations table and what extensions brought."""
    with reading(target, url) as connection:
        default, tables = _tables(connection, target, url)
        relations = [
            Relation(
                name=key.name,
                table=tables[oid].id,
                columns=key.columns,
                to_table=key.table,
                to_columns=key.to_columns,
                on_update=key.on_update,
                on_delete=key.on_delete,
            )
            for oid, key in _foreign_keys(connection, list(tables))
        ]
    return SchemaOutline(
        engine="postgres",
        default_schema=default,
        tables=[
            OutlineTable(
                id=one.id,
                schema_name=one.schema_name,
                name=one.name,
                kind=one.kind,
                rows=one.rows,
                comment=one.comment,
                parent=one.parent,
                is_partition=one.is_partition,
            )
            for one in tables.values()
        ],
        relations=relations,
    )


def describe(target: Target, url: PgUrl, only: Sequence[str] | None) -> SchemaDetail:
    """All tables and objects, or the tables with these ids."""
    with reading(target, url) as connection:
        default, tables = _tables(connection, target, url)
        absent = missing(only, (one.id for one in tables.values()))
        if only is not None:
            wanted = set(only)
            tables = {oid: one for oid, one in tables.items() if one.id in wanted}
        problems = Problems()
        reader = _Reader(connection, tables, url)
        problems.ask("The columns", reader.columns, None)
        problems.ask("Sizes, options and partitions", reader.properties, None)
        problems.ask("The constraints", reader.constraints, None)
        problems.ask("The foreign keys", reader.foreign_keys, None)
        problems.ask("The indexes", reader.indexes, None)
        problems.ask("The triggers", reader.triggers, None)
        problems.ask("The policies", reader.policies, None)
        problems.ask("The queries of views", reader.views, None)
        others = [] if only is not None else objects(connection, url, problems)
    return SchemaDetail(
        engine="postgres",
        default_schema=default,
        tables=list(tables.values()),
        objects=others,
        missing=absent,
        problems=problems,
    )


def _tables(
    connection: Connection[Any], target: Target, url: PgUrl
) -> tuple[str | None, dict[int, DetailTable]]:
    versions = versions_table(connection, target, url)
    default = rows(connection, "SELECT current_schema()")[0][0]
    found: dict[int, DetailTable] = {}
    parents: list[tuple[int, int]] = []
    for oid, schema, name, kind, estimate, comment, is_partition, parent in rows(connection, queries.TABLES):
        if (schema, name) == (versions.schema, versions.name):
            continue
        found[oid] = DetailTable(
            id=table_id(schema, name),
            schema_name=schema,
            name=name,
            kind=_KINDS[kind],
            comment=comment,
            # -1 (and before 14 also 0 for what was never analysed) means that the server does not know.
            rows=estimate if estimate > 0 and kind != "v" else None,
            is_partition=is_partition,
        )
        if parent is not None:
            parents.append((oid, parent))
    for oid, parent in parents:
        if parent in found:
            found[oid].parent = found[parent].id
            found[parent].children.append(found[oid].id)
    return default, found


def _foreign_keys(connection: Connection[Any], oids: list[int]) -> list[tuple[int, DetailForeignKey]]:
    return [
        (
            oid,
            DetailForeignKey(
                name=name,
                columns=columns,
                table=table_id(schema, table),
                to_columns=to_columns,
                on_update=_ACTIONS[on_update],
                on_delete=_ACTIONS[on_delete],
                notes=_constraint_notes(deferrable, deferred, valid),
                comment=comment,
            ),
        )
        for (
            oid, name, columns, schema, table, to_columns, on_update, on_delete,
            deferrable, deferred, valid, comment,
        ) in rows(connection, queries.FOREIGN_KEYS, (oids,))
    ]  # fmt: skip


def _constraint_notes(deferrable: bool, deferred: bool, valid: bool) -> list[str]:
    notes = ["initially deferred" if deferred else "deferrable"] if deferrable else []
    return notes if valid else [*notes, "not validated"]


class _Reader:
    """Fills the tables, a query a kind. Each method may be refused and leaves the others alone."""

    def __init__(self, connection: Connection[Any], tables: dict[int, DetailTable], url: PgUrl) -> None:
        self._connection = connection
        self._tables = tables
        self._oids = list(tables)
        self._url = url

    def _rows(self, query: str) -> list[Any]:
        with translated(self._url):
            return rows(self._connection, query, (self._oids,))

    def columns(self) -> None:
        query = queries.columns(self._connection.info.server_version)
        for oid, name, type_, not_null, default, identity, generated, collation, comment in self._rows(query):
            self._tables[oid].columns.append(
                DetailColumn(
                    name=name,
                    type=type_,
                    nullable=not not_null,
                    default=None if generated else default,
                    generated=default if generated else None,
                    identity=_IDENTITY.get(identity),
                    collation=collation,
                    comment=comment,
                    notes=[_GENERATED[generated]] if generated in _GENERATED else [],
                )
            )

    def properties(self) -> None:
        for (
            oid, persistence, options, row_security, forced, partition_by, bound, space, server, size,
        ) in self._rows(queries.PROPERTIES):  # fmt: skip
            table = self._tables[oid]
            table.partition_by = partition_by
            # Without statistics the pages are not counted either.
            table.size_bytes = int(size) if table.rows is not None and size else None
            found = [
                ("persistence", "unlogged" if persistence == "u" else None),
                ("partition", bound),
                ("tablespace", space),
                ("server", server),
                ("row security", ("forced" if forced else "on") if row_security else None),
                *((part.partition("=")[0], part.partition("=")[2]) for part in options or ()),
            ]
            table.properties += [Property(name=name, value=value) for name, value in found if value]

    def constraints(self) -> None:
        for oid, kind, name, columns, definition, comment in self._rows(queries.CONSTRAINTS):
            table = self._tables[oid]
            if kind in ("p", "u"):
                key = DetailKey(name=name, columns=columns, comment=comment)
                if kind == "u":
                    table.uniques.append(key)
                    continue
                table.primary_key = key
                for column in table.columns:
                    column.primary_key = column.name in columns
            else:
                table.checks.append(DetailCheck(name=name, definition=definition, comment=comment))

    def foreign_keys(self) -> None:
        with translated(self._url):
            for oid, key in _foreign_keys(self._connection, self._oids):
                self._tables[oid].foreign_keys.append(key)

    def indexes(self) -> None:
        for (
            oid, name, unique, primary, valid, method, columns, include, where, definition, comment,
        ) in self._rows(queries.INDEXES):  # fmt: skip
            self._tables[oid].indexes.append(
                DetailIndex(
                    name=name,
                    columns=columns,
                    unique=unique,
                    primary=primary,
                    method=method,
                    where=where,
                    include=include,
                    definition=definition,
                    notes=[] if valid else ["invalid"],
                    comment=comment,
                )
            )

    def triggers(self) -> None:
        for oid, name, bits, definition, enabled, comment in self._rows(queries.TRIGGERS):
            self._tables[oid].triggers.append(
                DetailTrigger(
                    name=name, when=_when(bits), definition=definition, enabled=enabled, comment=comment
                )
            )

    def policies(self) -> None:
        for oid, name, command, permissive, using, check in self._rows(queries.POLICIES):
            parts = [
                f"{'' if permissive else 'restrictive '}for {_POLICY_FOR.get(command, command)}",
                f"using {using}" if using else "",
                f"with check {check}" if check else "",
            ]
            self._tables[oid].properties.append(
                Property(name=f"policy {name}", value=" ".join(part for part in parts if part))
            )

    def views(self) -> None:
        for oid, definition in self._rows(queries.VIEWS):
            self._tables[oid].definition = definition


def _when(bits: int) -> str:
    """The bits of pg_trigger.tgtype in words."""
    moment = "BEFORE" if bits & 2 else "INSTEAD OF" if bits & 64 else "AFTER"
    events = [
        word for bit, word in ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE"), (32, "TRUNCATE")) if bits & bit
    ]
    return f"{moment} {' OR '.join(events)}"
