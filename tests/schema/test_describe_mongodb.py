"""MongoDB described: options, validators, indexes, and the fields of a sample with how often they are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymongo import MongoClient

from backend.engines.mongodb import ENGINE
from backend.engines.mongodb.url import database_of
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(mongodb_url: str, tmp_path: Path) -> Project:
    project = Project(tmp_path, mongodb_url, ENGINE)
    with MongoClient(mongodb_url) as client:
        found = client[database_of(mongodb_url)]
        rule = {
            "$jsonSchema": {
                "required": ["name"],
                "properties": {"name": {"bsonType": "string", "description": "Who"}},
            }
        }
        found.create_collection("people", validator=rule)
        found["people"].insert_many(
            [{"name": f"n{i}", "age": i if i % 2 else str(i), "at": {"city": "x"}} for i in range(8)]
            + [{"name": "a"}, {"name": "b", "tags": [{"k": 1}]}]
        )
        found["people"].create_index([("name", 1), ("age", -1)], unique=True, name="by_name")
        found["people"].create_index([("age", 1)], sparse=True, expireAfterSeconds=60, name="old")
        found.create_collection("odd.name")
        found.create_collection("names", viewOn="people", pipeline=[{"$project": {"name": 1}}])
    return project


def test_a_collection_has_its_rules_indexes_and_the_fields_seen(shop: Project) -> None:
    detail = ENGINE.describe(shop.target)
    tables = {one.id: one for one in detail.tables}
    assert set(tables) == {"people", r"odd\.name", "names"}
    people = tables["people"]
    fields = {one.name: one for one in people.columns}
    assert people.sampled == 10
    assert (fields["name"].share, fields["name"].nullable, fields["name"].comment) == (1.0, False, "Who")
    assert fields["age"].share == pytest.approx(0.8)
    assert {one.type: one.share for one in fields["age"].types} == {"int": 0.5, "string": 0.5}
    assert fields["at.city"].share == pytest.approx(0.8)
    assert fields["tags.k"].share == pytest.approx(0.1)
    assert '"required"' in (people.validator or "")
    indexes = {one.name: one for one in people.indexes}
    assert (indexes["by_name"].columns, indexes["by_name"].unique) == (["name", "age DESC"], True)
    assert sorted(indexes["old"].notes) == ["expires after 60 s", "sparse"]
    assert indexes["_id_"].primary
    assert tables["names"].kind == "view" and "$project" in (tables["names"].definition or "")


def test_named_collections_come_alone_and_what_is_not_there_is_said(shop: Project) -> None:
    detail = ENGINE.describe(shop.target, [r"odd\.name", "nothing"])
    assert ([one.id for one in detail.tables], detail.missing) == ([r"odd\.name"], ["nothing"])
    assert detail.tables[0].sampled == 0


def test_the_outline_knows_the_same_collections(shop: Project) -> None:
    outline = ENGINE.outline(shop.target)
    assert {one.id: one.rows for one in outline.tables} == {"people": 10, r"odd\.name": 0, "names": None}


def test_the_calls_that_make_a_collection_are_told(shop: Project) -> None:
    told = ENGINE.table_ddl(shop.target, "people")
    assert told.language == "javascript"
    assert 'db.createCollection("people", {' in told.text
    assert 'createIndex({\n  "name": 1,\n  "age": -1\n}' in told.text
