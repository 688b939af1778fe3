"""libpg_query's nodes by what they make and what they name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import postgast
from postgast import pg_query_pb2

from backend.engine.lint.ops import Name
from backend.engines.postgres.lint.expressions import name_of_range, names_of, type_text
from backend.engines.postgres.lint.names import quote


@dataclass(frozen=True, slots=True)
class Made:
    """An object a CREATE makes. `words` are those of its DROP."""

    kind: str
    name: Name
    words: str
    table: Name | None = None
    or_replace: bool = False
    if_not_exists: bool = False
    temporary: bool = False


def kind_of(node: Any) -> str:
    return str(node.DESCRIPTOR.name)


def enum_of(node: Any, field: str) -> str:
    descriptor = node.DESCRIPTOR.fields_by_name[field].enum_type
    return str(descriptor.values_by_number[getattr(node, field)].name)


def name_in(parts: Sequence[str]) -> Name:
    """The last part with the schema before it."""
    return Name(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None)


def name_of_list(nodes: Any) -> Name:
    return name_in([part for part in names_of(nodes) if part])


def type_sql(node: Any) -> str:
    """A type as SQL, quoted where it must be: by PostgreSQL's own deparser."""
    result = pg_query_pb2.ParseResult()
    cast = result.stmts.add().stmt.select_stmt.target_list.add().res_target.val.type_cast
    cast.arg.a_const.isnull = True
    cast.type_name.CopyFrom(node)
    return str(postgast.deparse(result)).removeprefix("SELECT NULL::")


def _type(node: Any) -> str:
    plain = type_text(node)
    return plain if plain.replace(" ", "").replace("_", "").isalnum() and plain.islower() else type_sql(node)


def signature(name: Name, types: Sequence[str]) -> Name:
    """A function's name with the types that tell it from its namesakes, as SQL."""
    return Name(f"{quote(name.name)}({', '.join(types)})", name.schema)


def input_types(parameters: Any) -> list[str]:
    """The types by which a function is found: those that go in."""
    found = []
    for one in parameters:
        parameter = one.function_parameter
        if enum_of(parameter, "mode") in ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE"):
            continue
        prefix = "VARIADIC " if enum_of(parameter, "mode") == "FUNC_PARAM_VARIADIC" else ""
        found.append(prefix * 0 + _type(parameter.arg_type))
    return found


def signature_of(node: Any) -> Name:
    """Of an ObjectWithArgs; the bare name where it lists no arguments."""
    name = name_of_list(node.objname)
    if node.args_unspecified:
        return Name(quote(name.name), name.schema)
    return signature(name, [_type(one.type_name) for one in node.objargs if one.HasField("type_name")])


def _simple(kind: str, words: str, name: Name, **more: Any) -> Iterator[Made]:
    yield Made(kind, name, words, **more)


_DEFINED = {
    "OBJECT_TYPE": ("type", "TYPE"), "OBJECT_COLLATION": ("collation", "COLLATION"),
    "OBJECT_TSPARSER": ("ts_parser", "TEXT SEARCH PARSER"), "OBJECT_TSDICTIONARY": ("ts_dictionary", "TEXT SEARCH DICTIONARY"),
    "OBJECT_TSTEMPLATE": ("ts_template", "TEXT SEARCH TEMPLATE"),
    "OBJECT_TSCONFIGURATION": ("ts_configuration", "TEXT SEARCH CONFIGURATION"),
}  # fmt: skip


