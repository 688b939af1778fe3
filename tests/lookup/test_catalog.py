"""What completion and hover read of the live database: comments of columns, and documents' fields by their paths."""

from __future__ import annotations

from tests.kit import Shop, Toolkit


def columns(shop: Shop, table: str) -> dict[str, dict[str, object]]:
    tables = {one["name"]: one for one in shop.call("schema:catalog")["tables"]}
    return {one["name"]: one for one in tables[table]["columns"]}


def test_postgres_tells_the_comments_of_columns(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("a", "CREATE TABLE a (b int, c int);\nCOMMENT ON COLUMN a.b IS 'What it is';", "DROP TABLE a;")
    shop.up()
    assert [one["comment"] for one in columns(shop, "a").values()] == ["What it is", None]


def test_mariadb_tells_the_comments_of_columns(toolkit: Toolkit, mysql_url: str) -> None:
    shop = toolkit.connect(mysql_url)
    shop.new("a", "CREATE TABLE a (b INT COMMENT 'What it is', c INT);", "DROP TABLE a;")
    shop.up()
    assert [one["comment"] for one in columns(shop, "a").values()] == ["What it is", None]


def test_mongodb_tells_fields_below_fields_and_in_lists(toolkit: Toolkit, mongodb_url: str) -> None:
    shop = toolkit.connect(mongodb_url)
    inner = "{ bsonType: 'object', properties: { b: { bsonType: 'int', description: 'Why' } } }"
    rule = f"{{ $jsonSchema: {{ required: ['a'], properties: {{ a: {inner} }} }} }}"
    shop.write(
        "1-a.js",
        "module.exports = {\n  async up(db) {\n"
        f"    await db.createCollection('things', {{ validator: {rule} }});\n"
        "    await db.collection('things').insertOne({ a: { b: 1 }, lines: [{ sku: 'x', at: { shelf: 2 } }] });\n"
        "  },\n  async down(db) { await db.collection('things').drop(); },\n};\n",
    )
    shop.up()
    found = columns(shop, "things")
    assert (found["a.b"]["type"], found["a.b"]["comment"]) == ("int", "Why")
    assert found["lines.sku"]["type"] == "string"
    assert found["lines.at.shelf"]["type"] == "int"
    assert found["a"]["nullable"] is False
