"""The kinds of objects that hardly anybody looks for daily, one query each: (schema, name, detail, definition, comment).

`definition` is the server's own print of the statement where it has a function for that; else it is put together here of
what the catalog says, by the server's own quoting. User mappings are left out: they hold passwords.
"""

from __future__ import annotations

from .queries import USER_SCHEMAS, not_of_extension


def _arguments(routine: str) -> str:
    return f"pg_get_function_identity_arguments({routine})"


def _options(options: str, word: str = "OPTIONS") -> str:
    """` OPTIONS (host 'a', port '1')`, or nothing."""
    return (
        f"coalesce((SELECT ' {word} (' || string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), "
        f"', ') || ')' FROM pg_options_to_table({options}) o), '')"
    )


_RULES = f"""
SELECT n.nspname, r.rulename || ' on ' || c.relname,
       'on ' || CASE r.ev_type WHEN '1' THEN 'SELECT' WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END
       || CASE WHEN r.is_instead THEN ', instead' ELSE '' END
       || CASE r.ev_enabled WHEN 'D' THEN ', disabled' WHEN 'A' THEN ', always' WHEN 'R' THEN ', on replicas' ELSE '' END,
       pg_get_ruledef(r.oid, true), obj_description(r.oid, 'pg_rewrite')
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND {USER_SCHEMAS} AND {not_of_extension("pg_class", "c.oid")} ORDER BY 1, 2
"""
_STATISTICS = f"""
SELECT n.nspname, s.stxname, 'on ' || c.relname, pg_get_statisticsobjdef(s.oid), obj_description(s.oid, 'pg_statistic_ext')
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace JOIN pg_class c ON c.oid = s.stxrelid
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_statistic_ext", "s.oid")} ORDER BY 1, 2
"""
_AGGREGATES = f"""
SELECT n.nspname, p.proname || '(' || {_arguments("p.oid")} || ')',
       '→ ' || format_type(p.prorettype, NULL) || ', by ' || a.aggtransfn::regproc::text,
       'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || {_arguments("p.oid")}
       || ') (SFUNC = ' || a.aggtransfn::regproc::text || ', STYPE = ' || format_type(a.aggtranstype, NULL)
       || CASE WHEN a.aggfinalfn <> 0 THEN ', FINALFUNC = ' || a.aggfinalfn::regproc::text ELSE '' END
       || CASE WHEN a.aggcombinefn <> 0 THEN ', COMBINEFUNC = ' || a.aggcombinefn::regproc::text ELSE '' END
       || coalesce(', INITCOND = ' || quote_literal(a.agginitval), '') || ')',
       obj_description(p.oid, 'pg_proc')
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_proc", "p.oid")} ORDER BY 1, 2
"""
_OPERATORS = f"""
SELECT n.nspname, o.oprname || ' (' || format_type(nullif(o.oprleft, 0), NULL) || ', '
       || coalesce(format_type(nullif(o.oprright, 0), NULL), 'none') || ')',
       '→ ' || format_type(o.oprresult, NULL) || ', by ' || o.oprcode::text,
       'CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' (FUNCTION = ' || o.oprcode::text
       || coalesce(', LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL), '')
       || coalesce(', RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL), '')
       || coalesce((SELECT ', COMMUTATOR = OPERATOR(' || quote_ident(m.nspname) || '.' || q.oprname || ')'
          FROM pg_operator q JOIN pg_namespace m ON m.oid = q.oprnamespace WHERE q.oid = o.oprcom), '')
       || coalesce((SELECT ', NEGATOR = OPERATOR(' || quote_ident(m.nspname) || '.' || q.oprname || ')'
          FROM pg_operator q JOIN pg_namespace m ON m.oid = q.oprnamespace WHERE q.oid = o.oprnegate), '')
       || CASE WHEN o.oprcanhash THEN ', HASHES' ELSE '' END || CASE WHEN o.oprcanmerge THEN ', MERGES' ELSE '' END || ')',
       obj_description(o.oid, 'pg_operator')
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND {USER_SCHEMAS} AND {not_of_extension("pg_operator", "o.oid")} ORDER BY 1, 2
"""
_OPERATOR_CLASSES = f"""
SELECT n.nspname, o.opcname, am.amname || ' for ' || format_type(o.opcintype, NULL)
       || CASE WHEN o.opcdefault THEN ', default' ELSE '' END,
       'CREATE OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(o.opcname)
       || CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END || ' FOR TYPE ' || format_type(o.opcintype, NULL)
       || ' USING ' || quote_ident(am.amname) || ' AS ' || concat_ws(', ',
         (SELECT string_agg('OPERATOR ' || p.amopstrategy || ' ' || p.amopopr::regoperator::text, ', ' ORDER BY p.amopstrategy)
          FROM pg_amop p WHERE p.amopfamily = o.opcfamily AND p.amoplefttype = o.opcintype AND p.amoprighttype = o.opcintype),
         (SELECT string_agg('FUNCTION ' || p.amprocnum || ' ' || p.amproc::regprocedure::text, ', ' ORDER BY p.amprocnum)
          FROM pg_amproc p WHERE p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
            AND p.amprocrighttype = o.opcintype)),
       obj_description(o.oid, 'pg_opclass')
FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_opclass", "o.oid")} ORDER BY 1, 2
"""
_CASTS = f"""
SELECT NULL, format_type(k.castsource, NULL) || ' as ' || format_type(k.casttarget, NULL),
       CASE k.castmethod WHEN 'b' THEN 'without function' WHEN 'i' THEN 'by its text'
       ELSE 'by ' || k.castfunc::regproc::text END
       || CASE k.castcontext WHEN 'i' THEN ', implicit' WHEN 'a' THEN ', in assignments' ELSE '' END,
       'CREATE CAST (' || format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL) || ') '
       || CASE k.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
          ELSE 'WITH FUNCTION ' || k.castfunc::regprocedure::text END
       || CASE k.castcontext WHEN 'i' THEN ' AS IMPLICIT' WHEN 'a' THEN ' AS ASSIGNMENT' ELSE '' END,
       obj_description(k.oid, 'pg_cast')
FROM pg_cast k WHERE k.oid >= 16384 AND {not_of_extension("pg_cast", "k.oid")} ORDER BY 2
"""
_COLLATIONS = f"""
SELECT n.nspname, c.collname, CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' ELSE 'builtin' END
       || coalesce(', ' || c.collcollate, ''), NULL, obj_description(c.oid, 'pg_collation')
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_collation", "c.oid")} ORDER BY 1, 2
"""
_CONFIGURATIONS = f"""
SELECT n.nspname, c.cfgname, 'parser ' || p.prsname,
       'CREATE TEXT SEARCH CONFIGURATION ' || quote_ident(n.nspname) || '.' || quote_ident(c.cfgname) || ' (PARSER = '
       || quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) || ')'
       || coalesce((SELECT string_agg('; ALTER TEXT SEARCH CONFIGURATION ' || quote_ident(n.nspname) || '.'
            || quote_ident(c.cfgname) || ' ADD MAPPING FOR ' || m.alias || ' WITH ' || m.dictionaries, '' ORDER BY m.alias)
          FROM (SELECT t.alias, string_agg(q.mapdict::regdictionary::text, ', ' ORDER BY q.mapseqno) AS dictionaries
                FROM pg_ts_config_map q JOIN ts_token_type(c.cfgparser) t ON t.tokid = q.maptokentype
                WHERE q.mapcfg = c.oid GROUP BY 1) m), ''),
       obj_description(c.oid, 'pg_ts_config')
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_ts_config", "c.oid")} ORDER BY 1, 2
"""
_DICTIONARIES = f"""
SELECT n.nspname, d.dictname, 'template ' || t.tmplname,
       'CREATE TEXT SEARCH DICTIONARY ' || quote_ident(n.nspname) || '.' || quote_ident(d.dictname) || ' (TEMPLATE = '
       || quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) || coalesce(', ' || d.dictinitoption, '') || ')',
       obj_description(d.oid, 'pg_ts_dict')
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE {USER_SCHEMAS} AND {not_of_extension("pg_ts_dict", "d.oid")} ORDER BY 1, 2
"""
_WRAPPERS = f"""
SELECT NULL, w.fdwname, nullif(w.fdwhandler, 0)::regproc::text,
       'CREATE FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname)
       || coalesce(' HANDLER ' || nullif(w.fdwhandler, 0)::regproc::text, '')
       || coalesce(' VALIDATOR ' || nullif(w.fdwvalidator, 0)::regproc::text, '') || {_options("w.fdwoptions")},
       obj_description(w.oid, 'pg_foreign_data_wrapper')
FROM pg_foreign_data_wrapper w WHERE {not_of_extension("pg_foreign_data_wrapper", "w.oid")} ORDER BY 2
"""
_SERVERS = f"""
SELECT NULL, s.srvname, 'by ' || w.fdwname,
       'CREATE SERVER ' || quote_ident(s.srvname) || coalesce(' TYPE ' || quote_literal(s.srvtype), '')
       || coalesce(' VERSION ' || quote_literal(s.srvversion), '') || ' FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname)
       || {_options("s.srvoptions")},
       obj_description(s.oid, 'pg_foreign_server')
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE {not_of_extension("pg_foreign_server", "s.oid")} ORDER BY 2
"""
_EVENT_TRIGGERS = f"""
SELECT NULL, e.evtname, 'on ' || e.evtevent
       || CASE e.evtenabled WHEN 'D' THEN ', disabled' WHEN 'A' THEN ', always' WHEN 'R' THEN ', on replicas' ELSE '' END,
       'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || e.evtevent
       || coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(tag), ', ') FROM unnest(e.evttags) tag) || ')', '')
       || ' EXECUTE FUNCTION ' || e.evtfoid::regproc::text || '()',
       obj_description(e.oid, 'pg_event_trigger')
FROM pg_event_trigger e WHERE {not_of_extension("pg_event_trigger", "e.oid")} ORDER BY 2
"""
_DEFAULT_PRIVILEGES = """
SELECT n.nspname, pg_get_userbyid(d.defaclrole) || ': ' || k.word || coalesce(' to ' || g.name, ''),
       string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type),
       'ALTER DEFAULT PRIVILEGES FOR ROLE ' || quote_ident(pg_get_userbyid(d.defaclrole))
       || coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '') || ' GRANT '
       || string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type) || ' ON ' || upper(k.word) || ' TO ' || g.quoted
       || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, NULL
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) x,
     LATERAL (SELECT CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                     WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END AS word) k,
     LATERAL (SELECT CASE x.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(x.grantee)::text END AS name,
                     CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS quoted) g
WHERE x.grantee <> d.defaclrole
GROUP BY n.nspname, d.defaclrole, k.word, g.name, g.quoted, x.is_grantable ORDER BY 1, 2
"""


