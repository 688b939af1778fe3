"""What PostgreSQL says of its objects as they are: definitions, columns, owners, rights, comments. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.core.errors import AppError
from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.engine.lint.ops import Name
from backend.engine.target import Target
from backend.engine.undo.dialect import Live
from backend.engines.postgres import dump, url
from backend.engines.postgres.lint.names import quote

from .dumped import Dumped

_COLUMN = """
SELECT format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null, pg_get_expr(d.adbin, d.adrelid) AS expression,
       a.attidentity AS identity, a.attgenerated AS generated, a.attnum AS number,
       CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(c.collname) END AS collation,
       CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END AS storage,
       a.attstorage <> t.typstorage AS has_storage, coalesce(a.attstattarget, -1) AS statistics,
       col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation c ON c.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(%s) AND a.attname = %s AND a.attnum > 0 AND NOT a.attisdropped
"""
# Constraints and indexes that go with a column: those that name it. Keys of other tables that refer to it only
# where the column is dropped with CASCADE.
_OF_COLUMN = """
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)),
       contype IN ('p', 'u', 'n')
FROM pg_constraint
WHERE (conrelid = to_regclass(%(t)s) AND %(n)s = ANY (conkey) AND contype <> 'n')
   OR (%(cascade)s AND confrelid = to_regclass(%(t)s) AND %(n)s = ANY (confkey))
UNION ALL
SELECT pg_get_indexdef(i.indexrelid), i.indisunique
FROM pg_index i
WHERE i.indrelid = to_regclass(%(t)s)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
  AND (%(n)s = ANY (i.indkey)
       OR EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                  AND d.refobjid = i.indrelid AND d.refobjsubid = %(n)s))
ORDER BY 2 DESC, 1
"""
_HAS = {
    "column": "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(%(t)s) AND attname = %(n)s AND NOT attisdropped",
    "constraint": "SELECT 1 FROM pg_constraint WHERE conrelid = to_regclass(%(t)s) AND conname = %(n)s",
    "trigger": "SELECT 1 FROM pg_trigger WHERE tgrelid = to_regclass(%(t)s) AND tgname = %(n)s",
    "policy": "SELECT 1 FROM pg_policy WHERE polrelid = to_regclass(%(t)s) AND polname = %(n)s",
    "rule": "SELECT 1 FROM pg_rewrite WHERE ev_class = to_regclass(%(t)s) AND rulename = %(n)s",
    "schema": "SELECT 1 FROM pg_namespace WHERE nspname = %(n)s",
    "extension": "SELECT 1 FROM pg_extension WHERE extname = %(n)s",
}
_RELATIONS = frozenset({"table", "view", "materialized_view", "index", "sequence", "foreign_table"})
_KEYS = """
SELECT (SELECT array_agg(a.attname::text ORDER BY k.ord) FROM unnest(i.indkey::int[]) WITH ORDINALITY k (num, ord)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num)
FROM pg_index i
WHERE i.indrelid = to_regclass(%s) AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, 1
"""
# Of a relation made again: its owner where that is somebody else, and what others may do with it.
_RIGHTS = """
SELECT CASE WHEN c.relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
            THEN pg_get_userbyid(c.relowner) END,
       (SELECT array_agg(ARRAY[CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
                               x.privilege_type, CASE WHEN x.is_grantable THEN 'y' ELSE '' END])
        FROM aclexplode(c.relacl) x WHERE x.grantee <> c.relowner)
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
_ACL = {
    "table": (
        "relacl",
        "CASE WHEN relkind = 'S' THEN 's' ELSE 'r' END::\"char\"",
        "relowner",
        "pg_class",
        "to_regclass(%s)",
    ),
    "function": ("proacl", "'f'", "proowner", "pg_proc", "to_regprocedure(%s)"),
    "schema": ("nspacl", "'n'", "nspowner", "pg_namespace", "to_regnamespace(%s)"),
    "type": ("typacl", "'T'", "typowner", "pg_type", "to_regtype(%s)"),
}


