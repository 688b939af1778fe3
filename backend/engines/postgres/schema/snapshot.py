"""A database's schema from one pg_dump and a few queries: an object for each entry, its text as pg_dump prints it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from backend.core.collector import collector_resting
from backend.drivers import pg_tools
from backend.drivers.pgwire.connect import reading
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.postgres.dump import connection_parameters

from . import facts as facts_
from .createtable import compared
from .entries import Entry, entries
from .relations import Needs, ObjectFacts, Relations

_OWN_TABLES = {"dbtoolkit_history"}
_ATTACH = re.compile(
    r"ALTER (?:TABLE ONLY|TABLE|INDEX) (?P<parent>.+) ATTACH PARTITION (?P<child>\S.*?)(?: FOR VALUES| DEFAULT|;)",
    re.DOTALL,
)
_COLUMN_LIST = re.compile(
    r"(?:CREATE STATISTICS .+? ON (?P<statistics>)|ALTER PUBLICATION .+? \()(?P<columns>(?:\"(?:[^\"]|\"\")+\"|\w+)"
    r"(?:, (?:\"(?:[^\"]|\"\")+\"|\w+))*)(?(statistics) FROM |\))"
)
_OWNED_BY = re.compile(r" OWNED BY (?P<table>.+)\.(?:\"(?:[^\"]|\"\")+\"|[^.\"]+);")
_CHILDREN = {
    "COMMENT", "ACL", "SEQUENCE OWNED BY", "DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "INDEX",
    "TRIGGER",
             "RULE", "POLICY", "ROW SECURITY", "STATISTICS", "TABLE ATTACH", "INDEX ATTACH", "PUBLICATION TABLE",
    "SECURITY LABEL",
}  # fmt: skip


def snapshot(target: Target, url: PgUrl) -> Snapshot:
    """The schema without dbmate's table and the app's own. pg_dump and the queries work side by side.

    Raises DatabaseMissing, PermissionDenied, ToolMissing.
    """
    import psycopg

    parameters = connection_parameters(target, url)
    with ThreadPoolExecutor(1) as beside:
        # It has the longer way to go: it sets out before the session is there.
        dumping = beside.submit(
            copy_context().run,
            lambda: pg_tools.dump_objects(parameters, cwd=target.working_dir),
        )
        with reading(target, url) as connection:
            try:
                known = facts_.read(connection)
            except psycopg.Error:
                # pg_dump says more clearly what is wrong with this database.
                dumping.result()
                raise
            version = str(connection.info.server_version // 10000)
            table = versions_table(connection, target, url)
            dump = dumping.result()
            with collector_resting():
                found = _oldest_first(list(entries(dump)), known)
            facts_.identify(connection, known, [(one.class_oid, one.oid) for one in found])
    with collector_resting():
        objects = tuple(_objects(found, known, _OwnNames((table.schema, table.name))))
    return Snapshot(
        engine="postgres",
        objects=objects,
        server_version=version,
        default_schema=known.default_schema,
    )


def _objects(found: list[Entry], known: facts_.Facts, own: _OwnNames) -> list[SchemaObject]:
    ids: dict[int, str] = {}
    by_oid: dict[facts_.Object, str] = {}
    by_identity: dict[str, str] = {}
    used: set[str] = set()
    kept: list[tuple[Entry, str, str]] = []
    left_out: set[int] = set()
    for one in found:
        if own.covers(one) or (left_out and one.type in _CHILDREN and left_out.intersection(one.needs)):
            left_out.add(one.number)
            continue
        kind = _kind(one)
        one_id = f"{kind} {one.schema}.{one.name}" if one.schema else f"{kind} {one.name}"
        while one_id in used:
            one_id += "'"
        used.add(one_id)
        ids[one.number] = one_id
        kept.append((one, one_id, kind))
        if one.class_oid:
            by_oid[(one.class_oid, one.oid)] = one_id
            identity = known.identities.get((one.class_oid, one.oid))
            if identity:
                by_identity.setdefault(identity, one_id)
                if one.type == "CONSTRAINT" and " on " in identity:
                    # The index of a key has the key's name, in the table's schema.
                    name, _, table = identity.rpartition(" on ")
                    by_identity.setdefault(f"{table.rpartition('.')[0]}.{name}", one_id)
    for index, constraint in known.constraint_of_index.items():
        if (facts_.CONSTRAINT, constraint) in by_oid:
            by_oid.setdefault((facts_.CLASS, index), by_oid[(facts_.CONSTRAINT, constraint)])
    for part, (whole, _) in known.inside.items():
        if whole in by_oid:
            by_oid.setdefault(part, by_oid[whole])
    relations = Relations(known, by_oid)
    objects = []
    for one, one_id, kind in kept:
        facts = _facts(one, known)
        parent = _parent(one, kind, ids, by_identity, known)
        told = [parent] if parent else []
        if one.type in ("TABLE ATTACH", "INDEX ATTACH") and (attach := _ATTACH.search(one.sql)):
            facts["child"], facts["parent"] = attach["child"], attach["parent"]
            told += [by_identity[side] for side in attach.group("child", "parent") if side in by_identity]
        owner = _OWNED_BY.search(one.sql) if one.type == "SEQUENCE OWNED BY" else None
        if owner and owner["table"] in by_identity:
            told.append(by_identity[owner["table"]])
        objects.append(
            SchemaObject(
                id=one_id,
                kind=kind,
                name=one.name,
                sql=one.sql,
                schema=one.schema,
                parent=parent,
                needs=Needs(relations, one_id, tuple(told)),
                compared=_compared(one),
                facts=ObjectFacts(relations, one_id, facts),
            )
        )
    return objects


def _oldest_first(found: list[Entry], known: facts_.Facts) -> list[Entry]:
    """pg_dump sorts by name; of the indexes that are alike PostgreSQL prefers the oldest, and so it must be on a scratch
    that is made of this snapshot."""
    if not known.alike:
        return found
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, one in enumerate(found):
        if (one.class_oid, one.oid) in known.alike:
            places[(one.type, known.alike[(one.class_oid, one.oid)][1])].append(place)
    ordered = list(found)
    for several in places.values():
        oldest = sorted(
            (found[place] for place in several), key=lambda one: known.alike[(one.class_oid, one.oid)]
        )
        for place, one in zip(several, oldest, strict=True):
            ordered[place] = one
    return ordered


def _facts(one: Entry, known: facts_.Facts) -> dict[str, str]:
    """What the server says of the object beside its relations."""
    facts = {"type": one.type}
    if not one.class_oid:
        return facts
    identity = known.identities.get((one.class_oid, one.oid))
    if identity:
        facts["identity"] = identity
    if one.class_oid == facts_.CLASS and one.oid in known.columns:
        facts["columns"] = known.columns[one.oid]
    if one.class_oid == facts_.TYPE:
        if one.oid in known.enums and one.type == "TYPE":
            facts["labels"] = json.dumps(known.enums[one.oid])
        if one.oid in known.type_users:
            facts["users"] = json.dumps(known.type_users[one.oid])
    if (one.class_oid, one.oid) in known.alike:
        index, facts["alike"] = known.alike[(one.class_oid, one.oid)]
        facts["oid"] = str(index)
    if one.class_oid == facts_.PROC and one.oid in known.routines:
        facts["signature"] = json.dumps(known.routines[one.oid])
    return facts


def _compared(one: Entry) -> str | None:
    """The text without an order that cannot be asked for: of a table's columns, of grants."""
    if one.type in ("TABLE", "FOREIGN TABLE"):
        return compared(one.sql)
    if one.type in ("ACL", "DEFAULT ACL"):
        # In the order in which they were granted.
        return "\n".join(sorted(one.sql.splitlines()))
    match = _COLUMN_LIST.match(one.sql) if one.type in ("STATISTICS", "PUBLICATION TABLE") else None
    if match is None:
        return None
    columns = ", ".join(sorted(match["columns"].split(", ")))
    return f"{one.sql[: match.start('columns')]}{columns}{one.sql[match.end('columns') :]}"


