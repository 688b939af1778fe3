"""Updates that cannot be taken back, and conversions that stop half way. Reads a tree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import named, text
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.engine.lint.source import Half
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .calls import Call
from .code import key_of, walk
from .say import at_call, facts, js, label, sized

if TYPE_CHECKING:
    from tree_sitter import Node

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_UPDATES = ("updateOne", "updateMany", "findOneAndUpdate", "bulkWrite", "aggregate")
_FILLED = "await db.collection('users').insertMany([{ a: '1', old: 1 }, { a: 'x' }]);"


def _operator(op: Call, name: str) -> list[str]:
    """The fields an operator or stage names, in an update or a pipeline: `{ $unset: { a: '' } }`, `{ $unset: ['a'] }`."""
    fields: list[str] = []
    for one in op.args:
        value = op.code.value(one)
        for node in walk(value) if value is not None else ():
            if node.type == "pair" and key_of(node) == name:
                fields += _fields(op, node.child_by_field_name("value"))
    return fields


def _fields(op: Call, node: Node | None) -> list[str]:
    found = op.code.value(node)
    if found is None:
        return []
    if found.type == "object":
        return [name for item in named(found) if (name := key_of(item))]
    if found.type == "array":
        return [one for item in named(found) if (one := op.code.string(item))]
    alone = op.code.string(found)
    return [alone] if alone else []


def _calls_of(half: Half | None) -> list[Call]:
    return [op for stmt in (half.statements if half else ()) for op in stmt.ops if isinstance(op, Call)]


def _undoes(at: At, fields: list[str], operator: str) -> bool:
    """In a down: does up set just these?"""
    if at.is_up:
        return False
    given = {field for call in _calls_of(at.other_half) for field in _operator(call, operator)}
    return bool(fields) and set(fields) <= given


@rule(
    "mongo-unset-field",
    on=Call,
    words=("$unset",),
    title="Field removed from documents",
    severity=Severity.HIGH,
    confirm=True,
    harm="The values are gone: no down brings them back, and code that reads the field meets undefined.",
    advice="Copy the values to another collection first, and remove the field when nothing reads it any more.",
    origin=("drop column, for documents",),
    bad=(
        Bad(content=js("await db.collection('users').updateMany({}, { $unset: { old: '' } });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("const users = db.collection('users');\nawait users.updateMany({ a: 1 }, [\n  { $set: { a: '$unset' } }, // then\n  { '$unset': ['old', \"a.b\"] },\n]);"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { b: '$unset' } }); // { $unset: { a: 1 } }")),
        Good(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { fresh: 1 } });", "await db.collection('users').updateMany({}, { $unset: { fresh: '' } });")),
        Good(content=js("await db.collection('users').updateMany({}, { $unset: { old: '' } });"), facts=facts(0)),
    ),
)  # fmt: skip
def unset_field(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in _UPDATES or op.method == "aggregate":
        return
    fields = _operator(op, "$unset")
    if not fields or _undoes(at, fields, "$set"):
        return
    keep = ", ".join(f"{json.dumps(one)}: 1" for one in fields)
    there = ", ".join(f"{{ {json.dumps(one)}: {{ $exists: true }} }}" for one in fields)
    copy = f"{op.collection.name}_{fields[0].replace('.', '_')}_backup" if op.known else "backup"
    yield from sized(
        at,
        op,
        f"The values of {', '.join(fields)} in {label(op)} are gone for good.",
        safe_form=f"await {op.target}.aggregate([\n  {{ $match: {{ $or: [{there}] }} }},\n  {{ $project: {{ {keep} }} }},\n"
        f"  {{ $merge: {{ into: {json.dumps(copy)} }} }},\n]).toArray();\n"
        f"// then, in a later migration:\nawait {op.target}.{op.method}({', '.join(text(one) for one in op.args)});",
    )


@rule(
    "mongo-rename-field",
    on=Call,
    words=("$rename",),
    title="Field renamed in documents",
    severity=Severity.MEDIUM,
    harm="Code that runs now reads and writes the old name: it meets undefined, and writes the old field again.",
    advice="Write both fields for a while, fill the new one, switch the readers, then remove the old.",
    origin=("strong_migrations: rename_column",),
    bad=(
        Bad(content=js("await db.collection('users').updateMany({}, { $rename: { old: 'fresh' } });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("await db.collection('users').updateMany(\n  { a: '1' }, // $rename\n  { '$rename': { \"old\": \"new;er\" } },\n);"), setup=_FILLED),
    ),
    good=(
        Good(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { b: '$rename' } }); // $rename: {}")),
        Good(content=js("await db.collection('users').updateMany({}, { $rename: { old: 'fresh' } });"), facts=facts(0)),
    ),
)  # fmt: skip
def rename_field(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in _UPDATES or op.method == "aggregate":
        return
    pairs: list[tuple[str, str]] = []
    for one in op.args:
        for node in walk(one):
            if node.type == "pair" and key_of(node) == "$rename":
                members = op.code.members(node.child_by_field_name("value")) or {}
                pairs += [(old, new) for old, value in members.items() if (new := op.code.string(value))]
    if not pairs or (not at.is_up and {new for _, new in pairs} <= set(_renamed(at))):
        return
    moves = "\n".join(
        f"await {op.target}.updateMany(\n  {{ {json.dumps(old)}: {{ $exists: true }}, {json.dumps(new)}: {{ $exists: false }} }},\n"
        f"  [{{ $set: {{ {json.dumps(new)}: {json.dumps('$' + old)} }} }}],\n);"
        for old, new in pairs
    )
    yield from sized(
        at,
        op,
        f"Running code still uses {', '.join(old for old, _ in pairs)}.",
        safe_form=f"{moves}\n// the code writes both; when it reads the new one alone, remove the old in a later migration",
    )


def _renamed(at: At) -> list[str]:
    """The old names of what up renames."""
    return [field for call in _calls_of(at.other_half) for field in _operator(call, "$rename")]


_SHORT = {"$toInt": "int", "$toLong": "long", "$toDouble": "double", "$toDecimal": "decimal", "$toDate": "date",
          "$toObjectId": "objectId", "$toBool": "bool"}  # fmt: skip


@rule(
    "mongo-convert-without-on-error",
    on=Call,
    words=("$to", "$convert"),
    title="Conversion that stops at a bad value",
    severity=Severity.MEDIUM,
    harm="One value that does not convert ends the update in the middle, with the documents before it changed.",
    advice="Say what becomes of it: onError and onNull in $convert.",
    origin=("mongodb.com: $convert",),
    bad=(
        Bad(content=js("await db.collection('users').updateMany({}, [{ $set: { n: { $toInt: '$a' } } }]);"), setup=_FILLED, hits=1),
        Bad(content=js("await db.collection('users').updateMany({}, [{ $set: { n: {\n  $convert: { input: '$a', to: 'int' /* , onError: null */ },\n} } }]);"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').updateMany({}, [{ $set: { n: { $convert: { input: '$a', to: 'int', onError: null } } } }]);")),
        Good(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { n: '$toInt' } }); // { $toInt: '$a' }")),
        Good(content=js("await db.collection('users').updateMany({}, [{ $set: { s: { $toString: '$a' } } }]);")),
    ),
)  # fmt: skip
def convert_without_on_error(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in _UPDATES:
        return
    edits: list[tuple[int, int, str]] = []
    for node in walk(op.node):
        if node.type != "pair":
            continue
        name, value = key_of(node), node.child_by_field_name("value")
        if name in _SHORT and value is not None:
            new = f'$convert: {{ input: {text(value)}, to: "{_SHORT[name]}", onError: null, onNull: null }}'
            edits.append((node.start_byte, node.end_byte, new))
        elif name == "$convert" and value is not None:
            members = op.code.members(value)
            if members is not None and "onError" not in members and value.type == "object":
                last = list(named(value))[-1].end_byte
                edits.append((last, last, ", onError: null"))
    if not edits:
        return
    data, base = op.code.data, op.node.start_byte
    new_text = data[base : op.node.end_byte]
    for start, end, new in sorted(edits, reverse=True):
        new_text = new_text[: start - base] + new.encode() + new_text[end - base :]
    shown = new_text.decode()
    safe = shown.replace(text(op.node.child_by_field_name("function")), f"{op.target}.{op.method}", 1)
    fix = Fix(title="Say what becomes of bad values", edits=[at.file_edit(*op.place, shown)])
    yield from at_call(
        op,
        iter(
            [
                at.hit(
                    f"A value in {label(op)} that does not convert ends this half way.",
                    safe_form=f"await {safe};",
                    fixes=(fix,),
                )
            ]
        ),
    )


RULES = tuple(_set.rules)
