"""What the generator needs beside the texts: names as SQL, columns with their parts, and who needs whom. Set-wise reads."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import answers, rows

if TYPE_CHECKING:
    from psycopg import Connection

_IDENTITIES = """
SELECT u.classid::bigint, u.objid::bigint, o.identity
FROM unnest(%s::oid[], %s::oid[]) AS u(classid, objid), pg_identify_object(u.classid, u.objid, 0) AS o
WHERE o.identity IS NOT NULL
"""
# Of what nearly all entries of a dump are, so that hardly one is left to ask for when it is there. A key's index and the
# types that come with a table or another type have no entry.
_USUAL_IDENTITIES = """
SELECT u.classid::bigint, u.objid::bigint, o.identity
FROM (SELECT 'pg_class'::regclass::oid, c.oid FROM pg_class c
      WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I') AND c.relpersistence <> 't'
        AND c.relnamespace <> 'pg_toast'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
      UNION ALL
      SELECT 'pg_constraint'::regclass::oid, oid FROM pg_constraint WHERE oid >= 16384 AND contype IN ('p', 'u', 'x', 'f')
      UNION ALL
      SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE t.oid >= 16384 AND t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c'
      UNION ALL
      SELECT 'pg_proc'::regclass::oid, oid FROM pg_proc WHERE oid >= 16384
      UNION ALL
      SELECT 'pg_namespace'::regclass::oid, oid FROM pg_namespace WHERE oid >= 16384 OR nspname = 'public'
      UNION ALL
      SELECT 'pg_attrdef'::regclass::oid, oid FROM pg_attrdef
      UNION ALL
      SELECT 'pg_trigger'::regclass::oid, oid FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL
      SELECT 'pg_policy'::regclass::oid, oid FROM pg_policy
     ) AS u(classid, objid), pg_identify_object(u.classid, u.objid, 0) AS o
WHERE o.identity IS NOT NULL
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
       format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL), a.attislocal, a.attnum)
       ORDER BY a.attnum)::text
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY 1
"""
# One value, not twenty rows a table: whoever only compares never takes it apart.
_DEPENDS = """
SELECT coalesce(string_agg(concat_ws(' ', classid, objid, objsubid, refclassid, refobjid, refobjsubid), ','), '')
FROM pg_depend WHERE deptype IN ('n', 'a', 'i', 'P', 'S') AND refobjid >= 16384
  AND (objid >= 16384 OR classid = 'pg_attrdef'::regclass)
"""
_VIEWS = "SELECT oid::bigint, ev_class::bigint FROM pg_rewrite WHERE oid >= 16384 AND rulename = '_RETURN'"
_DEFAULTS = "SELECT oid::bigint, adrelid::bigint, adnum FROM pg_attrdef"
_ELEMENTS = """
SELECT oid::bigint, typelem::bigint FROM pg_type WHERE oid >= 16384 AND typelem <> 0 AND typcategory = 'A'
"""
_ROW_TYPES = (
    "SELECT reltype::bigint, oid::bigint FROM pg_class WHERE oid >= 16384 AND reltype <> 0 AND relkind <> 'c'"
)
_INDEX_OF_CONSTRAINT = """
SELECT conindid::bigint, oid::bigint FROM pg_constraint WHERE conindid <> 0 AND contype IN ('p', 'u', 'x')
"""
# Of the indexes of partitioned tables and their partitions, what PostgreSQL looks at to see whether two are alike (see
# CompareIndexInfo): neither directions nor storage options. Only compared within one snapshot.
_ALIKE = """
SELECT i.indexrelid::bigint, md5(concat_ws('|', c.relam, i.indisunique, {nulls}, i.indnkeyatts,
       (SELECT string_agg(coalesce(quote_ident(a.attname), ''), ',' ORDER BY u.place)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (number, place)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number AND u.number > 0),
       i.indcollation,
       (SELECT string_agg(o.opcfamily::text, ',' ORDER BY u.place)
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS u (class, place) JOIN pg_opclass o ON o.oid = u.class),
       '(' || pg_get_expr(i.indexprs, i.indrelid) || ')', 'WHERE ' || pg_get_expr(i.indpred, i.indrelid),
       (SELECT k.conexclop FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype = 'x')))
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
WHERE t.relkind = 'p' OR t.relispartition
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


Object = tuple[int, int]
"""(class OID, OID)"""
TYPE, PROC, CLASS, ATTRDEF, CONSTRAINT, REWRITE = 1247, 1255, 1259, 2604, 2606, 2618


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
    number: int
    """pg_attribute's: two databases may number the same columns differently."""


