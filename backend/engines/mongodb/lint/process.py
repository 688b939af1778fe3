"""What a migration should not do beside the database: end the process, run made-up code, call the network. Reads a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import text
from backend.drivers.migrate_mongo.names import path
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .code import Code, arguments, method_of, walk
from .reader import Part
from .say import js

if TYPE_CHECKING:
    from tree_sitter import Node

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_EXITS = ("process.exit", "process.abort", "process.reallyExit", "process.kill")
_LONGEST_REQUIRE = 200
_MODULES = frozenset(
    [
        "axios",
        "node-fetch",
        "cross-fetch",
        "undici",
        "got",
        "request",
        "request-promise",
        "superagent",
        "ky",
        "needle",
        "http",
        "https",
        "http2",
        "net",
        "tls",
        "node:http",
        "node:https",
        "node:http2",
        "node:net",
        "node:tls",
        "phin",
        "bent",
    ]
)


def _nodes(at: At, *types: str) -> Iterator[tuple[Code, Node]]:
    part = at.statement.node
    if isinstance(part, Part):
        for node in part.calls(*types):
            yield part.code, node


@rule(
    "mongo-process-exit",
    scope=Scope.STATEMENT,
    words=("process",),
    title="Ends the process",
    severity=Severity.HIGH,
    harm="What follows does not run, nothing is recorded, and the exit code may still say that all is well.",
    advice="Throw an error: migrate-mongo then stops and says why.",
    origin=("migrate-mongo 14: process.exit(0) inside up()", "eslint: n/no-process-exit"),
    bad=(
        Bad(content=js("if (!(await db.collection('users').findOne({}))) process.exit(1); // stop"), hits=1),
        Bad(content=js("const why = 'throw new Error()';\nprocess\n  .exit( /* ok */ 0);"), hits=1),
        Bad(content=js("fail();", before="function fail() { process.abort(); }\n"), hits=1),
    ),
    good=(
        Good(content=js("throw new Error('process.exit(1)'); // process.exit(1)")),
        Good(content=js("process.exitCode = 1;\nconsole.log(process.env.HOME);")),
    ),
)
def process_exit(at: At) -> Iterator[Hit]:
    for code, node in _nodes(at, "call_expression"):
        called = path(node.child_by_field_name("function"))
        if called not in _EXITS:
            continue
        place = code.span(node)
        safe = "throw new Error('The migration stops here: say why.');"
        alone = node.parent is not None and node.parent.type == "expression_statement"
        edit = at.file_edit(*place, safe.rstrip(";"))
        yield Hit(
            f"{called}() ends the run at once, and nothing is recorded.",
            file_span=place,
            safe_form=safe,
            fixes=(Fix(title="Throw an error", edits=[edit]),) if alone else (),
        )


@rule(
    "mongo-dynamic-code",
    scope=Scope.STATEMENT,
    words=("eval", "Function", "runIn"),
    title="Code made up while it runs",
    severity=Severity.MEDIUM,
    harm="What eval and Function run cannot be read or checked beforehand, so its risk is unknown.",
    advice="Write the code out.",
    origin=("eslint: no-eval, no-new-func, no-implied-eval",),
    bad=(
        Bad(content=js("eval(\"db.collection('a').drop()\");"), hits=1),
        Bad(content=js("const f = new /* ; */ Function('db', 'return db;');\nawait f(db);"), hits=1),
        Bad(content=js("require('vm').runInNewContext('1 + 1'); // eval"), hits=1),
    ),
    good=(
        Good(content=js("await db.collection('a').insertOne({ text: 'eval(1)' }); // eval('1')")),
        Good(
            content=js(
                "const evaluate = (n) => n + 1;\nevaluate(1);\nconst f = function () { return 1; };\nf();"
            )
        ),
    ),
)
def dynamic_code(at: At) -> Iterator[Hit]:
    for code, node in _nodes(at, "call_expression", "new_expression"):
        name = path(node.child_by_field_name("function") or node.child_by_field_name("constructor"))
        target, method = method_of(node) if node.type == "call_expression" else (None, "")
        in_vm = (
            target is not None
            and method in ("runInNewContext", "runInThisContext", "runInContext")
            and "vm" in text(target)
        )
        if name in ("eval", "Function", "globalThis.eval") or in_vm:
            yield Hit(
                "What this runs is not known before it runs.",
                file_span=code.span(node),
                unknown=True,
                safe_form="// write the code out here, where it can be read and checked",
            )


def _network_modules(code: Code) -> dict[str, str]:
    """Names in the file that stand for a module of the network: name → module."""
    found: dict[str, str] = {}
    for node in code.imports:
        module = code.string(node.child_by_field_name("source"))
        if module in _MODULES:
            found.update({text(one): module for one in walk(node) if one.type == "identifier"})
    for node in code.declarators:
        value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
        if value is None or name is None or value.end_byte - value.start_byte > _LONGEST_REQUIRE:
            continue
        call = next((one for one in walk(value) if one.type == "call_expression"), None)
        if call is None or text(call.child_by_field_name("function")) not in ("require", "import"):
            continue
        given = arguments(call)
        module = code.string(given[0]) if given else None
        if module in _MODULES:
            found.update(
                {text(one): module for one in walk(name) if one.type.endswith(("identifier", "pattern"))}
            )
    return found


@rule(
    "mongo-network-call",
    scope=Scope.STATEMENT,
    words=("fetch", "globalThis", "XMLHttpRequest", "require", "import"),
    title="Calls the network",
    severity=Severity.MEDIUM,
    harm="The migration depends on a service that may be away or answer otherwise tomorrow, and what it did there stays.",
    advice="Fetch the data beforehand and put it beside the migration as a file.",
    origin=("migrations are to give the same result every time",),
    bad=(
        Bad(content=js("const answer = await fetch('https://example.com/users'); // no network"), hits=1),
        Bad(content=js("const users = (await axios.get('https://example.com;')).data;", before="const axios = require('axios');\n"), hits=1),
        Bad(content="import { request } from 'node:https';\nexport async function up(db) {\n  request('https://example.com', () => {});\n}\nexport async function down(db) {}\n", hits=1),
        Bad(content=js("await load(db);", before="const load = async (db) => { const { get } = http; get('http://example.com'); await fetch('http://x'); };\nconst http = require('http');\n"), hits=1),
    ),
    good=(
        Good(content=js("await db.collection('a').insertOne({ url: \"fetch('https://example.com')\" }); // fetch('x')")),
        Good(content=js("const { get } = require('./values');\nget('users');\nconst one = await db.collection('a').findOne({});")),
    ),
)  # fmt: skip
def network_call(at: At) -> Iterator[Hit]:
    part = at.statement.node
    if not isinstance(part, Part):
        return
    modules: dict[str, str] | None = None
    for code, node in _nodes(at, "call_expression"):
        called = path(node.child_by_field_name("function"))
        root = called.partition(".")[0]
        if not root:
            continue
        if root not in ("fetch", "globalThis", "XMLHttpRequest"):
            if modules is None:
                modules = _network_modules(part.code)
            if root not in modules:
                continue
        elif called not in ("fetch", "globalThis.fetch") or code.function("fetch") is not None:
            continue
        yield Hit(
            f"{called}() depends on what is at the other end when the migration runs.",
            file_span=code.span(node),
            safe_form="const { readFileSync } = require('node:fs');\n"
            "// the data fetched beforehand, kept beside the migration\n"
            "const data = JSON.parse(readFileSync(`${__dirname}/data.json`, 'utf8'));",
        )


RULES = tuple(_set.rules)
