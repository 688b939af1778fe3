"""The queries of the description, each set-wise. Sizes come from statistics: asking a relation takes a lock on it."""

from __future__ import annotations

USER_SCHEMAS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
"""Names that begin with pg_ are the server's own."""


def not_of_extension(catalog: str, oid: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = '{catalog}'::regclass "
        f"AND x.objid = {oid} AND x.deptype = 'e')"
    )


def _names(relation: str, numbers: str) -> str:
    """The names of attribute numbers, in their order."""
    return (
        f"ARRAY(SELECT a.attname::text FROM unnest({numbers}) WITH ORDINALITY AS u (number, place) "
        f"JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = u.number ORDER BY u.place)"
    )


TABLES = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text,
       -- Nobody counted it yet (-1): the rows that the server saw coming and going, which takes no lock.
       CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid) ELSE c.reltuples::bigint END,
       obj_description(c.oid, 'pg_class'),
       c.relispartition, (SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid ORDER BY h.inhseqno LIMIT 1)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {USER_SCHEMAS} AND {not_of_extension("pg_class", "c.oid")}
ORDER BY n.nspname <> coalesce(current_schema(), 'public'), n.nspname, c.relname
"""

PROPERTIES = """
SELECT c.oid, c.relpersistence::text, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       s.spcname, f.srvname,
       CASE WHEN c.reltuples >= 0 THEN
         (c.relpages + coalesce(t.relpages, 0) + coalesce(ti.pages, 0) + coalesce(i.pages, 0))
           * current_setting('block_size')::bigint END
FROM pg_class c
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_foreign_table ft ON ft.ftrelid = c.oid
LEFT JOIN pg_foreign_server f ON f.oid = ft.ftserver
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN LATERAL (SELECT sum(ic.relpages)::bigint AS pages FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
                   WHERE x.indrelid = c.oid) i ON true
LEFT JOIN LATERAL (SELECT sum(ic.relpages)::bigint AS pages FROM pg_index x JOIN pg_class ic ON ic.oid = x.indexrelid
                   WHERE x.indrelid = t.oid) ti ON true
WHERE c.oid = ANY(%s)
"""


def columns(server_version: int) -> str:
    """Generated columns came with 12."""
    generated = "a.attgenerated::text" if server_version >= 120000 else "''"
    return f"""
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       a.attidentity::text, {generated},
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN co.collname END,
       col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""


CONSTRAINTS = f"""
SELECT k.conrelid, k.contype::text, k.conname, {_names("k.conrelid", "k.conkey")},
       pg_get_constraintdef(k.oid, true), obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k
WHERE k.conrelid = ANY(%s) AND k.contype IN ('p', 'u', 'c', 'x')
ORDER BY k.conrelid, k.contype, k.conname
"""

# A key that points at a partitioned table has one more entry for each partition; those are the server's own.
FOREIGN_KEYS = f"""
SELECT k.conrelid, k.conname, {_names("k.conrelid", "k.conkey")}, n.nspname, c.relname,
       {_names("k.confrelid", "k.confkey")}, k.confupdtype::text, k.confdeltype::text, k.condeferrable,
       k.condeferred, k.convalidated, obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.conrelid = ANY(%s) AND k.contype = 'f'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
ORDER BY k.conrelid, k.conname
"""

INDEXES = """
SELECT i.indrelid, c.relname, i.indisunique, i.indisprimary, i.indisvalid, am.amname,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
                    || CASE WHEN am.amname = 'btree' AND i.indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
             FROM generate_series(1, i.indnkeyatts) AS k),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(i.indnkeyatts + 1, i.indnatts) AS k),
       pg_get_expr(i.indpred, i.indrelid, true), pg_get_indexdef(i.indexrelid), obj_description(c.oid, 'pg_class')
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
WHERE i.indrelid = ANY(%s)
ORDER BY i.indrelid, NOT i.indisprimary, c.relname
"""

TRIGGERS = """
SELECT t.tgrelid, t.tgname, t.tgtype::int, pg_get_triggerdef(t.oid, true), t.tgenabled::text <> 'D',
       obj_description(t.oid, 'pg_trigger')
FROM pg_trigger t WHERE t.tgrelid = ANY(%s) AND NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname
"""

POLICIES = """
SELECT p.polrelid, p.polname, p.polcmd::text, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = ANY(%s) ORDER BY p.polrelid, p.polname
"""

VIEWS = "SELECT c.oid, pg_get_viewdef(c.oid, true) FROM pg_class c WHERE c.oid = ANY(%s) AND c.relkind IN ('v', 'm')"

TYPES = f"""
SELECT n.nspname, t.typname, t.typtype::text,
       CASE t.typtype
         WHEN 'e' THEN (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e
                        WHERE e.enumtypid = t.oid)
         WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
              || coalesce((SELECT ' ' || string_agg(pg_get_constraintdef(k.oid, true), ' ' ORDER BY k.conname)
                           FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '')
         WHEN 'r' THEN (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)
         WHEN 'c' THEN (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                                          ORDER BY a.attnum)
                        FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
       END,
       obj_description(t.oid, 'pg_type')
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE {USER_SCHEMAS} AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
  AND {not_of_extension("pg_type", "t.oid")}
ORDER BY 3, 1, 2
"""

FUNCTIONS = f"""
SELECT n.nspname, p.proname, p.prokind::text, pg_get_function_identity_arguments(p.oid),
       pg_get_function_result(p.oid), l.lanname, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind <> 'a' AND {USER_SCHEMAS} AND {not_of_extension("pg_proc", "p.oid")}
ORDER BY 1, 2, 4
"""

SEQUENCES = f"""
SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqincrement,
       (SELECT o.relname || '.' || a.attname FROM pg_depend d JOIN pg_class o ON o.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') LIMIT 1),
       obj_description(c.oid, 'pg_class')
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_class", "c.oid")}
ORDER BY 1, 2
"""

EXTENSIONS = """
SELECT n.nspname, e.extname, e.extversion, obj_description(e.oid, 'pg_extension')
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY 2
"""
