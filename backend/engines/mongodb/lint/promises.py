"""Promises nobody waits for: migrate-mongo records the file before they are done. Reads a tree."""

from __future__ import annotations

from collections.abc import Iterator

from backend.drivers.migrate_mongo.grammar import named, text
from backend.drivers.migrate_mongo.names import FUNCTIONS
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .calls import Call
from .code import arguments, method_of
from .fate import fate
from .reader import Part
from .say import hit, js

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule


@rule(
    "mongo-not-awaited",
    on=Call,
    title="Promise nobody waits for",
    severity=Severity.HIGH,
    harm="The migration is recorded before this is done, and if it fails nobody hears of it.",
    advice="Put await before it.",
    origin=("migrate-mongo 14: recorded regardless", "typescript-eslint: no-floating-promises"),
    bad=(
        Bad(content=js('db.collection("users").insertOne({ name: "await ;" });'), hits=1),
        Bad(content=js("const users = db.collection('users'); // await\nusers\n  .updateMany({ a: 1 }, { $set: { b: 2 } })\n  .then(() => console.log('done'));"), hits=1),
        Bad(content=js("[1, 2].forEach(n => db.collection('users').deleteOne({ n }));"), hits=1),
        Bad(content=js("await [1, 2].map((n) => db.collection('users').deleteOne({ n }));"), hits=1),
        Bad(content=js("const done = db.collection('users').countDocuments({});\nreturn;"), hits=1),
        Bad(content="exports.up = async (db) => {\n  if (db) { void db.collection('a').insertOne({}); }\n};\nexports.down = async (db) => {};"),
    ),
    good=(
        Good(content=js('await db.collection("users").insertOne({ name: "x" });\n// db.collection("users").drop();')),
        Good(content=js("await Promise.all([1, 2].map((n) => db.collection('users').deleteOne({ n })));")),
        Good(content=js("const waiting = [db.collection('a').drop()];\nawait Promise.all(waiting);")),
        Good(content="exports.up = (db) => db.collection('a').insertOne({});\nexports.down = (db) => { return db.collection('a').drop(); };"),
        Good(content=js("const text = 'db.collection(\"a\").drop();';\nconst cursor = db.collection('a').find({ b: text });\nfor await (const one of cursor) { console.log(one); }")),
    ),
)  # fmt: skip
def not_awaited(at: At, op: Call) -> Iterator[Hit]:
    if op.fate != "lost" or op.method in ("endSession", "close"):
        return
    parent = op.node.parent
    alone = parent is not None and parent.type == "expression_statement"
    safe = f"await {op.target}.{op.method}({', '.join(text(one) for one in op.args)});"
    start = op.place[0]
    fixes = (
        (Fix(title="Put await before it", edits=[at.file_edit(start, start, "await ")]),)
        if alone and _is_async(op)
        else ()
    )
    yield from hit(at, op, f"Nothing waits for {op.method}().", safe_form=safe, fixes=fixes)


def _is_async(op: Call) -> bool:
    current = op.node.parent
    while current is not None and current.type not in FUNCTIONS:
        current = current.parent
    return current is not None and any(child.type == "async" for child in current.children)


@rule(
    "mongo-async-callback",
    scope=Scope.STATEMENT,
    title="Async function given to what does not wait",
    severity=Severity.HIGH,
    harm="forEach, and map whose list nobody awaits, start the work and go on: the migration is recorded before it is done.",
    advice="Write for … of with await, or await Promise.all(list.map(…)).",
    origin=("typescript-eslint: no-misused-promises",),
    bad=(
        Bad(content=js("const list = [1, 2];\nlist.forEach(async (n) => {\n  await db.collection('users').insertOne({ n }); // waits\n});"), hits=1),
        Bad(content=js("await [3].map(async function (n) { await db.collection('users').insertOne({ n, t: 'Promise.all' }); });"), hits=1),
        Bad(content=js("fill(db);", before="async function fill(db) { await db.collection('users').insertOne({}); }\n"), hits=1),
    ),
    good=(
        Good(content=js("for (const n of [1, 2]) { await db.collection('users').insertOne({ n }); }")),
        Good(content=js("await Promise.all([1].map(async (n) => db.collection('users').insertOne({ n })));")),
        Good(content=js("const waiting = [1].map(async (n) => db.collection('users').insertOne({ n }));\nawait Promise.all(waiting);")),
        Good(content=js("[1].forEach((n) => console.log('async', n));\nawait fill(db);", before="async function fill(db) {}\n")),
    ),
)  # fmt: skip
def async_callback(at: At) -> Iterator[Hit]:
    part = at.statement.node
    if not isinstance(part, Part):
        return
    code = part.code
    if not code.repeats and not code.has_functions:
        return
    for piece in part.pieces:
        for node in code.calls_in(piece):
            target, method = method_of(node)
            if target is not None and method not in ("forEach", "map"):
                continue
            given = arguments(node)
            place = code.span(node)
            if target is None:
                helper = code.function(method)
                is_async = helper is not None and any(child.type == "async" for child in helper.children)
                if is_async and fate(node, code) == "lost":
                    edit = at.file_edit(place[0], place[0], "await ")
                    yield Hit(
                        f"Nothing waits for {method}(), which is async.",
                        file_span=place,
                        safe_form=f"await {text(node)};",
                        fixes=(Fix(title="Put await before it", edits=[edit]),),
                    )
                continue
            if not given or not any(c.type == "async" for c in given[0].children):
                continue
            whole = node.parent
            if method == "map" and (
                whole is None or whole.type not in ("expression_statement", "await_expression")
            ):
                continue
            safe = _loop(text(target), given[0])
            yield Hit(f"{method} does not wait for its async function.", file_span=place, safe_form=safe)


def _loop(target: str, function: object) -> str | None:
    """`for … of` with the function's own parameter and body."""
    find = function.child_by_field_name  # type: ignore[attr-defined]
    single, several, body = find("parameter"), find("parameters"), find("body")
    names = [single] if single is not None else list(named(several)) if several is not None else []
    if len(names) != 1 or body is None:
        return None
    inside = text(body) if body.type == "statement_block" else f"{{ await {text(body)}; }}"
    return f"for (const {text(names[0])} of {target}) {inside}"


RULES = tuple(_set.rules)
