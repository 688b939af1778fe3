"""libpg_query's nodes to the shared operations, one function a kind of statement. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.ops import Name, ObjectKind, Op

from .expressions import (
    Reading,
    column_of,
    constraint_of,
    has_not_exists,
    is_always_true,
    is_limited,
    name_of_range,
    names_of,
    null_comparisons,
    sql_of,
    star_in,
    type_text,
)

_OBJECTS: dict[str, ObjectKind] = {
    "OBJECT_TABLE": "table", "OBJECT_VIEW": "view", "OBJECT_MATVIEW": "materialized_view", "OBJECT_INDEX": "index",
    "OBJECT_SEQUENCE": "sequence", "OBJECT_SCHEMA": "schema", "OBJECT_TYPE": "type", "OBJECT_DOMAIN": "domain",
    "OBJECT_FUNCTION": "function", "OBJECT_PROCEDURE": "procedure", "OBJECT_ROUTINE": "function",
    "OBJECT_AGGREGATE": "function", "OBJECT_TRIGGER": "trigger", "OBJECT_EXTENSION": "extension",
    "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule", "OBJECT_FOREIGN_TABLE": "foreign_table",
    "OBJECT_PUBLICATION": "publication", "OBJECT_COLUMN": "column", "OBJECT_TABCONSTRAINT": "constraint",
    "OBJECT_DATABASE": "database", "OBJECT_ROLE": "role",
}  # fmt: skip
_ON_TABLE = frozenset({"trigger", "policy", "rule"})


# As SQL has it, where the parser's own word is another.
_LONG_WORDS = {
    "CREATE OP CLASS": "CREATE OPERATOR CLASS", "CREATE OP FAMILY": "CREATE OPERATOR FAMILY",
    "ALTER OP FAMILY": "ALTER OPERATOR FAMILY", "CREATE FDW": "CREATE FOREIGN DATA WRAPPER",
    "ALTER EXTENSION CONTENTS": "ALTER EXTENSION",
}  # fmt: skip


def read_node(kind: str, node: Any, reading: Reading) -> tuple[Op, ...]:
    """The operations of one statement; a kind without a reader is `Other` by its name."""
    read = _READERS.get(kind)
    if read is None:
        keyword = kind.removesuffix("_stmt").replace("_", " ").upper()
        if kind == "define_stmt":
            keyword = f"CREATE {_enum(node, 'kind').removeprefix('OBJECT_')}"
        keyword = _LONG_WORDS.get(keyword, keyword)
        return (ops.Other(keyword=keyword),)
    return tuple(read(node, reading))


def _enum(node: Any, field: str) -> str:
    descriptor = node.DESCRIPTOR.fields_by_name[field].enum_type
    return str(descriptor.values_by_number[getattr(node, field)].name)


def _create_table(node: Any, reading: Reading) -> Iterator[Op]:
    columns, constraints = [], []
    like = bool(node.inh_relations) or node.HasField("partbound") or bool(node.of_typename.names)
    for element in node.table_elts:
        which = element.WhichOneof("node")
        if which == "column_def":
            columns.append(column_of(element.column_def, reading))
        elif which == "constraint":
            constraints.append(constraint_of(element.constraint, reading))
        else:
            like = True
    options = {"partition by": str(node.partspec.strategy)} if node.HasField("partspec") else {}
    yield ops.CreateTable(
        name=name_of_range(node.relation), columns=tuple(columns), constraints=tuple(constraints),
        if_not_exists=node.if_not_exists, temporary=node.relation.relpersistence == "t", like=like, options=options,
    )  # fmt: skip


def _create_as(node: Any, reading: Reading) -> Iterator[Op]:
    name = name_of_range(node.into.rel)
    if _enum(node, "objtype") == "OBJECT_MATVIEW":
        yield ops.CreateObject(kind="materialized_view", name=name, if_not_exists=node.if_not_exists)
    else:
        yield ops.CreateTable(
            name=name, from_query=not node.into.skip_data, like=True, if_not_exists=node.if_not_exists,
            temporary=node.into.rel.relpersistence == "t",
        )  # fmt: skip
    yield from _query(node.query.select_stmt, reading)


def _create_index(node: Any, reading: Reading) -> Iterator[Op]:
    yield ops.CreateIndex(
        table=name_of_range(node.relation),
        name=node.idxname or None,
        columns=tuple(one.index_elem.name or f"({sql_of(one.index_elem.expr)})" for one in node.index_params),
        unique=node.unique,
        concurrently=node.concurrent,
        if_not_exists=node.if_not_exists,
        partial=node.HasField("where_clause"),
        method=node.access_method,
    )


def _drop(node: Any, reading: Reading) -> Iterator[Op]:
    kind = _OBJECTS.get(_enum(node, "remove_type"), "other")
    for one in node.objects:
        parts = _parts(one)
        table: Name | None = None
        if kind in _ON_TABLE and len(parts) > 1:
            table = Name(parts[-2], parts[-3] if len(parts) > 2 else None)
            parts = parts[-1:]
        yield ops.Drop(
            kind=kind,
            name=Name(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None),
            if_exists=node.missing_ok,
            cascade=_enum(node, "behavior") == "DROP_CASCADE",
            concurrently=node.concurrent,
            table=table,
        )


def _parts(node: Any) -> list[str]:
    which = node.WhichOneof("node")
    if which == "list":
        return [item.string.sval for item in node.list.items]
    if which == "string":
        return [node.string.sval]
    if which == "object_with_args":
        return [item.string.sval for item in node.object_with_args.objname]
    if which == "type_name":
        return [item.string.sval for item in node.type_name.names]
    return []


def _drop_database(node: Any, reading: Reading) -> Iterator[Op]:
    yield ops.Drop(kind="database", name=Name(node.dbname), if_exists=node.missing_ok)


def _truncate(node: Any, reading: Reading) -> Iterator[Op]:
    cascade = _enum(node, "behavior") == "DROP_CASCADE"
    for one in node.relations:
        yield ops.Truncate(table=name_of_range(one.range_var), cascade=cascade)


def _rename(node: Any, reading: Reading) -> Iterator[Op]:
    kind = _OBJECTS.get(_enum(node, "rename_type"), "other")
    relation = name_of_range(node.relation) if node.HasField("relation") else None
    if kind in ("column", "constraint"):
        yield ops.Rename(kind=kind, old=Name(node.subname), new=node.newname, table=relation)
    else:
        parts = _parts(node.object) if node.HasField("object") else []
        old = relation or Name(parts[-1] if parts else node.subname, parts[-2] if len(parts) > 1 else None)
        yield ops.Rename(kind=kind, old=old, new=node.newname)


_ALTER_OTHER = {
    "AT_ChangeOwner": "OWNER TO", "AT_AttachPartition": "ATTACH PARTITION", "AT_DetachPartition": "DETACH PARTITION",
    "AT_ClusterOn": "CLUSTER ON", "AT_SetLogged": "SET LOGGED", "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetTableSpace": "SET TABLESPACE", "AT_EnableRowSecurity": "ENABLE ROW LEVEL SECURITY",
    "AT_DisableRowSecurity": "DISABLE ROW LEVEL SECURITY", "AT_SetAccessMethod": "SET ACCESS METHOD",
}  # fmt: skip


def _alter_table(node: Any, reading: Reading) -> Iterator[Op]:
    if _enum(node, "objtype") not in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
        yield ops.Other(keyword="ALTER " + _enum(node, "objtype").removeprefix("OBJECT_"))
        return
    table = name_of_range(node.relation)
    for one in node.cmds:
        yield _alter_action(one.alter_table_cmd, table, reading)


def _alter_action(cmd: Any, table: Name, reading: Reading) -> Op:
    kind = _enum(cmd, "subtype")
    cascade = _enum(cmd, "behavior") == "DROP_CASCADE"
    match kind:
        case "AT_AddColumn":
            column = column_of(_def(cmd).column_def, reading)
            return ops.AddColumn(table=table, column=column, if_not_exists=cmd.missing_ok, span=column.span)
        case "AT_DropColumn":
            return ops.DropColumn(table=table, column=cmd.name, if_exists=cmd.missing_ok, cascade=cascade)
        case "AT_AlterColumnType":
            definition = _def(cmd).column_def
            using = sql_of(definition.raw_default) if definition.HasField("raw_default") else ""
            return ops.AlterColumnType(
                table=table, column=cmd.name, type=type_text(definition.type_name), using=using
            )
        case "AT_SetNotNull":
            return ops.SetNotNull(table=table, column=cmd.name)
        case "AT_DropNotNull":
            return ops.DropNotNull(table=table, column=cmd.name)
        case "AT_ColumnDefault":
            default = sql_of(_def(cmd)) if cmd.HasField("def") else None
            return ops.SetDefault(table=table, column=cmd.name, default=default)
        case "AT_AddConstraint":
            constraint = constraint_of(_def(cmd).constraint, reading)
            return ops.AddConstraint(table=table, constraint=constraint, span=constraint.span)
        case "AT_DropConstraint":
            return ops.DropConstraint(table=table, name=cmd.name, if_exists=cmd.missing_ok, cascade=cascade)
        case "AT_ValidateConstraint":
            return ops.ValidateConstraint(table=table, name=cmd.name)
        case "AT_DetachPartition" if _def(cmd).partition_cmd.concurrent:
            return ops.AlterOther(table=table, what="DETACH PARTITION CONCURRENTLY")
        case _:
            return ops.AlterOther(table=table, what=_ALTER_OTHER.get(kind) or _spaced(kind))


def _spaced(kind: str) -> str:
    """`AT_SetStorage` as SQL has it: `SET STORAGE`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.removeprefix("AT_")).upper()


