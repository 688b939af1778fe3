"""A snapshot made anew in memory, so that SQLite itself tells what a text means. No parser of our own decides."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache

from backend.engine.schema.model import Snapshot
from backend.engine.sqllex import Kind, Words, lexer
from backend.engines.sqlite.connect import quoted

from .snapshot import fold
from .standins import make

_MODULE = re.compile(
    r"CREATE VIRTUAL TABLE\s+(?:\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|'[^']*'|\S+)\s+USING\s+(\w+)", re.IGNORECASE
)
_CONTENT = re.compile(r"[(,]\s*content\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|[^,)\s]*)", re.IGNORECASE)
_WITH_ROWS = {"fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly"}
_FULL_TEXT = {"fts4", "fts5"}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    not_null: bool
    default: str | None
    key: int
    is_generated: bool
    is_unique: bool = False
    """Some unique index (or the primary key) begins with it."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    number: int
    """As `foreign_key_check` calls it."""
    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    """Empty where the key of the other table is meant. All folded."""

    @property
    def meaning(self) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
        return (self.columns, self.table, self.to)


@dataclass(frozen=True, slots=True)
class Table:
    """What SQLite says of a table, besides its text."""

    name: str
    columns: tuple[Column, ...] = ()
    strict: bool = False
    without_rowid: bool = False
    virtual: bool = False
    holds_rows: bool = True
    """False for a virtual table that only shows or indexes what stands elsewhere."""
    rebuilds_from: str | None = None
    """The table whose rows a full-text index is filled from, folded."""
    autoincrement: bool = False
    has_own_rowid: bool = False
    """The rowid is none of its columns, and yet other tables may know it."""
    foreign_keys: tuple[ForeignKey, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if fold(one.name) == fold(name)), None)

    @property
    def rowid(self) -> str | None:
        """A name of the rowid that no column has taken; None where the rowid is a column or is none."""
        if not self.has_own_rowid:
            return None
        return next((one for one in ("rowid", "_rowid_", "oid") if self.column(one) is None), None)


@dataclass(frozen=True, slots=True)
class Understood:
    tables: dict[str, Table] = field(default_factory=dict)
    """By object id."""
    references_can_be_checked: bool = False
    """False where some foreign key points at what is no key: `foreign_key_check` raises then."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """By object id, why it cannot be made here."""
    missing: frozenset[str] = frozenset()
    """Functions and collations that a stand-in was needed for: `function regexp`."""


# One generation asks about the same few schemas again and again.
@lru_cache(maxsize=4)
def understand(snapshot: Snapshot) -> Understood:
    """Load a snapshot and ask about its tables. What SQLite here refuses (an unknown module) has no columns."""
    missing: set[str] = set()
    with closing(_connected()) as connection:
        failed = make(connection, snapshot.objects, missing)
        listed = {fold(str(row[1])): row for row in connection.execute("PRAGMA main.table_list")}
        tables = {
            one.id: _table(
                connection, one.name, one.sql, None if one.id in failed else listed.get(fold(one.name))
            )
            for one in snapshot.objects
            if one.kind == "table"
        }
        try:
            connection.execute("SELECT count(*) FROM pragma_foreign_key_check").fetchone()
            checked = True
        except sqlite3.Error:
            checked = False
        return Understood(tables, checked, failed, frozenset(missing))


def opened(snapshot: Snapshot) -> sqlite3.Connection:
    """A connection to an in-memory database with the snapshot's objects, as far as SQLite here can make them."""
    connection = _connected()
    make(connection, snapshot.objects, set())
    return connection


def _connected() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")
    return connection


def _table(connection: sqlite3.Connection, name: str, sql: str, row: sqlite3.Row | None) -> Table:
    module = _MODULE.match(sql)
    if row is None:
        return Table(name, virtual=module is not None, holds_rows=module is None)
    unique = _unique_columns(connection, name)
    columns = tuple(
        Column(
            name=str(found[1]),
            type=str(found[2] or ""),
            not_null=bool(found[3]),
            default=None if found[4] is None else str(found[4]),
            key=int(found[5]),
            is_generated=int(found[6]) in (2, 3),
            is_unique=str(found[1]) in unique,
        )
        for found in connection.execute(f"PRAGMA table_xinfo({quoted(name)})")
        if int(found[6]) != 1
    )
    if module is not None:
        return _virtual(name, columns, module[1].lower(), sql)
    without_rowid = bool(row[4])
    return Table(
        name=name,
        columns=columns,
        without_rowid=without_rowid,
        strict=bool(row[5]),
        autoincrement="AUTOINCREMENT" in words(sql),
        has_own_rowid=not without_rowid and not _has_rowid_column(connection, name, columns),
        foreign_keys=_foreign_keys(connection, name),
    )


def _unique_columns(connection: sqlite3.Connection, name: str) -> set[str]:
    found = connection.execute(
        "SELECT c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c"
        ' WHERE i."unique" AND c.seqno = 0 AND c.name IS NOT NULL',
        (name,),
    )
    return {str(row[0]) for row in found}


def _virtual(name: str, columns: tuple[Column, ...], module: str, sql: str) -> Table:
    content = _CONTENT.search(sql) if module in _FULL_TEXT else None
    value = content["value"].strip("'\"") if content else None
    return Table(
        name=name,
        columns=columns,
        virtual=True,
        holds_rows=module in _WITH_ROWS and content is None,
        rebuilds_from=fold(value) if value else None,
        has_own_rowid=module.startswith("fts"),
    )


def _has_rowid_column(connection: sqlite3.Connection, name: str, columns: tuple[Column, ...]) -> bool:
    keys = [one for one in columns if one.key]
    if len(keys) != 1 or keys[0].type.upper() != "INTEGER":
        return False
    # `INTEGER PRIMARY KEY DESC` is an ordinary key with an index of its own.
    indexes = connection.execute(f"PRAGMA index_list({quoted(name)})").fetchall()
    return all(str(row[3]) != "pk" for row in indexes)


def _foreign_keys(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    parts: dict[int, list[tuple[int, str, str, str | None]]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted(name)})"):
        parts.setdefault(int(row[0]), []).append(
            (int(row[1]), fold(str(row[2])), fold(str(row[3])), None if row[4] is None else fold(str(row[4])))
        )
    return tuple(
        ForeignKey(
            number=number,
            columns=tuple(column for _, _, column, _ in sorted(found)),
            table=found[0][1],
            to=tuple(to for _, _, _, to in sorted(found) if to is not None),
        )
        for number, found in parts.items()
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
