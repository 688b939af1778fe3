"""From two schemas to migration files, run by the real tools on a live database, compared again, and rolled back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from backend.engines.mongodb.schema.snapshot import of_documents
from tests.kit import Shop, Toolkit
from tests.schema.clickhouse_changes import EVENTS, NAMES
from tests.schema.mongodb_changes import collection, index, rule, view

SQLITE = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\nCREATE TABLE notes (a);\n"
SQLITE_NEW = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL DEFAULT '');\nCREATE VIEW v AS SELECT 1;\n"
CLICKHOUSE_NEW = EVENTS.replace("note Nullable(String)", "note String, extra UInt8").replace(
    "(id, at)", "(id, kind)"
)


def written_and_run(shop: Shop, wanted: dict[str, Any]) -> dict[str, Any]:
    """Write the migration from the live database to `wanted`, apply it, and compare again; then roll it back."""
    here = {"connection": shop.id}
    before = shop.toolkit.call("schema:compare", **{"from": here, "to": here})["source"]["sha256"]
    made = shop.toolkit.call("schema:generate", **{"from": here, "to": wanted})
    assert made["files"] and made["not_expressed"] == []
    for file in made["files"]:
        shop.new(file["name"], file["up"], file["down"], transaction=file["transaction"])
    shop.agree("migration:up")
    after = shop.toolkit.call("schema:compare", **{"from": here, "to": wanted})
    assert after["equal"], after["changes"]
    # What was applied, replayed on an empty database, is no longer the whole schema: the migrations start from one.
    shop.agree("migration:down", count=len(made["files"]))
    back = shop.toolkit.call("schema:compare", **{"from": here, "to": here})["source"]["sha256"]
    assert back == before
    return dict(made["proven"])


def file_of(path: Path, text: str, engine: str) -> dict[str, Any]:
    path.write_text(text)
    return {"file": str(path), "engine": engine}


@pytest.mark.parametrize(
    ("engine", "old", "new"), [("sqlite", SQLITE, SQLITE_NEW), ("clickhouse", EVENTS + NAMES, CLICKHOUSE_NEW)]
)
def test_a_schema_file_becomes_migrations_that_run(
    toolkit: Toolkit, request: pytest.FixtureRequest, tmp_path: Path, engine: str, old: str, new: str
) -> None:
    url = request.getfixturevalue(f"{engine}_url")
    shop = toolkit.connect(url)
    target = Target(engine, url, Path.cwd(), "schema_migrations")
    assert schema_tools(engine).load(target, old, "schema.sql").skipped == ()
    proven = written_and_run(shop, file_of(tmp_path / "wanted.sql", new, engine))
    assert (proven["up"], proven["down"], proven["rows"]) == (True, True, True)


def test_a_mongodb_schema_becomes_a_migration_that_runs(
    toolkit: Toolkit, mongodb_url: str, tmp_path: Path
) -> None:
    shop = toolkit.connect(mongodb_url)
    target = Target("mongodb", mongodb_url, Path.cwd(), "changelog")
    tools = schema_tools("mongodb")
    tools.restore(
        target, of_documents([{"name": "users", **collection(index())}, {"name": "v", **view("users")}])
    )
    document = {
        "format": "db-toolkit/mongodb-schema",
        "version": 1,
        "collections": [
            {"name": "users", **collection(index(unique=True), validator=rule(a={"bsonType": "string"}))},
            {"name": "other", **collection()},
        ],
    }
    proven = written_and_run(shop, file_of(tmp_path / "wanted.json", json.dumps(document), "mongodb"))
    assert (proven["up"], proven["down"], proven["rows"]) == (True, True, True)


@pytest.mark.parametrize("engine", ["clickhouse", "mongodb"])
def test_a_replay_of_the_migrations_is_compared_with_the_live_database(
    toolkit: Toolkit, request: pytest.FixtureRequest, engine: str
) -> None:
    shop = toolkit.connect(request.getfixturevalue(f"{engine}_url"))
    if engine == "mongodb":
        shop.new("users", 'await db.createCollection("users");', 'await db.collection("users").drop();')
    else:
        shop.new(
            "users", "CREATE TABLE users (id UInt64) ENGINE = MergeTree ORDER BY id;", "DROP TABLE users;"
        )
    shop.up()
    compared = toolkit.call(
        "schema:compare", **{"from": {"connection": shop.id}, "to": {"migrations": shop.id}}
    )
    assert compared["equal"], compared["changes"]
    assert compared["source"]["objects"] == 1
