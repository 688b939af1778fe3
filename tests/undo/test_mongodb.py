# ruff: noqa: E501 (tables of cases)
"""The down of the MongoDB driver's calls: generated, run by migrate-mongo, and the database is as it was."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient

from tests.kit import Toolkit
from tests.undo.bench import Bench, Case, parameters

CASES = [
    Case("create_collection", "await db.createCollection('items', { capped: true, size: 4096 });", holds=('await db.collection("items").drop();',)),
    Case("create_and_index", "const items = await db.createCollection('items');\nawait items.createIndex({ a: 1 });\nawait db.collection('items').insertOne({ a: 1 });", lacks=("dropIndex",)),
    Case("create_view", "await db.createCollection('newer', { viewOn: 'users', pipeline: [{ $match: { age: { $gt: 3 } } }] });"),
    Case("index_makes_the_collection", "await db.collection('fresh').createIndex({ a: 1, b: -1 }, { unique: true });", holds=('db.collection("fresh").drop()',)),
    Case("create_indexes", "const users = db.collection('users');\nawait users.createIndex({ name: 1, age: -1 });\nawait users.createIndex('city', { name: \"by 'city'\" });\n"
         "await users.createIndexes([{ key: { a: 1 } }, { key: { loc: '2dsphere' }, name: 'geo' }]);", holds=("name_1_age_-1", "by 'city'", "a_1", "geo")),
    Case("create_index_again", "await db.collection('users').createIndex({ email: 1 }, { unique: true, name: 'by_email' });", lacks=("dropIndex",)),
    Case("drop_index", "await db.collection('users').dropIndex('by_email');", holds=("unique: true",)),
    Case("drop_index_default_name", "await db.collection('users').dropIndex('age_1');", holds=("createIndex({ age: 1 }",)),
    Case("drop_indexes", "await db.collection('users').dropIndexes();"),
    Case("drop_collection", "await db.collection('users').drop();", holds=("The documents of users do not come back", "validator"), leaves=("documents users",)),
    Case("drop_by_db", "await db.dropCollection('plain');", leaves=("documents plain",)),
    Case("drop_view", "await db.collection('adults').drop();", holds=("viewOn",)),
    Case("rename", "await db.collection('plain').rename('simple');\nawait db.renameCollection('simple', 'simplest');\nawait db.collection('simplest').createIndex({ q: 1 });"),
    Case("validator", "await db.command({ collMod: 'users', validator: {}, validationLevel: 'off' });", holds=("$jsonSchema",)),
    Case("validator_new", "await db.command({ collMod: 'plain', validator: { a: { $gt: 1 } } });", leaves=("validator plain",), holds=("validator: {}",)),
    Case("add_field", "await db.collection('users').updateMany({}, { $set: { plan: 'free', seats: 1 } });", holds=("$unset",)),
    Case("overwrite_field", "await db.collection('users').updateMany({}, { $set: { age: 1 } });", says="Some documents have age already"),
    Case("rename_field", "await db.collection('users').updateMany({}, { $rename: { age: 'years' } });", holds=('{ $rename: { years: "age" } }',)),
    Case("unset_field", "await db.collection('users').updateMany({}, { $unset: { age: '' } });", says="The values it overwrites are nowhere"),
    Case("insert_with_ids", "await db.collection('plain').insertMany([{ _id: 1, a: 'x' }, { _id: 'two', a: null }]);", holds=("{ _id: { $in: [1, 'two'] } }",)),
    Case("insert_without_ids", "await db.collection('plain').insertOne({ a: 1 });", says="no _id in the text", leaves=("documents plain",)),
    Case("loop_and_condition", "for (const n of [1, 2]) {\n  await db.collection('plain').createIndex({ ['f' + n]: 1 });\n}", says="in a loop, a condition or a function", leaves=("index plain",)),
    Case("all_at_once", "await Promise.all([\n  db.collection('plain').createIndex({ a: 1 }), // one; two\n  db.createCollection('b'),\n]);"),
    Case("traps", "// await db.collection('users').drop();\nconst text = `await db.dropCollection('users'); ${1 + 1}`;\n/* } */ await db\n  .collection(\"odd \\\"name\")\n  .createIndex({ 'a.b': 1 });\nconsole.log(text);"),
]  # fmt: skip


@pytest.fixture
def bench(toolkit: Toolkit, mongodb_url: str) -> Bench:
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb_url)
    database = client.get_default_database()
    schema = {
        "bsonType": "object",
        "required": ["name"],
        "properties": {"name": {"bsonType": "string", "description": 'it\'s\n"x"'}},
    }
    database.create_collection("users", validator={"$jsonSchema": schema}, validationLevel="moderate")
    database["users"].insert_many(
        [{"name": "Ada", "age": 36, "email": "a"}, {"name": "Bob", "age": 4, "email": "b"}]
    )
    database["users"].create_index([("email", 1)], unique=True, name="by_email")
    database["users"].create_index([("age", 1)], sparse=True)
    database.create_collection("adults", viewOn="users", pipeline=[{"$match": {"age": {"$gte": 18}}}])
    database["plain"].insert_one({"z": 1})
    client.close()
    return Bench(toolkit, mongodb_url)


@pytest.mark.parametrize("case", parameters(CASES))
def test_the_down_brings_the_database_back(bench: Bench, case: Case) -> None:
    if "odd" in case.up:
        case = Case(
            case.name, case.up.replace('odd \\"name', "odd name"), holds=('db.collection("odd name").drop()',)
        )
    bench.check(case)


def test_renamed_fields_have_their_values_again(bench: Bench, mongodb_url: str) -> None:
    bench.check(
        Case(
            "fields",
            "await db.collection('users').updateMany({}, { $rename: { age: 'years' }, $set: { plan: 1 } });",
        )
    )
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb_url)
    found = client.get_default_database()["users"].find({}, {"_id": 0}).sort("name")
    assert [sorted(one.items()) for one in found] == [
        [("age", 36), ("email", "a"), ("name", "Ada")], [("age", 4), ("email", "b"), ("name", "Bob")]
    ]  # fmt: skip
    client.close()
