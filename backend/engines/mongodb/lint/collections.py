"""Collections and databases dropped, renamed, replaced, or given a strict validator. Reads a tree."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend.drivers.migrate_mongo.grammar import named, text
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .calls import Call
from .code import key_of, walk
from .say import at_call, facts, hit, js, label, sized
from .updates import _calls_of

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_FILLED = "await db.collection('users').insertMany([{ a: 1 }, { a: 2 }]);"


def _command(op: Call) -> dict[str, object] | None:
    """The members of `db.command({…})`, by name."""
    if op.method not in ("command", "adminCommand", "runCommand"):
        return None
    members = op.code.members(op.argument(0))
    return dict(members) if members else None


@rule(
    "mongo-drop-collection",
    on=Call,
    words=("drop",),
    title="Collection dropped",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Its documents and indexes are gone.",
    advice="Rename it now and drop it in a later migration, or copy it first.",
    origin=("squawk: ban-drop-table, for collections",),
    bad=(
        Bad(content=js("await db.collection('users').drop();"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("const old = db // .collection('spare')\n  .collection(\"users\");\nawait old.drop({ comment: 'drop;' });"), setup=_FILLED, hits=1),
        Bad(content=js("await db.dropCollection('users');"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('notes').insertOne({ text: \"db.collection('users').drop()\" }); // users.drop()")),
        Good(content=js("await db.collection('users').drop();"), facts=facts(0)),
        Good(content=js("await db.createCollection('spare');\nawait db.collection('spare').drop();")),
    ),
)  # fmt: skip
def drop_collection(at: At, op: Call) -> Iterator[Hit]:
    if not (op.owner == "collection" and op.method == "drop") and op.method != "dropCollection":
        return
    rows = at.rows(op.collection) if op.known else None
    if rows is not None and rows.is_empty:
        return
    made = not at.is_up and rows is not None and rows.is_new
    name = op.collection.name if op.known else "old"
    yield from hit(
        at,
        op,
        f"Every document of {label(op)} is gone."
        + (
            at.rows_words(op.collection) if op.known else " Which collection this is shows only when it runs."
        ),
        safe_form=f"await {op.target}.rename({json.dumps(name + '_dropped')});\n// drop it in a later migration, when nothing misses it",
        unknown=rows is None or rows.is_unknown,
        # What up itself makes may have been filled since; that is a rollback's meaning.
        severity=Severity.MEDIUM if made else None,
    )


@rule(
    "mongo-drop-database",
    on=Call,
    words=("dropDatabase",),
    title="Database dropped",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="Every collection is gone, migrate-mongo's changelog with it.",
    advice="Name the collections, and back the database up first.",
    origin=("squawk: ban-drop-database",),
    bad=(
        Bad(content=js("await db.dropDatabase();"), setup=_FILLED, hits=1),
        Bad(content=js("await client // dropDatabase\n  .db('other;')\n  .dropDatabase();"), hits=1, setup=_FILLED),
        Bad(content=js("await db.command({ dropDatabase: 1 });"), setup=_FILLED, hits=1),
    ),
    good=(Good(content=js("await db.collection('a').insertOne({ t: 'db.dropDatabase()' }); // db.dropDatabase()")),
          Good(content=js("await db.command({ ping: 1, comment: 'dropDatabase' });"))),
)  # fmt: skip
def drop_database(at: At, op: Call) -> Iterator[Hit]:
    command = _command(op)
    if not (op.owner == "db" and op.method == "dropDatabase") and "dropDatabase" not in (command or {}):
        return
    where = op.target if op.owner == "db" else "db"
    yield from hit(
        at,
        op,
        "Every collection of the database is gone.",
        safe_form=f'for await (const one of {where}.listCollections({{ type: "collection" }})) {{\n'
        f"  console.log(one.name, await {where}.collection(one.name).estimatedDocumentCount());\n}}\n"
        "// back these up; then drop the ones that may go, each by its name",
    )


@rule(
    "mongo-rename-collection",
    on=Call,
    words=("rename",),
    title="Collection renamed",
    severity=Severity.HIGH,
    harm="Code that runs now uses the old name, and silently makes a new, empty collection of it.",
    advice="Make a view of the old name, or ship code that knows both names first.",
    origin=("strong_migrations: rename_table",),
    bad=(
        Bad(content=js("await db.collection('users').rename('people');"), setup=_FILLED, hits=1),
        Bad(content=js("await db.renameCollection( // users\n  'users', \"pe;ople\");"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('a').insertOne({ t: \"rename('b')\" }); // db.collection('a').rename('b')")),
        Good(content=js("await db.createCollection('spare');\nawait db.collection('spare').rename('people');")),
        Good(content=js("await db.collection('users').rename('people');", "await db.collection('people').rename('users');"), facts=facts(0)),
        Good(content=js("await db.collection('users').rename('people', { dropTarget: true });")),
    ),
)  # fmt: skip
def rename_collection(at: At, op: Call) -> Iterator[Hit]:
    new = _new_name(op)
    if new is None or _drops_target(op):
        return
    rows = at.rows(op.collection) if op.known else None
    back = not at.is_up and any(
        call.known and call.collection.name == new for call in _calls_of(at.other_half) if _new_name(call)
    )
    if back or (rows is not None and (rows.is_empty or rows.is_new)):
        return
    yield from hit(
        at,
        op,
        f"Running code still uses {label(op)}.",
        safe_form=f"await {op.target}.rename({json.dumps(new)});\n"
        f"await db.createCollection({json.dumps(op.collection.name)}, {{ viewOn: {json.dumps(new)}, pipeline: [] }});\n"
        "// readers go on by the view; writers must know the new name first",
        unknown=rows is None,
    )


def _new_name(op: Call) -> str | None:
    """The name a rename gives; empty where it is computed; None where the call renames nothing."""
    if op.owner == "collection" and op.method == "rename":
        return op.code.string(op.argument(0)) or "new_name"
    if op.owner == "db" and op.method == "renameCollection":
        return op.code.string(op.argument(1)) or "new_name"
    return None


def _drops_target(op: Call) -> bool:
    members = op.code.members(op.options()) or {}
    return "dropTarget" in members and text(members["dropTarget"]) != "false"


@rule(
    "mongo-rename-drops-target",
    on=Call,
    words=("dropTarget",),
    title="Rename that drops what has the name",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="The collection that has the new name is dropped with all its documents.",
    advice="Rename that one away first, and drop it in a later migration.",
    origin=("mongodb.com: renameCollection, dropTarget",),
    bad=(
        Bad(content=js("await db.collection('spare').rename('users', { dropTarget: true });"), setup=_FILLED + "\nawait db.collection('spare').insertOne({});", hits=1),
        Bad(content=js("await db.renameCollection('spare', 'users', {\n  // dropTarget: false\n  'dropTarget': true,\n});"), setup=_FILLED + "\nawait db.collection('spare').insertOne({});", hits=1),
    ),
    good=(
        Good(content=js("await db.collection('spare').rename('users', { dropTarget: false }); // dropTarget: true")),
        Good(content=js("await db.collection('a').insertOne({ dropTarget: true });")),
    ),
)  # fmt: skip
def rename_drops_target(at: At, op: Call) -> Iterator[Hit]:
    new = _new_name(op)
    if new is None or not _drops_target(op):
        return
    yield from hit(
        at,
        op,
        f"If a collection {new} is there, it is dropped.",
        safe_form=f"await db.collection({json.dumps(new)}).rename({json.dumps(new + '_dropped')});\n"
        f"await {op.target}.rename({json.dumps(new)});",
    )


@rule(
    "mongo-out-replaces",
    on=Call,
    words=("$out",),
    title="$out replaces a collection",
    severity=Severity.CRITICAL,
    confirm=True,
    harm="$out puts its result in the place of the whole collection: what was in it is gone.",
    advice="Use $merge, or write to a new name and rename.",
    origin=("mongodb.com: $out, replace existing collection",),
    bad=(
        Bad(content=js("await db.collection('users').aggregate([{ $match: { a: 1 } }, { $out: 'users' }]).toArray();"), setup=_FILLED, hits=1),
        Bad(content=js("await db.collection('users').aggregate([\n  // { $merge: 'x' }\n  { $project: { t: '$out' } },\n  { \"$out\": { db: 'shop', coll: 'to;tals' } },\n]).toArray();"), setup=_FILLED, hits=1,
            runs_safe_form=False, why_not="it names another database"),
    ),
    good=(
        Good(content=js("await db.collection('users').aggregate([{ $merge: { into: 'totals' } }]).toArray(); // $out")),
        Good(content=js("await db.collection('users').aggregate([{ $out: 'totals' }]).toArray();"), facts=facts(0, collection="totals")),
        Good(content=js("await db.collection('users').insertOne({ t: '$out' });")),
    ),
)  # fmt: skip
def out_replaces(at: At, op: Call) -> Iterator[Hit]:
    if op.method != "aggregate" or op.owner not in ("collection", "db"):
        return
    from backend.engine.lint.ops import Name

    for node in walk(op.node):
        if node.type != "pair" or key_of(node) != "$out":
            continue
        value = node.child_by_field_name("value")
        members = op.code.members(value)
        target = op.code.string(value) or (op.code.string(members.get("coll")) if members else None)
        if target and at.rows(Name(target)).is_empty:
            continue
        into = json.dumps(target) if target and not members else text(value)
        merge = f'$merge: {{ into: {into}, on: "_id", whenMatched: "replace", whenNotMatched: "insert" }}'
        data, base = op.code.data, op.node.start_byte
        new = (
            data[base : node.start_byte] + merge.encode() + data[node.end_byte : op.node.end_byte]
        ).decode()
        fix = Fix(title="Write $merge", edits=[at.file_edit(*op.code.span(node), merge)])
        safe = new.replace(text(op.node.child_by_field_name("function")), f"{op.target}.{op.method}", 1)
        yield from at_call(
            op,
            iter(
                [
                    at.hit(
                        f"What {target or 'the target'} holds is replaced.",
                        safe_form=f"await {safe}.toArray();",
                        fixes=(fix,),
                    )
                ]
            ),
        )


@rule(
    "mongo-strict-validator",
    on=Call,
    words=("collMod",),
    title="Strict validator over documents that are there",
    severity=Severity.MEDIUM,
    harm="Every update of a document that fails the rule is refused from now on, also one that has nothing to do with it.",
    advice="Count the documents that fail; begin with validationLevel moderate and validationAction warn.",
    origin=("mongodb.com: schema-validation, specify-validation-level",),
    bad=(
        Bad(content=js("await db.command({ collMod: 'users', validator: { a: { $type: 'int' } } });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("await db.command({\n  collMod: 'users', // validationAction: 'warn'\n  validator: { $jsonSchema: { required: ['a;', 'moderate'] } },\n  validationLevel: 'strict',\n});"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.command({ collMod: 'users', validator: { a: 1 }, validationLevel: 'moderate' });")),
        Good(content=js("await db.command({ collMod: 'users', validator: { a: 1 }, validationAction: 'warn' }); // strict")),
        Good(content=js("await db.createCollection('users', { validator: { a: 1 } });")),
        Good(content=js("await db.command({ collMod: 'users', validator: {}, validationLevel: 'off' });")),
        Good(content=js("await db.command({ collMod: 'users', validator: { a: 1 } });"), facts=facts(0)),
    ),
)  # fmt: skip
def strict_validator(at: At, op: Call) -> Iterator[Hit]:
    members = op.code.members(op.argument(0)) if op.method == "command" else None
    if members is None or "collMod" not in members or "validator" not in members:
        return
    level, action = (
        op.code.string(members.get("validationLevel")),
        op.code.string(members.get("validationAction")),
    )
    rule_node = op.code.value(members["validator"])
    if level in ("moderate", "off") or action == "warn" or rule_node is None or not any(named(rule_node)):
        return
    name = op.code.string(members["collMod"])
    shown = text(members["validator"])
    target = json.dumps(name) if name else text(members["collMod"])
    call = op.on(name, op.target)
    yield from sized(
        at,
        call,
        f"Documents of {label(call)} that fail the rule can no longer be updated.",
        safe_form=f"const failing = await db.collection({target}).countDocuments({{ $nor: [{shown}] }});\n"
        f"console.log(failing, 'documents fail');\n"
        f"await db.command({{ collMod: {target}, validator: {shown}, validationLevel: 'moderate', validationAction: 'warn' }});",
    )


RULES = tuple(_set.rules)
