"""Files that mean to leave their scratch, in every pass of a rehearsal: the target and the server stay as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.engine.rehearsal.port import Block, rehearsal_tools
from backend.engine.schema.port import schema_tools
from backend.engine.target import CancelToken, Target
from backend.engines.clickhouse.connect import session as clickhouse
from backend.engines.mysql.connect import reading, rows
from backend.models.migration import Direction
from tests.kit import Shop, Toolkit
from tests.servers import Server


def looked(shop: Shop) -> tuple[str, Any]:
    """The target's schema and a digest of every row."""
    connections = shop.toolkit.services.connections
    target = connections.target(connections.resolve(shop.id))
    tools = schema_tools(target.engine)
    return tools.snapshot(target).sha256, tools.row_digest(target)


def target_of(shop: Shop) -> Target:
    connections = shop.toolkit.services.connections
    return connections.target(connections.resolve(shop.id))


def attacked(shop: Shop, up: str, server: Callable[[], object], down: str = "SELECT 1;") -> dict[str, Any]:
    """A rehearsal of one text; nothing of the target and the server is another afterwards."""
    before = (looked(shop), server())
    text = f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n"
    rehearsal: dict[str, Any] = shop.call("preview:rehearse", content=text)
    assert (looked(shop), server()) == before, up
    return rehearsal


# -- MongoDB -----------------------------------------------------------------------------------------------------------

_SECOND_TIME = """module.exports = {{
  async up(db, client) {{
    const marks = db.collection('marks');
    if (await marks.countDocuments({{}})) {{ {attack} }}
    await marks.insertOne({{}});
  }},
  async down(db) {{ await db.collection('other').countDocuments({{}}); }},
}};
"""
_LATER = {
    "another database": "await client.db('{own}').collection('users').deleteMany({{}});",
    "and nobody told": "try {{ await client.db('{own}').dropDatabase(); }} catch {{}}",
    "a client of its own": "await new (require('mongodb').MongoClient)('{url}').db('{own}').collection('users').drop();",
    "a file": "require('fs').writeFileSync('{folder}/leak', '');",
}


@pytest.mark.parametrize("way", _LATER)
def test_what_a_mongodb_file_does_only_the_second_time_is_kept_back_too(
    toolkit: Toolkit, mongodb_url: str, way: str
) -> None:
    shop = toolkit.connect(mongodb_url)
    own = shop.connection["database"]
    shop.write(
        "20260101000000-users.js",
        "module.exports = { async up(db) { await db.collection('users').insertMany([{ a: 1 }, {}]); }, async down() {} };",
    )
    shop.up()
    attack = _LATER[way].format(own=own, url=mongodb_url, folder=shop.folder)
    shop.write("20260102000000-second.js", _SECOND_TIME.format(attack=attack))
    before = looked(shop)
    [file] = shop.call("preview:rehearse")["files"]
    assert looked(shop) == before
    assert not (shop.folder / "leak").exists()
    assert file["verdict"] == "broken", file["reasons"]


# -- ClickHouse --------------------------------------------------------------------------------------------------------

_CLICKHOUSE = (
    "TRUNCATE DATABASE {own};",
    "TRUNCATE ALL TABLES FROM {own};",
    "TRUNCATE TABLES FROM {own} LIKE '%';",
    "DROP TABLE IF EXISTS nothing PARALLEL WITH TRUNCATE DATABASE {own};",
    "DROP TABLE IF EXISTS nothing PARALLEL WITH DROP DATABASE {own};",
    "DROP TABLE IF EXISTS nothing PARALLEL WITH CREATE USER rehearsed;",
    "INSERT INTO FUNCTION remote('127.0.0.1', {own}, hits) SELECT 7;",
    "CREATE USER rehearsed;",
    "CREATE DATABASE rehearsed;",
    "SYSTEM STOP MERGES;",
    "CREATE FUNCTION rehearsed AS (x) -> x;",
)
# The first makes a table that leads out, the second goes through it.
_CLICKHOUSE_TWO = (
    "CREATE TABLE way AS {own}.hits ENGINE = Buffer({own}, hits, 1, 0, 0, 0, 0, 0, 0);",
    "CREATE TABLE way (id UInt64) ENGINE = Buffer({own}, hits, 1, 0, 0, 0, 0, 0, 0);",
    "CREATE TABLE way (id UInt64) ENGINE = Buffer('{own}', 'hits', 1, 0, 0, 0, 0, 0, 0);",
    "CREATE TABLE way (id UInt64) ENGINE = Distributed(default, {own}, hits);",
    "CREATE TABLE way AS remote('127.0.0.1', {own}, hits);",
    "CREATE TABLE way AS remote('127.0.0.1', concat('{half}', '{rest}'), 'hits');",
    "CREATE TABLE way (id UInt64) ENGINE = URL('http://127.0.0.1:9/x', 'CSV');",
)