def _def(cmd: Any) -> Any:
    # The field is named `def`, which Python keeps for itself.
    return getattr(cmd, "def")


def _insert(node: Any, reading: Reading) -> Iterator[Op]:
    columns = tuple(one.res_target.name for one in node.cols) or None
    rows: int | None = None
    select = node.select_stmt.select_stmt if node.HasField("select_stmt") else None
    if select is None:
        rows, columns = 1, columns or ()  # DEFAULT VALUES
    elif select.values_lists:
        rows = len(select.values_lists)
    tolerant = node.HasField("on_conflict_clause")
    if select is not None and not select.values_lists:
        tolerant = tolerant or has_not_exists(select, reading)
    yield ops.Insert(table=name_of_range(node.relation), columns=columns, rows=rows, tolerant=tolerant)
    if select is not None and not select.values_lists:
        yield from _query(select, reading)


def _update(node: Any, reading: Reading) -> Iterator[Op]:
    has_where = node.HasField("where_clause") and not is_always_true(node.where_clause)
    yield ops.Update(
        table=name_of_range(node.relation),
        has_where=has_where,
        columns=tuple(one.res_target.name for one in node.target_list),
        limited=is_limited(node, reading),
    )
    yield from null_comparisons(node, reading)


def _delete(node: Any, reading: Reading) -> Iterator[Op]:
    has_where = node.HasField("where_clause") and not is_always_true(node.where_clause)
    yield ops.Delete(
        table=name_of_range(node.relation), has_where=has_where, limited=is_limited(node, reading)
    )
    yield from null_comparisons(node, reading)


