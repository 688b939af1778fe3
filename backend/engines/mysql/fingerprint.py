"""One text for every object of a MySQL database, so that a difference names what changed; reads only.

Columns of information_schema that count rows, sizes or time are left out; all others count, whatever this server's
version has, so that a new kind of property is noticed without being known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from backend.core.errors import DatabaseMissing
from backend.engine.target import Target

from . import url as urls
from .connect import quoted, reading, records

if TYPE_CHECKING:
    from pymysql.connections import Connection

Record = dict[str, Any]

_TABLE_PROPERTIES = (
    "table_type",
    "engine",
    "row_format",
    "table_collation",
    "create_options",
    "table_comment",
)
_NOT_OF_A_COLUMN = frozenset(
    (
        "table_catalog",
        "table_schema",
        "table_name",
        "column_name",
        "ordinal_position",
        "privileges",
        "column_key",
    )
)
_NOT_OF_AN_INDEX = frozenset(
    ("table_catalog", "table_schema", "table_name", "index_schema", "index_name", "cardinality", "nullable")
)
_NOT_OF_CODE = frozenset("""
    trigger_catalog trigger_schema trigger_name event_object_catalog event_object_schema created last_altered
    specific_name routine_catalog routine_schema routine_name event_catalog event_schema event_name starts
    last_executed originator table_catalog table_schema table_name specific_catalog specific_schema parameter_name
    constraint_catalog constraint_schema constraint_name character_set_client collation_connection time_zone
    database_collation view_definition
""".split())  # fmt: skip # noqa: SIM905
_FOREIGN_KEYS = """
    SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, k.referenced_table_name,
           k.referenced_column_name, r.update_rule, r.delete_rule, r.match_option
    FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema
         AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.table_schema = %s AND k.referenced_table_name IS NOT NULL
    ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""


def fingerprint(target: Target) -> dict[str, str]:
    """`table users`, `column users.email`, `index users.users_email`, `foreign key …`, `check …`, `view v`,
    `trigger t`, `procedure p`, `function f`, `event e`, `sequence s` → a text that changes with it."""
    database = urls.parse(target.url).database
    try:
        with reading(target) as connection:
            return _Reader(connection, database, target.migrations_table.lower()).read()
    except DatabaseMissing:
        return {}