@pytest.fixture
def hits(toolkit: Toolkit, clickhouse_server: Server) -> Shop:
    shop = toolkit.connect(clickhouse_server.new_database().url, name="hits")
    shop.new("hits", "CREATE TABLE hits (id UInt64) ENGINE = MergeTree ORDER BY id;", "DROP TABLE hits;")
    shop.new("rows", "INSERT INTO hits VALUES (1), (2), (3);", "SELECT 1;")
    shop.up()
    return shop


def test_no_clickhouse_statement_leaves_the_scratch(hits: Shop) -> None:
    own = hits.connection["database"]

    def server() -> object:
        with clickhouse(target_of(hits)) as opened:
            return [
                opened.query(f"SELECT name FROM system.databases WHERE name IN ('{own}', 'rehearsed')"),
                opened.query("SELECT name FROM system.functions WHERE name = 'rehearsed'"),
            ]

    target = target_of(hits)
    tools = schema_tools("clickhouse")
    with tools.scratch(target, "rehearsal") as scratch:
        before = (looked(hits), server())

        def played(sql: str) -> bool:
            block = Block(sql, Direction.UP, True)
            done = rehearsal_tools("clickhouse").play(scratch, block, lambda _: None, CancelToken(), 60)
            return done.ok and not done.left_out

        for sql in _CLICKHOUSE:
            assert not played(sql.format(own=own)), sql
            assert (looked(hits), server()) == before, sql
        for sql in _CLICKHOUSE_TWO:
            if played(sql.format(own=own, half=own[:3], rest=own[3:])):
                played("INSERT INTO way VALUES (9);")
                pytest.fail(f"{sql} led out: {looked(hits) != before[0]}")
    # And through every pass, as a file ahead of a text.
    hits.new("way", _CLICKHOUSE_TWO[1].format(own=own), "DROP TABLE way;")
    assert attacked(hits, "INSERT INTO way VALUES (9);", server)["verdict"] == "failed"


# -- MariaDB -----------------------------------------------------------------------------------------------------------

_MARIADB = (
    "/*!50000 DROP DATABASE {own} */;",
    "/*! CREATE USER 'rehearsed'@'localhost' */;",
    "/*M!100000 DELETE FROM {own}.orders */;",
    "CREATE OR REPLACE USER 'rehearsed'@'localhost';",
    "SELECT 1 INTO OUTFILE '{folder}/leak';",
    "EXECUTE IMMEDIATE CONCAT('DROP DATABASE ', '{own}');",
    "EXECUTE IMMEDIATE CONCAT('CREATE USER ', 'rehearsed');",
    "CREATE PROCEDURE out_of_it() DROP DATABASE {own};\nCALL out_of_it();",
    "CREATE PROCEDURE out_of_it() EXECUTE IMMEDIATE CONCAT('DROP DATABASE ', '{own}');\nCALL out_of_it();",
    "CREATE PROCEDURE out_of_it() EXECUTE IMMEDIATE CONCAT('DELETE FROM {own}', '.orders');\nCALL out_of_it();",
    "CREATE PROCEDURE out_of_it() EXECUTE IMMEDIATE 'DELETE FROM {own}.orders';\nCALL out_of_it();",
)


def test_no_mariadb_statement_leaves_the_scratch(toolkit: Toolkit, mariadb_server: Server) -> None:
    shop = toolkit.connect(mariadb_server.new_database().url)
    shop.new(
        "orders", "CREATE TABLE orders (id int PRIMARY KEY);\nINSERT INTO orders VALUES (1);", "SELECT 1;"
    )
    shop.up()
    own = shop.connection["database"]

    def server() -> object:
        with reading(target_of(shop)) as connection:
            return [
                sorted(map(str, rows(connection, sql)))
                for sql in (
                    f"SHOW DATABASES LIKE '{own}'",
                    "SELECT user FROM mysql.user WHERE user = 'rehearsed'",
                )
            ]

    for sql in _MARIADB:
        attacked(shop, sql.format(own=own, folder=shop.folder), server)
        assert not (shop.folder / "leak").exists(), sql
