"""A table's statements as pg_dump prints them, without what pg_dump says around them."""

from __future__ import annotations

import re

from backend.core.errors import NotFound
from backend.drivers import pg_tools
from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.tableids import parse_table_id
from backend.engine.target import Target
from backend.engines.postgres.dump import connection_parameters
from backend.engines.postgres.truth import quoted
from backend.models.schema_detail import SchemaDdl

# `--`, `-- Name: users; Type: TABLE; …`, `--`, a blank line.
_ENTRY = re.compile(r"^--\n-- Name: [^\n]*\n--\n\n", re.MULTILINE)
_END = re.compile(r"^--\n-- PostgreSQL database dump complete\n--\n.*", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"\ASET \w+ = [^\n]*;\n+")
_THERE = """
SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""


def table_ddl(target: Target, url: PgUrl, table: str) -> SchemaDdl:
    """Raises NotFound where the table is not there, and what pg_dump raises."""
    schema, name = parse_table_id(table)
    with reading(target, url) as connection:
        if not rows(connection, _THERE, (schema, name)):
            raise NotFound(f"There is no table {table}.")
    pattern = f"{quoted(schema or '')}.{quoted(name)}"
    text = pg_tools.dump_table(
        connection_parameters(target, url),
        pattern,
        cwd=target.working_dir,
        lock_timeout_s=target.lock_timeout_s,
    )
    return SchemaDdl(table=table, text=_statements(text), source="pg_dump")


def _statements(text: str) -> str:
    first, *entries = _ENTRY.split(_END.sub("", text))
    if not entries:
        return first.strip() + "\n"
    bodies = []
    for entry in entries:
        body = entry
        # Table spaces and access methods are switched between entries.
        while (setting := _SETTING.match(body)) is not None:
            body = body[setting.end() :]
        bodies.append(body.strip())
    return "\n\n".join(body for body in bodies if body) + "\n"
