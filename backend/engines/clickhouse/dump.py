"""schema.sql as dbmate writes it for ClickHouse, byte for byte."""

from __future__ import annotations

from backend.core.errors import DatabaseMissing
from backend.engine.target import Target

from . import truth, url
from .connect import exists, session
from .errors import UNKNOWN_TABLE, ServerSaid
from .text import dbmate_identifier, identifier


def dump_schema(target: Target) -> str:
    """The tables by name, then the applied versions. Unlike dbmate, creates nothing. Raises DatabaseMissing."""
    parsed = url.parse(target.url)
    database = dbmate_identifier(parsed.database)
    with session(target) as server:
        if not exists(server, parsed.database):
            raise DatabaseMissing(f"The database {parsed.database} does not exist.")
        names = [str(row[0]) for row in server.query(f"SHOW TABLES FROM {identifier(parsed.database)}")]
        creates = []
        for name in sorted(names, key=str.encode):
            table = f"{identifier(parsed.database)}.{identifier(name)}"
            try:
                creates.append(str(server.query(f"SHOW CREATE TABLE {table}")[0][0]))
            except ServerSaid as error:
                # Dropped since it was listed.
                if error.code != UNKNOWN_TABLE:
                    raise
    head = f"\n--\n-- Database schema\n--\n\nCREATE DATABASE IF NOT EXISTS {database}{truth.on_cluster(parsed)};\n\n"
    body = "".join(f"{create};\n\n" for create in creates)
    return head + body + _versions(target, database)


def _versions(target: Target, database: str) -> str:
    rows = [one.version.replace("\\", "\\\\").replace("'", "\\'") for one in truth.applied(target)]
    text = "\n--\n-- Dbmate schema migrations\n--\n\n"
    if rows:
        text += (
            f"INSERT INTO {database}.{dbmate_identifier(target.migrations_table)} (version) VALUES\n    ('"
        )
        text += "'),\n    ('".join(rows) + "');\n"
    return text
