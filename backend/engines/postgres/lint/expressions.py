"""Columns, constraints, types and expressions out of libpg_query's tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import postgast
from postgast import pg_query_pb2

from backend.engine.lint import ops
from backend.engine.lint.ops import Column, Constraint, ConstraintKind, Name
from backend.engine.sqlrules.tokens import words


@dataclass(frozen=True, slots=True)
class Reading:
    """The statement's text, and `at`: an offset of the parser to one in that text."""

    text: str
    at: Callable[[int], int]


VOLATILE = words(
    "random gen_random_uuid uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuidv4 uuidv7 clock_timestamp "
    "timeofday nextval txid_current"
)
# What a default of these calls gives is one value for every row: no rewrite.
STABLE = words(
    "now current_timestamp transaction_timestamp statement_timestamp timezone to_timestamp current_setting "
    "current_user session_user current_date lower upper date_trunc date_part extract concat md5 jsonb_build_object "
    "jsonb_build_array json_build_object json_build_array array_to_json to_jsonb to_json make_interval make_date "
    "array_fill decode encode abs round length coalesce nullif current_database current_schema pg_backend_pid"
)
_TYPES = {
    "int2": "smallint", "int4": "integer", "int8": "bigint", "bool": "boolean", "float4": "real",
    "float8": "double precision", "bpchar": "char", "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone", "timestamp": "timestamp", "varchar": "varchar", "numeric": "numeric",
}  # fmt: skip
_KINDS: dict[str, ConstraintKind] = {
    "CONSTR_PRIMARY": "primary_key", "CONSTR_UNIQUE": "unique", "CONSTR_FOREIGN": "foreign_key",
    "CONSTR_CHECK": "check", "CONSTR_EXCLUSION": "exclude", "CONSTR_NOTNULL": "not_null",
}  # fmt: skip
_ACTIONS = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "": ""}
_CONTYPES = pg_query_pb2.ConstrType.DESCRIPTOR.values_by_number


def name_of_range(node: Any) -> Name:
    return Name(node.relname, node.schemaname or None)


def names_of(nodes: Any) -> list[str]:
    return [one.string.sval for one in nodes] or [""]


def type_text(node: Any) -> str:
    """`varchar(255)`, `integer`, `timestamp with time zone`, `text[]`, `app.mood`."""
    parts = [one.string.sval for one in node.names]
    if parts[:1] == ["pg_catalog"] or len(parts) == 1:
        parts = [_TYPES.get(parts[-1], parts[-1])]
    text: str = ".".join(parts)
    if node.typmods and parts != ["interval"]:
        sizes = ",".join(str(one.a_const.ival.ival) for one in node.typmods)
        head, space, tail = text.partition(" with ")
        text = f"{head}({sizes}){space}{tail}"
    return text + "[]" * len(node.array_bounds)


def sql_of(node: Any) -> str:
    """An expression as SQL, written by PostgreSQL's own deparser. Constants need none of that."""
    if node.WhichOneof("node") == "a_const":
        which = node.a_const.WhichOneof("val")
        if which == "ival":
            return str(node.a_const.ival.ival)
        if which == "sval":
            return "'" + str(node.a_const.sval.sval).replace("'", "''") + "'"
        if node.a_const.isnull:
            return "NULL"
    result = pg_query_pb2.ParseResult()
    target = result.stmts.add().stmt.select_stmt.target_list.add()
    target.res_target.val.CopyFrom(node)
    return str(postgast.deparse(result)).removeprefix("SELECT ")


def column_of(node: Any, reading: Reading) -> Column:
    not_null = primary = unique = auto = volatile = False
    default: str | None = None
    generated: Literal["", "stored", "virtual"] = ""
    constraints: list[Constraint] = []
    for one in node.constraints:
        constraint = one.constraint
        kind = _CONTYPES[constraint.contype].name
        if kind == "CONSTR_NOTNULL":
            not_null = True
        elif kind == "CONSTR_DEFAULT":
            if not constraint.raw_expr.a_const.isnull:
                default = sql_of(constraint.raw_expr)
                volatile = any(name in VOLATILE for name in calls_in(constraint.raw_expr))
        elif kind == "CONSTR_IDENTITY":
            auto = not_null = True
        elif kind == "CONSTR_GENERATED":
            # PostgreSQL up to 17 has stored ones only; 18 makes virtual ones, and says so in the node.
            stored = getattr(constraint, "generated_kind", "s") != "v"
            generated = "stored" if stored else "virtual"
        elif kind in _KINDS:
            found = constraint_of(constraint, reading, node.colname)
            primary = primary or found.kind == "primary_key"
            unique = unique or found.kind == "unique"
            constraints.append(found)
    type_ = type_text(node.type_name) if node.HasField("type_name") else ""
    if type_ in ("serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"):
        auto = not_null = True
    start = reading.at(node.location)
    return Column(
        name=node.colname, type=type_, not_null=not_null, default=default, default_volatile=volatile,
        primary_key=primary, unique=unique, auto=auto, generated=generated, constraints=tuple(constraints),
        span=(start, start + max(1, len(node.colname))),
    )  # fmt: skip


