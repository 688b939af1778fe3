"""Scratch databases of SQLite: files in a temporary folder; loading, running, filling and reading them."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

from backend.core.errors import SqlFailed
from backend.engine import sqltext
from backend.engine.schema.model import Step
from backend.engine.schema.port import Applied, Loaded, Seeded
from backend.engine.target import Target
from backend.engines.sqlite.connect import database_file, quoted
from backend.engines.sqlite.load import statement_as_stored

from .memory import Table, understand
from .snapshot import fold, of_connection

_log = logging.getLogger(__name__)
_PREFIX = "dbtoolkit_scratch_"


@contextmanager
def scratch(server: Target, purpose: str) -> Iterator[Target]:
    """An empty file of its own; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}_"))
    try:
        file = folder / f"{purpose}.db"
        sqlite3.connect(file).close()
        file.touch()
        yield replace(server, url=f"sqlite:{file}", working_dir=folder, read_only=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> list[str]:
    swept = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).split("_")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder.name)
    return swept


@contextmanager
def opened(target: Target) -> Iterator[sqlite3.Connection]:
    """A connection to a scratch file, which nothing needs to survive."""
    with closing(sqlite3.connect(database_file(target), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def load(target: Target, text: str, source: str) -> Loaded:
    """Run a schema text; inserts of rows (the applied versions) and transactions of its own are run as they stand."""
    skipped: list[str] = []
    count = 0
    with opened(target) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in sqltext.split(text, "sqlite"):
            head = statement.text[:40].upper()
            if head.startswith(("PRAGMA", "BEGIN", "COMMIT", "ATTACH", "DETACH", "VACUUM", "END")):
                continue
            try:
                connection.execute(statement_as_stored(text, statement.start, statement.end))
                count += 1
            except sqlite3.Error as error:
                if "already exists" in str(error) or head.startswith(
                    ("INSERT", "ANALYZE", "DELETE", "UPDATE")
                ):
                    skipped.append(f"line {statement.line}: {error}")
                    continue
                if "no such module" in str(error):
                    skipped.append(f"line {statement.line}: {error}: this SQLite does not have it")
                    continue
                raise SqlFailed(
                    f"{source or 'The schema'}, line {statement.line}: {error}",
                    file=source, line=statement.line, statement=statement.text[:500],
                ) from error  # fmt: skip
    return Loaded(count, tuple(skipped))


def run(target: Target, steps: Sequence[Step], *, retry: bool) -> Applied:
    """Run steps as the tool would: in one go, on one connection. SQLite needs no second order."""
    with opened(target) as connection:
        in_transaction = all(step.transaction for step in steps)
        if in_transaction:
            connection.execute("BEGIN")
        for number, step in enumerate(steps):
            try:
                connection.execute(step.sql)
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return Applied(False, number, str(error), number)
        if connection.in_transaction:
            connection.execute("COMMIT")
    return Applied(True, len(steps), order=tuple(range(len(steps))))


def seed(target: Target, rows: int) -> Seeded:
    """Rows in every table, with the same keys everywhere so that references hold."""
    filled: dict[str, int] = {}
    skipped: list[str] = []
    with opened(target) as connection:
        found = of_connection(connection, target.migrations_table)
        tables = understand(found).tables
        connection.execute("PRAGMA foreign_keys = OFF")
        triggers = [(one.name, one.sql) for one in found.objects if one.kind == "trigger"]
        for name, _ in triggers:
            # A trigger may refuse rows, or write what no one asked for.
            connection.execute(f"DROP TRIGGER {quoted(name)}")
        for table_id, table in tables.items():
            if table.virtual:
                skipped.append(f"{table.name}: a virtual table")
                continue
            number = _fill(connection, table, rows)
            if number:
                filled[table_id] = number
            else:
                skipped.append(f"{table.name}: its checks refuse every value tried")
        for _, sql in triggers:
            connection.execute(sql)
    return Seeded(filled, tuple(skipped))


def _fill(connection: sqlite3.Connection, table: Table, rows: int) -> int:
    columns = [one for one in table.columns if not one.is_generated]
    if not columns:
        return 0
    into = ", ".join(quoted(one.name) for one in columns)
    places = ", ".join("?" for _ in columns)
    done = 0
    for number in range(1, rows + 1):
        for flavour in range(5):
            values = [_value(one.type, number, flavour) for one in columns]
            try:
                connection.execute(f"INSERT INTO {quoted(table.name)} ({into}) VALUES ({places})", values)
                done += 1
                break
            except sqlite3.Error:
                continue
    return done


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


def row_digest(target: Target) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with opened(target) as connection:
        connection.create_aggregate("digest", 1, _Digest)  # type: ignore[arg-type]
        for table_id, table in understand(of_connection(connection, target.migrations_table)).tables.items():
            if table.virtual:
                continue
            columns = [one.name for one in table.columns]
            asked = ", ".join(["count(*)", *(f"digest(quote({quoted(name)}))" for name in columns)])
            row = connection.execute(f"SELECT {asked} FROM {quoted(table.name)}").fetchone()
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


__all__ = ["fold", "load", "opened", "row_digest", "run", "scratch", "seed", "sweep"]
