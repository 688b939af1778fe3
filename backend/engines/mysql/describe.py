"""MySQL and MariaDB schemas described for people: one query on information_schema a kind of object; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.core.errors import DatabaseMissing, NotFound
from backend.engine.browse import Problems, missing, relations_of
from backend.engine.tableids import parse_table_id, table_id
from backend.engine.target import Target
from backend.models.schema_detail import (
    DetailCheck,
    DetailColumn,
    DetailForeignKey,
    DetailIndex,
    DetailKey,
    DetailObject,
    DetailTable,
    DetailTrigger,
    OutlineTable,
    Property,
    SchemaDdl,
    SchemaDetail,
    SchemaOutline,
)

from . import url as urls
from .connect import quoted, reading, records, rows
from .errors import translated

if TYPE_CHECKING:
    from pymysql.connections import Connection

Record = dict[str, Any]

_FOREIGN_KEYS = """
    SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name,
           k.referenced_column_name, r.update_rule, r.delete_rule
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
         AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.table_schema = %s AND k.referenced_table_name IS NOT NULL {only}
    ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""
# MySQL keeps no table with a check, MariaDB does: both have it in table_constraints, MariaDB's names repeat.
_CHECKS = """
    SELECT t.table_name, c.* FROM information_schema.check_constraints c
    JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema
         AND t.constraint_name = c.constraint_name AND t.constraint_type = 'CHECK' {same_table}
    WHERE c.constraint_schema = %s {only} ORDER BY t.table_name, c.constraint_name
"""
_OPTIONS = ("engine", "row_format", "table_collation", "create_options")


def outline(target: Target) -> SchemaOutline:
    """Tables and foreign keys, in two queries; without the migrations table."""
    database = urls.parse(target.url).database
    try:
        with reading(target) as connection:
            reader = _Reader(connection, database, target.migrations_table, None)
            reader.tables()
            reader.foreign_keys()
    except DatabaseMissing:
        return SchemaOutline(engine="mysql", default_schema=database)
    found = list(reader.found.values())
    return SchemaOutline(
        engine="mysql",
        default_schema=database,
        tables=[
            OutlineTable(id=one.id, name=one.name, kind=one.kind, rows=one.rows, comment=one.comment)
            for one in found
        ],
        relations=relations_of(found),
    )


def describe(target: Target, only: Sequence[str] | None) -> SchemaDetail:
    """All tables and objects, or the tables with these ids."""
    parsed = urls.parse(target.url)
    if only is not None and not only:
        return SchemaDetail(engine="mysql", default_schema=parsed.database)
    problems = Problems()
    try:
        with reading(target) as connection:
            reader = _Reader(connection, parsed.database, target.migrations_table, only)
            reader.tables()
            for what, read in reader.parts():

                def question(read: Any = read) -> None:
                    with translated(parsed):
                        read()

                problems.ask(what, question, None)
    except DatabaseMissing:
        return SchemaDetail(engine="mysql", default_schema=parsed.database, missing=list(only or ()))
    return SchemaDetail(
        engine="mysql",
        default_schema=parsed.database,
        tables=list(reader.found.values()),
        objects=reader.others,
        missing=missing(only, (one.id for one in reader.found.values())),
        problems=problems,
    )


def table_ddl(target: Target, table: str) -> SchemaDdl:
    """SHOW CREATE, and the triggers. Raises NotFound where there is no such table."""
    _, name = parse_table_id(table)
    with reading(target) as connection:
        kind = rows(
            connection,
            "SELECT table_type FROM information_schema.tables WHERE table_schema = database() AND table_name = %s",
            (name,),
        )
        if not kind:
            raise NotFound(f"There is no table {table}.")
        view = "VIEW" in str(kind[0][0])
        statement = "SHOW CREATE VIEW" if view else "SHOW CREATE TABLE"
        texts = [str(rows(connection, f"{statement} {quoted(name)}")[0][1])]
        triggers = rows(
            connection,
            "SELECT trigger_name FROM information_schema.triggers "
            "WHERE trigger_schema = database() AND event_object_table = %s ORDER BY trigger_name",
            (name,),
        )
        for (trigger,) in triggers:
            # The rows' third column is the statement in MySQL and MariaDB alike.
            texts.append(str(rows(connection, f"SHOW CREATE TRIGGER {quoted(trigger)}")[0][2]))
    return SchemaDdl(table=table, text=";\n\n".join(texts) + ";\n", source=statement)


