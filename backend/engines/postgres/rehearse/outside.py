"""Statements whose effect is not the scratch's alone. By PostgreSQL's own parser."""

from __future__ import annotations

import postgast

_SHARED = {
    "create_role_stmt": "makes a role",
    "alter_role_stmt": "changes a role",
    "alter_role_set_stmt": "changes a role's settings",
    "drop_role_stmt": "drops a role",
    "grant_role_stmt": "grants a role",
    "createdb_stmt": "makes a database",
    "dropdb_stmt": "drops a database",
    "create_table_space_stmt": "makes a tablespace",
    "drop_table_space_stmt": "drops a tablespace",
    "alter_system_stmt": "changes the server's configuration",
    "reassign_owned_stmt": "gives away what a role owns, in every database",
    "drop_owned_stmt": "drops what a role owns and may do, in every database",
    "create_subscription_stmt": "connects the server to another one",
}


def reaches_out(text: str) -> str | None:
    """What a statement does beyond its database, in words; None where it does not, or cannot be read. What a DO block or
    a function does is not seen."""
    try:
        tree = postgast.parse(text)
    except (postgast.PgQueryError, UnicodeError, ValueError):
        return None
    for one in tree.stmts:
        kind = one.stmt.WhichOneof("node")
        if kind in _SHARED:
            return _SHARED[kind]
        if kind == "copy_stmt":
            copy = one.stmt.copy_stmt
            if copy.is_program or copy.filename:
                return "reads or writes a file, or starts a program, on the server's machine"
    return None
