"""Rows for a proof: put in before, told apart by digests after."""

from __future__ import annotations

import hashlib
import random
import re
import sqlite3
from collections.abc import Mapping

from backend.engine.schema.port import Seeded
from backend.engine.sqllex import Kind, Words, lexer
from backend.engines.sqlite.connect import quoted

from .memory import Table, understand
from .snapshot import of_connection
from .standins import execute

_TRIES = 80
_NUMBERS = re.compile(r"\d+")


def seed(connection: sqlite3.Connection, migrations_table: str, rows: int) -> Seeded:
    """Rows in every table, with the same keys everywhere so that references hold."""
    filled: dict[str, int] = {}
    skipped: list[str] = []
    missing: set[str] = set()
    found = of_connection(connection, migrations_table)
    texts = {one.id: one.sql for one in found.objects}
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    triggers = [(one.name, one.sql) for one in found.objects if one.kind == "trigger"]
    for name, _ in triggers:
        # A trigger may refuse rows, or write what no one asked for.
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    for table_id, table in understand(found).tables.items():
        if table.virtual and not table.holds_rows:
            skipped.append(f"{table.name}: a virtual table without rows of its own")
            continue
        number = _fill(connection, table, texts[table_id], rows, missing)
        if number:
            filled[table_id] = number
        else:
            skipped.append(f"{table.name}: its checks refuse every value tried")
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("COMMIT")
    return Seeded(filled, tuple(skipped))


def _fill(connection: sqlite3.Connection, table: Table, text: str, rows: int, missing: set[str]) -> int:
    columns = [one for one in table.columns if not one.is_generated]
    if not columns:
        return 0
    into = ", ".join(quoted(one.name) for one in columns)
    places = ", ".join("?" for _ in columns)
    insert = f"INSERT INTO {quoted(table.name)} ({into}) VALUES ({places})"
    try:
        # Once without effect, so that stand-ins are there.
        execute(
            connection,
            f"INSERT INTO {quoted(table.name)} ({into}) SELECT {into} FROM {quoted(table.name)}",
            missing,
        )
    except sqlite3.Error:
        return 0
    named = _values_named(text)
    choice = random.Random(0)
    done = 0
    for number in range(1, rows + 1):
        for flavour in range(_TRIES):
            if flavour < 5:
                values = [_value(one.type, number, flavour) for one in columns]
            else:
                values = [
                    choice.choice(named)
                    if named and choice.random() < 0.5
                    else _value(one.type, number, choice.randrange(5))
                    for one in columns
                ]
            try:
                connection.execute(insert, values)
                done += 1
                break
            except sqlite3.Error:
                continue
    return done


def _values_named(text: str) -> list[object]:
    """The strings and numbers that stand in a table's text: what its checks may ask for."""
    scan = lexer("sqlite", words=Words.ALL, delimiter=";").match
    found: list[object] = []
    position = 0
    while (match := scan(text, position)) is not None and position < len(text):
        word, position = match.group(), match.end()
        if match.lastindex == Kind.QUOTED and word.startswith("'"):
            found.append(word[1:-1].replace("''", "'"))
        elif match.lastindex == Kind.RUN:
            found += [int(one) for one in _NUMBERS.findall(word) if len(one) < 18]
    return list(dict.fromkeys(found))[:40]


def _value(kind: str, number: int, flavour: int) -> object:
    upper = kind.upper()
    if flavour == 4:
        return None
    if "INT" in upper or "BOOL" in upper:
        return (number, 0, 1, number * 100)[flavour]
    if any(word in upper for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC")):
        return (number + 0.5, 0, 1, number * 100)[flavour]
    if "BLOB" in upper:
        return f"b{number}".encode()
    if "DATE" in upper or "TIME" in upper:
        return f"2026-01-{number:02d}"
    return (str(number), f"row {number}", f"a{number}@example.org", "{}")[flavour]


def row_digest(connection: sqlite3.Connection, migrations_table: str) -> Mapping[str, Mapping[str, str]]:
    """See SchemaTools.row_digest. Tables of modules that are not here are left out."""
    found: dict[str, dict[str, str]] = {}
    missing: set[str] = set()
    connection.create_aggregate("digest", 1, _Digest)  # type: ignore[arg-type]
    for table_id, table in understand(of_connection(connection, migrations_table)).tables.items():
        columns = [one.name for one in table.columns]
        if not columns:
            continue
        asked = ", ".join(["count(*)", *(f"digest(quote({quoted(name)}))" for name in columns)])
        try:
            row = execute(connection, f"SELECT {asked} FROM {quoted(table.name)}", missing).fetchone()
        except sqlite3.Error:
            if table.virtual:
                continue
            raise
        found[table_id] = {"*": str(row[0]), **dict(zip(columns, map(str, row[1:]), strict=True))}
    return found


class _Digest:
    """Of a bag of texts: their hashes added up, so that order does not count."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, text: str) -> None:
        digest = hashlib.sha256(str(text).encode("utf-8", "surrogateescape")).digest()
        self.total = (self.total + int.from_bytes(digest[:16])) % 2**128

    def finalize(self) -> str:
        return f"{self.total:032x}"