def _query(node: Any, reading: Reading) -> Iterator[Op]:
    star = star_in(node) if "*" in reading.text else None
    at = reading.at(star) if star is not None else None
    span = None if at is None else (at, reading.text.find("*", at) + 1)
    yield ops.Query(star=star is not None, star_span=span)
    yield from null_comparisons(node, reading)
    for target in node.target_list:
        call = target.res_target.val
        if call.WhichOneof("node") == "func_call" and names_of(call.func_call.funcname)[-1] == "set_config":
            args = [one.a_const for one in call.func_call.args]
            if len(args) == 3 and args[0].HasField("sval"):
                yield ops.Setting(
                    name=args[0].sval.sval.lower(), value=args[1].sval.sval, local=args[2].boolval.boolval
                )


def _view(node: Any, reading: Reading) -> Iterator[Op]:
    yield ops.CreateObject(
        kind="view", name=name_of_range(node.view), or_replace=node.replace, temporary=node.view.relpersistence == "t"
    )  # fmt: skip
    yield from _query(node.query.select_stmt, reading)


def _transaction(node: Any, reading: Reading) -> Iterator[Op]:
    word = _enum(node, "kind").removeprefix("TRANS_STMT_").replace("_", " ")
    yield ops.TransactionControl(word="BEGIN" if word == "START" else word)


