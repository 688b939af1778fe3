"""template:* and migration:new with a template: choices, own templates, errors that name the field or the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

MINE = """-- title: {title}
-- group: Ours
-- description: Ours.
-- name: mark_{{{{table}}}}
-- field table: table | Table
-- migrate:up
UPDATE {{{{table}}}} SET marked = 1;
-- migrate:down
UPDATE {{{{table}}}} SET marked = 0;
"""


@pytest.fixture
def shop(sqlite_shop: Shop) -> Shop:
    sqlite_shop.new(
        "users",
        'CREATE TABLE users (id INTEGER PRIMARY KEY, "e\'mail" TEXT);\nCREATE VIEW v AS SELECT 1 AS x;',
        "DROP VIEW v;\nDROP TABLE users;",
    )
    sqlite_shop.up()
    return sqlite_shop


def ids(shop: Shop) -> dict[str, str]:
    return {one["id"]: one["source"] for one in shop.call("template:list")["templates"]}


def put(folder: Path, name: str, text: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(shop: Shop, template: str, **values: Any) -> ChannelFailed:
    with pytest.raises(ChannelFailed) as failure:
        shop.call("template:render", template=template, values=values)
    return failure.value


def test_fields_offer_what_the_database_has(shop: Shop) -> None:
    template = shop.call("template:get", template="drop_column", values={"table": "users"})
    choices = {one["name"]: [choice["value"] for choice in one["choices"]] for one in template["fields"]}
    assert choices == {"table": ["users"], "column": ["id", "e'mail"]}
    types = shop.call("template:get", template="add_column")["fields"][2]["choices"]
    assert types[0]["value"] == "TEXT"


def test_a_list_of_columns_offers_the_types(shop: Shop) -> None:
    (columns,) = [
        one
        for one in shop.call("template:get", template="create_table")["fields"]
        if one["name"] == "columns"
    ]
    assert "INTEGER" in {choice["value"] for choice in columns["choices"]}


def test_a_database_out_of_reach_still_renders(toolkit: Toolkit) -> None:
    lost = toolkit.connect("postgres://u:p@127.0.0.1:1/nothing?sslmode=disable", "lost")
    template = lost.call("template:get", template="add_column")
    assert template["problem"] and template["fields"][0]["choices"] == []
    made = lost.call(
        "template:render", template="add_column", values={"table": "a.order", "column": "X", "type": "text"}
    )
    assert made["up"] == 'ALTER TABLE a."order" ADD COLUMN "X" text;'
    dropped = lost.call("template:render", template="drop_table", values={"table": "users"})
    assert dropped["warnings"] and "/* Write here how users was made" in dropped["down"]


def test_a_new_migration_is_made_from_a_template(shop: Shop) -> None:
    values = {"table": "users", "column": "age", "type": "INTEGER", "default": "0"}
    made = shop.call("migration:new", name="add age", template="add_column", values=values)
    assert made["filename"].endswith("_add_age.sql")
    assert "ADD COLUMN age INTEGER DEFAULT 0;" in shop.call("migration:read", version=made["version"])["up"]
    assert shop.up()["ok"] and shop.down()["ok"]


def test_a_template_in_steps_makes_several_migrations_in_order(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("t", "CREATE TABLE t (id int);", "DROP TABLE t;")
    shop.up()
    shop.call(
        "migration:new",
        name="require id",
        template="set_not_null_safely",
        values={"table": "t", "column": "id"},
    )
    assert list(shop.statuses()) == ["t", "require_id_check", "require_id_validate", "require_id_finish"]
    assert shop.up()["ok"]
    columns = shop.call("schema:catalog")["tables"][0]["columns"]
    assert columns[0]["nullable"] is False


def test_own_templates_appear_at_once_and_override_by_name(shop: Shop) -> None:
    home = shop.toolkit.home / "templates" / "sqlite"
    team = shop.folder.parent / ".dbtoolkit" / "templates" / "sqlite"
    assert "mark" not in ids(shop) and ids(shop)["add_column"] == "shipped"
    path = put(home, "mark.sql", MINE.format(title="Mine"))
    put(home, "add_column.sql", MINE.format(title="Mine"))
    assert ids(shop)["mark"] == "user" and ids(shop)["add_column"] == "user"
    put(team, "mark.sql", MINE.format(title="The team's"))
    listed = {one["id"]: one for one in shop.call("template:list")["templates"]}
    assert (listed["mark"]["title"], listed["mark"]["overrides"]) == ("The team's", "user")
    assert listed["add_column"]["overrides"] == "shipped"
    assert (
        shop.call("template:render", template="mark", values={"table": "users"})["up"]
        == "UPDATE users SET marked = 1;"
    )
    (team / "mark.sql").unlink()
    path.write_text(MINE.format(title="Mine, edited"))
    assert {one["id"]: one["title"] for one in shop.call("template:list")["templates"]}[
        "mark"
    ] == "Mine, edited"
    path.unlink()
    assert "mark" not in ids(shop)


def test_a_broken_template_is_named_and_the_rest_goes_on(shop: Shop) -> None:
    home = shop.toolkit.home / "templates" / "sqlite"
    broken = put(
        home, "broken.sql", MINE.format(title="x").replace("{{table}} SET marked = 0", "{{tabel}} SET x = 1")
    )
    put(home, "add_column.sql", b"\xff\xfe\x00")
    listed = shop.call("template:list")
    problems = {Path(one["path"]).name: one for one in listed["problems"]}
    assert problems["broken.sql"]["line"] == 9 and "no field tabel" in problems["broken.sql"]["message"]
    assert "not text" in problems["add_column.sql"]["message"]
    assert ids(shop)["add_column"] == "shipped", "a broken one hides nothing"
    error = refused(shop, "broken", table="users")
    assert error.code == "invalid_request" and str(broken) in error.message and error.details["line"] == 9


def test_a_template_nobody_may_read_is_a_problem(shop: Shop) -> None:
    home = shop.toolkit.home / "templates" / "sqlite"
    put(home, "gone.sql", "x")
    (home / "gone.sql").unlink()
    (home / "gone.sql").symlink_to("/nowhere")
    put(home / "folder.sql", "inner.sql", "x")
    assert shop.call("template:list")["problems"] == []


@pytest.mark.parametrize(
    ("values", "words", "field"),
    [
        ({}, "needs a value for table, column, type", "table"),
        ({"table": "users", "colum": "x"}, "no field 'colum'", "colum"),
        ({"table": "users", "column": 3}, "it takes a name, not a number", "column"),
        ({"table": "users", "column": "   "}, "the name is empty", "column"),
        ({"table": "users", "column": "a\nb"}, "line breaks", "column"),
        ({"table": {"nam": "x"}}, "a table is a name or", "table"),
        ({"table": "users", "column": "x", "type": {"a": 1}}, "it takes a type, not an object", "type"),
        ({"table": "users", "column": "x", "type": "TEXT; DROP TABLE users"}, "without a semicolon", "type"),
        ({"table": "users", "column": "x", "type": "TEXT -- no"}, "may not hold a comment", "type"),
        ({"table": "users", "column": "x", "type": "TEXT", "default": "'open"}, "not closed", "default"),
        ({"table": "users", "column": "x", "type": "TEXT", "default": "(1"}, "bracket", "default"),
        ({"table": "users", "column": "x", "type": "TEXT", "default": "1)"}, "bracket", "default"),
        ({"table": "users", "column": "x", "type": "TEXT", "required": "yes"}, "true or false", "required"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_name_their_field(
    shop: Shop, values: dict[str, Any], words: str, field: str
) -> None:
    error = refused(shop, "add_column", **values)
    assert error.code == "invalid_request" and words in error.message, error.message
    assert error.details["field"] == field and error.details["template"] == "add_column"


@pytest.mark.parametrize(
    ("template", "values", "words"),
    [
        ("create_table", {"table": "t", "columns": []}, "at least one entry in columns"),
        ("create_table", {"table": "t", "columns": [{"name": "a"}]}, "needs a name and a type"),
        ("create_table", {"table": "t", "columns": [{"name": "a", "type": "TEXT", "size": 3}]}, "has no 'size'"),
        ("create_table", {"table": "t", "columns": [{"name": "a", "type": "TEXT"}] * 2}, "the same name"),
        ("insert_rows", {"table": "users", "rows": [{"id": 1}, {"x": 1}]}, "other columns"),
        ("insert_rows", {"table": "users", "rows": [{"id": {"nested": 1}}]}, "not an object"),
        ("create_index", {"table": "users", "columns": [{"name": "id", "down": True}]}, "a column of an index"),
        ("add_foreign_key", {"table": "users", "columns": ["id"], "ref_table": "users", "ref_columns": ["id"],
                             "on_delete": "EXPLODE"}, "is not one of NO ACTION"),
    ],
)  # fmt: skip
def test_lists_that_do_not_fit_say_why(shop: Shop, template: str, values: dict[str, Any], words: str) -> None:
    assert words in refused(shop, template, **values).message


def test_an_unknown_template_names_those_there_are(shop: Shop) -> None:
    error = refused(shop, "add_colunm")
    assert error.code == "not_found" and "add_column" in (error.hint or "")


def test_a_template_and_a_text_are_not_both_taken(shop: Shop) -> None:
    with pytest.raises(ChannelFailed, match="not both"):
        shop.call("migration:new", name="x", template="add_column", up="SELECT 1;")


def test_a_text_that_reads_as_a_directive_is_refused(shop: Shop) -> None:
    error = refused(shop, "insert_rows", table="users", rows=[{"id": 1, "e'mail": "a\n-- migrate:down\nb"}])
    assert "not be readable" in error.message


def test_a_value_cannot_end_the_body_it_stands_in(toolkit: Toolkit) -> None:
    lost = toolkit.connect("postgres://u:p@127.0.0.1:1/nothing?sslmode=disable", "lost")
    error = refused(lost, "create_trigger", table="t", body="PERFORM '$body$'")
    assert "would end the body" in error.message and error.details["field"] == "body"


def test_names_that_are_not_there_are_warned_of(shop: Shop) -> None:
    values = {"table": "usres", "column": "x", "new_name": "y"}
    warnings = shop.call("template:render", template="rename_column", values=values)["warnings"]
    assert warnings == ["There is no table usres on the live database."]
    values["table"] = "users"
    warnings = shop.call("template:render", template="rename_column", values=values)["warnings"]
    assert warnings == ["users has no column x on the live database."]


def test_a_made_up_name_fits_the_server(toolkit: Toolkit) -> None:
    lost = toolkit.connect("postgres://u:p@127.0.0.1:1/nothing?sslmode=disable", "lost")
    made = lost.call(
        "template:render", template="create_index", values={"table": "t" * 40, "columns": ["ä" * 20]}
    )
    name = made["up"].split(" ")[2].strip('"')
    assert len(name.encode()) <= 63 and name.startswith("t" * 40)
