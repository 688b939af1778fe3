"""Every object of a schema with a text that changes when it does: one query over pg_catalog. Reads only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.target import Target

from .catalog import USER_SCHEMAS

if TYPE_CHECKING:
    from psycopg import Connection

# What the user made has numbers from 16384 on; the catalogs hold thousands of others.
# Definitions come fully qualified with an empty search_path, so they do not depend on who asks.
QUERY = f"""
WITH ours AS MATERIALIZED (
  SELECT n.oid, n.nspname FROM pg_namespace n WHERE {USER_SCHEMAS}
), member AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), rel AS MATERIALIZED (
  SELECT c.*, o.nspname FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
    AND NOT (o.nspname = %(schema)s AND c.relname = %(name)s AND c.relkind = 'r')
)
SELECT 'schema', NULL, nspname, nspacl::text FROM pg_namespace n WHERE {USER_SCHEMAS}
UNION ALL
SELECT 'extension', NULL, extname, extversion FROM pg_extension
UNION ALL
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                      WHEN 'c' THEN 'type' ELSE 'table' END,
       c.nspname, c.relname,
       concat_ws(' ', c.relkind, c.relpersistence, c.reloptions::text, c.relrowsecurity, c.relforcerowsecurity,
                 c.relreplident, pg_get_userbyid(c.relowner), (SELECT amname FROM pg_am WHERE pg_am.oid = c.relam),
                 CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid),
                 (SELECT string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
                 CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
FROM rel c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'grants', c.nspname, c.relname, c.relacl::text FROM rel c WHERE c.relacl IS NOT NULL
UNION ALL
SELECT 'column', c.nspname, c.relname || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
                 nullif(a.attstattarget, -1), (SELECT collname FROM pg_collation WHERE pg_collation.oid = a.attcollation),
                 pg_get_expr(d.adbin, d.adrelid), a.attacl::text)
FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'c')
UNION ALL
SELECT 'index', c.nspname, c.relname,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
                 CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END)
FROM pg_index i JOIN rel c ON c.oid = i.indexrelid JOIN rel t ON t.oid = i.indrelid
UNION ALL
SELECT 'constraint', coalesce(c.nspname, o.nspname), coalesce(c.relname, t.typname) || '.' || k.conname,
       concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
FROM pg_constraint k JOIN ours o ON o.oid = k.connamespace
LEFT JOIN rel c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
WHERE (c.oid IS NOT NULL OR t.oid IS NOT NULL)
UNION ALL
SELECT 'sequence', c.nspname, c.relname,
       concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)
FROM pg_sequence s JOIN rel c ON c.oid = s.seqrelid
UNION ALL
SELECT 'trigger', c.nspname, c.relname || '.' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN rel c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule', c.nspname, c.relname || '.' || r.rulename, concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled)
FROM pg_rewrite r JOIN rel c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', c.nspname, c.relname || '.' || p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, (SELECT string_agg(coalesce(r.rolname, 'public'), ',' ORDER BY 1)
                                                  FROM unnest(p.polroles) AS role LEFT JOIN pg_roles r ON r.oid = role),
                 pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN rel c ON c.oid = p.polrelid
UNION ALL
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
       o.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws(' ', CASE WHEN p.prokind = 'a' THEN (SELECT a::text FROM pg_aggregate a WHERE a.aggfnoid = p.oid)
                           ELSE pg_get_functiondef(p.oid) END, p.proacl::text)
FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
WHERE p.oid >= 16384
  AND NOT EXISTS (SELECT 1 FROM member m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
UNION ALL
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, o.nspname, t.typname,
       concat_ws(' ', t.typtype, t.typnotnull, t.typdefault, format_type(nullif(t.typbasetype, 0), t.typtypmod),
                 (SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
                 (SELECT format_type(rngsubtype, NULL) FROM pg_range WHERE rngtypid = t.oid))
FROM pg_type t JOIN ours o ON o.oid = t.typnamespace
WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'r')
  AND NOT EXISTS (SELECT 1 FROM member m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
UNION ALL
SELECT 'statistics', o.nspname, s.stxname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN ours o ON o.oid = s.stxnamespace
UNION ALL
SELECT 'event trigger', NULL, evtname, concat_ws(' ', evtevent, evtfoid::regproc, evtenabled, evttags::text)
FROM pg_event_trigger
UNION ALL
SELECT 'publication', NULL, p.pubname,
       concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
                 (SELECT string_agg(prrelid::regclass::text, ',' ORDER BY 1) FROM pg_publication_rel WHERE prpubid = p.oid))
FROM pg_publication p
UNION ALL
SELECT 'comment', c.nspname, concat_ws('.', c.relname, a.attname), d.description
FROM pg_description d JOIN rel c ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
"""
_LONG = 400
# `varchar_column IN ('a', 'b')` is printed so at first, and when that text was run again with each cast by itself.
_CAST_TOGETHER = re.compile(
    r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:\(\d+\))?(?:, )?)+)\]\)::text\[\]"
)
_CAST = re.compile(r"'(?:[^']|'')*'::character varying(?:\(\d+\))?")


def fingerprint(target: Target, url: PgUrl) -> dict[str, str]:
    """Objects by readable key; a schema stands before the name unless it is the current one. Without the migrations
    table and without what extensions brought."""
    with reading(target, url) as connection:
        return fingerprint_in(connection, target, url)


def fingerprint_in(connection: Connection[Any], target: Target, url: PgUrl) -> dict[str, str]:
    """The same, in a session of the caller's and so in its snapshot; leaves it with an empty search_path."""
    versions = versions_table(connection, target, url)
    default = rows(connection, "SELECT current_schema()")[0][0]
    rows(connection, "SELECT set_config('search_path', '', false)")
    found = rows(connection, QUERY, {"schema": versions.schema, "name": versions.name})
    return {
        f"{kind} {name if schema is None or schema == default else f'{schema}.{name}'}": _short(
            _as_printed_again(text or "")
        )
        for kind, schema, name, text in found
    }


def _as_printed_again(text: str) -> str:
    """As the server prints it after a dump and a restore, so that what was restored reads as it did."""
    return _CAST_TOGETHER.sub(
        lambda found: "ARRAY[" + _CAST.sub(lambda one: f"({one[0]})::text", found[1]) + "]", text
    )


def _short(text: str) -> str:
    """The text, or the beginning and the hash of a long one (function bodies): what is kept stays small."""
    if len(text) <= _LONG:
        return text
    import hashlib

    return f"{text[: _LONG // 2]}… {hashlib.sha256(text.encode()).hexdigest()}"
