"""Writes and reads of whole collections. Reads a tree."""

from __future__ import annotations

from collections.abc import Iterator

from backend.drivers.migrate_mongo.grammar import named, text
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .calls import Call, written
from .code import arguments, method_of
from .say import facts, hit, js, label, sized

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_MANY = ("updateMany", "deleteMany")
_FILLED = "await db.collection('users').insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);"


def _filter_is_empty(op: Call) -> bool | None:
    """`{}`, nothing, null or undefined; None where it is made elsewhere."""
    given = op.argument(0)
    if given is None:
        return True
    found = op.code.value(given)
    if found is None:
        return None
    if found.type in ("undefined", "null") or text(found) == "undefined":
        return True
    return not any(named(found)) if found.type == "object" else None


def batches(op: Call, work: str, where: str = "{}") -> str:
    """JavaScript that does `work` on `ids` a thousand at a time, in the order of _id."""
    first = "last === undefined ? {} : { _id: { $gt: last } }"
    filter_ = (
        first
        if where == "{}"
        else f"last === undefined ? {where} : {{ $and: [{where}, {{ _id: {{ $gt: last }} }}] }}"
    )
    return (
        "let last;\n"
        "for (;;) {\n"
        f"  const found = await {op.target}.find({filter_}, {{ projection: {{ _id: 1 }} }})\n"
        "    .sort({ _id: 1 }).limit(1000).toArray();\n"
        "  if (found.length === 0) break;\n"
        "  const ids = found.map((one) => one._id);\n"
        f"  {work}\n"
        "  last = ids[ids.length - 1];\n"
        "}"
    )


