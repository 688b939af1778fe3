"""Looks at a scratch from a session that stays: its objects in one query over the catalog, its rows by digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import VersionsTable, versions_table
from backend.engine.rehearsal.port import Block, Heard, Played, Watch
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import CancelToken, Target
from backend.engines.postgres.fingerprint import QUERY
from backend.engines.postgres.schema import rows as schema_rows

from . import roles
from .playing import Session

if TYPE_CHECKING:
    from psycopg import Connection

# What the fingerprint of runs leaves out and a down may still forget.
_MORE = """
UNION ALL
SELECT 'comment', NULL, pg_describe_object(classoid, objoid, objsubid), description FROM pg_description
WHERE objoid >= 16384 AND classoid <> 'pg_class'::regclass
UNION ALL
SELECT 'cast', NULL, pg_describe_object('pg_cast'::regclass, oid, 0),
       concat_ws(' ', castfunc::regprocedure, castcontext, castmethod)
FROM pg_cast WHERE oid >= 16384
UNION ALL
SELECT 'operator', NULL, pg_describe_object('pg_operator'::regclass, oid, 0),
       concat_ws(' ', oprcode, oprrest, oprjoin, oprcanmerge, oprcanhash, oprcom::regoperator, oprnegate::regoperator)
FROM pg_operator WHERE oid >= 16384
UNION ALL
SELECT 'operator class', NULL, pg_describe_object('pg_opclass'::regclass, oid, 0),
       concat_ws(' ', opcdefault, opcintype::regtype)
FROM pg_opclass WHERE oid >= 16384
UNION ALL
SELECT 'default grant', NULL, pg_describe_object('pg_default_acl'::regclass, oid, 0), defaclacl::text FROM pg_default_acl
UNION ALL
SELECT 'foreign server', NULL, srvname, concat_ws(' ', srvfdw, srvoptions::text, srvacl::text) FROM pg_foreign_server
UNION ALL
SELECT 'foreign data wrapper', NULL, fdwname, concat_ws(' ', fdwhandler::regproc, fdwvalidator::regproc, fdwoptions::text)
FROM pg_foreign_data_wrapper
UNION ALL
SELECT 'collation', NULL, pg_describe_object('pg_collation'::regclass, oid, 0),
       concat_ws(' ', collprovider, collcollate, collctype)
FROM pg_collation WHERE oid >= 16384
UNION ALL
SELECT 'text search configuration', NULL, pg_describe_object('pg_ts_config'::regclass, c.oid, 0),
       (SELECT string_agg(concat_ws(' ', maptokentype, mapseqno, mapdict::regdictionary), ',' ORDER BY maptokentype, mapseqno)
        FROM pg_ts_config_map WHERE mapcfg = c.oid)
FROM pg_ts_config c WHERE c.oid >= 16384
UNION ALL
SELECT 'text search dictionary', NULL, pg_describe_object('pg_ts_dict'::regclass, oid, 0), dictinitoption
FROM pg_ts_dict WHERE oid >= 16384
UNION ALL
SELECT 'language', NULL, lanname, lanacl::text FROM pg_language WHERE oid >= 16384
UNION ALL
SELECT 'setting', NULL, split_part(one, '=', 1), one FROM pg_db_role_setting, unnest(setconfig) AS one
WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_CHILDREN = {"column", "index", "constraint", "trigger", "rule", "policy", "grants", "comment"}


class PostgresWatch(Watch):
    def __init__(self, scratch: Target, url: PgUrl) -> None:
        super().__init__(scratch)
        self._url = url
        self._stack = ExitStack()
        self._eye: Connection[Any] | None = None
        self._versions: VersionsTable | None = None
        self._session = self._stack.enter_context(Session(scratch, url))
        self._rows: dict[str, Mapping[str, str]] = {}

    def __enter__(self) -> PostgresWatch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def play(self, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
        return self._session.play(block, heard, cancel, time_limit_s)

    def schema(self) -> Snapshot:
        eye = self._looking()
        assert self._versions is not None
        names = {"schema": self._versions.schema, "name": self._versions.name}
        found = eye.execute((QUERY + _MORE).encode(), names, prepare=True).fetchall()
        objects = tuple(
            _object(*row) for row in sorted(found, key=lambda row: (row[0], row[1] or "", row[2] or ""))
        )
        return Snapshot("postgres", objects, server_version=str(eye.info.server_version // 10000))

    def rows(self, touched: Collection[str] | None = None) -> Mapping[str, Mapping[str, str]]:
        if touched is not None and not touched:
            return dict(sorted(self._rows.items()))
        eye = self._looking()
        only = None if touched is None else [one.removeprefix("table ") for one in touched]
        tables = schema_rows.tables(eye, self._scratch.migrations_table, only=only)
        found = schema_rows.digests(
            eye, {f"table {name}": (quoted, columns) for quoted, name, columns in tables}
        )
        kept = {} if touched is None else {one: of for one, of in self._rows.items() if one not in touched}
        self._rows = {**kept, **found}
        return dict(sorted(self._rows.items()))

    def _looking(self) -> Connection[Any]:
        """The session that looks. It is opened anew where the server ended it."""
        if self._eye is None or self._eye.closed:
            self._eye = self._stack.enter_context(session(self._scratch, self._url))
            if roles.is_the_role(self._url):
                # No pooler stands before the app's own server, and planning this query takes longer than running it.
                self._eye.prepare_threshold = 1
            self._versions = versions_table(self._eye, self._scratch, self._url)
            rows(self._eye, "SELECT set_config('search_path', '', false)")
        return self._eye


def _object(kind: str, schema: str | None, name: str | None, text: str | None) -> SchemaObject:
    full = f"{schema}.{name}" if schema else str(name)
    parent = None
    if kind in _CHILDREN and schema and name:
        parent = f"table {schema}.{name.rpartition('.')[0] or name}"
    return SchemaObject(
        id=f"{kind} {full}", kind=kind, name=str(name), sql=str(text or ""), schema=schema, parent=parent
    )
