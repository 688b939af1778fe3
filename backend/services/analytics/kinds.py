"""What a file does, by its heaviest statement, from the parsed statements. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from backend.engine.lint import ops
from backend.engine.lint.source import Half

READER = 1
"""Raise it when a file may be read as another kind than before: what was kept is then read again."""

LABELS = {
    "type_change": "changes a type",
    "rows_changed": "changes rows",
    "index": "builds an index",
    "constraint": "adds a constraint",
    "rows_added": "adds rows",
    "add_column": "adds a column",
    "alter": "alters a table",
    "create_table": "creates a table",
    "drop": "drops something",
    "object": "creates a view, function or type",
    "other": "does something else",
    "unread": "cannot be read",
}
"""Heaviest first."""

_MONGO = {
    **dict.fromkeys(("createIndex", "createIndexes"), "index"),
    **dict.fromkeys(
        ("updateOne", "updateMany", "replaceOne", "bulkWrite", "deleteOne", "deleteMany", "findOneAndUpdate",
         "findOneAndReplace", "findOneAndDelete", "aggregate"), "rows_changed"),
    **dict.fromkeys(("insertOne", "insertMany"), "rows_added"),
    **dict.fromkeys(("createCollection",), "create_table"),
    **dict.fromkeys(("drop", "dropCollection", "dropIndex", "dropIndexes", "dropDatabase"), "drop"),
    **dict.fromkeys(("rename", "renameCollection", "collMod", "command"), "alter"),
}  # fmt: skip

_OPS: tuple[tuple[type[ops.Op] | tuple[type[ops.Op], ...], str], ...] = (
    ((ops.AlterColumnType, ops.SetNotNull), "type_change"),
    ((ops.Update, ops.Delete, ops.Truncate), "rows_changed"),
    (ops.CreateIndex, "index"),
    ((ops.AddConstraint, ops.ValidateConstraint), "constraint"),
    (ops.Insert, "rows_added"),
    (ops.AddColumn, "add_column"),
    ((ops.DropColumn, ops.Drop), "drop"),
    ((ops.AlterTable, ops.Rename), "alter"),
    (ops.CreateTable, "create_table"),
    (ops.CreateObject, "object"),
)

_ORDER = {kind: place for place, kind in enumerate(LABELS)}


def kind_of(half: Half | None) -> str:
    """One of LABELS; `unread` where no statement could be parsed."""
    if half is None:
        return "other"
    found = {_of_op(op) for statement in half.statements for op in statement.ops}
    if not found and any(statement.problem for statement in half.statements):
        return "unread"
    return min(found, key=_ORDER.__getitem__, default="other")


def tables_of(half: Half | None) -> tuple[str, ...]:
    """The tables it names, in order, once each."""
    if half is None:
        return ()
    found: dict[str, None] = {}
    for op in _ops(half):
        name = getattr(op, "table", None) or getattr(op, "collection", None) or (
            op.name if isinstance(op, ops.CreateTable) else None
        )  # fmt: skip
        if isinstance(name, ops.Name):
            found[str(name)] = None
    return tuple(found)


def _of_op(op: ops.Op) -> str:
    method = getattr(op, "method", None)
    if isinstance(method, str) and method in _MONGO:
        return _MONGO[method]
    return next((kind for classes, kind in _OPS if isinstance(op, classes)), "other")


def _ops(half: Half) -> Iterable[ops.Op]:
    return (op for statement in half.statements for op in statement.ops)
