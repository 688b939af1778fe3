"""SQLite: the text in sqlite_master counts only for what no PRAGMA tells, as no peer keeps a table's own text."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from tests.bench.peers.model import Field, Pair, Peer, PeerMissing, StatementsFailed, Written
from tests.schema import sqlite_pairs

_COMMENT_OR_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|\w+|\S", re.S
)
_ONLY_IN_TEXT = {
    "autoincrement", "collate", "deferrable", "initially", "conflict", "check", "constraint", "stored", "virtual",
    "generated", "match",
}  # fmt: skip
_SAME_TYPE = {"INT": "INTEGER"}
"""But in a key of one column, to SQLite these are two spellings, and SQLAlchemy knows the second only."""


class SqliteField(Field):
    engine = "sqlite"
    label = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    def pairs(self) -> Sequence[Pair]:
        return [Pair(name, old, new) for name, old, new in sqlite_pairs.pairs()]

    def made(self, text: str) -> str:
        database = str(self._folder / f"{next(self._numbers)}.db")
        self.run(database, text)
        return database

    def run(self, database: str, script: str) -> None:
        with closing(sqlite3.connect(database)) as connection:
            try:
                connection.executescript(script)
            except sqlite3.Error as error:
                raise StatementsFailed(str(error)) from error

    def drop(self, database: str) -> None:
        Path(database).unlink(missing_ok=True)

    def dump(self, database: str) -> Counter[str]:
        """Columns, keys and indexes as the PRAGMAs print them, and of a table's text the words they leave out."""
        with closing(sqlite3.connect(database)) as connection:
            return Counter(_lines(connection))


def _lines(connection: sqlite3.Connection) -> Iterator[str]:
    kinds = {row[1]: row[2:6] for row in connection.execute("PRAGMA table_list") if row[0] == "main"}
    found = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    for kind, name, table, sql in connection.execute(found).fetchall():
        if kinds.get(name, ("",))[0] == "shadow":
            continue
        if kind != "table" or kinds[name][0] == "virtual":
            yield f"{kind} {name} on {table}: {' '.join(_tokens(sql))}"
            continue
        tokens = _tokens(sql)
        yield f"table {name}: {kinds[name][2:]} {sorted(one for one in tokens if one in _ONLY_IN_TEXT)}"
        alone = [
            row[1] for row in connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)) if row[5]
        ]
        for row in connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)):
            declared, required = row[2].upper(), row[3]
            if [row[1]] != alone:
                declared = _SAME_TYPE.get(declared, declared)
            elif declared == "INTEGER":
                required = 1  # the rowid itself: never NULL, written or not
            yield f"{name}.{row[1]}: {declared} {required} {row[4]} {row[5]} {row[6]}"
        for row in connection.execute("SELECT * FROM pragma_foreign_key_list(?)", (name,)):
            yield f"{name} refers: {row[1:]}"
        for row in connection.execute("SELECT * FROM pragma_index_list(?)", (name,)).fetchall():
            if row[3] != "c":
                columns = connection.execute(
                    "SELECT name, desc, coll FROM pragma_index_xinfo(?) WHERE key", (row[1],)
                )
                yield f"{name} key {row[3]}: {columns.fetchall()}"


def _tokens(sql: str | None) -> list[str]:
    """Without comments, quotes of names and case: what peers write anew differs in these alone."""
    tokens = (one for one in _COMMENT_OR_TOKEN.findall(sql or "") if not one.startswith(("--", "/*")))
    return [one if one[0] == "'" else one.strip('"`[]').lower() for one in tokens]


class Sqldiff(Peer):
    """SQLite's own, as the system packages it."""

    name = "sqldiff --schema"

    def prepare(self) -> None:
        if shutil.which("sqldiff") is None:
            raise PeerMissing("no sqldiff here: apt-get install sqlite3-tools")

    def write(self, old: str, new: str) -> Written:
        started = time.perf_counter()
        done = subprocess.run(["sqldiff", "--schema", old, new], capture_output=True, text=True, check=False)
        took_ms = (time.perf_counter() - started) * 1000
        if done.returncode:
            raise StatementsFailed(done.stderr.strip())
        return Written(done.stdout, took_ms)
