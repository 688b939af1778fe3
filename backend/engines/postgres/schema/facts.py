"""What the generator needs beside the texts: names as SQL, columns with their parts, and who needs whom. Set-wise reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows

if TYPE_CHECKING:
    from psycopg import Connection

_IDENTITIES = """
SELECT u.classid::bigint, u.objid::bigint, o.type, o.identity
FROM unnest(%s::oid[], %s::oid[]) AS u(classid, objid), pg_identify_object(u.classid, u.objid, 0) AS o
"""
# Column's fields in their order, as one JSON text a relation: the server makes it while pg_dump is at work.
_COLUMNS = """
SELECT a.attrelid::bigint, json_agg(json_build_array(
       a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), {generated}, a.attidentity::text,
       CASE WHEN a.attcollation <> t.typcollation
            THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname)
                  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) END,
       a.attinhcount > 0, t.typcategory::text, t.typtype::text,
       format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL), a.attislocal) ORDER BY a.attnum)::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY 1
"""
# Rules of views count as the view, types of tables as the table, arrays as their element, defaults as their column.
_DEPENDS = """
WITH raw AS (
  SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid
  FROM pg_depend d WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S') AND (d.objid >= 16384 OR d.classid = 'pg_attrdef'::regclass)
    AND d.refobjid >= 16384
), folded AS (
  SELECT CASE WHEN r.classid = 'pg_rewrite'::regclass AND w.rulename = '_RETURN' THEN 'pg_class'::regclass::oid
              WHEN r.classid = 'pg_attrdef'::regclass THEN 'pg_class'::regclass::oid
              WHEN r.classid = 'pg_type'::regclass AND t.typrelid <> 0 AND tc.relkind <> 'c' THEN 'pg_class'::regclass::oid
              ELSE r.classid END AS classid,
         CASE WHEN r.classid = 'pg_rewrite'::regclass AND w.rulename = '_RETURN' THEN w.ev_class
              WHEN r.classid = 'pg_attrdef'::regclass THEN ad.adrelid
              WHEN r.classid = 'pg_type'::regclass AND t.typelem <> 0 AND t.typcategory = 'A' THEN t.typelem
              WHEN r.classid = 'pg_type'::regclass AND t.typrelid <> 0 THEN t.typrelid
              ELSE r.objid END AS objid,
         CASE WHEN r.classid = 'pg_attrdef'::regclass THEN ad.adnum ELSE r.objsubid END AS objsubid,
         r.classid = 'pg_attrdef'::regclass AS is_default,
         CASE WHEN r.refclassid = 'pg_type'::regclass AND rt.typrelid <> 0 AND rc.relkind <> 'c' THEN 'pg_class'::regclass::oid
              ELSE r.refclassid END AS refclassid,
         CASE WHEN r.refclassid = 'pg_type'::regclass AND rt.typelem <> 0 AND rt.typcategory = 'A' THEN rt.typelem
              WHEN r.refclassid = 'pg_type'::regclass AND rt.typrelid <> 0 AND rc.relkind <> 'c' THEN rt.typrelid
              ELSE r.refobjid END AS refobjid,
         r.refobjsubid
  FROM raw r
  LEFT JOIN pg_rewrite w ON r.classid = 'pg_rewrite'::regclass AND w.oid = r.objid
  LEFT JOIN pg_attrdef ad ON r.classid = 'pg_attrdef'::regclass AND ad.oid = r.objid
  LEFT JOIN pg_type t ON r.classid = 'pg_type'::regclass AND t.oid = r.objid
  LEFT JOIN pg_class tc ON tc.oid = t.typrelid
  LEFT JOIN pg_type rt ON r.refclassid = 'pg_type'::regclass AND rt.oid = r.refobjid
  LEFT JOIN pg_class rc ON rc.oid = rt.typrelid
)
SELECT DISTINCT f.classid::bigint, f.objid::bigint, f.is_default, oa.attname,
       f.refclassid::bigint, f.refobjid::bigint, ra.attname
FROM folded f
LEFT JOIN pg_attribute oa ON f.classid = 'pg_class'::regclass
  AND oa.attrelid = f.objid AND oa.attnum = f.objsubid AND f.objsubid > 0
LEFT JOIN pg_attribute ra ON f.refclassid = 'pg_class'::regclass
  AND ra.attrelid = f.refobjid AND ra.attnum = f.refobjsubid AND f.refobjsubid > 0
WHERE (f.classid, f.objid) <> (f.refclassid, f.refobjid)
"""
_INDEX_OF_CONSTRAINT = """
SELECT conindid::bigint, oid::bigint FROM pg_constraint WHERE conindid <> 0 AND contype IN ('p', 'u', 'x')
"""
# What has no entry of its own in a dump: constraints inside a table's or domain's text, the columns of a composite type, the
# multirange of a range.
_INSIDE = """
SELECT 'pg_constraint'::regclass::oid::bigint, oid::bigint,
       (CASE WHEN conrelid <> 0 THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END)::oid::bigint,
       (CASE WHEN conrelid <> 0 THEN conrelid ELSE contypid END)::bigint, quote_ident(conname)