def qualified(name: Name) -> str:
    """The name as SQL."""
    return f"{quote(name.schema)}.{quote(name.name)}" if name.schema else quote(name.name)


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    not_null: bool
    expression: str | None
    identity: str
    generated: str
    number: int
    collation: str | None
    storage: str
    has_storage: bool
    statistics: int
    comment: str | None

    @property
    def default(self) -> str | None:
        return None if self.generated else self.expression

    @property
    def full_type(self) -> str:
        return f"{self.type} COLLATE {self.collation}" if self.collation else self.type


class PgLive(Live):
    def __init__(self, connection: Any, target: Target, parsed: PgUrl) -> None:
        self._connection = connection
        self._target = target
        self._url = parsed
        self.default_schema = self.value("SELECT current_schema()") or "public"

    def ask(self, sql: str, arguments: Any = ()) -> list[Any]:
        """The rows; none where the server refuses the question (a name that is no name, a missing right)."""
        import psycopg

        try:
            return rows(self._connection, sql, arguments)
        except psycopg.OperationalError:
            raise
        except psycopg.Error:
            return []

    def value(self, sql: str, *arguments: object) -> Any:
        found = self.ask(sql, arguments)
        return found[0][0] if found else None

    def text(self, sql: str, *arguments: object) -> str | None:
        found = self.value(sql, *arguments)
        return None if found is None else str(found)

    def flag(self, sql: str, *arguments: object) -> bool | None:
        found = self.value(sql, *arguments)
        return None if found is None else bool(found)

    def number(self, sql: str, *arguments: object) -> int | None:
        found = self.value(sql, *arguments)
        return None if found is None else int(found)

    def has(self, kind: str, name: Name, table: Name | None = None) -> bool | None:
        if kind in _RELATIONS:
            return self.flag("SELECT to_regclass(%s) IS NOT NULL", qualified(name))
        if kind in ("type", "domain"):
            return self.flag("SELECT to_regtype(%s) IS NOT NULL", qualified(name))
        if kind in ("function", "procedure"):
            return self.function(name) is not None
        if kind not in _HAS:
            return None
        given = {"t": qualified(table) if table else "", "n": name.name}
        return bool(self.ask(_HAS[kind], given))

    # -- definitions ---------------------------------------------------------------------------------------------

    @cached_property
    def dumped(self) -> Dumped | None:
        """pg_dump's text of the schema; None where it cannot be had."""
        try:
            return Dumped(dump.dump_schema(self._target, self._url))
        except AppError as error:
            self.dump_problem = error.message
            return None

    dump_problem = ""

    def column(self, table: Name, column: str) -> Column | None:
        found = self.ask(_COLUMN, (qualified(table), column))
        return Column(*found[0]) if found else None

    def of_column(self, table: Name, number: int, cascade: bool) -> list[str]:
        given = {"t": qualified(table), "n": number, "cascade": cascade}
        return [text for text, _ in self.ask(_OF_COLUMN, given)]

    def constraint(self, table: Name, name: str) -> str | None:
        """Its definition, NOT VALID included."""
        return self.text(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s",
            qualified(table), name,
        )  # fmt: skip

    def is_validated(self, table: Name, name: str) -> bool | None:
        return self.flag(
            "SELECT convalidated FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s",
            qualified(table), name,
        )  # fmt: skip

    def referring(self, table: Name, constraint: str) -> list[str]:
        """The foreign keys that lean on a key."""
        found = self.ask(
            "SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', f.conrelid::regclass, f.conname, pg_get_constraintdef(f.oid)) "  # noqa: E501
            "FROM pg_constraint k JOIN pg_constraint f ON f.contype = 'f' AND f.conindid = k.conindid AND f.confrelid = k.conrelid "  # noqa: E501
            "WHERE k.conrelid = to_regclass(%s) AND k.conname = %s ORDER BY 1",
            (qualified(table), constraint),
        )
        return [text for (text,) in found]

    def not_null_name(self, table: Name, number: int) -> str | None:
        """The name of the constraint behind NOT NULL; None before PostgreSQL 18, which has no such constraints."""
        return self.text(
            "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(%s) AND contype = 'n' AND conkey = ARRAY[%s::int2]",
            qualified(table), number,
        )  # fmt: skip

    def index(self, name: Name) -> str | None:
        return self.text(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = to_regclass(%s)",
            qualified(name),
        )

    def table_of_index(self, name: Name) -> Name | None:
        found = self.ask(
            "SELECT c.relname, n.nspname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indexrelid = to_regclass(%s)",
            (qualified(name),),
        )
        return Name(*found[0]) if found else None

    def function(self, signature: Name) -> int | None:
        """The oid of `name(types)`, or of the only one of a bare name."""
        schema = f"{quote(signature.schema)}." if signature.schema else ""
        how = "to_regprocedure" if "(" in signature.name else "to_regproc"
        return self.number(f"SELECT {how}(%s)::oid", schema + signature.name)

    def function_text(self, signature: Name) -> str | None:
        return (
            self.value("SELECT pg_get_functiondef(%s::oid)", oid)
            if (oid := self.function(signature))
            else None
        )

    def keys(self, table: Name) -> list[tuple[str, ...]]:
        return [tuple(names) for (names,) in self.ask(_KEYS, (qualified(table),)) if names]

    def columns(self, table: Name) -> list[str]:
        found = self.ask(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",  # noqa: E501
            (qualified(table),),
        )
        return [name for (name,) in found]

    # -- what hangs on them --------------------------------------------------------------------------------------

    def rights(self, relation: Name) -> list[str]:
        """ALTER … OWNER and GRANT for a relation that is made again."""
        found = self.ask(_RIGHTS, (qualified(relation),))
        if not found:
            return []
        owner, grants = found[0]
        made = [f"ALTER TABLE {qualified(relation)} OWNER TO {quote(owner)}"] if owner else []
        return made + granted("", qualified(relation), grants or [])

    def acl(self, kind: str, name: str) -> list[tuple[str, str, bool]]:
        """(who as SQL, privilege, may grant it), the defaults included."""
        column, default, owner, catalog, find = _ACL[kind]
        return self.ask(
            "SELECT CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, "
            "x.privilege_type, x.is_grantable "
            f"FROM {catalog} c, aclexplode(coalesce(c.{column}, acldefault({default}, c.{owner}))) x WHERE c.oid = {find}",
            (name,),
        )

    def comment(self, kind: str, names: Sequence[str], arguments: Sequence[str] = ()) -> str | None:
        """Of any object, by PostgreSQL's own names of kinds."""
        return self.text(
            "SELECT d.description FROM pg_get_object_address(%s, %s::text[], %s::text[]) a "
            "JOIN pg_description d ON d.classoid = a.classid AND d.objoid = a.objid AND d.objsubid = a.objsubid",
            kind, list(names), list(arguments),
        )  # fmt: skip

    def dependent_views(self, relation: Name) -> list[Name]:
        """Views that read the relation, and those that read them, in the order they can be made."""
        found = self.ask(
            "WITH RECURSIVE v AS (SELECT to_regclass(%s)::oid AS oid, 0 AS depth UNION "
            "SELECT r.ev_class, v.depth + 1 FROM v JOIN pg_depend d ON d.refobjid = v.oid AND d.classid = 'pg_rewrite'::regclass "  # noqa: E501
            "JOIN pg_rewrite r ON r.oid = d.objid WHERE r.ev_class <> v.oid AND v.depth < 50) "
            "SELECT c.relname, n.nspname FROM v JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE v.depth > 0 AND c.relkind IN ('v', 'm') GROUP BY 1, 2 ORDER BY max(v.depth), 1",
            (qualified(relation),),
        )
        return [Name(name, schema) for name, schema in found]


def granted(kind: str, name: str, grants: Sequence[Sequence[Any]]) -> list[str]:
    """GRANT statements, one for each who and whether it may be passed on."""
    by: dict[tuple[str, bool], list[str]] = {}
    for who, privilege, passes in grants:
        by.setdefault((who, bool(passes)), []).append(privilege)
    return [
        f"GRANT {', '.join(sorted(what))} ON {kind}{name} TO {who}{' WITH GRANT OPTION' if passes else ''}"
        for (who, passes), what in by.items()
    ]


@contextmanager
def live(target: Target) -> Iterator[PgLive]:
    parsed = url.parsed(target.url)
    with reading(target, parsed) as connection:
        yield PgLive(connection, target, parsed)
