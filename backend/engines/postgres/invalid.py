"""Indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY left: kept up at each write, never used."""

from __future__ import annotations

from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import InvalidIndex, Target

from .catalog import USER_SCHEMAS

# An index of a partitioned table is invalid until every partition has its own, which is no failure; one that is being
# built right now is invalid until it is done. One behind a constraint goes with the constraint alone.
_QUERY = f"""
SELECT n.nspname, c.relname, t.relname, n.nspname = current_schema(),
       format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND {USER_SCHEMAS}
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)
  AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid
                  OR (p.relid = t.oid AND p.command LIKE '%CONCURRENTLY'))
ORDER BY 1, 2
"""


def invalid_indexes(target: Target, url: PgUrl) -> list[InvalidIndex]:
    with reading(target, url) as connection:
        found = rows(connection, _QUERY)
    return [
        InvalidIndex(name if is_here else f"{schema}.{name}", table, drop)
        for schema, name, table, is_here, drop in found
    ]