def columns_of(facts: Mapping[str, str]) -> list[Column]:
    """Out of a relation's facts."""
    return [Column(*parts) for parts in json.loads(facts.get("columns", "[]"))]


@dataclass(slots=True)
class Facts:
    """By (class OID, OID), what the server says."""

    default_schema: str | None = None
    identities: dict[Object, str] = field(default_factory=dict)
    """As SQL; of what is part of a table, `… on <table>`."""
    columns: dict[int, str] = field(default_factory=dict)
    """By relation, a JSON list of lists: the fields of `Column`."""
    depends: str = ""
    """pg_depend: class, OID and column of who needs, then of whom, six numbers between commas."""
    views: dict[int, int] = field(default_factory=dict)
    """By a view's rule, the view."""
    defaults: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By a default, its table and column's number."""
    elements: dict[int, int] = field(default_factory=dict)
    """By an array type, its element's."""
    row_types: dict[int, int] = field(default_factory=dict)
    """By the type of a relation's rows, the relation."""
    enums: dict[int, list[str]] = field(default_factory=dict)
    type_users: dict[int, list[tuple[str, str, str, bool, str | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By type: (table as SQL, column, column as SQL, is an array, default)"""
    routines: dict[int, tuple[str, str]] = field(default_factory=dict)
    constraint_of_index: dict[int, int] = field(default_factory=dict)
    alike: dict[Object, tuple[int, str]] = field(default_factory=dict)
    """By an index or its key, where a partition may bring it: (the index, what it shares with those that are alike)"""
    inside: dict[Object, tuple[Object, str | None]] = field(default_factory=dict)
    """What is part of another's text: (the other, a constraint's name as SQL)"""


def read(connection: Connection[Any]) -> Facts:
    """Everything but unusual objects' identities, in one round trip."""
    version = connection.info.server_version
    generated = "a.attgenerated::text" if version >= 120000 else "''"
    (
        columns,
        [[depends]],
        views,
        defaults,
        elements,
        row_types,
        enums,
        enum_users,
        routines,
        constraint_of_index,
        alike,
        inside,
        identities,
        [[default_schema]],
    ) = answers(
        connection,
        _COLUMNS.format(generated=generated),
        _DEPENDS,
        _VIEWS,
        _DEFAULTS,
        _ELEMENTS,
        _ROW_TYPES,
        _ENUMS,
        _ENUM_USERS,
        _ROUTINES,
        _INDEX_OF_CONSTRAINT,
        _ALIKE.format(nulls="i.indnullsnotdistinct" if version >= 150000 else "false"),
        _INSIDE + (f"UNION ALL {_MULTIRANGES}" if version >= 140000 else ""),
        _USUAL_IDENTITIES,
        "SELECT current_schema()",
    )
    found = Facts(
        default_schema=default_schema,
        columns=dict(columns),
        depends=depends,
        views=dict(views),
        defaults={oid: (table, number) for oid, table, number in defaults},
        elements=dict(elements),
        row_types=dict(row_types),
        enums={oid: list(labels) for oid, labels in enums},
        routines={oid: (result, arguments) for oid, result, arguments in routines},
        constraint_of_index=dict(constraint_of_index),
        alike=_with_keys(alike, dict(constraint_of_index)),
        inside={
            (class_oid, oid): ((whole_class, whole), name)
            for class_oid, oid, whole_class, whole, name in inside
        },
        identities={(class_oid, oid): identity for class_oid, oid, identity in identities},
    )
    for type_oid, _, _, table, column, quoted, is_array, default in enum_users:
        found.type_users[type_oid].append((table, column, quoted, is_array, default))
    return found


def _with_keys(
    alike: Iterable[tuple[int, str]], constraint_of_index: Mapping[int, int]
) -> dict[Object, tuple[int, str]]:
    return {
        (CONSTRAINT, constraint_of_index[index]) if index in constraint_of_index else (CLASS, index): (
            index,
            text,
        )
        for index, text in alike
    }


def identify(connection: Connection[Any], found: Facts, objects: Iterable[Object]) -> None:
    """Adds how those objects of a dump are called in statements that `read` left out."""
    left = [one for one in objects if one[0] and one not in found.identities]
    if not left:
        return
    # Arrays as text: thousands of numbers are not worth a parameter's adaptation each.
    classes, oids = (f"{{{','.join([str(one[place]) for one in left])}}}" for place in (0, 1))
    for class_oid, oid, identity in rows(connection, _IDENTITIES, (classes, oids)):
        found.identities[(class_oid, oid)] = identity
