"""schema.sql for SQLite, byte for byte what `dbmate dump` writes with sqlite3's `.schema --nosys`; reads only.

Nothing but the file is needed: no sqlite3 program.
"""

from __future__ import annotations

import sqlite3
from fnmatch import fnmatchcase

from backend.engine.target import Target

from .connect import quoted, read
from .keywords import KEYWORDS

# What Go's unicode.IsSpace takes for space; Python's own idea of it has four control characters more.
_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)


def dump_schema(target: Target) -> str:
    """The schema in order of creation and the applied versions. Raises DatabaseMissing."""
    return read(target, lambda connection: _dump(connection, target.migrations_table))


def _dump(connection: sqlite3.Connection, table: str) -> str:
    # The pattern is sqlite3's own: `_` stands for any character, so `sqlitefoo` is left out as well.
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    text = "".join(schema_line(_with_columns(connection, sql, name)) for _, name, sql in rows)
    has_table = any(kind == "table" and name == table for kind, name, _ in rows)
    if not has_table:
        # dbmate makes its table when it dumps; here it only stands in the file.
        text += schema_line(f"CREATE TABLE {quoted(table)} (version varchar(128) primary key)")
    text += "-- Dbmate schema migrations\n"
    versions = (
        connection.execute(f"SELECT quote(version) FROM {quoted(table)} ORDER BY version")
        if has_table
        else ()
    )
    values = [str(version) for (version,) in versions]
    if values:
        text += f"INSERT INTO {quoted(table)} (version) VALUES\n  (" + "),\n  (".join(values) + ");\n"
    return tidied(text)


def schema_line(sql: str) -> str:
    """One statement as sqlite3 prints it: closed comments, IF NOT EXISTS where the table's name is quoted."""
    if "/*" in sql or "--" in sql:
        for closing in ("", "*/", "\n"):
            if sqlite3.complete_statement(f"{sql}{closing};"):
                sql += closing
                break
    if fnmatchcase(sql, "CREATE TABLE ['\"]*"):
        sql = f"CREATE TABLE IF NOT EXISTS {sql[13:]}"
    return f"{sql};\n"


def _with_columns(connection: sqlite3.Connection, sql: str, name: str) -> str:
    """Views and virtual tables get their columns as a comment, where SQLite can tell them."""
    if not sql.startswith(("CREATE VIEW ", "CREATE VIRTUAL TABLE ")):
        return sql
    try:
        columns = [str(row[1] or "") for row in connection.execute(f"PRAGMA table_info({quoted(name)})")]
    except sqlite3.Error:
        return sql
    if not columns:
        return sql
    return f"{sql}\n/* {_shell_quoted(name)}({','.join(map(_shell_quoted, columns))}) */"


def _shell_quoted(name: str) -> str:
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
    if plain and name.upper() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def tidied(text: str) -> str:
    """dbmate's last touch: no comments or blank lines at the top, no white space at the ends of lines."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    first = 0
    while first < len(lines) and (not lines[first].rstrip("\r") or lines[first].startswith("--")):
        first += 1
    return "".join(f"{line.rstrip(_GO_SPACE)}\n" for line in lines[first:])
