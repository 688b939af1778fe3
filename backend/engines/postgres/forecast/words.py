"""PostgreSQL's statements that the shared operations have no word for, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backend.engine.forecast.describe import affected
from backend.engine.forecast.port import Described
from backend.engine.lint import ops
from backend.engine.lint.source import Stmt
from backend.engine.tableids import table_id
from backend.engines.postgres.lint.expressions import name_of_range, names_of

from .tables import enum_of, parts_of

Said = tuple[str, str, list[Any]] | None


def more_of(statement: Stmt) -> Described | None:
    """None where the shared words say it as well."""
    if statement.node is None or not any(isinstance(one, ops.Other) for one in statement.ops):
        return None
    reader = _READERS.get(type(statement.node).__name__)
    said = reader(statement.node) if reader is not None else None
    return None if said is None else Described(said[0], said[1], tuple(said[2]))


def _kind(node: Any, field: str) -> str:
    word = enum_of(node, field).removeprefix("OBJECT_").replace("_", " ").lower()
    return {"matview": "materialized view", "tabconstraint": "constraint"}.get(word, word)


def _id(parts: list[str]) -> str:
    return table_id(parts[-2] if len(parts) > 1 else None, parts[-1] if parts else "")


def _enum(node: Any) -> Said:
    name = ".".join(names_of(node.type_name))
    kind = _id(names_of(node.type_name))
    if node.old_val:
        said = f"Renames the value {node.old_val} of the type {name} to {node.new_val}"
        return (
            "ALTER TYPE … RENAME VALUE",
            said,
            [affected("change", "type", kind, None, f"{node.old_val} → {node.new_val}")],
        )
    said = f"Adds the value {node.new_val} to the type {name}"
    return "ALTER TYPE … ADD VALUE", said, [affected("change", "type", kind, None, f"+ {node.new_val}")]


def _comment(node: Any) -> Said:
    kind, parts = _kind(node, "objtype"), parts_of(node.object)
    verb = "Writes" if node.comment else "Removes"
    return f"COMMENT ON {kind.upper()}", f"{verb} the comment on the {kind} {'.'.join(parts)}".rstrip(), []


def _grant(node: Any) -> Said:
    who = ", ".join(one.role_spec.rolename or "everyone" for one in node.grantees)
    what = ", ".join(one.access_priv.priv_name.upper() or "ALL" for one in node.privileges) or "ALL"
    word = "GRANT" if node.is_grant else "REVOKE"
    return (
        word,
        f"{'Gives' if node.is_grant else 'Takes'} rights ({what}) {'to' if node.is_grant else 'from'} {who}",
        [],
    )


def _refresh(node: Any) -> Said:
    name = name_of_range(node.relation)
    online = ", while others go on reading" if node.concurrent else ""
    found = affected("rows", "materialized view", table_id(name.schema, name.name), None, "refresh")
    return (
        "REFRESH MATERIALIZED VIEW",
        f"Runs the query of the materialized view {name} again{online}",
        [found],
    )


def _do(node: Any) -> Said:
    return "DO", "Runs a block of code; what it does shows only when it runs", []


def _call(node: Any) -> Said:
    return "CALL", "Calls a procedure; what it does shows only when it runs", []


def _owner(node: Any) -> Said:
    kind = _kind(node, "object_type")
    name = ".".join(parts_of(node.object)) if node.HasField("object") else ""
    return f"ALTER {kind.upper()} … OWNER TO", f"Gives the {kind} {name} another owner".replace("  ", " "), []


def _schema(node: Any) -> Said:
    kind = _kind(node, "object_type")
    if node.HasField("relation"):
        name = name_of_range(node.relation)
        listed = [
            affected("change", kind, table_id(name.schema, name.name), None, f"→ schema {node.newschema}")
        ]
        return (
            f"ALTER {kind.upper()} … SET SCHEMA",
            f"Moves the {kind} {name} to the schema {node.newschema}",
            listed,
        )
    return f"ALTER {kind.upper()} … SET SCHEMA", f"Moves a {kind} to the schema {node.newschema}", []


def _sequence(node: Any) -> Said:
    name = name_of_range(node.sequence)
    return (
        "ALTER SEQUENCE",
        f"Changes the sequence {name}",
        [affected("change", "sequence", table_id(name.schema, name.name))],
    )


def _function(node: Any) -> Said:
    name = names_of(node.func.objname)
    return (
        "ALTER FUNCTION",
        f"Changes options of the function {'.'.join(name)}",
        [affected("change", "function", _id(name))],
    )


def _domain(node: Any) -> Said:
    name = names_of(node.type_name)
    return "ALTER DOMAIN", f"Changes the domain {'.'.join(name)}", [affected("change", "domain", _id(name))]


def _altered(node: Any) -> Said:
    """ALTER INDEX, VIEW, SEQUENCE, TYPE: what ALTER TABLE is for tables."""
    kind, name = _kind(node, "objtype"), name_of_range(node.relation)
    return (
        f"ALTER {kind.upper()}",
        f"Changes the {kind} {name}",
        [affected("change", kind, table_id(name.schema, name.name))],
    )


def _vacuum(node: Any) -> Said:
    tables = ", ".join(str(name_of_range(one.vacuum_relation.relation)) for one in node.rels) or "every table"
    if not node.is_vacuumcmd:
        return "ANALYZE", f"Reads a sample of {tables} for the planner's statistics", []
    full = any(one.def_elem.defname.lower() == "full" for one in node.options)
    return (
        ("VACUUM FULL", f"Writes {tables} anew", [])
        if full
        else ("VACUUM", f"Frees dead rows of {tables}", [])
    )


def _reindex(node: Any) -> Said:
    what = str(name_of_range(node.relation)) if node.relation.relname else node.name
    return "REINDEX", f"Builds the indexes of {what} anew".replace(" of  anew", " anew"), []


def _cluster(node: Any) -> Said:
    what = str(name_of_range(node.relation)) if node.relation.relname else "every clustered table"
    return "CLUSTER", f"Writes {what} anew in the order of an index", []


def _statistics(node: Any) -> Said:
    name = names_of(node.defnames)
    return "CREATE STATISTICS", f"Creates the statistics {'.'.join(name)}", []


def _copy(node: Any) -> Said:
    if not node.HasField("relation"):
        return "COPY", "Copies the rows of a query out", []
    name = name_of_range(node.relation)
    if not node.is_from:
        return "COPY", f"Copies the rows of {name} out", []
    return (
        "COPY",
        f"Copies rows into {name}",
        [affected("rows", "table", table_id(name.schema, name.name), None, "copy")],
    )


def _merge(node: Any) -> Said:
    name = name_of_range(node.relation)
    found = affected("rows", "table", table_id(name.schema, name.name), None, "merge")
    return "MERGE", f"Adds, changes or deletes rows of {name} by those of another", [found]


def _default_rights(node: Any) -> Said:
    return "ALTER DEFAULT PRIVILEGES", "Changes the rights that new objects begin with", []


_READERS: dict[str, Callable[[Any], Said]] = {
    "AlterEnumStmt": _enum, "CommentStmt": _comment, "GrantStmt": _grant, "RefreshMatViewStmt": _refresh, "DoStmt": _do,
    "CallStmt": _call, "AlterOwnerStmt": _owner, "AlterObjectSchemaStmt": _schema, "AlterSeqStmt": _sequence,
    "AlterFunctionStmt": _function, "AlterDomainStmt": _domain, "AlterTableStmt": _altered, "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex, "ClusterStmt": _cluster, "CreateStatsStmt": _statistics, "CopyStmt": _copy, "MergeStmt": _merge,
    "AlterDefaultPrivilegesStmt": _default_rights,
}  # fmt: skip
