"""What the bare tool prints, and what the server says of refused documents, in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.errors import ConnectionFailed, ConstraintViolation, MigrationInvalid, SqlFailed
from backend.engine.target import FailedBlock
from backend.engines.mongodb import ENGINE
from backend.engines.mongodb.refusals import refusal_text
from tests.drivers.migrate_mongo.project import Project


@pytest.mark.parametrize(
    ("up", "kind", "part", "line"),
    [
        ('const x = 1;\nthrow new Error("boom");', SqlFailed, "boom", 4),
        ('await db.collection("a").insertOne({ _id: 1 });', ConstraintViolation, "already a document", 3),
        ('require("lodash");', MigrationInvalid, "lodash", 3),
    ],
)
def test_what_the_bare_tool_prints_is_understood(
    project: Project, up: str, kind: type[Exception], part: str, line: int
) -> None:
    project.config()
    project.db.a.insert_one({"_id": 1})
    project.migration("1-a.js", up)
    error = ENGINE.explain_failure(FailedBlock(project.bare("up").stderr))
    assert isinstance(error, kind) and part in error.message
    assert (error.details["file"], error.details["line"]) == ("1-a.js", line)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ERROR: connect ECONNREFUSED 127.0.0.1:27017 MongoServerSelectionError: connect", ConnectionFailed),
        ("", SqlFailed),
        ("{not json", SqlFailed),
        ('{"other": 1}', SqlFailed),
    ],
)
def test_any_text_becomes_an_error(text: str, kind: type[Exception]) -> None:
    error = ENGINE.explain_failure(FailedBlock(text, filename="1-a.js"))
    assert isinstance(error, kind) and error.message


def test_a_url_in_a_thrown_message_is_hidden() -> None:
    error = ENGINE.explain_failure(FailedBlock("ERROR: cannot reach mongodb://u:s3cret@h/db at once"))
    assert "s3cret" not in error.message and "mongodb://u:***@h/db" in error.message


NESTED = {
    "failingDocumentId": {"$oid": "6b02e9a0dd2e0fe399875f00"},
    "details": {
        "operatorName": "$jsonSchema",
        "schemaRulesNotSatisfied": [
            {
                "operatorName": "properties",
                "propertiesNotSatisfied": [
                    {
                        "propertyName": "address",
                        "description": "where to send it",
                        "details": [
                            {
                                "operatorName": "properties",
                                "propertiesNotSatisfied": [
                                    {
                                        "propertyName": "zip",
                                        "details": [
                                            {
                                                "operatorName": "bsonType",
                                                "specifiedAs": {"bsonType": "string"},
                                                "reason": "type did not match",
                                                "consideredValue": 3000,
                                                "consideredType": "int",
                                            }
                                        ],
                                    }
                                ],
                            }
                        ],
                    }
                ],
            },
            {"operatorName": "additionalProperties", "additionalProperties": ["odd"]},
            {"operatorName": "required", "missingProperties": ["name", "email"]},
        ],
    },
}
QUERY = {
    "failingDocumentId": 7,
    "details": {
        "operatorName": "$and",
        "clausesNotSatisfied": [
            {
                "index": 0,
                "details": {
                    "operatorName": "$gt",
                    "specifiedAs": {"age": {"$gt": 17}},
                    "reason": "comparison failed",
                    "consideredValue": 3,
                },
            }
        ],
    },
}


@pytest.mark.parametrize(
    ("info", "parts"),
    [
        (
            NESTED,
            [
                "6b02e9a0dd2e0fe399875f00",
                "address.zip: type did not match, found 3000 (int)",
                "where to send it",
                "odd is not allowed",
                "name, email are missing",
            ],
        ),
        (QUERY, ["_id 7", "comparison failed, found 3", '{"age": {"$gt": 17}}']),
        ({}, ["does not fit"]),
        (None, ["does not fit"]),
        ({"failingDocumentId": 1, "details": {}}, ["_id 1"]),
    ],
)
def test_a_refused_document_is_told_rule_by_rule(info: Any, parts: list[str]) -> None:
    text = refusal_text(info)
    assert [part for part in parts if part not in text] == []
