"""Driver calls in the words that every engine shares: collections made, renamed, dropped; fields set and unset. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import named
from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op, Span
from backend.engine.lint.source import Half, Stmt

from .calls import Call
from .code import key_of

if TYPE_CHECKING:
    from tree_sitter import Node

_UPDATES = frozenset({"updateOne", "updateMany", "findOneAndUpdate"})
_DEPTH = 6


def meaning(half: Half, statement: Stmt) -> Iterator[Op]:
    """What a statement's calls do to collections and their fields; computed names are left out."""
    start = half.offset + statement.start
    for call in statement.ops:
        if isinstance(call, Call) and (call.known or call.method == "command"):
            # The place is in the file; a helper's calls stand outside of the statement.
            yield from _of_call(call, (call.place[0] - start, call.place[1] - start))


def _of_call(call: Call, span: Span) -> Iterator[Op]:
    method, name = call.method, call.collection
    if method == "createCollection":
        options = call.code.members(call.argument(1)) or {}
        yield ops.CreateTable(name=name, columns=tuple(_schema(call, options.get("validator"))), span=span)
    elif method in ("drop", "dropCollection"):
        yield ops.Drop(kind="collection", name=name, span=span)
    elif method in ("rename", "renameCollection"):
        new = call.code.string(call.argument(0 if method == "rename" else 1))
        if new is not None:
            yield ops.Rename(kind="collection", old=name, new=new, span=span)
    elif method == "createIndex":
        yield _index(call, call.argument(0), call.options(), span)
    elif method == "createIndexes":
        given = call.code.value(call.argument(0))
        for one in named(given) if given is not None and given.type == "array" else ():
            options = call.code.members(one) or {}
            yield _index(call, options.get("key"), one, span)
    elif method == "dropIndex":
        index = call.code.string(call.argument(0))
        if index is not None:
            yield ops.Drop(kind="index", name=Name(index), table=name, span=span)
    elif method == "command":
        yield from _command(call, span)
    elif method in ("insertOne", "insertMany", "bulkWrite", "replaceOne"):
        yield ops.Insert(table=name, columns=None, span=span)
    elif method in _UPDATES:
        yield from _update(call, call.argument(1), span)


def _index(call: Call, keys: Node | None, options: Node | None, span: Span) -> Op:
    fields = tuple(call.code.members(keys) or {})
    given = call.code.members(options) or {}
    index = call.code.string(given.get("name"))
    return ops.CreateIndex(table=call.collection, name=index, columns=fields, span=span)


def _command(call: Call, span: Span) -> Iterator[Op]:
    """`db.command({ collMod: "orders", validator: … })`, `{ create: "orders" }`, `{ drop: "orders" }`."""
    members = call.code.members(call.argument(0)) or {}
    verb = next(iter(members), "")
    name = call.code.string(members.get(verb))
    if name is None:
        return
    if verb == "create":
        columns = tuple(_schema(call, members.get("validator")))
        yield ops.CreateTable(name=Name(name), columns=columns, span=span)
    elif verb == "drop":
        yield ops.Drop(kind="collection", name=Name(name), span=span)
    elif verb == "collMod":
        yield ops.AlterOther(table=Name(name), what="COLLMOD", span=span)
        for column in _schema(call, members.get("validator")):
            yield ops.AlterColumnType(table=Name(name), column=column.name, type=column.type, span=span)


def _schema(call: Call, validator: Node | None) -> Iterator[ops.Column]:
    """The fields that a validator's `$jsonSchema` names, nested ones as `address.city`."""
    members = call.code.members(validator) or {}
    yield from _properties(call, members.get("$jsonSchema"), "", _DEPTH)


def _properties(call: Call, schema: Node | None, prefix: str, depth: int) -> Iterator[ops.Column]:
    members = call.code.members(schema) or {}
    for name, rule in (call.code.members(members.get("properties")) or {}).items():
        about = call.code.members(rule) or {}
        type_ = call.code.string(about.get("bsonType")) or call.code.string(about.get("type")) or ""
        yield ops.Column(name=prefix + name, type=type_)
        if depth and "properties" in about:
            yield from _properties(call, rule, f"{prefix}{name}.", depth - 1)


def _update(call: Call, update: Node | None, span: Span) -> Iterator[Op]:
    given = call.code.value(update)
    if given is None:
        return
    stages = list(named(given)) if given.type == "array" else [given]
    for stage in stages:
        for operator, value in (call.code.members(stage) or {}).items():
            yield from _operator(call, operator, value, span)


def _operator(call: Call, operator: str, value: Node, span: Span) -> Iterator[Op]:
    table = call.collection
    fields = _fields(call, value)
    if operator in ("$set", "$addFields", "$setOnInsert"):
        for field in fields:
            yield ops.AddColumn(table=table, column=ops.Column(name=field, type=""), span=span)
    elif operator == "$unset":
        for field in fields:
            yield ops.DropColumn(table=table, column=field, span=span)
    elif operator == "$rename":
        for field, to in (call.code.members(value) or {}).items():
            new = call.code.string(to)
            if new is not None:
                yield ops.Rename(kind="column", old=Name(field), new=new, table=table, span=span)


def _fields(call: Call, value: Node) -> list[str]:
    found = call.code.value(value)
    if found is None:
        return []
    if found.type == "object":
        return [name for item in named(found) if (name := key_of(item))]
    given = named(found) if found.type == "array" else iter((found,))
    return [said for item in given if (said := call.code.string(item))]
