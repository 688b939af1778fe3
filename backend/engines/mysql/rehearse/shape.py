"""What of a scratch's tables decides how rows are copied: writable columns, and the foreign keys within the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import quoted, rows

if TYPE_CHECKING:
    from pymysql.connections import Connection

_COLUMNS = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = database() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
          AND coalesce(c.generation_expression, '') = ''
          AND upper(replace(c.extra, 'DEFAULT_GENERATED', '')) NOT LIKE '%GENERATED%'
    ORDER BY c.table_name, c.ordinal_position
"""
_KEYS = """
    SELECT constraint_name, table_name, column_name, referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage
    WHERE table_schema = database() AND referenced_table_schema = database()
    ORDER BY table_name, constraint_name, ordinal_position
"""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    name: str
    columns: tuple[str, ...]
    """Those that take values: generated ones are left out."""

    @property
    def column_list(self) -> str:
        return ", ".join(map(quoted, self.columns))


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key."""

    name: str
    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    tables: Mapping[str, CopiedTable]
    keys: Sequence[Reference]


def read_shape(connection: Connection[Any]) -> Shape:
    """Of the database that the session is in."""
    columns: dict[str, list[str]] = {}
    for table, column in rows(connection, _COLUMNS):
        columns.setdefault(str(table), []).append(str(column))
    keys: dict[tuple[str, str], tuple[str, list[str], list[str]]] = {}
    for name, table, column, parent, parent_column in rows(connection, _KEYS):
        entry = keys.setdefault((str(table), str(name)), (str(parent), [], []))
        entry[1].append(str(column))
        entry[2].append(str(parent_column))
    return Shape(
        {name: CopiedTable(name, tuple(found)) for name, found in columns.items()},
        [
            Reference(name, table, tuple(own), parent, tuple(theirs))
            for (table, name), (parent, own, theirs) in keys.items()
        ],
    )
