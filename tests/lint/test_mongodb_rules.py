"""MongoDB's rules: the safe forms they write are run by Node on a real server; what the tree tells is told rightly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo.uri_parser import parse_uri

from backend.drivers import tools
from backend.drivers.migrate_mongo.grammar import text
from backend.drivers.migrate_mongo.parse import parse_file
from backend.engine.lint.linter import lint_file
from backend.engine.lint.rule import Bad
from backend.engine.lint.source import of_parsed
from backend.engines.mongodb.lint import LINT
from backend.engines.mongodb.lint.code import Code
from backend.engines.mongodb.lint.say import facts, js
from backend.models.connection import EngineName
from backend.models.finding import Finding, Severity
from tests.lint.examples import Case, apply_fix, cases, findings_of, lint_content
from tests.servers import Server

OWN = {rule.code for rule in LINT.rules}
# What is safe there is the count before, the hour, or the line around it; the call stays.
SAME_CALL = {"mongo-unset-field", "mongo-unique-index", "mongo-index-build", "mongo-rename-collection"}
# Ends by throwing, which is its point.
THROWS = {"mongo-process-exit"}
RUNNER = Path(__file__).with_name("run_forms.cjs")


def _with_safe_form() -> list[Case]:
    return [
        one for one in cases("bad", EngineName.MONGODB) if one.rule.code in OWN and one.example.runs_safe_form
    ]


def found(content: str, code: str, **given: Any) -> list[Finding]:
    example = Bad(content=content, **given)
    report = lint_content(content, example, EngineName.MONGODB)
    assert not [one for one in report.findings if one.code in ("rule-failed", "unparsed-statement")]
    return [one for one in report.findings if one.code == code]


def run_forms(server: Server, url: str, folder: Path, given: list[dict[str, str]]) -> dict[str, Any]:
    """Each form after its setup, in one Node process."""
    request = {
        "url": url,
        "modules": str(tools.npm_modules_dir()),
        "prefix": f"{parse_uri(url)['database']}_f",
        "folder": str(folder),
        "cases": given,
    }
    (folder / "data.json").write_text("[]")
    done = subprocess.run(
        [tools.node_path(), RUNNER],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_safe_form_runs(mongodb_server: Server, mongodb_url: str, tmp_path: Path) -> None:
    """All of them, each after its example's setup on a database of its own; and the rule is silent about it."""
    given, loud = [], []
    for case in _with_safe_form():
        for number, one in enumerate(findings_of(case)):
            if one.safe_form is None:
                loud.append(f"{case.id} has no safe form")
                continue
            given.append({"id": f"{case.id}#{number}", "setup": _setup(case), "form": one.safe_form})
            again = found(js(one.safe_form), case.rule.code, facts=case.example.facts)
            if again and case.rule.code not in SAME_CALL:
                loud.append(f"{case.id}: {one.safe_form}")
    assert loud == []
    told = run_forms(mongodb_server, mongodb_url, tmp_path, given)
    failed = {name: one["error"] for name, one in told.items() if one["error"]}
    throws = {name: text for name, text in failed.items() if name.split("-mongodb-")[0] in THROWS}
    assert len(throws) == 3 and {name: text for name, text in failed.items() if name not in throws} == {}
    _they_did_what_they_say(told)


def _setup(case: Case) -> str:
    """What the code before the statement declares, where the safe form goes on with it."""
    if case.rule.code == "mongo-async-callback" and "fill(db)" in (case.example.content or ""):
        return case.example.setup + "\nglobalThis.fill = async () => {};"
    if case.rule.code == "mongo-async-callback":
        return case.example.setup + "\nglobalThis.list = [1, 2];\nglobalThis.n = 0;"
    if case.rule.code == "mongo-session-not-passed":
        return "globalThis.session = client.startSession();\nglobalThis.s = globalThis.session;"
    if case.rule.code in ("mongo-several-writes-without-session", "mongo-not-awaited"):
        return case.example.setup + "\nglobalThis.n = 1;\nglobalThis.fill = async () => {};"
    return case.example.setup


