"""A second scratch like the first, made by the server itself from the first's files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from backend.drivers.pgwire.connect import rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Target
from backend.engines.postgres.schema import scratch as scratches
from backend.engines.postgres.schema.names import literal
from backend.engines.postgres.truth import maintenance, quoted

_SETTINGS = """
SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1) FROM pg_db_role_setting s
JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) AS one WHERE d.datname = %s AND s.setrole = 0
"""


@contextmanager
def twin(scratch: Target, url: PgUrl, placed: Target, placed_url: PgUrl) -> Iterator[Target]:
    """Named after the first, so that what sweeps that one sweeps this too."""
    name = f"{url.database[:60]}_2"
    with maintenance(scratch, url, write=True) as connection:
        connection.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(url.database)}".encode())
        try:
            # A template gives its content, not its owner and settings.
            if placed_url.parts.user != url.parts.user:
                connection.execute(
                    f"ALTER DATABASE {quoted(name)} OWNER TO {quoted(placed_url.parts.user)}".encode()
                )
            for setting, value in rows(connection, _SETTINGS, (url.database,)):
                set_for(connection, name, str(setting), str(value))
        except BaseException:
            scratches.drop(scratch, url, name)
            raise
    try:
        yield replace(placed, url=placed_url.with_database(name).text())
    finally:
        scratches.drop(scratch, url, name)


def set_for(connection: object, database: str, setting: str, value: str) -> None:
    """A setting of the database; a search_path is a list of names already quoted."""
    text = value if setting == "search_path" else literal(value)
    connection.execute(f"ALTER DATABASE {quoted(database)} SET {quoted(setting)} = {text}".encode())  # type: ignore[attr-defined]
