"""Makes a database as a description has it, and gives it the owner, grants, settings and comment of another."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows
from backend.engines.postgres.truth import quoted

if TYPE_CHECKING:
    from psycopg import Connection

_log = logging.getLogger(__name__)
Description = Mapping[str, Any]


def create(connection: Connection[Any], name: str, like: Description) -> list[str]:
    """CREATE DATABASE with that encoding and locale; where the server does not have the locale, with its own. Notes."""
    import psycopg

    start = f"CREATE DATABASE {quoted(name)} TEMPLATE template0"
    tablespace = like.get("tablespace")
    if tablespace and tablespace != "pg_default" and _has(connection, "pg_tablespace", "spcname", tablespace):
        start += f" TABLESPACE {quoted(tablespace)}"
    try:
        connection.execute((start + _locale(connection, like)).encode())
    except psycopg.Error as error:
        # A name of a locale or encoding that this server does not have.
        if not like or error.sqlstate not in ("22023", "42704", "42809", "XX000", "0A000"):
            raise
        encoding = (
            f" ENCODING {_literal(connection, like['encoding_name'])}" if like.get("encoding_name") else ""
        )
        connection.execute((start + encoding).encode())
        return [
            f"This server does not have the locale {like.get('datcollate')}: texts are sorted by its own."
        ]
    return []


def _locale(connection: Connection[Any], like: Description) -> str:
    provider = {"i": "icu", "b": "builtin"}.get(str(like.get("datlocprovider")), "libc")
    wanted = {
        "ENCODING": like.get("encoding_name"),
        "LC_COLLATE": like.get("datcollate"),
        "LC_CTYPE": like.get("datctype"),
    }
    locale = like.get("datlocale") or like.get("daticulocale")
    if provider != "libc" and connection.info.server_version >= 150000:
        wanted["LOCALE_PROVIDER"] = provider
        wanted["ICU_LOCALE" if provider == "icu" else "BUILTIN_LOCALE"] = locale
        wanted["ICU_RULES"] = like.get("daticurules")
    return "".join(f" {key} {_literal(connection, value)}" for key, value in wanted.items() if value)


def give(connection: Connection[Any], name: str, rights: Description, settings: Description) -> list[str]:
    """Owner, grants and connection limit of the one, settings and comment of the other. What the user may not give is
    named in the notes."""
    database, notes = quoted(name), []
    known = {role for (role,) in rows(connection, "SELECT rolname FROM pg_roles")}
    for role, privilege, grantable in rights.get("granted") or ():
        if role and role not in known:
            notes.append(
                f"The role {role!r} does not exist here: its right {privilege} on the database was left out."
            )
            continue
        notes += _try(
            connection,
            f"GRANT {privilege} ON DATABASE {database} TO {quoted(role) if role else 'PUBLIC'}"
            + (" WITH GRANT OPTION" if grantable else ""),
            f"the right {privilege} of {role or 'everybody'}",
        )
    if rights.get("granted") is not None:
        given = {(role, privilege) for role, privilege, _ in rights["granted"]}
        for privilege in ("CONNECT", "TEMPORARY"):
            if ("", privilege) not in given:
                notes += _try(
                    connection, f"REVOKE {privilege} ON DATABASE {database} FROM PUBLIC", "a right withdrawn"
                )
    limit = rights.get("datconnlimit", -1)
    if isinstance(limit, int) and limit >= 0:
        notes += _try(
            connection, f"ALTER DATABASE {database} CONNECTION LIMIT {limit}", "the connection limit"
        )
    for role, pairs in settings.get("settings") or ():
        if role is not None and role not in known:
            notes.append(
                f"The role {role!r} does not exist here: its settings in this database were left out."
            )
            continue
        of = f"ALTER ROLE {quoted(role)} IN DATABASE {database}" if role else f"ALTER DATABASE {database}"
        for pair in pairs:
            key, _, value = pair.partition("=")
            notes += _try(
                connection, f"{of} SET {key} TO {_setting(connection, key, value)}", f"the setting {key}"
            )
    if settings.get("comment"):
        notes += _try(
            connection,
            f"COMMENT ON DATABASE {database} IS {_literal(connection, settings['comment'])}",
            "its comment",
        )
    owner = rights.get("owner")
    # Last: whoever gives it away may not change it any more.
    if owner in known:
        notes += _try(
            connection, f"ALTER DATABASE {database} OWNER TO {quoted(str(owner))}", f"its owner {owner}"
        )
    elif owner:
        notes.append(f"The role {owner!r} does not exist here: the database belongs to you.")
    return notes


def _setting(connection: Connection[Any], key: str, value: str) -> str:
    """Lists are kept as a list: `SET search_path TO 'a, b'` would be one schema of that name."""
    if key.lower() in (
        "search_path",
        "temp_tablespaces",
        "session_preload_libraries",
        "local_preload_libraries",
    ):
        return value or "''"
    return _literal(connection, value)


def _try(connection: Connection[Any], statement: str, what: str) -> list[str]:
    import psycopg

    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        _log.info("Not given to the restored database: %s (%s)", what, error.sqlstate)
        reason = (error.diag.message_primary or "the server refused it").rstrip(".")
        return [f"The database did not get {what}: {reason}."]
    return []


def _has(connection: Connection[Any], catalog: str, column: str, name: str) -> bool:
    return bool(rows(connection, f"SELECT 1 FROM {catalog} WHERE {column} = %s", (name,)))


def _literal(connection: Connection[Any], value: object) -> str:
    return str(rows(connection, "SELECT quote_literal(%s::text)", (str(value),))[0][0])