def _they_did_what_they_say(told: dict[str, Any]) -> None:
    def of(code: str, number: int = 1) -> Any:
        return told[f"{code}-mongodb-{number}#0"]["collections"]

    assert of("mongo-drop-collection")["users_dropped"]["count"] == 2
    assert of("mongo-unfiltered-write", 1)["users"]["count"] == 0
    assert of("mongo-unfiltered-write", 2)["users"]["one"]["note"] == "where;"
    assert of("mongo-unset-field")["users_old_backup"]["count"] == 1
    assert of("mongo-rename-field")["users"]["one"]["fresh"] == 1
    assert of("mongo-rename-drops-target")["users_dropped"]["count"] == 2
    assert (
        of("mongo-rename-collection")["people"]["count"]
        == of("mongo-rename-collection")["users"]["count"]
        == 2
    )
    assert of("mongo-convert-without-on-error")["users"]["one"]["n"] == 1
    assert of("mongo-out-replaces")["users"]["count"] == 2


def test_every_rule_has_a_safe_form_that_runs() -> None:
    # What would undo an up is its author's to say; a missing file is no matter of another line of code.
    without = {
        "mongo-down-missing",
        "mongo-down-empty",
        "mongo-file-hash",
        "mongo-no-lock",
        "mongo-module-missing",
    }
    assert OWN - {one.rule.code for one in _with_safe_form()} == without


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("await users.drop();", False),
        ("users.drop();", True),
        ("void users.drop();", True),
        ("return users.drop();", False),
        ("const p = users.drop(); await p;", False),
        ("const p = users.drop();", True),
        ("users.drop().catch(() => {});", True),
        ("await users.drop().catch(() => {});", False),
        ("(await users.findOne({})) && users.drop();", True),
        ("client ? users.drop() : null;", True),
        ("await (client ? users.drop() : null);", False),
        ("await Promise.all([users.drop(), users.findOne({})]);", False),
        ("Promise.all([users.drop()]);", True),
        ("run(users.drop());", False),
        ("[1].forEach(() => users.drop());", True),
        ("await Promise.all([1].map(() => users.drop()));", False),
        ("await Promise.all([1].map(async () => { await users.drop(); }));", False),
        ("await Promise.all([1].map(async () => { users.drop(); }));", True),
        ("for (const n of [1]) { users.drop(); }", True),
        ("const cursor = users.find({});", False),
        ("users.find({}).toArray();", True),
        ("console.log('users.drop()');", False),
    ],
)
def test_a_promise_is_followed_to_who_waits_for_it(statement: str, lost: bool) -> None:
    content = js(f"const users = db.collection('users');\n{statement}")
    assert bool(found(content, "mongo-not-awaited")) is lost


@pytest.mark.parametrize(
    "form",
    [
        "module.exports = { async up(db) { BODY }, async down(db) {} };",
        "exports.up = async (db, client) => { BODY };\nexports.down = async () => {};",
        "export const up = async (db) => { BODY };\nexport async function down() {}",
        "class M { async up(db) { BODY } async down() {} }\nmodule.exports = new M();",
        "const up = async function (database) { const db = database; BODY };\nmodule.exports = { up, async down() {} };",
        "module.exports = { up: wrap(async (db) => { BODY }), async down() {} };",
        "// é ü 😀\nmodule.exports = {\r\n  async up(db) {\r\n    BODY\r\n  },\r\n  async down(db) {},\r\n};",
    ],
)
def test_up_is_found_in_every_form_and_the_place_is_the_files(form: str) -> None:
    content = form.replace("BODY", "await db.dropDatabase();")
    (one,) = found(content, "mongo-drop-database")
    line = content.split("\n")[one.line - 1]
    assert line[one.column - 1 : one.end_column - 1] == "db.dropDatabase()"


def test_helpers_of_the_file_are_looked_into_and_the_place_is_theirs() -> None:
    content = js("await clean(db);", before="async function clean(db) {\n  await db.dropDatabase();\n}\n")
    (one,) = found(content, "mongo-drop-database")
    assert (one.line, one.direction) == (2, "up")


def test_what_shows_only_when_it_runs_is_said_to_be_unknown() -> None:
    (one,) = found(
        js("await db.collection(name).drop();", before="const name = pick();\n"), "mongo-drop-collection"
    )
    assert one.unknown and one.severity is Severity.CRITICAL
    (two,) = found(js("await db.collection(NAME).drop();", before="const NAME = 'users';\n"), "mongo-drop-collection",
                   facts=facts(7))  # fmt: skip
    assert not two.unknown and "users has about 7 rows" in two.message