class _OwnNames:
    """The tables that are left out with all that is theirs: dbmate's and the app's own."""

    def __init__(self, versions: tuple[str | None, str]) -> None:
        self._versions = versions
        self._by_schema: dict[str | None, tuple[frozenset[str], tuple[str, ...]]] = {}

    def covers(self, one: Entry) -> bool:
        if one.schema not in self._by_schema:
            self._by_schema[one.schema] = self._names(one.schema)
        names, beginnings = self._by_schema[one.schema]
        return one.name in names or one.name.startswith(beginnings)

    def _names(self, schema: str | None) -> tuple[frozenset[str], tuple[str, ...]]:
        """(names, beginnings of names) in a schema"""
        tables = set(_OWN_TABLES)
        if schema == self._versions[0]:
            tables.add(self._versions[1])
        return (
            frozenset(tables | {f"TABLE {table}" for table in tables}),
            tuple(start for table in tables for start in (f"{table} ", f"{table}_pkey")),
        )


def _kind(one: Entry) -> str:
    if one.type == "SEQUENCE" and one.sql.startswith("ALTER TABLE"):
        return "identity"
    if one.type == "ACL":
        return "grant"
    if one.type == "DEFAULT ACL":
        return "default grant"
    return one.type.lower()


def _parent(
    one: Entry, kind: str, ids: dict[int, str], by_identity: dict[str, str], known: facts_.Facts
) -> str | None:
    if one.type not in _CHILDREN and kind != "identity":
        return None
    for number in one.needs:
        if number in ids:
            return ids[number]
    identity = known.identities.get((one.class_oid, one.oid)) if one.class_oid else None
    if identity and " on " in identity:
        found = by_identity.get(identity.rpartition(" on ")[2])
        if found:
            return found
    match = re.match(
        r"ALTER (?:FOREIGN )?TABLE (?:ONLY )?(.+?)(?: |\n)+(?:ALTER|ADD|ENABLE|ATTACH|CLUSTER)", one.sql
    )
    if match and match[1] in by_identity:
        return by_identity[match[1]]
    match = re.match(r"CREATE (?:UNIQUE )?INDEX .+? ON (?:ONLY )?(.+?) USING ", one.sql, re.DOTALL)
    if match and match[1] in by_identity:
        return by_identity[match[1]]
    match = re.match(r"CREATE STATISTICS .+ FROM (.+);$", one.sql, re.DOTALL)
    if match and match[1] in by_identity:
        return by_identity[match[1]]
    match = re.match(r"ALTER PUBLICATION (.+?) ADD TABLE ONLY ([^ ;]+)", one.sql)
    if match and match[2] in by_identity:
        return by_identity[match[2]]
    return None
