"""Several writes that stand or fall together: sessions and transactions. Reads a tree."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from backend.drivers.migrate_mongo.grammar import text
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .calls import DATA_WRITES, SCHEMA_CHANGES, Call
from .code import method_of, walk
from .reader import Part
from .say import hit, js, label, replaced

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_OPEN = "const session = client.startSession();\ntry {\n  await session.withTransaction(async () => {\n"
_CLOSE = "\n  });\n} finally {\n  await session.endSession();\n}"


def _calls(at: At) -> list[Call]:
    return [op for op in at.ops() if isinstance(op, Call)]


def _session_name(call: Call) -> str:
    """What the session is called where the call stands."""
    for node in call.code.declarators:
        value = call.code.value(node.child_by_field_name("value"))
        if value is not None and value.type == "await_expression":
            value = value.named_children[0] if value.named_children else None
        if value is not None and value.type == "call_expression" and method_of(value)[1] == "startSession":
            return text(node.child_by_field_name("name"))
    return "session"


@rule(
    "mongo-several-writes-without-session",
    scope=Scope.HALF,
    title="Several writes without a transaction",
    severity=Severity.MEDIUM,
    harm="If one fails, those before it stay, the migration is not recorded, and running it again repeats them.",
    advice="Do them in one transaction with a session; where they are too large for that, write each so it can run twice.",
    origin=("migrate-mongo: README, Using MongoDB's Transactions API",),
    bad=(
        Bad(content=js("await db.collection('users').insertOne({ a: 1 }); // session\nawait db.collection('users').updateOne({ a: 1 }, { $set: { b: ';' } });"), hits=1),
        Bad(content=js("for (const n of [1, 2]) {\n  await db.collection('users').updateOne(\n    { n },\n    { $set: { text: 'withTransaction' } },\n  );\n}"), hits=1),
        Bad(content=js("await fill(db);\nawait db.collection('b').insertOne({});", before="const fill = async (db) => { await db.collection('a').insertOne({ n: 1 }); };\n"), hits=1,
            runs_safe_form=False, why_not="the helper must be given the session too"),
    ),
    good=(
        Good(content=js("const session = client.startSession();\nawait session.withTransaction(async () => {\n  await db.collection('a').insertOne({}, { session });\n  await db.collection('b').insertOne({}, { session });\n});")),
        Good(content=js("await db.collection('a').insertOne({ a: \"db.collection('b').insertOne({})\" });\nawait db.collection('a').findOne({});")),
        Good(content=js("await db.createCollection('fresh');\nawait db.collection('fresh').insertOne({ a: 1 });\nawait db.collection('fresh').insertOne({ a: 2 });")),
    ),
)  # fmt: skip
def several_writes_without_session(at: At) -> Iterator[Hit]:
    calls = _calls(at)
    if any(call.in_transaction or call.method in ("withTransaction", "startTransaction") for call in calls):
        return
    fresh = {name for name in {call.collection.name for call in calls} if at.is_new(Name(name))}
    writes = [
        call
        for call in calls
        if call.method in DATA_WRITES
        and call.owner == "collection"
        and call.collection.name not in fresh
        and call.has_session is False
    ]
    if len(writes) + sum(call.in_loop for call in writes) < 2:
        return
    schema = any(call.method in SCHEMA_CHANGES for call in calls)
    second = writes[1] if len(writes) > 1 else writes[0]
    yield from hit(
        at,
        second,
        f"{len(writes)} writes{' in a loop' if len(writes) == 1 else ''} run one by one: where one fails, the ones before it stay.",
        safe_form=None if schema else _in_transaction(at, writes),
    )


_MOST_SHOWN = 200
"""Writes of a half up to which its safe form is written out: nobody reads a longer one."""


def _in_transaction(at: At, writes: list[Call]) -> str | None:
    """The half's statements with a session given to each write, inside withTransaction."""
    if len(writes) > _MOST_SHOWN:
        return None
    edits: list[tuple[int, int, str]] = []
    base, end = at.half.offset, at.half.offset + len(at.half.body)
    for call in writes:
        new = call.with_session()
        if new is None or not base <= call.place[0] < end:
            return None
        edits.append((*call.place, new))
    body = at.half.body
    for start, stop, new in sorted(edits, reverse=True):
        body = body[: start - base] + new + body[stop - base :]
    lines = body.strip("\n").rstrip().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    plain = "\n".join(line[margin:] for line in lines)
    return _OPEN + indent(plain, "    ") + _CLOSE


@rule(
    "mongo-session-not-passed",
    on=Call,
    words=("Transaction",),
    title="Write outside the transaction it stands in",
    severity=Severity.HIGH,
    harm="A call without the session is no part of the transaction: it stays when the rest is undone.",
    advice="Give { session } among the options of every call.",
    origin=("mongodb.com: transactions, associate operations with the session",),
    bad=(
        Bad(content=js("const session = client.startSession();\ntry {\n  await session.withTransaction(async () => {\n    await db.collection('users').insertOne({ a: 1 }); // { session }\n    await db.collection('users').updateOne({ a: 1 }, { $set: { b: 'session' } }, { upsert: true });\n  });\n} finally { await session.endSession(); }"), hits=2),
        Bad(content=js("const s = client.startSession();\ns.startTransaction();\nawait db.collection('users').deleteOne({ a: 1 });\nawait s.commitTransaction();"), hits=1),
    ),
    good=(
        Good(content=js("const session = client.startSession();\nawait session.withTransaction(async () => {\n  await db.collection('a').insertOne({}, { session });\n});")),
        Good(content=js("const session = client.startSession();\nawait session.withTransaction(async () => {\n  await db.collection('a').insertOne({}, options);\n});", before="const options = require('./options');\n")),
        Good(content=js("const s = client.startSession();\ns.startTransaction();\nawait db.collection('a').insertOne({}, { session: s });\nawait s.commitTransaction();\nawait db.collection('b').insertOne({});")),
    ),
)  # fmt: skip
def session_not_passed(at: At, op: Call) -> Iterator[Hit]:
    if (
        not op.in_transaction
        or op.owner != "collection"
        or op.method not in DATA_WRITES
        or op.has_session is not False
    ):
        return
    new = op.with_session(_session_name(op))
    shown = (
        new.replace(text(op.node.child_by_field_name("function")), f"{op.target}.{op.method}", 1)
        if new
        else None
    )
    yield from hit(
        at,
        op,
        f"{op.method} on {label(op)} is not part of the transaction around it.",
        safe_form=f"await {shown};" if shown else None,
        fixes=(replaced(at, op, "Pass the session", new),) if new else (),
    )


