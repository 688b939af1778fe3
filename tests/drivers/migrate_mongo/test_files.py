"""Reading and writing migration files, without a database: names, functions in every form, bodies in and out."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidRequest
from backend.drivers.migrate_mongo import TOOL
from backend.drivers.migrate_mongo.blocks import body_text
from backend.drivers.migrate_mongo.script import read
from backend.engine.tool import ParsedFile

NOON = datetime(2026, 1, 17, 12, 0, 0, tzinfo=UTC)


def parse(text: str, name: str = "20260117120000-create-users.js") -> ParsedFile:
    return TOOL.parse(Path("/project/migrations") / name, textwrap.dedent(text).lstrip("\n").encode())


def codes(parsed: ParsedFile) -> list[str]:
    return [problem.code for problem in parsed.problems]


# -- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("create users", "create-users"),
        ("create_users", "create-users"),
        ("  Add Größe to «Kunden» ", "add-größe-to-kunden"),
        ("../../etc/passwd", "etc-passwd"),
        ('it\'s "quoted"', "it-s-quoted"),
        ("create-users.js", "create-users"),
        ("用户", "用户"),
        ("C:\\temp\\x", "c-temp-x"),
    ],
)
def test_a_new_files_name_is_cleaned(typed: str, written: str) -> None:
    assert TOOL.new_filename(typed, NOON, []) == f"20260117120000-{written}.js"
    assert TOOL.describe_name(typed) == written


@pytest.mark.parametrize("typed", ["", "   ", "../..", "!!!", "\0", "___"])
def test_a_name_with_nothing_left_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRequest):
        TOOL.new_filename(typed, NOON, [])


def test_two_files_of_one_second_get_two_stamps() -> None:
    taken = ["20260117120000-a.js", "20260117120001-b.js"]
    assert TOOL.new_filename("c", NOON, taken) == "20260117120002-c.js"


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_typed_name_leaves_the_folder(typed: str) -> None:
    try:
        name = TOOL.new_filename(typed, NOON, [])
    except InvalidRequest:
        return
    assert Path(name).name == name and TOOL.is_migration(name) and len(name.encode()) < 200
    assert TOOL.name_of(name) == name[15:-3]


def test_files_sort_as_javascript_sorts_them() -> None:
    names = ["10-a.js", "2-b.js", "\U0001f600.js", "\uffff.js", "Z.js", "a.js"]
    # U+1F600 is written as a surrogate pair, which sorts before U+FFFF.
    assert sorted(names, key=TOOL.sort_key) == [
        "10-a.js",
        "2-b.js",
        "Z.js",
        "a.js",
        "\U0001f600.js",
        "\uffff.js",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("20260117120000-create-users.js", "create-users"),
        ("001_first.ts", "001_first"),
        ("plain.js", "plain"),
        ("20260117120000.js", "20260117120000"),
    ],
)
def test_the_words_of_a_filename(name: str, words: str) -> None:
    assert TOOL.name_of(name) == words


def test_a_project_with_one_extension_takes_only_that() -> None:
    tool = TOOL.configured(".ts")
    assert [tool.is_migration(name) for name in ("a.ts", "a.js", "sample-migration.ts", "a.d.ts")] == [
        True,
        False,
        False,
        True,
    ]
    assert tool.new_filename("x", NOON, []).endswith("-x.ts")


# -- functions in every form ----------------------------------------------------------------------------------------

BODY = "await db.collection('a').drop();"
FORMS = {
    "object with methods": "module.exports = { async up(db, client) { %s }, async down(db) { %s } };",
    "object with arrows": "module.exports = { up: async (db) => { %s }, down: async (db) => { %s } };",
    "object with functions": "module.exports = { up: async function (db) { %s }, 'down': async function down(db) { %s } };",
    "names": "async function up(db) { %s }\nconst down = async (db) => { %s };\nmodule.exports = { up, down };",
    "other names": "const a = async (db) => { %s };\nconst b = async (db) => { %s };\nmodule.exports = { up: a, down: b };",
    "assignments": "exports.up = async (db) => { %s };\nexports.down = async (db) => { %s };",
    "module assignments": "module.exports.up = async function (db) { %s };\nmodule.exports['down'] = async (db) => { %s };",
    "chained": "exports = module.exports = { async up(db) { %s }, async down(db) { %s } };",
    "assigned name": "const m = { async up(db) { %s }, async down(db) { %s } };\nmodule.exports = m;",
    "Object.assign": "Object.assign(module.exports, { async up(db) { %s }, async down(db) { %s } });",
    "esm functions": "export async function up(db) { %s }\nexport async function down(db) { %s }",
    "esm constants": "export const up = async (db) => { %s };\nexport const down = async (db) => { %s };",
    "esm list": "async function a(db) { %s }\nasync function b(db) { %s }\nexport { a as up, b as down };",
    "esm default": "export default { async up(db) { %s }, async down(db) { %s } };",
    "esm default name": "const m = { async up(db) { %s }, async down(db) { %s } };\nexport default m;",
    "class": "class M { async up(db) { %s }\nasync down(db) { %s } }\nmodule.exports = new M();",
    "static class": "module.exports = class { static async up(db) { %s }\nstatic async down(db) { %s } };",
    "compiled": '"use strict";\n'
    'Object.defineProperty(exports, "__esModule", { value: true });\nexports.up = exports.down = void 0;\n'
    "const up = async (db) => { %s };\nexports.up = up;\nconst down = async (db) => { %s };\nexports.down = down;",
    "helper call": "module.exports = define({ async up(db) { %s }, async down(db) { %s } });",
    "wrapped function": "module.exports = { up: inTx(async (db) => { %s }), down: inTx(async (db) => { %s }) };",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_up_and_down_are_found_in_every_form(form: str) -> None:
    parsed = parse(form % (BODY, BODY.replace("drop", "x")))
    assert parsed.is_valid and codes(parsed) == []
    assert parsed.up is not None and parsed.up.body == BODY
    assert parsed.down is not None and parsed.down.body == BODY.replace("drop", "x") and parsed.has_down
    assert parsed.content.splitlines()[parsed.up.line - 1].lstrip().startswith(
        parsed.up.text.splitlines()[0].lstrip()[:5]
    ) or (parsed.up.text.splitlines()[0][:5] in parsed.content.splitlines()[parsed.up.line - 1])


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_replaced_body_is_read_back_and_the_rest_stays(form: str) -> None:
    parsed = parse(form % (BODY, BODY))
    new = "for (const name of names) {\n  await db.collection(name).drop();\n}"
    again = parse(TOOL.replace_blocks(parsed, up=new, down=None))
    assert again.is_valid and again.up is not None and again.up.body == new
    assert again.down is not None and again.down.body == BODY
    assert again.content.count("down") == parsed.content.count("down")


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_unchanged_bodies_leave_the_file_byte_for_byte(form: str) -> None:
    parsed = parse("#!/usr/bin/env node\n// a header\n" + form % (BODY, "\n      a();\n\n\t  b();\n  "))
    assert parsed.up is not None and parsed.down is not None
    assert TOOL.replace_blocks(parsed, up=parsed.up.body, down=parsed.down.body) == parsed.content


@pytest.mark.parametrize(
    "text",
    [
        "module.exports = { async up(db) { %s } };",
        "module.exports = {\n  async up(db) {\n    %s\n  },\n};\n",
        "module.exports = {\n\tup: async (db) => {\n\t\t%s\n\t}\n}",
        "const m = { async up(db) { %s } };\nmodule.exports = m;",
        "module.exports = {\n  async up(db) { %s } // the last one\n};\n",
        "module.exports = {\n  async up(db) { %s }, /* and so on */\n};\n",
        "export default { async up(db) { %s } };",
        "module.exports = define({ async up(db) { %s } });",
    ],
)
def test_a_missing_down_is_added_beside_up(text: str) -> None:
    parsed = parse(text % BODY)
    assert parsed.is_valid and codes(parsed) == ["no_down"]
    again = parse(TOOL.replace_blocks(parsed, up=None, down="await db.dropCollection('x');"))
    assert again.is_valid and again.has_down and codes(again) == []
    assert again.down is not None and again.down.body == "await db.dropCollection('x');"
    assert again.up is not None and again.up.body == BODY


@pytest.mark.parametrize(
    "text",
    [
        "export const up = async (db) => {};",
        "exports.up = async (db) => {};\n",
        "export async function up(db) {\n}\n\nconst other = 1;\n",
    ],
)
def test_a_missing_down_is_added_after_the_last_export(text: str) -> None:
    again = parse(TOOL.replace_blocks(parse(text), up=None, down="await 1;"))
    assert again.is_valid and again.down is not None and again.down.body == "await 1;"


def test_typescript_is_read() -> None:
    parsed = parse(
        """
        import { Db, type MongoClient } from "mongodb";
        interface Row { name: string }
        export = {
          async up(db: Db, client: MongoClient): Promise<void> { await db.collection<Row>("a").drop(); },
        } satisfies object;
        """,
        "1-a.ts",
    )
    assert (
        parsed.is_valid
        and parsed.up is not None
        and parsed.up.body == 'await db.collection<Row>("a").drop();'
    )


def test_an_expression_body_becomes_a_return() -> None:
    parsed = parse("module.exports = { up: (db) => db.collection('a').drop(), down: () => ({}) };")
    assert parsed.up is not None and parsed.up.body == "return db.collection('a').drop();"
    again = parse(TOOL.replace_blocks(parsed, up="return 1;", down=None))
    assert again.is_valid and again.up is not None and again.up.body == "return 1;"


# -- bodies ---------------------------------------------------------------------------------------------------------

MULTILINE = """
module.exports = {
    async up(db, client) {
        const text = `first
  second
        third`;

        /* a comment
           of two lines */
        await db.collection("a").insertOne({ text });
    },
};
"""


def test_template_strings_keep_their_lines_as_they_are() -> None:
    parsed = parse(MULTILINE)
    assert parsed.up is not None
    assert parsed.up.body.startswith(
        "const text = `first\n  second\n        third`;\n\n/* a comment\n   of two lines */\nawait"
    )
    again = parse(TOOL.replace_blocks(parsed, up=parsed.up.body + "\nawait 1;", down=None))
    assert "`first\n  second\n        third`" in again.content
    assert again.content == parsed.content.replace("{ text });\n", "{ text });\n        await 1;\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_newline_style_is_kept(newline: str) -> None:
    data = MULTILINE.replace("\n", newline).encode()
    parsed = TOOL.parse(Path("a.js"), data)
    assert parsed.newline == newline and parsed.up is not None and "\r" not in parsed.up.body
    written = TOOL.replace_blocks(parsed, up="await 1;\nawait 2;", down=None)
    assert written.replace("\r\n", "").count("\n") == (0 if newline == "\r\n" else written.count("\n"))
    assert "await 1;" + newline in written


@given(st.text(alphabet="abc `${}();\n\t\"'/*\\é", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_body_that_parses_survives_being_written_and_read(body: str) -> None:
    source = TOOL.configured(".mjs").compose(body, "").encode()
    if read(source).root.has_error or not body.strip() or "up" not in read(source).functions:
        return
    composed = TOOL.parse(Path("a.mjs"), source)
    assert composed.up is not None
    assert TOOL.replace_blocks(composed, up=composed.up.body, down=None) == composed.content
    touched = TOOL.replace_blocks(composed, up=composed.up.body + "\n1;", down=None)
    again = read(touched.encode())
    if not again.root.has_error and "up" in again.functions:
        shown = body_text(again.functions["up"], touched.encode(), typescript=False)
        assert shown == (composed.up.body + "\n1;").lstrip("\n")


def test_a_new_file_says_what_belongs_where_and_its_down_counts_as_missing() -> None:
    parsed = parse(TOOL.compose("", ""))
    assert parsed.is_valid and parsed.up is not None and not parsed.has_down and codes(parsed) == []
    assert "async up(db, client) {" in parsed.content and "async down(db, client) {" in parsed.content


@pytest.mark.parametrize(
    ("extension", "system"), [(".js", "esm"), (".mjs", "commonjs"), (".ts", "commonjs"), (".cjs", "commonjs")]
)
def test_a_new_file_suits_its_extension(extension: str, system: str) -> None:
    tool = TOOL.configured(extension, system)
    text = tool.compose("await db.dropCollection('x');", "await 1;")
    assert ("module.exports" in text) == (extension == ".cjs")
    parsed = parse(text, f"1-a{extension}")
    assert (
        parsed.is_valid
        and parsed.up is not None
        and parsed.up.body == "await db.dropCollection('x');"
        and parsed.has_down
    )


# -- problems -------------------------------------------------------------------------------------------------------


def test_a_syntax_error_is_named_with_line_and_column_in_nodes_words() -> None:
    parsed = parse("module.exports = {\n  async up(db) {\n    const a = ;\n  }\n};\n")
    problem = parsed.problems[0]
    assert (problem.code, problem.line, problem.column, problem.severity) == ("syntax_error", 3, 15, "error")
    assert "Unexpected token" in problem.message and not parsed.is_valid


def test_what_our_parser_does_not_know_but_node_does_is_no_problem() -> None:
    odd = "module.exports = { async up(db) { let async; async\n(1); var yield_ = /[/]/v.source; label: { break label } } };"
    assert "syntax_error" not in codes(parse(odd))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["no_up"]),
        ("module.exports = {};", ["no_up"]),
        ("module.exports = { down() {} };", ["no_up"]),
        ("const up = 1;", ["no_up"]),
        ("module.exports = require('./real');", ["exports_unknown"]),
        ("export * from './real.mjs';", ["exports_unknown"]),
        ("module.exports = { ...base };", ["exports_unknown"]),
        ("module.exports = { up() {} };", ["no_down"]),
        ("export const up = () => {};\nexport default {};", ["default_hides_up"]),
        (
            "module.exports = { async up(db) { db.collection('a').insertOne({}); }, down() {} };",
            ["not_awaited"],
        ),
        ("module.exports = { async up(db) { return db.collection('a').insertOne({}); }, down() {} };", []),
        (
            "module.exports = { async up(db) { [1].forEach(async (n) => { await db.x(n); }); }, down() {} };",
            ["not_awaited"],
        ),
        ("module.exports = { async up(db) { process.exit(1); }, down() {} };", ["process_exit"]),
        ("module.exports = { async up(db) { /* process.exit() */ }, down() {} };", []),
    ],
)
def test_problems(text: str, found: list[str]) -> None:
    assert codes(parse(text)) == found


def test_utf_16_is_refused_and_a_byte_order_mark_is_not() -> None:
    text = "module.exports = { up() {}, down() {} };"
    assert codes(TOOL.parse(Path("a.js"), text.encode("utf-16"))) == ["utf16"]
    marked = TOOL.parse(Path("a.js"), b"\xef\xbb\xbf" + text.encode())
    assert marked.is_valid and marked.content == text
    broken = TOOL.parse(Path("a.js"), text.encode() + b"\n// \xff\n")
    assert broken.is_valid and codes(broken) == ["not_utf8"] and broken.problems[0].line == 2


def test_the_hash_is_of_the_bytes_on_disk() -> None:
    import hashlib

    data = b"\xef\xbb\xbfmodule.exports = { up() {} };\r\n"
    assert TOOL.parse(Path("a.js"), data).sha256 == hashlib.sha256(data).hexdigest()


@given(st.binary(max_size=200))
@settings(max_examples=15, deadline=None)
def test_parsing_never_raises(data: bytes) -> None:
    assert TOOL.parse(Path("a.js"), data).size_bytes == len(data)


def test_a_file_of_five_megabytes_does_not_hang_it() -> None:
    import time

    rows = ",\n".join(f"{{ n: {number}, text: 'row {number} of many' }}" for number in range(120_000))
    up = "async up(db) { await db.collection('a').insertMany(rows); }"
    data = f"const rows = [{rows}];\nmodule.exports = {{ {up}, down() {{}} }};".encode()
    assert len(data) > 4_500_000
    started = time.perf_counter()
    parsed = TOOL.parse(Path("a.js"), data)
    assert parsed.is_valid and parsed.up is not None
    assert time.perf_counter() - started < 90
