"""schema.sql, character for character as dbmate writes it with the same pg_dump."""

from __future__ import annotations

import re

from backend.core.errors import NotSupported
from backend.drivers import pg_tools
from backend.drivers.pgwire.connect import parameters, reading, rows, user_options
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.target import Target

_PREAMBLE_SET = re.compile(r"^SET (\w+) = .*$")


def dump_schema(target: Target, url: PgUrl) -> str:
    """The whole file, versions included. Creates nothing: without a migrations table none is written into it.

    Settings in pg_dump's preamble that the server does not know (`transaction_timeout` before 17) are left out, so
    that the file loads where it came from. Raises the errors of `pg_tools.dump_schema` and those of connecting.
    """
    if url.parts.scheme == "redshift":
        raise NotSupported("pg_dump cannot read Redshift, so there is no schema file for it.")
    known, versions = _from_server(target, url)
    schemas = [name.strip() for name in url.search_path.split(",") if name.strip()]
    text = pg_tools.dump_schema(
        connection_parameters(target, url),
        schemas,
        cwd=target.working_dir,
        lock_timeout_s=target.lock_timeout_s,
    )
    return _as_dbmate_writes(text + versions, known)


def connection_parameters(target: Target, url: PgUrl) -> dict[str, str]:
    """libpq's parameters; the URL's other settings as PGOPTIONS, for pg_dump takes no others."""
    options = [user_options(target, url)]
    options += [
        f"-c {name}={_escaped(value)}"
        for name, value in url.settings().items()
        if name not in ("search_path", "role")
    ]
    found = {name: str(value) for name, value in parameters(target, url).items()}
    return {**found, "options": " ".join(filter(None, options)), "application_name": target.application_name}


def _escaped(value: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", value)


def _from_server(target: Target, url: PgUrl) -> tuple[set[str], str]:
    """The settings the server knows, and the end of the file: the versions, in the server's own order."""
    with reading(target, url) as connection:
        known = {name for (name,) in rows(connection, "SELECT name FROM pg_settings")}
        table = versions_table(connection, target, url)
        has_table = rows(connection, "SELECT to_regclass(%s) IS NOT NULL", (table.quoted,))[0][0]
        found = (
            rows(connection, f"SELECT quote_literal(version) FROM {table.quoted} ORDER BY version ASC")
            if has_table
            else []
        )
    text = "\n--\n-- Dbmate schema migrations\n--\n\n"
    if found:
        text += f"INSERT INTO {table.quoted} (version) VALUES\n    ("
        text += "),\n    (".join(literal for (literal,) in found) + ");\n"
    return known, text


def _as_dbmate_writes(text: str, known: set[str]) -> str:
    """Without the comments and blank lines at the top, and without blanks at the ends of lines."""
    lines: list[str] = []
    in_preamble = True
    for line in text.split("\n")[:-1] if text.endswith("\n") else text.split("\n"):
        if not lines and (not line or line.startswith("--")):
            continue
        setting = _PREAMBLE_SET.match(line) if in_preamble else None
        if setting and setting[1] not in known:
            continue
        if line.startswith(("CREATE ", "ALTER ", "-- Name: ")):
            in_preamble = False
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"