def _setting(node: Any, reading: Reading) -> Iterator[Op]:
    values = []
    for one in node.args:
        const = one.a_const
        which = const.WhichOneof("val")
        if which == "sval":
            values.append(const.sval.sval)
        elif which == "ival":
            values.append(str(const.ival.ival))
        elif which is not None:
            values.append(str(getattr(getattr(const, which), which)))
    yield ops.Setting(name=node.name.lower(), value=" ".join(values), local=node.is_local)


def _trigger(node: Any, reading: Reading) -> Iterator[Op]:
    yield ops.CreateObject(
        kind="trigger", name=Name(node.trigname), or_replace=node.replace, table=name_of_range(node.relation)
    )


def _object(kind: ObjectKind, read: Callable[[Any], Any]) -> Callable[[Any, Reading], Iterator[Op]]:
    """A CREATE whose name `read` finds: a string, a RangeVar or a list of strings."""

    def made(node: Any, reading: Reading) -> Iterator[Op]:
        found = read(node)
        if isinstance(found, str):
            name = Name(found)
        elif hasattr(found, "relname"):
            name = name_of_range(found)
        else:
            parts = names_of(found)
            name = Name(parts[-1], parts[-2] if len(parts) > 1 else None)
        fields = node.DESCRIPTOR.fields_by_name
        table = name_of_range(node.relation) if kind == "rule" and "relation" in fields else None
        table = name_of_range(node.table) if kind == "policy" else table
        yield ops.CreateObject(
            kind=kind,
            name=name,
            or_replace="replace" in fields and bool(node.replace),
            if_not_exists="if_not_exists" in fields and bool(node.if_not_exists),
            table=table,
        )

    return made


_READERS: dict[str, Callable[[Any, Reading], Iterator[Op]]] = {
    "create_stmt": _create_table,
    "create_foreign_table_stmt": lambda node, reading: _create_table(node.base_stmt, reading),
    "create_table_as_stmt": _create_as,
    "index_stmt": _create_index,
    "drop_stmt": _drop,
    "dropdb_stmt": _drop_database,
    "truncate_stmt": _truncate,
    "rename_stmt": _rename,
    "alter_table_stmt": _alter_table,
    "insert_stmt": _insert,
    "update_stmt": _update,
    "delete_stmt": _delete,
    "select_stmt": _query,
    "view_stmt": _view,
    "transaction_stmt": _transaction,
    "variable_set_stmt": _setting,
    "create_trig_stmt": _trigger,
    "create_schema_stmt": _object("schema", lambda node: node.schemaname),
    "createdb_stmt": _object("database", lambda node: node.dbname),
    "create_seq_stmt": _object("sequence", lambda node: node.sequence),
    "create_enum_stmt": _object("type", lambda node: node.type_name),
    "create_range_stmt": _object("type", lambda node: node.type_name),
    "composite_type_stmt": _object("type", lambda node: node.typevar),
    "create_domain_stmt": _object("domain", lambda node: node.domainname),
    "create_function_stmt": _object("function", lambda node: node.funcname),
    "create_extension_stmt": _object("extension", lambda node: node.extname),
    "create_policy_stmt": _object("policy", lambda node: node.policy_name),
    "rule_stmt": _object("rule", lambda node: node.rulename),
    "create_role_stmt": _object("role", lambda node: node.role),
    "create_publication_stmt": _object("publication", lambda node: node.pubname),
}
