"""A snapshot made anew in memory, so that SQLite itself tells what a text means. No parser of our own decides."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.engine.schema.model import Snapshot
from backend.engine.sqllex import Kind, Words, lexer
from backend.engines.sqlite.connect import quoted

from .snapshot import fold, table_id


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    not_null: bool
    default: str | None
    key: int
    is_generated: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What SQLite says of a table, besides its text."""

    name: str
    columns: tuple[Column, ...] = ()
    strict: bool = False
    without_rowid: bool = False
    virtual: bool = False
    autoincrement: bool = False
    foreign_keys: frozenset[tuple[str, str]] = frozenset()
    """(column folded, table referred to, folded)"""

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if fold(one.name) == fold(name)), None)


@dataclass(frozen=True, slots=True)
class Understood:
    tables: dict[str, Table] = field(default_factory=dict)
    """By object id."""
    references_can_be_checked: bool = False
    """False where some foreign key points at what is no key, or at nothing: `foreign_key_check` raises then."""


def understand(snapshot: Snapshot) -> Understood:
    """Load a snapshot and ask about its tables. What SQLite here refuses (an unknown module) has no columns."""
    connection = opened(snapshot)
    try:
        listed = {fold(str(row[1])): row for row in connection.execute("PRAGMA main.table_list")}
        tables = {
            one.id: _table(connection, one.name, one.sql, listed.get(fold(one.name)))
            for one in snapshot.objects
            if one.kind == "table"
        }
        try:
            connection.execute("SELECT count(*) FROM pragma_foreign_key_check").fetchone()
            checked = True
        except sqlite3.Error:
            checked = False
        return Understood(tables, checked)
    finally:
        connection.close()


def opened(snapshot: Snapshot) -> sqlite3.Connection:
    """A connection to an in-memory database with the snapshot's objects, as far as SQLite here can make them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    for one in snapshot.objects:
        try:
            connection.execute(one.sql)
        except sqlite3.Error:
            continue
    return connection


def _table(connection: sqlite3.Connection, name: str, sql: str, row: sqlite3.Row | None) -> Table:
    if row is None:
        return Table(name, virtual=True)
    columns = tuple(
        Column(
            name=str(found[1]),
            type=str(found[2] or ""),
            not_null=bool(found[3]),
            default=None if found[4] is None else str(found[4]),
            key=int(found[5]),
            is_generated=int(found[6]) in (2, 3),
        )
        for found in connection.execute(f"PRAGMA table_xinfo({quoted(name)})")
        if int(found[6]) != 1
    )
    keys = frozenset(
        (fold(str(found[3])), fold(str(found[2])))
        for found in connection.execute(f"PRAGMA foreign_key_list({quoted(name)})")
    )
    return Table(
        name=name,
        columns=columns,
        virtual=str(row[2]) == "virtual",
        without_rowid=bool(row[4]),
        strict=bool(row[5]),
        autoincrement="AUTOINCREMENT" in words(sql),
        foreign_keys=keys,
    )


def tokens(sql: str) -> tuple[str, ...]:
    """The text without comments and white space: equal where two texts differ in layout alone."""
    found: list[str] = []
    pattern = lexer("sqlite", words=Words.ALL, delimiter=";")
    position = 0
    while position < len(sql):
        match = pattern.match(sql, position)
        if match is None:
            break
        position = match.end()
        text = match.group()
        if match.lastindex == Kind.COMMENT:
            continue
        if match.lastindex == Kind.RUN:
            found += text.split()
        else:
            found.append(text)
    return tuple(found)


def words(sql: str) -> frozenset[str]:
    """The upper-case words of a text outside quotes and comments."""
    return frozenset(one.upper() for one in tokens(sql))


def names_taken(*snapshots: Snapshot) -> set[str]:
    return {fold(one.name) for snapshot in snapshots for one in snapshot.objects}


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or `wanted_2` … where an object has that name."""
    used = set(taken)
    name, number = wanted, 2
    while fold(name) in used:
        name, number = f"{wanted}_{number}", number + 1
    return name


__all__ = [
    "Column",
    "Table",
    "Understood",
    "free_name",
    "names_taken",
    "opened",
    "table_id",
    "tokens",
    "understand",
    "words",
]
