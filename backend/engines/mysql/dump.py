"""schema.sql for MySQL and MariaDB as dbmate writes it: by the dump tool where it works, else by our own writer.

Like dbmate's, the dump has tables, views, triggers, routines and sequences; scheduled events are not in it.
"""

from __future__ import annotations

import logging
import re

from backend.core.errors import AppError
from backend.drivers import mysql_tools
from backend.engine.target import Target

from . import url as urls
from .connect import quoted, reading, rows
from .writer import written_schema

_log = logging.getLogger(__name__)
_OPTIONS = ("--opt", "--routines", "--no-data", "--skip-dump-date", "--skip-add-drop-table")
_AUTO_INCREMENT = re.compile(r" AUTO_INCREMENT=[0-9]*")
_LONGEST_KEPT = 8 << 20
_GO_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)


def dump_schema(target: Target) -> str:
    """The schema and the applied versions. Raises DatabaseMissing and what connecting raises."""
    versions = _versions(target)
    schema = _by_tool(target)
    if schema is None:
        schema = written_schema(target)
    return _AUTO_INCREMENT.sub("", tidied(schema + versions))


def _by_tool(target: Target) -> str | None:
    """What the dump tool prints, or None where there is none or it fails with this server."""
    parsed = urls.parse(target.url)
    try:
        tool = mysql_tools.find_dump_tool()
        printed = mysql_tools.dump(
            tool,
            connection=connection_flags(parsed, tool),
            options=_OPTIONS,
            password=parsed.password,
            database=parsed.database,
        )
    except AppError as error:
        _log.info("The schema is written without a dump tool: %s", error.message)
        return None
    return printed if len(printed) < _LONGEST_KEPT else None


def connection_flags(url: urls.MysqlUrl, tool: mysql_tools.DumpTool) -> list[str]:
    """Host or socket, port, user and TLS, as dbmate gives them; never the password."""
    flags = tool.tls_flags(url.tls)
    if url.socket:
        flags.append(f"--socket={url.socket}")
    else:
        flags.append(f"--host={url.host}")
        if url.port:
            flags.append(f"--port={url.port}")
    if url.user:
        flags.append(f"--user={url.user}")
    return flags


def _versions(target: Target) -> str:
    table = quoted(target.migrations_table)
    database = urls.parse(target.url).database
    with reading(target) as connection:
        exists = rows(
            connection,
            "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s",
            (database, target.migrations_table),
        )
        found = rows(connection, f"SELECT quote(version) FROM {table} ORDER BY version") if exists else []
    # dbmate makes its table when it dumps; here it only stands in the file.
    create = "" if exists else f"\nCREATE TABLE IF NOT EXISTS {table} (version varchar(128) primary key);\n"
    insert = f"INSERT INTO {table} (version) VALUES\n  (" + "),\n  (".join(str(v) for (v,) in found) + ");\n"
    return (
        f"{create}\n--\n-- Dbmate schema migrations\n--\n\nLOCK TABLES {table} WRITE;\n"
        f"{insert if found else ''}UNLOCK TABLES;\n"
    )


def tidied(text: str) -> str:
    """dbmate's last touch: no comments or blank lines at the top, no white space at the ends of lines."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    first = 0
    while first < len(lines) and (not lines[first].rstrip("\r") or lines[first].startswith("--")):
        first += 1
    return "".join(f"{line.rstrip(_GO_SPACE)}\n" for line in lines[first:])
