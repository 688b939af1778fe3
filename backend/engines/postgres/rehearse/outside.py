"""Statements whose effect is not the scratch's alone: by PostgreSQL's own parser, and by what the server's shared catalogs
hold before a transaction ends."""

from __future__ import annotations

import re
from typing import Any

import postgast

_SHARED = {
    "create_role_stmt": "makes a role",
    "alter_role_stmt": "changes a role",
    "alter_role_set_stmt": "changes a role's settings",
    "drop_role_stmt": "drops a role",
    "grant_role_stmt": "grants a role",
    "createdb_stmt": "makes a database",
    "dropdb_stmt": "drops a database",
    "alter_database_stmt": "changes a database",
    "alter_database_set_stmt": "changes a database's settings",
    "alter_database_refresh_coll_stmt": "changes a database",
    "create_table_space_stmt": "makes a tablespace",
    "drop_table_space_stmt": "drops a tablespace",
    "alter_table_space_options_stmt": "changes a tablespace",
    "alter_system_stmt": "changes the server's configuration",
    "reassign_owned_stmt": "gives away what a role owns, in every database",
    "drop_owned_stmt": "drops what a role owns and may do, in every database",
    "create_subscription_stmt": "connects the server to another one",
    "alter_subscription_stmt": "changes a connection to another server",
    "drop_subscription_stmt": "changes a connection to another server",
    "create_foreign_server_stmt": "leads to another server or file",
    "load_stmt": "loads a library into the server",
}
# What these say is about a database, a role or a tablespace, which are the whole server's.
_ABOUT = {
    "rename_stmt": "rename_type",
    "alter_owner_stmt": "object_type",
    "comment_stmt": "objtype",
    "sec_label_stmt": "objtype",
    "grant_stmt": "objtype",
}
_OF_THE_SERVER = {
    postgast.pg_query_pb2.OBJECT_DATABASE: "changes a database",
    postgast.pg_query_pb2.OBJECT_ROLE: "changes a role",
    postgast.pg_query_pb2.OBJECT_TABLESPACE: "changes a tablespace",
}
_DOORS = frozenset(
    {"dblink", "postgres_fdw", "file_fdw", "mysql_fdw", "oracle_fdw", "tds_fdw", "adminpack", "pg_cron"}
)
# In the text of a DO block or a function too, where no parser looks.
_CALLS = re.compile(
    r"\b(?P<door>dblink\w*|lo_(?:import|export)|pg_(?:read|ls|stat)_(?:binary_)?(?:file|dir\w*)|pg_file_\w+"
    r"|pg_(?:terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_switch_wal|pg_create_\w*slot"
    r"|pg_(?:logical|drop|copy|replication)_\w*(?:slot|emit_message|origin)\w*)\s*\(",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"\bCOPY\b[^;]*\b(?:TO|FROM)\s+(?:PROGRAM\b|E?'+\s*/)", re.IGNORECASE)
_FILE = "reads or writes a file, or starts a program, on the server's machine"

SHARED_CATALOGS = """
SELECT EXISTS (
  SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid() AND database = 0 AND mode = 'RowExclusiveLock' AND relation IN (
    'pg_authid'::regclass, 'pg_auth_members'::regclass, 'pg_database'::regclass, 'pg_tablespace'::regclass,
    'pg_db_role_setting'::regclass, 'pg_shdescription'::regclass, 'pg_shseclabel'::regclass,
    'pg_subscription'::regclass, 'pg_replication_origin'::regclass)
) OR EXISTS (SELECT 1 FROM pg_database WHERE xmin::text::bigint = txid_current_if_assigned() % 4294967296)
"""
"""Whether this transaction changed what belongs to the whole server: it keeps its locks there until it ends, all but those
of rights on a database. What other sessions do meanwhile does not count."""
CHANGED_SHARED = (
    "The block changes roles, databases or their settings, which belong to the whole server and which a scratch database "
    "does not keep to itself: it was taken back."
)


def reaches_out(text: str) -> str | None:
    """What a statement does beyond its database, in words; None where it does not, or cannot be read. Of a DO block or a
    function, what its text calls by name; what it puts together is seen by `SHARED_CATALOGS` alone."""
    if found := _CALLS.search(_without_comments(text)):
        return f"calls {found['door'].lower()}"
    if _PROGRAM.search(_without_comments(text)):
        return _FILE
    try:
        tree = postgast.parse(text)
    except (postgast.PgQueryError, UnicodeError, ValueError):
        return None
    for one in tree.stmts:
        kind = one.stmt.WhichOneof("node")
        if kind is None:
            continue
        if kind in _SHARED:
            return _SHARED[kind]
        found_in: Any = getattr(one.stmt, kind)
        if kind in _ABOUT and (said := _OF_THE_SERVER.get(getattr(found_in, _ABOUT[kind]))):
            return said
        if kind == "create_extension_stmt" and found_in.extname.lower() in _DOORS:
            return f"makes the extension {found_in.extname}, which leads to other databases or files"
        if kind == "copy_stmt" and (found_in.is_program or found_in.filename):
            return _FILE
    return None


def _without_comments(text: str) -> str:
    from backend.engine import sqltext

    return sqltext.strip_comments(text, "postgres")
