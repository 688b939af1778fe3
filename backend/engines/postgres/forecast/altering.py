"""The locks of ALTER TABLE, action by action, on the table and on those its foreign keys join it to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.sqlrules.tokens import words
from backend.engines.postgres.lint.expressions import name_of_range
from backend.models.preview import ExpectedLock

from .modes import AE, ALTER, ALTER_TABLE, RS, SRE, SUE
from .tables import enum_of
from .taking import Taking

_PLANNERS_OPTIONS = words(
    "fillfactor toast_tuple_target parallel_workers vacuum_index_cleanup vacuum_truncate log_autovacuum_min_duration "
    "n_distinct n_distinct_inherited"
)
"""Storage parameters that need SHARE UPDATE EXCLUSIVE only, with those of autovacuum."""


def alter_locks(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    kind = enum_of(node, "objtype")
    table = name_of_range(node.relation)
    if kind == "OBJECT_INDEX":
        yield from _index(take, table, node)
        return
    if kind == "OBJECT_SEQUENCE":
        yield take(table, AE)
        return
    if kind not in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
        yield take(table, AE, ALTER_TABLE)
        return
    operations = [one for one in take.place.statement.ops if isinstance(one, ops.AlterTable)]
    for index, one in enumerate(node.cmds):
        command = one.alter_table_cmd
        op = operations[index] if index < len(operations) else None
        yield from _action(take, table, command, op, only=not node.relation.inh)


def _index(take: Taking, index: Name, node: Any) -> Iterator[ExpectedLock]:
    kinds = {enum_of(one.alter_table_cmd, "subtype") for one in node.cmds}
    if kinds <= {"AT_SetRelOptions", "AT_ResetRelOptions", "AT_SetStatistics"} or kinds == {
        "AT_AttachPartition"
    }:
        yield take(index, SUE, "PostgreSQL docs, ALTER INDEX (sql-alterindex.html)")
    else:
        yield take(index, AE, "PostgreSQL docs, ALTER INDEX (sql-alterindex.html)")


def _action(
    take: Taking, table: Name, command: Any, op: ops.Op | None, *, only: bool
) -> Iterator[ExpectedLock]:
    kind = enum_of(command, "subtype")
    special = _SPECIAL.get(kind)
    if special is not None:
        yield from special(take, table, command, op)
        return
    mode = ALTER.get(kind, AE)
    if kind in ("AT_SetRelOptions", "AT_ResetRelOptions") and not _is_gentle(command):
        mode = AE
    yield from [take(table, mode, ALTER_TABLE)] if only else take.with_children(table, mode, ALTER_TABLE)


def _is_gentle(command: Any) -> bool:
    options = [item.def_elem.defname.lower() for item in getattr(command, "def").list.items]
    return all(one.startswith("autovacuum") or one in _PLANNERS_OPTIONS for one in options)


def _both(take: Taking, one: Name, mode: str) -> ExpectedLock:
    return take(one, mode, f"The foreign key has triggers on both tables. {ALTER_TABLE}")


def _add_column(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    yield from take.with_children(table, AE, ALTER_TABLE)
    for constraint in op.column.constraints if isinstance(op, ops.AddColumn) else ():
        if constraint.references is not None and not constraint.references.same(table):
            yield _both(take, constraint.references, SRE)


def _add_constraint(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    constraint = op.constraint if isinstance(op, ops.AddConstraint) else None
    if constraint is not None and constraint.references is not None:
        yield from take.with_children(table, SRE, ALTER_TABLE)
        if not constraint.references.same(table):
            yield _both(take, constraint.references, SRE)
    else:
        yield from take.with_children(table, AE, ALTER_TABLE)


def _validate(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    yield from take.with_children(table, SUE, ALTER_TABLE)
    for parent, relation in take.known.references(table):
        if relation.name is None or relation.name == command.name:
            yield take(parent, RS, ALTER_TABLE)
    for owner, constraint in take.place.scene.added_constraints():
        is_it = constraint.name == command.name and owner.same(table)
        if is_it and constraint.references is not None and not constraint.references.same(table):
            yield take(constraint.references, RS, ALTER_TABLE)


def _drop_constraint(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    yield from take.with_children(table, AE, ALTER_TABLE)
    for parent, relation in take.known.references(table):
        if relation.name == command.name:
            yield _both(take, parent, AE)
    detail = take.known.detail(table)
    key = detail.primary_key if detail is not None else None
    if key is not None and key.name == command.name and enum_of(command, "behavior") == "DROP_CASCADE":
        for child, _ in take.known.referenced_by(table):
            yield _both(take, child, AE)


def _columns(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    """A column that goes or changes its type takes the foreign keys along that it is part of."""
    yield from take.with_children(table, AE, ALTER_TABLE)
    for parent, relation in take.known.references(table):
        if command.name in relation.columns and not parent.same(table):
            yield _both(take, parent, AE)
    is_retyped = enum_of(command, "subtype") == "AT_AlterColumnType"
    if is_retyped or enum_of(command, "behavior") == "DROP_CASCADE":
        for child, relation in take.known.referenced_by(table):
            if command.name in relation.to_columns and not child.same(table):
                yield _both(take, child, AE)


def _attach(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    yield take(table, SUE, ALTER_TABLE)
    child = name_of_range(getattr(command, "def").partition_cmd.name)
    yield from take.with_children(child, AE, f"The table that becomes a partition. {ALTER_TABLE}")
    for parent, _ in take.known.references(table):
        yield _both(take, parent, SRE)
    for other in take.known.children(table):
        if other.name.endswith("_default"):
            yield take(
                other,
                AE,
                f"A default partition is checked for rows that belong there. {ALTER_TABLE}",
                certain=False,
            )


def _detach(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    given = getattr(command, "def").partition_cmd
    child = name_of_range(given.name)
    if given.concurrent:
        yield take(table, SUE, ALTER_TABLE, how="while it works")
        yield take(
            child, AE, f"In its second part. {ALTER_TABLE}", how="for a moment at its end", certain=False
        )
    else:
        yield take(table, AE, ALTER_TABLE)
        yield take(child, AE, ALTER_TABLE)


def _inherit(take: Taking, table: Name, command: Any, op: ops.Op | None) -> Iterator[ExpectedLock]:
    yield take(table, AE, ALTER_TABLE)
    given = getattr(command, "def")
    if given.WhichOneof("node") == "range_var":
        is_new = enum_of(command, "subtype") == "AT_AddInherit"
        yield take(name_of_range(given.range_var), SUE if is_new else "ACCESS SHARE", ALTER_TABLE)


_SPECIAL: dict[str, Callable[[Taking, Name, Any, ops.Op | None], Iterator[ExpectedLock]]] = {
    "AT_AddColumn": _add_column,
    "AT_AddConstraint": _add_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_DropConstraint": _drop_constraint,
    "AT_DropColumn": _columns,
    "AT_AlterColumnType": _columns,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _inherit,
}