class _Reader:
    """Fills the tables, a query a kind; every query covers the whole database or the tables asked for."""

    def __init__(
        self, connection: Connection[Any], database: str, own_table: str, only: Sequence[str] | None
    ) -> None:
        self._connection = connection
        self._database = database
        self._own = own_table.lower()
        self._names = None if only is None else tuple(parse_table_id(one)[1] for one in only)
        self.found: dict[str, DetailTable] = {}
        self.others: list[DetailObject] = []
        self._collations: dict[str, str] = {}

    def parts(self) -> list[tuple[str, Any]]:
        """What is read, with its name for people."""
        found = [
            ("The columns", self.columns),
            ("The indexes", self.indexes),
            ("The foreign keys", self.foreign_keys),
            ("The checks", self.checks),
            ("The triggers", self.triggers),
            ("The partitions", self.partitions),
            ("The queries of views", self.views),
        ]
        return found if self._names is not None else [*found, ("Routines and events", self.objects)]

    def _select(self, table: str, schema: str, name: str, order: str) -> list[Record]:
        only = f"AND {name} IN %s" if self._names is not None else ""
        return records(
            self._connection,
            f"SELECT * FROM information_schema.{table} WHERE {schema} = %s {only} ORDER BY {order}",
            self._arguments(),
        )

    def _arguments(self) -> tuple[object, ...]:
        return (self._database,) if self._names is None else (self._database, self._names)

    def tables(self) -> None:
        for row in self._select("tables", "table_schema", "table_name", "table_name"):
            name, kind = str(row["table_name"]), str(row["table_type"])
            if name.lower() == self._own:
                continue
            if kind == "SEQUENCE":
                if self._names is None:
                    self.others.append(DetailObject(kind="sequence", name=name))
                continue
            comment = _text(row["table_comment"])
            view = "VIEW" in kind
            self.found[name] = DetailTable(
                id=table_id(None, name),
                name=name,
                kind="view" if view else "table",
                comment=comment or None if not view else None,
                # A view's comment is the word VIEW, or what is wrong with it.
                problem=comment if view and comment not in ("", "VIEW") else None,
                rows=None if view or row["table_rows"] is None else int(row["table_rows"]),
                size_bytes=None
                if view or row["data_length"] is None
                else int(row["data_length"]) + int(row["index_length"] or 0),
                properties=[
                    Property(name=option.removeprefix("table_").replace("_", " "), value=_text(row[option]))
                    for option in _OPTIONS
                    if not view and row.get(option)
                ]
                + ([Property(name="system versioned", value="yes")] if kind == "SYSTEM VERSIONED" else []),
            )
            self._collations[name] = _text(row["table_collation"] or "")

    def columns(self) -> None:
        for row in self._select("columns", "table_schema", "table_name", "table_name, ordinal_position"):
            table = self.found.get(row["table_name"])
            if table is None:
                continue
            generated = _text(row.get("generation_expression") or "")
            extra = _text(row["extra"] or "")
            collation = _text(row["collation_name"] or "")
            default = row["column_default"]
            table.columns.append(
                DetailColumn(
                    name=row["column_name"],
                    type=_text(row["column_type"]),
                    nullable=row["is_nullable"] == "YES",
                    # MariaDB writes NULL as a word here, MySQL as nothing.
                    default=None if default is None or _text(default) == "NULL" else _text(default),
                    primary_key=row["column_key"] == "PRI",
                    generated=generated or None,
                    identity="auto_increment" if "auto_increment" in extra.lower() else None,
                    collation=collation if collation and collation != self._collations[table.name] else None,
                    comment=_text(row["column_comment"] or "") or None,
                    notes=_notes(extra),
                )
            )
        for table in self.found.values():
            if table.kind == "view" and not table.columns and table.problem is None:
                table.problem = "The server names no columns of it: it speaks of something that is not there."

    def indexes(self) -> None:
        found: dict[tuple[str, str], DetailIndex] = {}
        for row in self._select(
            "statistics", "table_schema", "table_name", "table_name, index_name, seq_in_index"
        ):
            table = self.found.get(row["table_name"])
            if table is None:
                continue
            key = table.name, str(row["index_name"])
            index = found.get(key)
            if index is None:
                hidden = row.get("is_visible") == "NO" or row.get("ignored") == "YES"
                index = found[key] = DetailIndex(
                    name=key[1],
                    unique=not int(row["non_unique"]),
                    primary=key[1] == "PRIMARY",
                    method=str(row["index_type"]).lower(),
                    notes=["invisible"] if hidden else [],
                    comment=_text(row["index_comment"] or "") or None,
                )
                table.indexes.append(index)
            index.columns.append(_part(row))
        for (name, index_name), index in found.items():
            table = self.found[name]
            if index.primary:
                table.primary_key = DetailKey(columns=index.columns)
            elif index.unique:
                # To MySQL a unique constraint is its index.
                table.uniques.append(DetailKey(name=index_name, columns=index.columns))

    def foreign_keys(self) -> None:
        query = _FOREIGN_KEYS.format(only="AND k.table_name IN %s" if self._names is not None else "")
        found: dict[tuple[str, str], DetailForeignKey] = {}
        for row in records(self._connection, query, self._arguments()):
            table = self.found.get(row["table_name"])
            if table is None:
                continue
            identity = table.name, str(row["constraint_name"])
            key = found.get(identity)
            if key is None:
                there = row["referenced_table_schema"]
                key = found[identity] = DetailForeignKey(
                    name=identity[1],
                    table=table_id(None if there == self._database else there, row["referenced_table_name"]),
                    on_update=row["update_rule"],
                    on_delete=row["delete_rule"],
                )
                table.foreign_keys.append(key)
            key.columns.append(row["column_name"])
            key.to_columns.append(row["referenced_column_name"])

    def checks(self) -> None:
        has = {
            str(name).lower()
            for (name,) in rows(
                self._connection,
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_schema = 'information_schema' AND lower(table_name) = 'check_constraints'",
            )
        }
        if not has:
            return  # MySQL before 8.0.16 parses CHECK and forgets it.
        query = _CHECKS.format(
            same_table="AND t.table_name = c.table_name" if "table_name" in has else "",
            only="AND t.table_name IN %s" if self._names is not None else "",
        )
        for row in records(self._connection, query, self._arguments()):
            table = self.found.get(row["table_name"])
            if table is not None:
                table.checks.append(
                    DetailCheck(
                        name=row["constraint_name"], definition=f"CHECK ({_text(row['check_clause'])})"
                    )
                )

    def triggers(self) -> None:
        for row in self._select(
            "triggers", "trigger_schema", "event_object_table", "event_object_table, trigger_name"
        ):
            table = self.found.get(row["event_object_table"])
            if table is not None:
                table.triggers.append(
                    DetailTrigger(
                        name=row["trigger_name"],
                        when=f"{row['action_timing']} {row['event_manipulation']}",
                        definition=_text(row["action_statement"]),
                    )
                )

    def partitions(self) -> None:
        for row in self._select(
            "partitions", "table_schema", "table_name", "table_name, partition_ordinal_position"
        ):
            table = self.found.get(row["table_name"])
            if table is None or row["partition_name"] is None:
                continue
            expression = _text(row["partition_expression"] or "")
            table.partition_by = f"{row['partition_method']} ({expression})"
            bound = _text(row["partition_description"] or "")
            name = str(row["partition_name"])
            if name not in {one.partition(":")[0] for one in table.children}:
                table.children.append(f"{name}: {bound}" if bound else name)

    def views(self) -> None:
        for row in self._select("views", "table_schema", "table_name", "table_name"):
            view = self.found.get(row["table_name"])
            if view is None:
                continue
            view.definition = _text(row["view_definition"] or "") or None
            if view.definition is None and view.problem is None:
                view.problem = "Its query is hidden from this user: the SHOW VIEW privilege is missing."

    def objects(self) -> None:
        arguments = (self._database,)
        for row in records(
            self._connection,
            "SELECT routine_name, routine_type, dtd_identifier, routine_comment FROM information_schema.routines "
            "WHERE routine_schema = %s ORDER BY routine_type, routine_name",
            arguments,
        ):
            self.others.append(
                DetailObject(
                    kind=str(row["routine_type"]).lower(),
                    name=row["routine_name"],
                    detail=f"→ {_text(row['dtd_identifier'])}" if row["dtd_identifier"] else None,
                    comment=_text(row["routine_comment"] or "") or None,
                )
            )
        for row in records(
            self._connection,
            "SELECT event_name, status, interval_value, interval_field, event_comment "
            "FROM information_schema.events WHERE event_schema = %s ORDER BY event_name",
            arguments,
        ):
            every = (
                f"every {row['interval_value']} {row['interval_field']}" if row["interval_value"] else "once"
            )
            self.others.append(
                DetailObject(
                    kind="event",
                    name=row["event_name"],
                    detail=f"{every}, {str(row['status']).lower()}",
                    comment=_text(row["event_comment"] or "") or None,
                )
            )


def _notes(extra: str) -> list[str]:
    lower = extra.lower()
    found = []
    if "generated" in lower and "default_generated" not in lower.split():
        found.append("stored" if "stored" in lower or "persistent" in lower else "virtual")
    if "invisible" in lower:
        found.append("invisible")
    if "on update" in lower:
        found.append(extra[lower.index("on update") :])
    if "without system versioning" in lower:
        found.append("without system versioning")
    return found


def _part(row: Record) -> str:
    """A column with its prefix and order, or the expression."""
    name = row["column_name"]
    text = str(name) if name is not None else f"({_text(row.get('expression') or 'expression')})"
    if row["sub_part"] is not None:
        text += f"({row['sub_part']})"
    return f"{text} DESC" if row["collation"] == "D" else text


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
