"""Two schema files, with a table of versions of their own among the others: the migration between them is proven."""

from __future__ import annotations

import pytest

from tests.kit import Toolkit

OLD = """
CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY, name varchar(50));
"""
NEW = """
CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY, at varchar(20));
CREATE TABLE users (id integer PRIMARY KEY, name varchar(50), age integer);
CREATE INDEX by_name ON users (name);
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgres", "mysql"])
def test_a_table_of_versions_in_both_files_is_one_of_theirs(
    toolkit: Toolkit, engine: str, request: pytest.FixtureRequest
) -> None:
    if engine == "mysql":
        # Its scratch databases are made on the server of a development connection.
        toolkit.connect(request.getfixturevalue("mysql_url"))
    sides = {"from": {"text": OLD, "engine": engine}, "to": {"text": NEW, "engine": engine}}
    changed = {one["name"] for one in toolkit.call("schema:compare", **sides)["changes"]}
    assert {"schema_migrations", "users"} <= changed
    made = toolkit.call("schema:generate", **sides)
    proven = made["proven"]
    assert (proven["up"], proven["down"], proven["rows"]) == (True, True, True), proven
    assert made["not_expressed"] == []