class _Reader:
    """One pass over information_schema; every query covers the whole database."""

    def __init__(self, connection: Connection[Any], database: str, own_table: str) -> None:
        self._connection = connection
        self._database = database
        self._own = own_table
        self._found: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        self._tables()
        self._indexes()
        self._foreign_keys()
        self._checks()
        self._views()
        self._code("trigger", "triggers", "trigger_schema", lambda row: f"trigger {row['trigger_name']}")
        self._code(
            "routine",
            "routines",
            "routine_schema",
            lambda row: f"{row['routine_type'].lower()} {row['routine_name']}",
        )
        self._parameters()
        self._code("event", "events", "event_schema", lambda row: f"event {row['event_name']}")
        return self._found

    def _select(self, table: str, schema_column: str, order: str = "1") -> list[Record]:
        query = f"SELECT * FROM information_schema.{table} WHERE {schema_column} = %s ORDER BY {order}"
        return records(self._connection, query, (self._database,))

    def _text(self, values: Iterable[tuple[str, Any]]) -> str:
        shown = []
        for name, value in values:
            if value is None or value == "":
                continue
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            # Views are stored with the database's name; the same schema elsewhere is the same.
            shown.append(f"{name}={text.replace(f'{quoted(self._database)}.', '')}")
        return "; ".join(shown)

    def _tables(self) -> None:
        columns: dict[str, list[str]] = defaultdict(list)
        views = set()
        tables = self._select("tables", "table_schema", "table_name")
        views = {row["table_name"] for row in tables if "VIEW" in row["table_type"]}
        sequences = [row["table_name"] for row in tables if row["table_type"] == "SEQUENCE"]
        for row in self._select("columns", "table_schema", "table_name, ordinal_position"):
            table, name = row["table_name"], row["column_name"]
            if table.lower() == self._own or table in sequences:
                continue
            columns[table].append(name)
            if table not in views:
                values = ((key, value) for key, value in row.items() if key not in _NOT_OF_A_COLUMN)
                self._found[f"column {table}.{name}"] = self._text(values)
        partitions = self._partitions()
        for row in tables:
            table = row["table_name"]
            if table.lower() == self._own or table in views or table in sequences:
                continue
            properties = self._text((name, row.get(name)) for name in _TABLE_PROPERTIES)
            self._found[f"table {table}"] = (
                f"{properties}; columns={', '.join(columns[table])}{partitions.get(table, '')}"
            )
        self._sequences(sequences)

    def _partitions(self) -> dict[str, str]:
        query = (
            "SELECT table_name, partition_name, subpartition_name, partition_method, partition_expression, "
            "partition_description, subpartition_method, subpartition_expression "
            "FROM information_schema.partitions "
            "WHERE table_schema = %s AND partition_name IS NOT NULL ORDER BY table_name, partition_ordinal_position"
        )
        found: dict[str, str] = defaultdict(str)
        for row in records(self._connection, query, (self._database,)):
            table = row.pop("table_name")
            found[table] += f"; partition({self._text(row.items())})"
        return found

    def _sequences(self, names: list[str]) -> None:
        if not names:
            return
        query = " UNION ALL ".join(
            f"SELECT {index} AS i, start_value, minimum_value, maximum_value, increment, cache_size, cycle_option "
            f"FROM {quoted(name)}"
            for index, name in enumerate(names)
        )
        for row in records(self._connection, query):
            self._found[f"sequence {names[int(row.pop('i'))]}"] = self._text(row.items())

    def _indexes(self) -> None:
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._select("statistics", "table_schema", "table_name, index_name, seq_in_index"):
            if row["table_name"].lower() != self._own:
                values = ((key, value) for key, value in row.items() if key not in _NOT_OF_AN_INDEX)
                found[f"index {row['table_name']}.{row['index_name']}"].append(self._text(values))
        self._found.update({name: " | ".join(parts) for name, parts in found.items()})

    def _foreign_keys(self) -> None:
        found: dict[str, list[str]] = defaultdict(list)
        for row in records(self._connection, _FOREIGN_KEYS, (self._database,)):
            name = f"foreign key {row.pop('table_name')}.{row.pop('constraint_name')}"
            if row["referenced_table_schema"] == self._database:
                row["referenced_table_schema"] = None
            found[name].append(self._text(row.items()))
        self._found.update({name: " | ".join(parts) for name, parts in found.items()})

    def _checks(self) -> None:
        import pymysql

        try:
            found = self._select("check_constraints", "constraint_schema", "constraint_name")
        except pymysql.err.MySQLError:
            return  # MySQL before 8.0.16 parses CHECK and forgets it
        for row in found:
            table = row.get("table_name")
            if table is None or str(table).lower() != self._own:
                name = f"{table}.{row['constraint_name']}" if table else str(row["constraint_name"])
                self._found[f"check {name}"] = self._text(
                    [("clause", row["check_clause"]), ("level", row.get("level"))]
                )

    def _views(self) -> None:
        for row in self._select("views", "table_schema", "table_name"):
            values = ((key, value) for key, value in row.items() if key not in _NOT_OF_CODE)
            definition = self._text([("definition", row["view_definition"])])
            self._found[f"view {row['table_name']}"] = f"{self._text(values)}; {definition}"

    def _code(self, _kind: str, table: str, schema_column: str, key: Callable[[Record], str]) -> None:
        for row in self._select(table, schema_column):
            if str(row.get("routine_type", "")).upper().startswith("PACKAGE"):
                row["routine_type"] = str(row["routine_type"]).replace(" ", "_")
            values = ((name, value) for name, value in row.items() if name not in _NOT_OF_CODE)
            self._found[key(row)] = self._text(values)

    def _parameters(self) -> None:
        for row in self._select("parameters", "specific_schema", "specific_name, ordinal_position"):
            key = f"{str(row['routine_type']).lower()} {row['specific_name']}"
            if key in self._found and row["parameter_name"] is not None:
                self._found[key] += (
                    f"; {row['parameter_mode']} {row['parameter_name']} {row['dtd_identifier']}"
                )