def _publications(server_version: int) -> str:
    """Rows, columns and whole schemas came with 15."""
    if server_version >= 150000:
        tables = (
            "'TABLE ' || string_agg(r.prrelid::regclass::text "
            "|| coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a "
            "WHERE a.attrelid = r.prrelid AND a.attnum = ANY(r.prattrs)) || ')', '') "
            "|| coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', ''), ', ' ORDER BY r.prrelid::regclass::text)"
        )
        schemas = (
            "(SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(q.nspname), ', ' ORDER BY q.nspname) "
            "FROM pg_publication_namespace m JOIN pg_namespace q ON q.oid = m.pnnspid WHERE m.pnpubid = p.oid)"
        )
    else:
        tables = "'TABLE ' || string_agg(r.prrelid::regclass::text, ', ' ORDER BY r.prrelid::regclass::text)"
        schemas = "NULL"
    return f"""
SELECT NULL, p.pubname, k.what, 'CREATE PUBLICATION ' || quote_ident(p.pubname) || coalesce(' FOR ' || nullif(k.what, ''), '')
       || ' WITH (publish = ' || quote_literal(concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
          CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
          CASE WHEN p.pubtruncate THEN 'truncate' END)) || ')',
       obj_description(p.oid, 'pg_publication')
FROM pg_publication p, LATERAL (SELECT CASE WHEN p.puballtables THEN 'ALL TABLES' ELSE concat_ws(', ',
     (SELECT {tables} FROM pg_publication_rel r WHERE r.prpubid = p.oid), {schemas}) END AS what) k
WHERE {not_of_extension("pg_publication", "p.oid")} ORDER BY 2
"""


def kinds(server_version: int) -> tuple[tuple[str, str, str], ...]:
    """(kind, what a refusal is about, query)"""
    return (
        ("aggregate", "Aggregates", _AGGREGATES),
        ("rule", "Rules", _RULES),
        ("extended statistics object", "Extended statistics", _STATISTICS),
        ("operator", "Operators", _OPERATORS),
        ("operator class", "Operator classes", _OPERATOR_CLASSES),
        ("cast", "Casts", _CASTS),
        ("collation", "Collations", _COLLATIONS),
        ("text search configuration", "Text search configurations", _CONFIGURATIONS),
        ("text search dictionary", "Text search dictionaries", _DICTIONARIES),
        ("foreign data wrapper", "Foreign data wrappers", _WRAPPERS),
        ("foreign server", "Foreign servers", _SERVERS),
        ("publication", "Publications", _publications(server_version)),
        ("event trigger", "Event triggers", _EVENT_TRIGGERS),
        ("default privilege", "Default privileges", _DEFAULT_PRIVILEGES),
    )