def made_by(node: Any) -> Iterator[Made]:
    """What a CREATE makes besides indexes; nothing for any other statement."""
    match kind_of(node):
        case "CreateStmt":
            temporary = node.relation.relpersistence == "t"
            yield Made(
                "table",
                name_of_range(node.relation),
                "TABLE",
                if_not_exists=node.if_not_exists,
                temporary=temporary,
            )
        case "CreateForeignTableStmt":
            base = node.base_stmt
            yield Made(
                "foreign_table",
                name_of_range(base.relation),
                "FOREIGN TABLE",
                if_not_exists=base.if_not_exists,
            )
        case "CreateTableAsStmt":
            matview = enum_of(node, "objtype") == "OBJECT_MATVIEW"
            yield Made(
                "materialized_view" if matview else "table", name_of_range(node.into.rel),
                "MATERIALIZED VIEW" if matview else "TABLE", if_not_exists=node.if_not_exists,
                temporary=node.into.rel.relpersistence == "t",
            )  # fmt: skip
        case "ViewStmt":
            temporary = node.view.relpersistence == "t"
            yield Made("view", name_of_range(node.view), "VIEW", or_replace=node.replace, temporary=temporary)
        case "CreateSeqStmt":
            yield Made(
                "sequence", name_of_range(node.sequence), "SEQUENCE", if_not_exists=node.if_not_exists,
                temporary=node.sequence.relpersistence == "t",
            )  # fmt: skip
        case "CreateEnumStmt" | "CreateRangeStmt":
            yield Made("type", name_of_list(node.type_name), "TYPE")
        case "CompositeTypeStmt":
            yield Made("type", name_of_range(node.typevar), "TYPE")
        case "CreateDomainStmt":
            yield Made("domain", name_of_list(node.domainname), "DOMAIN")
        case "DefineStmt":
            yield from _defined(node)
        case "CreateSchemaStmt":
            yield Made("schema", Name(node.schemaname), "SCHEMA", if_not_exists=node.if_not_exists)
        case "CreateExtensionStmt":
            yield Made("extension", Name(node.extname), "EXTENSION", if_not_exists=node.if_not_exists)
        case "CreateFunctionStmt":
            name = signature(name_of_list(node.funcname), input_types(node.parameters))
            words = "PROCEDURE" if node.is_procedure else "FUNCTION"
            yield Made("function", name, words, or_replace=node.replace)
        case "CreateTrigStmt":
            yield Made(
                "trigger",
                Name(node.trigname),
                "TRIGGER",
                name_of_range(node.relation),
                or_replace=node.replace,
            )
        case "CreatePolicyStmt":
            yield Made("policy", Name(node.policy_name), "POLICY", name_of_range(node.table))
        case "RuleStmt":
            yield Made(
                "rule", Name(node.rulename), "RULE", name_of_range(node.relation), or_replace=node.replace
            )
        case "CreateEventTrigStmt":
            yield Made("event_trigger", Name(node.trigname), "EVENT TRIGGER")
        case "CreatePublicationStmt":
            yield Made("publication", Name(node.pubname), "PUBLICATION")
        case "CreateStatsStmt" if node.defnames:
            yield Made(
                "statistics", name_of_list(node.defnames), "STATISTICS", if_not_exists=node.if_not_exists
            )
        case "CreateForeignServerStmt":
            yield Made("server", Name(node.servername), "SERVER", if_not_exists=node.if_not_exists)
        case "CreateFdwStmt":
            yield Made("fdw", Name(node.fdwname), "FOREIGN DATA WRAPPER")
        case "SelectStmt" if node.HasField("into_clause"):
            into = node.into_clause.rel
            yield Made("table", name_of_range(into), "TABLE", temporary=into.relpersistence == "t")


def _defined(node: Any) -> Iterator[Made]:
    kind = enum_of(node, "kind")
    name = name_of_list(node.defnames)
    if kind == "OBJECT_AGGREGATE" and node.args:
        types = input_types(node.args[0].list.items)
        shown = signature(name, types) if types else Name(f"{quote(name.name)}(*)", name.schema)
        yield Made("function", shown, "AGGREGATE", or_replace=node.replace)
    elif kind in _DEFINED:
        yield Made(_DEFINED[kind][0], name, _DEFINED[kind][1], if_not_exists=node.if_not_exists)