FROM pg_constraint WHERE oid >= 16384 AND contype = 'c'
UNION ALL
SELECT 'pg_class'::regclass::oid::bigint, oid::bigint, 'pg_type'::regclass::oid::bigint, reltype::bigint, NULL
FROM pg_class WHERE relkind = 'c' AND oid >= 16384
"""
_MULTIRANGES = """
SELECT 'pg_type'::regclass::oid::bigint, rngmultitypid::bigint, 'pg_type'::regclass::oid::bigint, rngtypid::bigint, NULL
FROM pg_range WHERE rngtypid >= 16384
"""
_ENUMS = "SELECT enumtypid::bigint, array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum GROUP BY 1"
_ENUM_USERS = """
SELECT coalesce(nullif(t.typelem, 0), t.oid)::bigint, c.oid::bigint, c.relkind::text,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       a.attname, quote_ident(a.attname), t.typcategory = 'A', pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0
  AND (t.typtype IN ('e', 'd', 'c', 'r') OR (t.typcategory = 'A' AND e.typtype IN ('e', 'd', 'c', 'r'))) AND t.oid >= 16384
"""
_ROUTINES = """
SELECT oid::bigint, coalesce(pg_get_function_result(oid), ''), pg_get_function_arguments(oid)
FROM pg_proc WHERE oid >= 16384 AND prokind IN ('f', 'p', 'w')
"""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    quoted: str
    type: str
    not_null: bool
    default: str | None
    generated: str
    """'' or s (stored), v (virtual)"""
    identity: str
    collation: str | None
    inherited: bool
    category: str
    kind: str
    base: str
    local: bool


@dataclass(slots=True)
class Facts:
    """By (class OID, OID), what the server says."""

    identities: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    """(type, identity as SQL)"""
    columns: dict[int, str] = field(default_factory=dict)
    """By relation, a JSON list of lists: the fields of `Column`."""
    edges: list[tuple[tuple[int, int], bool, str | None, tuple[int, int], str | None]] = field(
        default_factory=list
    )
    """(who, through a default, its column, needs whom, that one's column)"""
    enums: dict[int, list[str]] = field(default_factory=dict)
    type_users: dict[int, list[tuple[str, str, str, bool, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By type: (table as SQL, column, column as SQL, is an array, default)"""
    routines: dict[int, tuple[str, str]] = field(default_factory=dict)
    constraint_of_index: dict[int, int] = field(default_factory=dict)
    inside: dict[tuple[int, int], tuple[tuple[int, int], str | None]] = field(default_factory=dict)
    """What is part of another's text: (the other, a constraint's name as SQL)"""


_CLASS, _PROC = 1259, 1255


def read(connection: Connection[Any]) -> Facts:
    """Everything but the identities, in half a dozen queries."""
    found = Facts()
    version = connection.info.server_version
    generated = "a.attgenerated::text" if version >= 120000 else "''"
    found.columns = dict(rows(connection, _COLUMNS.format(generated=generated)))
    for class_oid, oid, is_default, column, ref_class, ref_oid, ref_column in rows(connection, _DEPENDS):
        found.edges.append(((class_oid, oid), is_default, column, (ref_class, ref_oid), ref_column))
    found.enums = {oid: list(labels) for oid, labels in rows(connection, _ENUMS)}
    for type_oid, _, _, table, column, quoted, is_array, default in rows(connection, _ENUM_USERS):
        found.type_users[type_oid].append((table, column, quoted, is_array, default))
    found.routines = {oid: (result, arguments) for oid, result, arguments in rows(connection, _ROUTINES)}
    found.constraint_of_index = dict(rows(connection, _INDEX_OF_CONSTRAINT))
    inside = _INSIDE + (f"UNION ALL {_MULTIRANGES}" if version >= 140000 else "")
    found.inside = {
        (class_oid, oid): ((whole_class, whole), name)
        for class_oid, oid, whole_class, whole, name in rows(connection, inside)
    }
    return found


def identify(connection: Connection[Any], found: Facts, objects: Iterable[tuple[int, int]]) -> None:
    """Adds how the objects of a dump are called in statements."""
    known: Sequence[tuple[int, int]] = [one for one in objects if one[0]]
    for class_oid, oid, kind, identity in rows(
        connection, _IDENTITIES, ([one[0] for one in known], [one[1] for one in known])
    ):
        if identity is not None:
            found.identities[(class_oid, oid)] = (kind, identity)