def constraint_of(node: Any, reading: Reading, column: str | None = None) -> Constraint:
    kind: ConstraintKind = _KINDS.get(_CONTYPES[node.contype].name, "other")
    columns = tuple(names_of(node.keys)) if node.keys else ()
    if kind == "foreign_key" and node.fk_attrs:
        columns = tuple(names_of(node.fk_attrs))
    if not columns and column is not None:
        columns = (column,)
    if kind == "exclude":
        columns = tuple(one.list.items[0].index_elem.name for one in node.exclusions)
    start = reading.at(max(0, node.location))
    return Constraint(
        kind=kind,
        name=node.conname or None,
        columns=columns,
        expression=sql_of(node.raw_expr) if kind == "check" and node.HasField("raw_expr") else "",
        not_valid=node.skip_validation,
        using_index=node.indexname or None,
        references=name_of_range(node.pktable) if node.HasField("pktable") else None,
        references_columns=tuple(names_of(node.pk_attrs)) if node.pk_attrs else (),
        on_delete=_ACTIONS.get(node.fk_del_action, ""),
        on_update=_ACTIONS.get(node.fk_upd_action, ""),
        span=(start, start + 1),
    )


def messages_in(node: Any) -> Iterator[Any]:
    """Every message of a tree, itself first, in order."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        below = []
        for field, value in one.ListFields():
            if field.message_type is None:
                continue
            below += [value] if hasattr(value, "ListFields") else list(value)
        stack += reversed(below)


def calls_in(node: Any) -> Iterator[str]:
    """The bare names of the functions an expression calls."""
    for one in messages_in(node):
        if type(one).__name__ == "FuncCall":
            yield names_of(one.funcname)[-1]


def is_always_true(node: Any) -> bool:
    """`true`, `1 = 1`, `'a' = 'a'`."""
    if node.WhichOneof("node") == "a_const":
        return bool(node.a_const.boolval.boolval)
    expression = node.a_expr
    sides = (expression.lexpr, expression.rexpr)
    if node.WhichOneof("node") != "a_expr" or any(one.WhichOneof("node") != "a_const" for one in sides):
        return False
    return names_of(expression.name) == ["="] and sql_of(sides[0]) == sql_of(sides[1])


def is_limited(node: Any, reading: Reading) -> bool:
    """A LIMIT anywhere in it: the rows come from a bounded sub-query."""
    if "LIMIT" not in reading.text.upper():
        return False
    return any(
        type(one).__name__ == "SelectStmt" and one.HasField("limit_count") for one in messages_in(node)
    )


def has_not_exists(node: Any, reading: Reading) -> bool:
    """NOT EXISTS (…): it may run twice."""
    if "EXISTS" not in reading.text.upper():
        return False
    return any(type(one).__name__ == "SubLink" and one.sub_link_type == _EXISTS for one in messages_in(node))


_EXISTS = pg_query_pb2.SubLinkType.Value("EXISTS_SUBLINK")


def star_in(node: Any) -> int | None:
    """The place of a `*` in a SELECT's list (its own, or a sub-query's in FROM), not in EXISTS or count(*)."""
    for target in node.target_list:
        fields = target.res_target.val.column_ref.fields
        if fields and fields[-1].WhichOneof("node") == "a_star":
            return int(target.res_target.val.column_ref.location)
    for side in ("larg", "rarg"):
        if node.HasField(side) and (found := star_in(getattr(node, side))) is not None:
            return found
    for one in node.from_clause:
        sub = one.range_subselect.subquery.select_stmt
        if one.WhichOneof("node") == "range_subselect" and (found := star_in(sub)) is not None:
            return found
    return None


def null_comparisons(node: Any, reading: Reading) -> Iterator[ops.Op]:
    """`a = NULL` and `a <> NULL` in conditions; an assignment is another kind of node."""
    if "null" not in reading.text.lower():
        return
    for one in messages_in(node):
        if type(one).__name__ != "A_Expr" or names_of(one.name)[-1] not in ("=", "<>"):
            continue
        right = one.rexpr
        if right.WhichOneof("node") == "a_const" and right.a_const.isnull:
            start, end = reading.at(one.location), reading.at(right.a_const.location) + 4
            yield ops.NullComparison(
                negated=names_of(one.name)[-1] == "<>", operand=sql_of(one.lexpr), span=(start, end)
            )


def is_unknown_default(node: Any) -> bool:
    """Calls a function that is known neither as volatile nor as stable: the server alone can tell."""
    return any(name not in VOLATILE and name not in STABLE for name in calls_in(node))
