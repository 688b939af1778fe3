"""A database's schema from one pg_dump and a few queries: an object for each entry, its text as pg_dump prints it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from backend.drivers import pg_tools
from backend.drivers.pgwire.connect import reading, rows
from backend.drivers.pgwire.url import PgUrl
from backend.drivers.pgwire.versions import versions_table
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.postgres.dump import connection_parameters

from . import facts as facts_
from .createtable import compared
from .entries import Entry, entries

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
    with ThreadPoolExecutor(1) as beside, reading(target, url) as connection:
        dumping = beside.submit(
            copy_context().run,
            lambda: list(entries(pg_tools.dump_objects(parameters, cwd=target.working_dir))),
        )
        try:
            known = facts_.read(connection)
        except psycopg.Error:
            # pg_dump says more clearly what is wrong with this database.
            dumping.result()
            raise
        version = str(connection.info.server_version // 10000)
        table = versions_table(connection, target, url)
        default_schema = rows(connection, "SELECT current_schema()")[0][0]
        found = dumping.result()
        facts_.identify(connection, known, [(one.class_oid, one.oid) for one in found])
    own = {
        (table.schema, table.name),
        *((schema, name) for name in _OWN_TABLES for schema in {one.schema for one in found}),
    }
    return Snapshot(
        engine="postgres",
        objects=tuple(_objects(found, known, own)),
        server_version=version,
        default_schema=default_schema,
    )


def _objects(found: list[Entry], known: facts_.Facts, own: set[tuple[str | None, str]]) -> list[SchemaObject]:
    ids: dict[int, str] = {}
    by_oid: dict[tuple[int, int], str] = {}
    by_identity: dict[str, str] = {}
    used: set[str] = set()
    kept: list[Entry] = []
    left_out: set[int] = set()
    for one in found:
        if _is_own(one, own) or (one.type in _CHILDREN and left_out.intersection(one.needs)):
            left_out.add(one.number)
            continue
        one_id = f"{_kind(one)} {one.schema + '.' if one.schema else ''}{one.name}"
        while one_id in used:
            one_id += "'"
        used.add(one_id)
        ids[one.number] = one_id
        kept.append(one)
        if one.class_oid:
            by_oid[(one.class_oid, one.oid)] = one_id
            identity = known.identities.get((one.class_oid, one.oid))
            if identity:
                by_identity.setdefault(identity[1], one_id)
                if one.type == "CONSTRAINT" and " on " in identity[1]:
                    # The index of a key has the key's name, in the table's schema.
                    name, _, table = identity[1].rpartition(" on ")
                    by_identity.setdefault(f"{table.rpartition('.')[0]}.{name}", one_id)
    for index, constraint in known.constraint_of_index.items():
        if (2606, constraint) in by_oid:
            by_oid.setdefault((facts_._CLASS, index), by_oid[(2606, constraint)])
    for part, (whole, _) in known.inside.items():
        if whole in by_oid:
            by_oid.setdefault(part, by_oid[whole])
    needs, uses, through = _edges(known, by_oid)
    objects = []
    for one in kept:
        one_id = ids[one.number]
        facts: dict[str, str] = {"type": one.type}
        identity = known.identities.get((one.class_oid, one.oid)) if one.class_oid else None
        if identity:
            facts["identity"] = identity[1]
        parent = _parent(one, ids, by_identity, known)
        if uses.get(one_id):
            facts["uses"] = json.dumps(sorted(uses[one_id]))
        if through.get(one_id):
            facts["through"] = json.dumps(sorted(through[one_id]))
        if one.class_oid == facts_._CLASS and one.oid in known.columns:
            facts["columns"] = known.columns[one.oid]
        if one.oid in known.enums and one.type == "TYPE":
            facts["labels"] = json.dumps(known.enums[one.oid])
        if one.oid in known.type_users and one.class_oid == 1247:
            facts["users"] = json.dumps(known.type_users[one.oid])
        if one.oid in known.routines and one.class_oid == facts_._PROC:
            facts["signature"] = json.dumps(known.routines[one.oid])
        attach = _ATTACH.search(one.sql) if one.type in ("TABLE ATTACH", "INDEX ATTACH") else None
        needed = set(needs.get(one_id, ()))
        if parent:
            needed.add(parent)
        if attach:
            facts["child"], facts["parent"] = attach["child"], attach["parent"]
            needed |= {
                by_identity[side] for side in (attach["child"], attach["parent"]) if side in by_identity
            }
        owner = _OWNED_BY.search(one.sql) if one.type == "SEQUENCE OWNED BY" else None
        if owner and owner["table"] in by_identity:
            needed.add(by_identity[owner["table"]])
        needed.discard(one_id)
        objects.append(
            SchemaObject(
                id=one_id,
                kind=_kind(one),
                name=one.name,
                sql=one.sql,
                schema=one.schema,
                parent=parent,
                needs=tuple(sorted(needed)),
                compared=_compared(one),
                facts=facts,
            )
        )
    return objects


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


def _edges(
    known: facts_.Facts, by_oid: dict[tuple[int, int], str]
) -> tuple[dict[str, set[str]], dict[str, set[tuple[str, str]]], dict[str, set[tuple[str, str, str]]]]:
    needs: dict[str, set[str]] = defaultdict(set)
    uses: dict[str, set[tuple[str, str]]] = defaultdict(set)
    through: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for who, is_default, column, whom, ref_column in known.edges:
        one, other = by_oid.get(who), by_oid.get(whom)
        if one is None or other is None or one == other:
            continue
        needs[one].add(other)
        if ref_column is not None:
            uses[one].add((other, ref_column))
        if column is not None:
            through[one].add(("default" if is_default else "type", column, other))
        elif who in known.inside and (constraint := known.inside[who][1]) is not None:
            through[one].add(("check", constraint, other))
    return needs, uses, through


def _is_own(one: Entry, own: set[tuple[str | None, str]]) -> bool:
    return any(
        one.schema == schema
        and (
            one.name == name
            or one.name.startswith((f"{name} ", f"{name}_pkey"))
            or one.name == f"TABLE {name}"
        )
        for schema, name in own
    )


def _kind(one: Entry) -> str:
    if one.type == "SEQUENCE" and one.sql.startswith("ALTER TABLE"):
        return "identity"
    if one.type == "ACL":
        return "grant"
    if one.type == "DEFAULT ACL":
        return "default grant"
    return one.type.lower()


def _parent(one: Entry, ids: dict[int, str], by_identity: dict[str, str], known: facts_.Facts) -> str | None:
    if one.type not in _CHILDREN and _kind(one) != "identity":
        return None
    for number in one.needs:
        if number in ids:
            return ids[number]
    identity = known.identities.get((one.class_oid, one.oid)) if one.class_oid else None
    if identity and " on " in identity[1]:
        found = by_identity.get(identity[1].rpartition(" on ")[2])
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
