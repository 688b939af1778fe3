"""Which migration made a table or a column: by the engine's own reading of every file."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import Shop, Toolkit

pytestmark = pytest.mark.usefixtures("_own_home")

UNREACHABLE = {
    "postgres": "postgres://app@127.0.0.1:1/shop?sslmode=disable",
    "mysql": "mysql://app@127.0.0.1:1/shop",
    "clickhouse": "clickhouse://app@127.0.0.1:1/shop",
    "mongodb": "mongodb://127.0.0.1:1/shop",
}


@pytest.fixture
def connect(toolkit: Toolkit) -> Any:
    """A connection of an engine to nowhere: only its files are looked at."""
    return lambda engine: toolkit.connect(UNREACHABLE[engine], engine)


def sql(up: str) -> str:
    return f"-- migrate:up\n{up}\n\n-- migrate:down\nSELECT 1;\n"


def js(up: str) -> str:
    return f"module.exports = {{\n  async up(db) {{\n    {up}\n  }},\n  async down(db) {{}},\n}};\n"


def places(shop: Shop, name: str, **more: Any) -> list[tuple[str, str, int]]:
    """[(kind, first digits of the file, line)]"""
    found = shop.call("migration:definition", name=name, **more)["places"]
    return [(one["kind"], one["filename"].split("_")[0].split("-")[0], one["line"]) for one in found]


@pytest.mark.parametrize("engine", ["postgres", "mysql", "clickhouse"])
def test_what_created_a_table_comes_first_then_what_changed_it_newest_first(
    connect: Any, engine: str
) -> None:
    shop = connect(engine)
    shop.write("1_users.sql", sql("CREATE TABLE users (\n  id INT,\n  name VARCHAR(9)\n);"))
    shop.write("2_more.sql", sql("-- ALTER TABLE users\nALTER TABLE users ADD COLUMN age INT;"))
    shop.write("3_other.sql", sql("CREATE TABLE other (id INT);\nINSERT INTO users VALUES ('users');"))
    shop.write("4_less.sql", sql("SELECT 1; ALTER TABLE users DROP COLUMN name;"))
    assert places(shop, "users") == [("created", "1", 2), ("altered", "4", 2), ("altered", "2", 3)]
    assert places(shop, "users", column="age") == [("created", "2", 3)]
    assert places(shop, "users", column="name") == [("created", "1", 4), ("dropped", "4", 2)]
    assert places(shop, "nowhere") == []


def test_the_place_is_that_of_the_column_in_its_statement(connect: Any) -> None:
    shop = connect("postgres")
    shop.write("1_users.sql", sql("CREATE TABLE users (\n  id int,\n  name text\n);"))
    found = shop.call("migration:definition", name="users", column="name")["places"][0]
    assert (found["line"], found["column"], found["object"]) == (4, 3, "column")
    assert found["statement"].startswith("CREATE TABLE users (")


def test_a_rename_is_followed_to_the_older_name(connect: Any) -> None:
    shop = connect("postgres")
    shop.write("1_a.sql", sql("CREATE TABLE accounts (id int, mail text);"))
    shop.write("2_b.sql", sql("ALTER TABLE accounts RENAME COLUMN mail TO email;"))
    shop.write("3_c.sql", sql("ALTER TABLE accounts RENAME TO users;"))
    shop.write("4_d.sql", sql("CREATE TABLE accounts_archive (id int);"))
    assert places(shop, "users") == [("created", "1", 2), ("renamed", "3", 2), ("altered", "2", 2)]
    assert places(shop, "users", column="email") == [("created", "1", 2), ("renamed", "2", 2)]


def test_a_table_that_was_rebuilt_was_made_by_its_first_migration(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    shop.write("1_a.sql", sql("CREATE TABLE users (id INTEGER);"))
    rebuild = (
        "CREATE TABLE users_new (id INTEGER, n TEXT);\nINSERT INTO users_new (id) SELECT id FROM users;\n"
        "DROP TABLE users;\nALTER TABLE users_new RENAME TO users;"
    )
    shop.write("2_b.sql", sql(rebuild))
    assert places(shop, "users")[0] == ("created", "1", 2)
    assert places(shop, "users", column="n") == [("created", "2", 2)]


def test_a_table_made_again_was_made_by_the_newest_migration(connect: Any) -> None:
    shop = connect("mysql")
    shop.write("1_a.sql", sql("CREATE TABLE t (id INT);"))
    shop.write("2_b.sql", sql("DROP TABLE t;"))
    shop.write("3_c.sql", sql("CREATE TABLE t (id BIGINT);"))
    assert places(shop, "t") == [("created", "3", 2), ("dropped", "2", 2), ("created", "1", 2)]


def test_comments_strings_and_downs_make_nothing(connect: Any) -> None:
    shop = connect("postgres")
    text = "SELECT 'CREATE TABLE ghost (id int);'; -- CREATE TABLE ghost\n/* CREATE TABLE ghost (id int) */"
    down = "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nCREATE TABLE ghost (id int);\n"
    shop.write("1_a.sql", sql(text))
    shop.write("2_b.sql", down)
    assert places(shop, "ghost") == []


def test_quoted_names_schemas_views_and_indexes_are_found(connect: Any) -> None:
    shop = connect("postgres")
    shop.write("1_a.sql", sql('CREATE TABLE "Odd ""One""" (id int);\nCREATE TABLE audit.events (id int);'))
    shop.write("2_b.sql", sql("CREATE TABLE events (id int);\nCREATE VIEW recent AS SELECT 1 AS x;"))
    shop.write("3_c.sql", sql("CREATE INDEX events_id ON events (id);"))
    assert places(shop, 'Odd "One"') == [("created", "1", 2)]
    assert places(shop, "events", schema_name="audit")[0] == ("created", "1", 3)
    assert places(shop, "recent") == [("created", "2", 3)]
    assert places(shop, "events_id") == [("created", "3", 2)]