@rule(
    "mongo-unfiltered-write",
    on=Call,
    words=_MANY,
    title="Whole collection changed or emptied",
    severity=Severity.HIGH,
    harm="Without a filter every document is written or deleted, in one long run that cannot be undone.",
    advice="Say which documents, or work in batches by _id.",
    origin=("squawk: ban-…-without-where, for documents",),
    bad=(
        Bad(content=js("await db.collection('users').deleteMany({});"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("const users = db.collection('users');\nawait users.updateMany(\n  { /* a: 1 */ },\n  { $set: { note: 'where;' } }, // all\n);"), setup=_FILLED),
        Bad(content=js("await db.collection('users').deleteMany();"), setup=_FILLED),
    ),
    good=(
        Good(content=js("await db.collection('users').deleteMany({ a: 1 }); // deleteMany({})")),
        Good(content=js("await db.collection('users').updateMany(filter, { $set: { a: '{}' } });", before="const filter = require('./filter');\n")),
        Good(content=js("await db.collection('users').deleteMany({});"), facts=facts(0)),
        Good(content=js("await db.collection('users').updateOne({}, { $set: { a: 1 } });")),
    ),
)  # fmt: skip
def unfiltered_write(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in _MANY or _filter_is_empty(op) is not True:
        return
    rest = "".join(f", {text(one)}" for one in op.args[1:])
    work = f"await {op.target}.{op.method}({{ _id: {{ $in: ids }} }}{rest});"
    verb = "deletes" if op.method == "deleteMany" else "writes"
    yield from sized(at, op, f"This {verb} every document of {label(op)}.", safe_form=batches(op, work))


@rule(
    "mongo-unindexed-filter",
    on=Call,
    words=_MANY,
    title="Filter without an index",
    severity=Severity.MEDIUM,
    harm="No index begins with a field of the filter, so the whole collection is read to find the documents.",
    advice="Look at explain(), and create the index first or work in batches by _id.",
    origin=("mongodb.com: explain-results, COLLSCAN",),
    bad=(
        Bad(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { b: 'index' } });"), setup=_FILLED, facts=facts()),
        Bad(content=js("await db.collection('users').deleteMany({\n  // email: 1\n  'a': { $gt: 1 }, b: 2,\n});"), setup=_FILLED, facts=facts(indexes=["email"])),
    ),
    good=(
        Good(content=js("await db.collection('users').updateMany({ a: 1 }, { $set: { b: 1 } });"), facts=facts(indexes=["a"])),
        Good(content=js("await db.collection('users').createIndex({ a: 1 });\nawait db.collection('users').deleteMany({ a: 1 });"), facts=facts()),
        Good(content=js("await db.collection('users').deleteMany({ _id: 'a' });"), facts=facts()),
        Good(content=js("await db.collection('users').deleteMany({ $or: [{ a: 1 }] });"), facts=facts()),
    ),
)  # fmt: skip
def unindexed_filter(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "collection" or op.method not in _MANY or not op.known:
        return
    members = op.code.members(op.argument(0))
    known = at.facts.table(op.collection) if at.facts else None
    if not members or known is None or any(key.startswith("$") for key in members):
        return
    indexes = at.scene.indexes_of(op.collection) or []
    if {"_id", *(columns[0] for _, columns, _ in indexes if columns)} & set(members):
        return
    where = text(op.argument(0))
    field = next(iter(members))
    safe = (
        f"const plan = await {op.target}.find({where}).explain('queryPlanner');\n"
        f"console.log(JSON.stringify(plan.queryPlanner.winningPlan));\n"
        f"await {op.target}.createIndex({{ {written(field)}: 1 }});\n"
        f"await {op.target}.{op.method}({', '.join(text(one) for one in op.args)});"
    )
    yield from sized(at, op, f"No index of {label(op)} begins with {' or '.join(members)}.", safe_form=safe)


@rule(
    "mongo-to-array",
    on=Call,
    words=("toArray",),
    title="Whole collection read into memory",
    severity=Severity.MEDIUM,
    harm="toArray() holds every document at once; a large collection ends the process in the middle of the migration.",
    advice="Go through the cursor: for await (const one of cursor).",
    origin=("mongodb.com: node driver, cursor",),
    bad=(
        Bad(content=js("const all = await db.collection('users').find({}).toArray();"), setup=_FILLED, facts=facts(), hits=1),
        Bad(content=js("const all = await db.collection('users') // limit(5)\n  .find()\n  .sort({ 'limit': 1 })\n  .toArray();"), setup=_FILLED),
        Bad(content=js("const all = await db.collection('users').aggregate([{ $sort: { a: 1 } }]).toArray();"), setup=_FILLED),
    ),
    good=(
        Good(content=js("const some = await db.collection('users').find({}).limit(5).toArray();")),
        Good(content=js("for await (const one of db.collection('users').find({})) { console.log('toArray()', one); }")),
        Good(content=js("const all = await db.collection('users').find({}).toArray();"), facts=facts(0)),
        Good(content=js("const names = await db.listCollections().toArray();")),
        Good(content=js("await db.collection('users').aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]).toArray();")),
    ),
)  # fmt: skip
def to_array(at: At, op: Call) -> Iterator[Hit]:
    if op.owner != "cursor" or op.method != "toArray":
        return
    chain, current = [], op.node
    while current.type == "call_expression":
        target, method = method_of(current)
        chain.append((method, current))
        if target is None:
            return
        found = op.code.value(target)
        current = found if found is not None else target
    methods = {method for method, _ in chain}
    start = next((node for method, node in chain if method in ("find", "aggregate")), None)
    if start is None or "limit" in methods or not _reads_all(op, start):
        return
    cursor = text(op.node.child_by_field_name("function")).rsplit(".", 1)[0].rstrip()
    safe = f"for await (const one of {cursor}) {{\n  // what is done with each document\n}}"
    yield from sized(at, op, f"All of {label(op)} comes into memory at once.", safe_form=safe)


def _reads_all(op: Call, start: object) -> bool:
    given = arguments(start)  # type: ignore[arg-type]
    first = op.code.value(given[0]) if given else None
    if method_of(start)[1] == "find":  # type: ignore[arg-type]
        return first is None or (first.type == "object" and not any(named(first)))
    if first is None or first.type != "array":
        return False
    stages = [key for one in named(first) for key in (op.code.members(one) or {"?": one})]
    return not {"$limit", "$match", "$group", "$count", "$out", "$merge", "$sample", "?"} & set(stages)


@rule(
    "mongo-callback-ignored",
    on=Call,
    words=("=>", "function"),
    title="Callback the driver does not call",
    severity=Severity.HIGH,
    harm="The driver knows no callbacks since version 5: the function never runs, and what it does never happens.",
    advice="Await the call and go on after it.",
    origin=("mongodb.com: node driver 5.0, callbacks removed",),
    bad=(
        Bad(content=js("await db.collection('users').insertOne({ a: 1 }, (err) => { if (err) throw err; });"), hits=1),
        Bad(content=js("await db.collection('users').updateOne({ a: 1 }, { $set: { b: 2 } },\n  function done(err) { /* next(); */ console.log(';'); });"), hits=1),
    ),
    good=(
        Good(content=js("await db.collection('users').insertOne({ a: '(err) => {}' }); // (err) => {}")),
        Good(content=js("await db.collection('users').find({}).forEach((one) => console.log(one));")),
    ),
)  # fmt: skip
def callback_ignored(at: At, op: Call) -> Iterator[Hit]:
    if (
        op.owner not in ("collection", "db")
        or not op.args
        or op.args[-1].type not in ("arrow_function", "function_expression")
    ):
        return
    given = ", ".join(text(one) for one in op.args[:-1])
    yield from hit(
        at,
        op,
        f"{op.method} never calls this function.",
        safe_form=f"await {op.target}.{op.method}({given});",
    )


RULES = tuple(_set.rules)