def test_a_comment_switches_a_rule_off_and_a_string_does_not() -> None:
    code = "mongo-drop-database"
    mark = f"dbtoolkit:ignore {code}: a scratch database"
    assert found(js(f"// {mark}\nawait db.dropDatabase();"), code) == []
    assert len(found(js(f"const s = '{mark}';\nawait db.dropDatabase();"), code)) == 1


def test_the_fix_passes_the_session_and_leaves_the_rest_as_it_was() -> None:
    body = (
        "const s = client.startSession();\nawait s.withTransaction(async () => {\n"
        "  await db.collection('é').updateOne({ a: 1 }, { $set: { b: 1 } }, { upsert: true });\n  await db.collection('b').find().next();\n});"
    )
    (one,) = found(js(body), "mongo-session-not-passed")
    assert apply_fix(js(body), one.fixes[0]) == js(body).replace(
        "{ upsert: true }", "{ session: s, upsert: true }"
    )


def test_a_transaction_of_several_writes_undoes_them_together(
    mongodb_server: Server, mongodb_url: str, tmp_path: Path
) -> None:
    """The safe form, with a second write that fails: nothing of the first is left."""
    bad = js(
        "await db.collection('users').insertOne({ _id: 1 });\nawait db.collection('users').insertOne({ _id: 7 });"
    )
    (one,) = found(bad, "mongo-several-writes-without-session")
    given = {
        "id": "x",
        "setup": "await db.collection('users').insertOne({ _id: 7 });",
        "form": one.safe_form or "",
    }
    told = run_forms(mongodb_server, mongodb_url, tmp_path, [given])["x"]
    assert "duplicate" in told["error"] and told["collections"]["users"]["count"] == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not javascript at all (",
        "module.exports = {",
        "export { up } from './other';",
        "\ufeffexports.up = 5;",
    ],
)
def test_nothing_raises_on_what_is_no_migration(content: str) -> None:
    example = Bad(content=content)
    assert not [
        one
        for one in lint_content(content, example, EngineName.MONGODB).findings
        if one.code == "rule-failed"
    ]


def _work(statements: int) -> int:
    """How many functions are called to judge a file of so many statements."""
    body = "\n".join(
        f"await db.collection('users').updateOne({{ _id: {n} }}, {{ $set: {{ a: {n} }} }});"
        for n in range(statements)
    )
    called, before = 0, sys.getprofile()

    def count(frame: object, event: str, given: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        lint_content(js(body), Bad(content=js(body)), EngineName.MONGODB)
    finally:
        sys.setprofile(before)
    return called


def test_a_file_four_times_as_long_takes_four_times_the_work() -> None:
    _work(1)  # what is imported and kept once is not part of it
    assert _work(1000) < 5 * _work(250)


@pytest.mark.parametrize("name", ["big.js", "big.ts"])
def test_a_suppression_is_found_by_its_comment_alone(name: str) -> None:
    typed = ": Db" if name.endswith(".ts") else ""
    content = (
        f"export async function up(db{typed}) {{\n  const a = '// dbtoolkit:ignore mongo-drop-collection: no';\n"
        "  /* dbtoolkit:ignore mongo-drop-collection: agreed */\n  await db.collection('a').drop();\n"
        "  await db.collection(a).drop();\n}\nexport async function down(db) { await db.collection('n').findOne({}); }\n"
    )
    parsed = parse_file(Path(f"1-{name}"), content.encode())
    report = lint_file(of_parsed(parsed), EngineName.MONGODB)
    assert [one.finding.line for one in report.suppressed] == [4]
    assert [one.line for one in report.findings if one.code == "mongo-drop-collection"] == [5]


def test_calls_come_in_the_order_of_a_walk_the_outer_one_first() -> None:
    """Of `a().b().c()` all three begin at the same place."""
    code = Code("x = 1; await a(new B(f(1))).b(g()).c(h());")
    statement = code.root.named_children[1]
    heads = [text(one.child_by_field_name("function"))[-1] for one in code.calls_in(statement)]
    assert heads == ["c", "b", "a", "f", "g", "h"]
    both = code.calls_in(statement, "call_expression", "new_expression")
    assert [one.type for one in both].index("new_expression") == 3
    inner = code.calls_in(code.calls_in(statement)[2])
    assert [text(one.child_by_field_name("function")) for one in inner] == ["a", "f"]
