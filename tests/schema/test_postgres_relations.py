"""PostgreSQL: who needs whom in a snapshot, beyond what the texts tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.engine.schema.model import SchemaObject
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target

TOOLS = schema_tools("postgres")
SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TYPE app.pair AS (one int, two app.mood);
CREATE FUNCTION app.start() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE TABLE app.users (gone int, id int DEFAULT app.start(), moods app.mood[], CONSTRAINT odd CHECK (id > app.start()));
ALTER TABLE app.users DROP COLUMN gone;
CREATE TABLE app.crowds (members app.users[]);
CREATE VIEW app.names AS SELECT id FROM app.users;
"""


@pytest.fixture
def objects(postgres_url: str) -> dict[str, SchemaObject]:
    with TOOLS.scratch(
        Target("postgres", postgres_url, Path("/"), "schema_migrations"), "relations"
    ) as target:
        assert TOOLS.load(target, SCHEMA, "schema.sql").skipped == ()
        return TOOLS.snapshot(target).by_id()


@pytest.mark.parametrize(
    ("one", "needed"),
    [
        ("view app.names", ["schema app", "table app.users"]),
        ("table app.users", ["function app.start()", "schema app", "type app.mood"]),
        ("table app.crowds", ["schema app", "table app.users"]),
        ("type app.pair", ["schema app", "type app.mood"]),
    ],
)
def test_an_object_needs_what_the_server_knows_it_hangs_on(
    objects: dict[str, SchemaObject], one: str, needed: list[str]
) -> None:
    assert list(objects[one].needs) == needed


def test_the_part_that_hangs_on_another_is_named(objects: dict[str, SchemaObject]) -> None:
    users, names = objects["table app.users"].facts, objects["view app.names"].facts
    assert json.loads(users["through"]) == [
        ["check", "odd", "function app.start()"],
        ["default", "id", "function app.start()"],
        ["type", "moods", "type app.mood"],
    ]
    assert json.loads(names["uses"]) == [["table app.users", "id"]]
    assert {"type", "identity", "columns", "through"} == set(users)
    assert "through" not in names
