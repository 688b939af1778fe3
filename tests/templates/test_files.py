"""A template file that does not parse says why and where; the rest goes on working."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.models.template import FieldKind, TemplateSource
from backend.services.templates.files import TemplateFile, read
from backend.services.templates.quoting import quoting
from backend.services.templates.syntax import Malformed
from backend.services.toolbox import tool_named

HEAD = """-- title: Add a column
-- group: Columns
-- description: Adds a column.
-- name: add_{{column}}
-- field table: table | Table | Which one
-- field column: name = {{table}}_x | Column
-- field kind: choice(a, b) = a
-- field default: expression, optional
"""
BODY = """-- migrate:up
ALTER TABLE {{table}} ADD COLUMN {{column}} text{{#default}} DEFAULT {{default}}{{/default}};
-- migrate:down
ALTER TABLE {{table}} DROP COLUMN {{column}};
"""


def parsed(text: str | bytes, engine: str = "postgres") -> TemplateFile:
    data = text.encode() if isinstance(text, str) else text
    tool = tool_named("migrate-mongo" if engine == "mongodb" else "dbmate")
    return read(Path("add_column.sql"), data, TemplateSource.USER, quoting(engine), tool)


def test_the_header_declares_the_fields() -> None:
    template = parsed(HEAD + BODY)
    assert [(one.name, one.kind, one.required) for one in template.fields] == [
        ("table", FieldKind.TABLE, True),
        ("column", FieldKind.NAME, False),
        ("kind", FieldKind.CHOICE, False),
        ("default", FieldKind.EXPRESSION, False),
    ]
    assert (template.fields[0].label, template.fields[0].help) == ("Table", "Which one")
    assert template.fields[2].default == "a" and [one.value for one in template.fields[2].choices] == [
        "a",
        "b",
    ]


def test_windows_line_ends_and_a_byte_order_mark_are_fine() -> None:
    assert parsed(b"\xef\xbb\xbf" + (HEAD + BODY).replace("\n", "\r\n").encode()).title == "Add a column"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"-- title: a\n\xff\xfe", 2, "not UTF-8"),
        (b"-- title: a\nx\0y", 2, "zero byte"),
        (b"x" * 300_000, 1, "larger"),
        ("", 1, "title"),
        (HEAD.replace("-- group: Columns\n", "") + BODY, 1, "group"),
        (HEAD.replace("group:", "gruop:") + BODY, 2, "no header `gruop:`"),
        (HEAD + "-- title: again\n" + BODY, 9, "twice"),
        (HEAD + "-- field table: table\n" + BODY, 9, "declared twice"),
        (HEAD + "-- field Table: table\n" + BODY, 9, "no name for a field"),
        (HEAD + "-- field other: tabel\n" + BODY, 9, "unknown kind 'tabel'"),
        (HEAD + "-- field other: column\n" + BODY, 9, "does not say whose"),
        (HEAD + "-- field other: column of kind\n" + BODY, 9, "no table field"),
        (HEAD + "-- field other: choice\n" + BODY, 9, "no choices"),
        (HEAD + "-- field other: boolean = maybe\n" + BODY, 9, "neither true nor false"),
        (HEAD + "-- field other: number = many\n" + BODY, 9, "not JSON"),
        (HEAD + "-- example other: 1\n" + BODY, 9, "no field other"),
        (HEAD + BODY.replace("{{column}} text", "{{colum}} text"), 10, "no field colum; declared are: table, column"),
        (HEAD + BODY.replace("{{column}} text", "{{ {{column}} }} text"), 10, "nested"),
        (HEAD + BODY.replace("{{column}} text", "{{column text"), 10, "nested"),
        (HEAD + BODY.replace("DROP COLUMN {{column}}", "DROP COLUMN {{column"), 12, "not closed"),
        (HEAD + BODY.replace("{{column}} text", "{{column|shout}} text"), 10, "no form 'shout'"),
        (HEAD + BODY.replace("{{/default}}", ""), 10, "never closed"),
        (HEAD + BODY.replace("{{/default}}", "{{/table}}"), 10, "should be {{/default}}"),
        (HEAD + BODY.replace("{{#default}}", ""), 10, "not opened"),
        (HEAD + BODY.replace("{{#default}}", "{{#kind=c}}").replace("{{/default}}", "{{/kind}}"), 10, "never 'c'"),
        (HEAD + BODY.replace("{{column}} text", "'{{column}}' text"), 10, "inside quotes"),
        (HEAD + BODY.replace('{{column}} text', '"{{column}}" text'), 10, "inside quotes"),
        (HEAD + BODY.split("-- migrate:down")[0], 12, "no `-- migrate:down`"),
        (HEAD, 9, "no migration below the header"),
        (HEAD + "SELECT 1;\n-- file: second\n" + BODY, 9, "belongs to no file"),
        (HEAD + "-- file:\n" + BODY, 9, "how the step is called"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(text: str | bytes, line: int, words: str) -> None:
    with pytest.raises(Malformed) as failure:
        parsed(text)
    assert words in failure.value.message
    assert failure.value.line == line


def test_javascript_that_does_not_parse_names_its_line() -> None:
    head = "// title: a\n// group: b\n// description: c\n// name: d\n// field x: table\n"
    body = (
        "module.exports = {\n  async up(db) { await db.collection({{x}}).drop( },\n  async down(db) {},\n};\n"
    )
    with pytest.raises(Malformed) as failure:
        parsed(head + body, "mongodb")
    assert failure.value.line in {7, 8, 9}
    assert parsed(head + body.replace("drop( }", "drop(); }"), "mongodb").id == "add_column"


def test_a_default_uses_only_fields_before_it() -> None:
    with pytest.raises(Malformed, match="does not come before"):
        parsed(HEAD.replace("{{table}}_x", "{{default}}_x") + BODY)
