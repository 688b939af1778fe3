"""Indexes made over documents that are there, dropped, or deleting by time; shard keys. Reads a tree."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend.drivers.migrate_mongo.grammar import text
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .calls import Call
from .say import facts, hit, js, label, sized
from .updates import _calls_of

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_FILLED = "await db.collection('users').insertMany([{ a: 1, at: new Date() }, { a: 2 }]);"


def _index_options(op: Call) -> dict[str, str] | None:
    """The options of createIndex as text; None where the call makes no index."""
    if op.owner != "collection" or op.method != "createIndex":
        return None
    return {name: text(value) for name, value in (op.code.members(op.argument(1)) or {}).items()}


@rule(
    "mongo-unique-index",
    on=Call,
    words=("unique",),
    title="Unique index over documents that are there",
    severity=Severity.MEDIUM,
    harm="One duplicate makes the build fail; two documents without the field are duplicates too.",
    advice="Count the duplicates first.",
    origin=("strong_migrations: add_unique_index", "atlas: MF101"),
    bad=(
        Bad(content=js("await db.collection('users').createIndex({ a: 1 }, { unique: true });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("const users = db.collection('users');\nawait users.createIndex(\n  { 'b.c': 1, a: -1 }, // unique: false\n  { name: 'by;a', unique: true },\n);"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').createIndex({ a: 1 }, { name: 'unique: true' }); // { unique: true }")),
        Good(content=js("await db.createCollection('fresh');\nawait db.collection('fresh').createIndex({ a: 1 }, { unique: true });")),
        Good(content=js("await db.collection('users').createIndex({ a: 1 }, { unique: true });"), facts=facts(0)),
        Good(content=js("await db.collection('users').createIndex({ a: 1 }, { unique: false });")),
    ),
)  # fmt: skip
def unique_index(at: At, op: Call) -> Iterator[Hit]:
    options = _index_options(op)
    if options is None or options.get("unique") != "true":
        return
    keys = list(op.code.members(op.argument(0)) or {})
    group = ", ".join(f"{json.dumps(one.replace('.', '_'))}: {json.dumps('$' + one)}" for one in keys)
    match = (
        f"  {{ $match: {options['partialFilterExpression']} }},\n"
        if "partialFilterExpression" in options
        else ""
    )
    yield from sized(
        at,
        op,
        f"This fails if two documents of {label(op)} have the same {', '.join(keys) or 'key'}.",
        safe_form=f"const duplicates = await {op.target}.aggregate([\n{match}"
        f"  {{ $group: {{ _id: {{ {group} }}, n: {{ $sum: 1 }} }} }},\n  {{ $match: {{ n: {{ $gt: 1 }} }} }},\n  {{ $limit: 20 }},\n]).toArray();\n"
        "if (duplicates.length > 0) throw new Error(`Duplicates: ${JSON.stringify(duplicates)}`);\n"
        f"await {op.target}.createIndex({', '.join(text(one) for one in op.args)});"
        if keys
        else None,
    )


@rule(
    "mongo-ttl-index",
    on=Call,
    words=("expireAfterSeconds",),
    title="TTL index deletes what is expired",
    severity=Severity.HIGH,
    confirm=True,
    harm="Within a minute the server begins to delete every document that is older, and nothing brings them back.",
    advice="Count what is expired already, and copy what must stay.",
    origin=("mongodb.com: index-ttl",),
    bad=(
        Bad(content=js("await db.collection('users').createIndex({ at: 1 }, { expireAfterSeconds: 3600 });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("await db.command({\n  collMod: 'users', // ;\n  index: { keyPattern: { at: 1 }, expireAfterSeconds: 60 * 60 },\n});"), setup=_FILLED, hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').createIndex({ at: 1 }, { name: 'expireAfterSeconds: 5' }); // expireAfterSeconds: 5")),
        Good(content=js("await db.collection('users').createIndex({ at: 1 }, { expireAfterSeconds: 5 });"), facts=facts(0)),
        Good(content=js("await db.createCollection('fresh');\nawait db.collection('fresh').createIndex({ at: 1 }, { expireAfterSeconds: 5 });")),
    ),
)  # fmt: skip
def ttl_index(at: At, op: Call) -> Iterator[Hit]:
    options = _index_options(op)
    call, field, seconds = op, "", ""
    if options is not None and "expireAfterSeconds" in options:
        keys = op.code.members(op.argument(0)) or {}
        field, seconds = next(iter(keys), ""), options["expireAfterSeconds"]
    else:
        changed = _changed_index(op)
        if changed is None or "expireAfterSeconds" not in changed[1]:
            return
        call, members = changed
        pattern = op.code.members(members.get("keyPattern"))  # type: ignore[arg-type]
        field, seconds = next(iter(pattern or {}), ""), text(members["expireAfterSeconds"])  # type: ignore[arg-type]
    safe = (
        f"const expired = await {call.target}.countDocuments({{ {json.dumps(field)}: {{ $lt: new Date(Date.now() - ({seconds}) * 1000) }} }});\n"
        "console.log(expired, 'documents would be deleted within a minute');"
    )
    yield from sized(
        at,
        call,
        f"Documents of {label(call)} older than {seconds} seconds are deleted.",
        safe_form=safe if field else None,
    )


def _changed_index(op: Call) -> tuple[Call, dict[str, object]] | None:
    """collMod of an index: (the call with its collection, the index's members)."""
    members = op.code.members(op.argument(0)) if op.method == "command" else None
    if members is None or "collMod" not in members or "index" not in members:
        return None
    index = op.code.members(members["index"])
    if index is None:
        return None
    name = op.code.string(members["collMod"])
    shown = json.dumps(name) if name else text(members["collMod"])
    return op.on(name, f"db.collection({shown})"), dict(index)


@rule(
    "mongo-index-build",
    on=Call,
    words=("createIndex",),
    title="Index built over a large collection",
    severity=Severity.LOW,
    harm="The build reads every document on every member, and takes the cache from everybody else meanwhile.",
    advice="Build it off-peak, and ask for its progress.",
    origin=("mongodb.com: index-creation",),
    bad=(
        Bad(content=js("await db.collection('users').createIndex({ a: 1 });"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("await db.collection('users').createIndexes([ // two\n  { key: { a: 1 }, name: 'a;' },\n  { key: { b: 1 }, name: 'b' },\n]);"), setup=_FILLED, facts=facts(), hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').createIndex({ a: 1 });"), facts=facts(100)),
        Good(content=js("await db.createCollection('fresh');\nawait db.collection('fresh').createIndex({ a: 1 });"), facts=facts()),
        Good(content=js("await db.collection('notes').insertOne({ t: 'createIndex({ a: 1 })' }); // createIndex"), facts=facts()),
    ),
)  # fmt: skip
def index_build(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in ("createIndex", "createIndexes") or not op.known:
        return
    rows = at.rows(op.collection)
    # How big it is must be known: an index alone is no danger.
    if rows.count is None or rows.count < at.limits.large_rows:
        return
    yield from hit(
        at,
        op,
        f"The index is built over all of {label(op)}.{at.rows_words(op.collection)}",
        safe_form=f"// off-peak; its progress: db.adminCommand({{ currentOp: true, 'command.createIndexes': {json.dumps(op.collection.name)} }})\n"
        f"await {op.target}.{op.method}({', '.join(text(one) for one in op.args)});",
    )


@rule(
    "mongo-drop-index",
    on=Call,
    words=("dropIndex",),
    title="Index dropped without hiding it first",
    severity=Severity.MEDIUM,
    harm="Queries that use it become slow at once, and building it again takes as long as the collection is large.",
    advice="Hide it, watch the queries for a while, and drop it in a later migration.",
    origin=("mongodb.com: index-hidden",),
    bad=(
        Bad(content=js("await db.collection('users').dropIndex('a_1');"), setup=_FILLED + "\nawait db.collection('users').createIndex({ a: 1 });", facts=facts(), hits=1),
        Bad(content=js("await db.collection('users') // hidden: true\n  .dropIndex({ 'a': 1 });"), setup=_FILLED + "\nawait db.collection('users').createIndex({ a: 1 });", hits=1),
        Bad(content=js("await db.collection('users').dropIndexes();"), setup=_FILLED, hits=1, runs_safe_form=False, why_not="it names no index"),
    ),
    good=(
        Good(content=js("await db.collection('users').createIndex({ a: 1 });", "await db.collection('users').dropIndex('a_1');")),
        Good(content=js("await db.command({ collMod: 'users', index: { name: 'a_1', hidden: true } }); // dropIndex('a_1')")),
        Good(content=js("await db.collection('users').dropIndex('a_1');"), facts=facts(0)),
    ),
)  # fmt: skip
def drop_index(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in ("dropIndex", "dropIndexes"):
        return
    if not at.is_up and any(
        call.method in ("createIndex", "createIndexes") and call.collection.same(op.collection)
        for call in _calls_of(at.other_half)
    ):
        return
    given = op.argument(0)
    name = op.code.string(given)
    target = json.dumps(op.collection.name)
    if name == "*" or given is None:
        yield from sized(
            at, op, f"Every index of {label(op)} but the one on _id goes.", severity=Severity.HIGH
        )
        return
    which = f"name: {text(given)}" if name else f"keyPattern: {text(given)}"
    yield from sized(
        at,
        op,
        f"Queries of {label(op)} that use it become slow at once.",
        safe_form=f"await db.command({{ collMod: {target}, index: {{ {which}, hidden: true }} }});\n// drop it in a later migration"
        if op.known
        else None,
    )


_SHARDING = (
    "shardCollection",
    "refineCollectionShardKey",
    "reshardCollection",
    "unshardCollection",
    "movePrimary",
)


@rule(
    "mongo-shard-key",
    on=Call,
    words=("command", "Command"),
    title="Shard key set or changed",
    severity=Severity.HIGH,
    harm="The documents are moved between shards, which takes hours and space, and a shard key is hard to change back.",
    advice="Rehearse it on a copy, and do it by hand off-peak, watched.",
    origin=("mongodb.com: sharding-change-a-shard-key",),
    bad=(
        Bad(content=js("await db.admin().command({ shardCollection: 'shop.users', key: { a: 1 } });"), hits=1, setup=_FILLED),
        Bad(content=js("await client.db('admin').command({\n  // shardCollection\n  reshardCollection: \"shop.users\", key: { 'b;': 1 },\n});"), hits=1, setup=_FILLED),
    ),
    good=(
        Good(content=js("await db.command({ ping: 1, comment: 'shardCollection' }); // shardCollection: 'a'")),
        Good(content=js("await db.collection('notes').insertOne({ shardCollection: 'shop.users' });")),
    ),
)  # fmt: skip
def shard_key(at: At, op: Call) -> Iterator[Hit]:
    members = (
        op.code.members(op.argument(0)) if op.method in ("command", "adminCommand", "runCommand") else None
    )
    word = next((one for one in _SHARDING if one in (members or {})), None)
    if word is None or members is None:
        return
    target = (op.code.string(members[word]) or "").partition(".")[2] or "users"
    keys = op.code.members(members.get("key")) or {}
    group = ", ".join(f"{json.dumps(one.replace('.', '_'))}: {json.dumps('$' + one)}" for one in keys)
    safe = (
        f"const spread = await db.collection({json.dumps(target)}).aggregate([\n  {{ $sample: {{ size: 10000 }} }},\n"
        f"  {{ $group: {{ _id: {{ {group} }}, n: {{ $sum: 1 }} }} }},\n  {{ $sort: {{ n: -1 }} }},\n  {{ $limit: 20 }},\n]).toArray();\n"
        "console.log('documents with the same key:', spread);"
    )
    yield from hit(at, op, f"{word} moves documents between shards.", safe_form=safe if keys else None)


RULES = tuple(_set.rules)