@rule(
    "mongo-session-without-transaction",
    scope=Scope.HALF,
    title="Session without a transaction",
    severity=Severity.MEDIUM,
    harm="A session alone undoes nothing: without a transaction every write stays, whatever fails after it.",
    advice="Put the writes into session.withTransaction(async () => { … }).",
    origin=("migrate-mongo: README, Using MongoDB's Transactions API",),
    bad=(
        Bad(content=js("const session = client.startSession();\nawait db.collection('users').insertOne({ a: 'withTransaction' }, { session }); // withTransaction\nawait session.endSession();"), hits=1),
        Bad(content=js("const s = client.startSession();\ns.startTransaction();\nawait db.collection('users').insertOne({ a: 1 },\n  { session: s });\nawait s.endSession();"), hits=1),
    ),
    good=(
        Good(content=js("const session = client.startSession();\nawait session.withTransaction(async () => {});")),
        Good(content=js("const s = client.startSession();\ns.startTransaction();\nawait s.commitTransaction();")),
        Good(content=js("// const session = client.startSession();\nawait db.collection('a').insertOne({ s: 'client.startSession()' });")),
    ),
)  # fmt: skip
def session_without_transaction(at: At) -> Iterator[Hit]:
    calls = _calls(at)
    methods = {call.method for call in calls}
    opened = next((call for call in calls if call.method == "startSession"), None)
    if opened is None or "withTransaction" in methods or {"startTransaction", "commitTransaction"} <= methods:
        return
    if any(_leaves(one.node, _session_name(opened)) for one in at.statements if isinstance(one.node, Part)):
        return
    message = (
        "The transaction is never committed, so everything in it is undone."
        if "startTransaction" in methods
        else "A session is opened and no transaction with it."
    )
    writes = [call for call in calls if call.method in DATA_WRITES and call.owner == "collection"]
    body = "\n".join(
        f"await {call.target}.{call.method}({', '.join(text(one) for one in call.args[: 2 if call.method.startswith(('update', 'replace', 'findOneAndU', 'findOneAndR')) else 1])}, {{ session }});"
        for call in writes
    )
    yield from hit(at, opened, message, safe_form=_OPEN + indent(body, "    ") + _CLOSE)


def _leaves(part: Part, session: str) -> bool:
    """Is the session handed to a function elsewhere, which may well do the rest?"""
    for piece in part.pieces:
        for node in walk(piece):
            if node.type != "identifier" or text(node) != session or node.parent is None:
                continue
            owner = node.parent
            if owner.type == "arguments" and owner.parent is not None:
                return True
    return False


@rule(
    "mongo-schema-change-in-transaction",
    on=Call,
    words=("Transaction",),
    title="Index or collection changed inside a transaction",
    severity=Severity.HIGH,
    harm="MongoDB refuses to drop, rename or index a collection that is not empty inside a transaction: all of it fails.",
    advice="Do it before the transaction begins.",
    origin=("mongodb.com: transactions-operations, restricted operations",),
    bad=(
        Bad(content=js("const session = client.startSession();\nawait session.withTransaction(async () => {\n  await db.collection('users').createIndex({ a: 1 }, { session }); // inside\n});"), hits=1,
            setup="await db.collection('users').insertOne({ a: 1 });"),
        Bad(content=js("const s = client.startSession();\ns.startTransaction();\nawait db\n  .collection('users;')\n  .drop();\nawait s.commitTransaction();"), hits=1,
            setup="await db.collection('users;').insertOne({ a: 1 });"),
    ),
    good=(
        Good(content=js("await db.collection('users').createIndex({ a: 1 });\nconst session = client.startSession();\nawait session.withTransaction(async () => { await db.collection('users').insertOne({ t: 'drop()' }, { session }); });")),
        Good(content=js("await db.createCollection('fresh');\nconst session = client.startSession();\nawait session.withTransaction(async () => { await db.collection('fresh').createIndex({ a: 1 }, { session }); });")),
    ),
)  # fmt: skip
def schema_change_in_transaction(at: At, op: Call) -> Iterator[Hit]:
    if not op.in_transaction or op.method not in SCHEMA_CHANGES or op.owner not in ("collection", "db"):
        return
    empty = op.known and at.rows(op.collection).is_empty
    if op.method in ("createIndex", "createIndexes", "createCollection") and (
        empty or op.method == "createCollection"
    ):
        return
    given = [text(one) for one in op.args if not (one is op.options() and op.has_session)]
    unknown = op.method.startswith("createIndex") and (not op.known or at.rows(op.collection).is_unknown)
    yield from hit(
        at,
        op,
        f"{op.method} on {label(op)} is refused inside the transaction"
        + (" unless it is empty." if unknown else "."),
        safe_form=f"// before the transaction\nawait {op.target}.{op.method}({', '.join(given)});",
        unknown=unknown,
    )


RULES = tuple(_set.rules)
