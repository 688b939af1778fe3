"""Runs a schema text into a scratch file as the sqlite3 shell would, without its rows and without other files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from backend.core.errors import SqlFailed
from backend.engine import sqltext
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import Loaded
from backend.engine.sqllex import Kind, Words, lexer
from backend.engines.sqlite.load import whole_statement

from .standins import execute, is_unknown_module, keep_as_written, make, told

# Rows are no part of a schema, and a dump may hold millions.
_ROWS = {"INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "ANALYZE", "REINDEX", "VACUUM", "VALUES", "EXPLAIN"}
_AROUND = {"BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"}
_PRAGMAS = re.compile(r"PRAGMA\s+(?:writable_schema|legacy_alter_table)\b", re.IGNORECASE)
_MASTER = re.compile(
    r"(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+[\"`\[]?sqlite_(?:master|schema)\b", re.IGNORECASE
)
_VIRTUAL = re.compile(
    r"CREATE\s+VIRTUAL\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<rest>(?P<name>\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|'[^']*'|\w+).*)",
    re.IGNORECASE | re.DOTALL,
)
_OWN = re.compile(r"reserved for internal use: sqlite_|table sqlite_\w+ (?:already exists|may not)")
_COMMAND_OR_CODE = re.compile(r"(?P<command>(?:\A|(?<=\n))\.[a-z])|\S")
# The text is no SQL of SQLite's: of another database, or damaged.
_NOT_SQLITE = re.compile(r"syntax error|unrecognized token|incomplete input")


def load(connection: sqlite3.Connection, text: str, source: str) -> Loaded:
    """Run every statement that makes the schema. What SQLite refuses is named and the rest goes on; a text that is no
    SQLite at all, or of which nothing could be made, raises SqlFailed with the line."""
    skipped: list[str] = []
    missing: set[str] = set()
    count = 0
    first: SqlFailed | None = None
    text, commands = without_shell_lines(text)
    skipped += commands
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    for statement in sqltext.split(text, "sqlite"):
        word = statement.text.split(maxsplit=1)[0].upper() if statement.text else ""
        if _is_passed_over(word, statement.text):
            continue
        if word in ("ATTACH", "DETACH"):
            skipped.append(f"line {statement.line}: {word} is left out: no other file is opened")
            continue
        sql = whole_statement(text, statement.start, statement.end)
        try:
            execute(connection, sql, missing)
            count += 1
        except sqlite3.Error as error:
            if _OWN.search(str(error)):
                continue
            said = f"line {statement.line}: {error}"
            failure = SqlFailed(
                f"{source or 'The schema'}, {said}",
                file=source, line=statement.line, statement=statement.text[:500],
            )  # fmt: skip
            if _NOT_SQLITE.search(str(error)):
                raise failure from error
            virtual = _VIRTUAL.match(sql)
            if virtual is not None and is_unknown_module(error):
                name = virtual["name"].strip("\"`[]'")
                keep_as_written(connection, name, f"CREATE VIRTUAL TABLE {virtual['rest']}")
                count += 1
            first = first or failure
            skipped.append(said)
    if first is not None and count == 0:
        raise first
    connection.execute("COMMIT")
    return Loaded(count, (*skipped, *told(missing)))


def restore(connection: sqlite3.Connection, snapshot: Snapshot) -> Loaded:
    """Make a snapshot's objects to the letter, in one transaction."""
    missing: set[str] = set()
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN")
    failed = make(connection, snapshot.objects, missing)
    connection.execute("COMMIT")
    return Loaded(
        len(snapshot.objects) - len(failed),
        (*(f"{one}: {why}" for one, why in failed.items()), *told(missing)),
    )


def _is_passed_over(word: str, text: str) -> bool:
    if word == "PRAGMA":
        return _PRAGMAS.match(text) is None
    if word in _AROUND:
        return True
    # `.dump` writes virtual tables as rows of the schema table.
    return word in _ROWS and _MASTER.match(text) is None


def without_shell_lines(text: str) -> tuple[str, list[str]]:
    """The text with the shell's own lines (`.read x.sql`) blanked, so that lines keep their numbers, and their names."""
    lines = list(_shell_lines(text))
    said = []
    for start, end in reversed(lines):
        line = text[start:end].strip()
        said.append(
            f"line {text.count(chr(10), 0, start) + 1}: {line} is a command of the sqlite3 shell: left out"
        )
        text = text[:start] + " " * (end - start) + text[end:]
    return text, said[::-1]


def _shell_lines(text: str) -> Iterator[tuple[int, int]]:
    scan = lexer("sqlite", words=Words.NONE, delimiter=";").match
    position, between = 0, True
    while position < len(text):
        match = scan(text, position)
        if match is None:
            return
        if match.lastindex == Kind.SEMICOLON:
            between = True
        elif match.lastindex == Kind.RUN and between:
            found = _COMMAND_OR_CODE.search(text, position, match.end())
            if found is not None and found["command"]:
                end = text.find("\n", found.start())
                end = len(text) if end < 0 else end
                yield found.start(), end
                position = end
                continue
            between = found is None
        elif match.lastindex != Kind.COMMENT:
            between = False
        position = match.end()
