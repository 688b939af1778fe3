"""Names as PostgreSQL wants them written. Pure."""

from __future__ import annotations

import re

from backend.engine.sqlrules.tokens import words

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")
# Reserved in PostgreSQL 18 (fully, or except as function or type): as a table's or column's name they need quotes.
RESERVED = words(
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation "
    "column concurrently constraint create cross current_catalog current_date current_role current_schema current_time "
    "current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze "
    "from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like "
    "limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary "
    "references returning right select session_user similar some symmetric system_user table tablesample then to "
    "trailing true union unique user using variadic verbose when where window with"
)


def quote(name: str) -> str:
    """The name as SQL, in double quotes only where it must be."""
    if _PLAIN.match(name) and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'