def test_a_column_that_no_file_names_came_with_its_table(connect: Any) -> None:
    shop = connect("postgres")
    shop.write("1_a.sql", sql("CREATE TABLE copy AS SELECT * FROM users;"))
    assert places(shop, "copy", column="anything") == [("created", "1", 2)]


def test_statements_that_were_not_understood_are_counted(connect: Any) -> None:
    shop = connect("postgres")
    shop.write("1_a.sql", sql("CREATE TABEL users (id int);"))
    found = shop.call("migration:definition", name="users")
    assert (found["places"], found["unread"]) == ([], 1)


def test_a_changed_file_is_read_again(connect: Any) -> None:
    shop = connect("postgres")
    path = shop.write("1_a.sql", sql("CREATE TABLE a (id int);"))
    assert places(shop, "a") and not places(shop, "b")
    shop.write("1_a.sql", sql("SELECT 1;\nCREATE TABLE bb (id int);"))
    assert not places(shop, "a") and places(shop, "bb") == [("created", "1", 3)]
    path.unlink()
    assert not places(shop, "bb")


def test_collections_are_found_by_the_tree_of_the_file(connect: Any) -> None:
    shop = connect("mongodb")
    shop.write("1-users.js", js('await db.createCollection("users");'))
    shop.write(
        "2-index.js", js('const users = db.collection("users");\n    await users.createIndex({ age: 1 });')
    )
    shop.write("3-set.js", js('await db.collection("users").updateMany({}, { $set: { age: 1 } });'))
    shop.write("4-not.js", js('// db.createCollection("users")\n    console.log("createCollection users");'))
    shop.write("5-rename.js", js('await db.collection("users").rename("people");'))
    assert places(shop, "people") == [
        ("created", "1", 3),
        ("renamed", "5", 3),
        ("altered", "3", 3),
        ("altered", "2", 4),
    ]
    assert places(shop, "people", column="age") == [("created", "3", 3), ("altered", "2", 4)]


def test_a_collection_that_nothing_creates_was_made_by_the_first_write(connect: Any) -> None:
    shop = connect("mongodb")
    shop.write("1-a.js", js('await db.collection("logs").insertOne({ a: 1 });'))
    shop.write("2-b.js", js('await db.collection("logs").createIndex({ a: 1 });'))
    assert places(shop, "logs") == [("created", "1", 3), ("altered", "2", 3)]


def test_the_fields_of_a_validator_are_found_by_their_path(connect: Any) -> None:
    shop = connect("mongodb")
    rule = '{ $jsonSchema: { properties: { address: { bsonType: "object", properties: { city: {} } } } } }'
    shop.write("1-a.js", js(f'await db.createCollection("users", {{ validator: {rule} }});'))
    shop.write("2-b.js", js(f'await db.command({{ collMod: "users", validator: {rule} }});'))
    assert places(shop, "users", column="address.city") == [("created", "1", 3), ("altered", "2", 3)]
