"""Which tables a diagram shows: all, those asked for and their surroundings, or a part one can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.engine.tableids import parse_table_id, table_id
from tests.kit import Shop, Toolkit
from tests.schema import many_tables

CHAIN = """
CREATE TABLE a (id INTEGER PRIMARY KEY);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a);
CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL UNIQUE REFERENCES b ON DELETE CASCADE, c_id INT REFERENCES c);
CREATE TABLE d (c_id INTEGER NOT NULL REFERENCES c (id), gone INTEGER REFERENCES nowhere);
CREATE TABLE alone (x TEXT);
"""


@pytest.fixture
def chain(sqlite_shop: Shop) -> Shop:
    sqlite_shop.write("20260101000000_chain.sql", f"-- migrate:up\n{CHAIN}\n-- migrate:down\n")
    sqlite_shop.up()
    return sqlite_shop


def shown(diagram: dict[str, Any]) -> set[str]:
    return {one["id"] for one in diagram["nodes"]}


def test_a_small_schema_is_shown_whole(chain: Shop) -> None:
    diagram = chain.call("schema:diagram")
    assert shown(diagram) == {"a", "b", "c", "d", "alone"}
    assert (diagram["total"], diagram["partial"], diagram["centre"]) == (5, False, None)
    edges = {(one["table"], one["to_table"]): one for one in diagram["edges"]}
    assert set(edges) == {("b", "a"), ("c", "b"), ("c", "c"), ("d", "c")}
    assert edges["b", "a"]["optional"] and not edges["b", "a"]["one_to_one"]
    assert not edges["c", "b"]["optional"] and edges["c", "b"]["one_to_one"]
    assert edges["c", "b"]["on_delete"] == "CASCADE"
    columns = {one["name"]: one for node in diagram["nodes"] if node["id"] == "b" for one in node["columns"]}
    assert columns["a_id"]["foreign_key"] and columns["id"]["primary_key"]


@pytest.mark.parametrize(
    ("tables", "depth", "expected", "hidden"),
    [
        (["b"], 0, {"b"}, 2),
        (["b"], 1, {"a", "b", "c"}, 0),
        (["a"], 2, {"a", "b", "c"}, 0),
        (["alone", "gone"], 3, {"alone"}, 0),
    ],
)
def test_named_tables_come_with_those_that_are_near(
    chain: Shop, tables: list[str], depth: int, expected: set[str], hidden: int
) -> None:
    diagram = chain.call("schema:diagram", tables=tables, depth=depth)
    assert shown(diagram) == expected
    assert diagram["partial"]
    assert next(one for one in diagram["nodes"] if one["id"] == tables[0])["hidden_relations"] == hidden
    assert {one["id"] for one in diagram["choices"]} == {"a", "b", "c", "d", "alone"}


def test_nothing_chosen_is_nothing_shown(chain: Shop) -> None:
    diagram = chain.call("schema:diagram", tables=[])
    assert (diagram["nodes"], diagram["edges"], diagram["total"]) == ([], [], 5)


def test_of_a_large_schema_the_surroundings_of_the_most_connected_table_are_shown(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    many_tables.write(tmp_path / "many.db", 300)
    shop = toolkit.connect(f"sqlite:{(tmp_path / 'many.db').as_posix()}", "many")
    diagram = shop.call("schema:diagram")
    assert (diagram["total"], diagram["partial"], diagram["centre"]) == (300, True, "table_0000")
    assert len(diagram["nodes"]) == 40
    assert diagram["choices"][0]["id"] == "table_0000"
    assert all(
        one["table"] in shown(diagram) and one["to_table"] in shown(diagram) for one in diagram["edges"]
    )
    everything = shop.call("schema:diagram", tables=[one["id"] for one in diagram["choices"]])
    assert (len(everything["nodes"]), everything["partial"]) == (300, False)


def test_partitions_are_drawn_as_their_table(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url, "parts")
    shop.write(
        "20260101000000_parts.sql",
        "-- migrate:up\nCREATE TABLE days (at date PRIMARY KEY) PARTITION BY RANGE (at);\n"
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n"
        "CREATE TABLE base (id int); CREATE TABLE heir (more int) INHERITS (base);\n"
        "CREATE TABLE visits (at date REFERENCES days);\n-- migrate:down\n",
    )
    shop.up()
    diagram = shop.call("schema:diagram")
    assert shown(diagram) == {"public.days", "public.visits", "public.base", "public.heir"}
    assert [(one["table"], one["to_table"]) for one in diagram["edges"]] == [("public.visits", "public.days")]


@pytest.mark.parametrize(
    ("schema", "name"),
    [(None, "users"), ("public", "users"), ("a.b", "c\\d.e"), (None, "x.y"), ("s", "\\"), ("\\", ".")],
)
def test_an_id_leads_back_to_schema_and_name(schema: str | None, name: str) -> None:
    assert parse_table_id(table_id(schema, name)) == (schema, name)
