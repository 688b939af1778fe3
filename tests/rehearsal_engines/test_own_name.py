"""Files that name their own database: on a scratch they mean the scratch, and nothing of the server is touched."""

from __future__ import annotations

from typing import Any

import pytest

from backend.engine.target import Target
from backend.engines.mysql.connect import reading, rows
from tests.kit import Shop, Toolkit
from tests.servers import Server


@pytest.fixture
def shop(toolkit: Toolkit, mariadb_server: Server) -> Shop:
    shop = toolkit.connect(mariadb_server.new_database().url, name="shop")
    shop.new(
        "orders",
        "CREATE TABLE orders (id int PRIMARY KEY, total int);\nINSERT INTO orders VALUES (1, 10), (2, 20);",
        "DROP TABLE orders;",
    )
    shop.up()
    return shop


def asked(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    url = shop.toolkit.services.connections.target(shop.toolkit.services.connections.resolve(shop.id)).url
    with reading(Target("mysql", url, shop.folder, "schema_migrations")) as connection:
        return [tuple(one) for one in rows(connection, sql)]


def test_what_belongs_to_the_server_is_run_by_no_pass(shop: Shop) -> None:
    shop.new(
        "account",
        "CREATE TABLE notes (id int PRIMARY KEY);\nCREATE USER 'rehearsed'@'localhost';",
        "DROP TABLE notes;",
    )
    rehearsal = shop.call("preview:rehearse")
    assert asked(shop, "SELECT user FROM mysql.user WHERE user = 'rehearsed'") == []
    assert "whole server" in str(rehearsal["files"][0])


def test_what_is_pending_ahead_of_a_text_reaches_no_other_database(shop: Shop) -> None:
    [(own,)] = asked(shop, "SELECT database()")
    shop.new("emptied", f"DELETE FROM {own}.orders;", "SELECT 1;")
    text = "-- migrate:up\nCREATE TABLE more (id int);\n-- migrate:down\nDROP TABLE more;\n"
    shop.call("preview:rehearse", content=text)
    assert asked(shop, "SELECT count(*) FROM orders") == [(2,)]


def test_a_file_that_names_its_own_database_means_the_scratch(shop: Shop) -> None:
    [(own,)] = asked(shop, "SELECT database()")
    shop.new(
        "qualified",
        f"CREATE TABLE {own}.lines (id int PRIMARY KEY, text varchar(99));\n"
        f"INSERT INTO {own}.lines SELECT {own}.orders.id, 'of {own}.orders' FROM `{own}`.orders;\n"
        f"UPDATE {own}.orders SET total = 0;\n"
        f"CREATE VIEW {own}.sums AS SELECT sum(total) AS s FROM {own}.orders;\n"
        f"CREATE TRIGGER {own}.kept AFTER DELETE ON {own}.lines FOR EACH ROW INSERT INTO {own}.orders VALUES (OLD.id, 1);",
        f"DROP TABLE {own}.lines;\nDROP VIEW {own}.sums;",
    )
    rehearsal = shop.call("preview:rehearse")
    [file] = rehearsal["files"]
    assert file["verdict"] == "lossy", file["reasons"]
    assert [one["by"] for one in file["passes"]] == ["driver", "driver", "tool"]
    inserted = file["passes"][0]["statements"][1]
    assert inserted["rows"] == 2 and f"'of {own}.orders'" in inserted["text"]
    assert "that name was left out" in str(rehearsal["scratch"]["notes"])
    assert asked(shop, "SELECT id, total FROM orders ORDER BY id") == [(1, 10), (2, 20)]
    assert asked(shop, "SHOW TABLES LIKE 'lines'") == []
    assert not shop.call("preview:rehearsals")["notes"][0]["stale"]


@pytest.mark.parametrize(
    "sql", ["USE {own};", "SELECT {own}.total FROM orders AS {own};", "SELECT * FROM mysql.user;"]
)
def test_other_databases_and_what_is_not_certain_stay_refused_or_as_they_are(shop: Shop, sql: str) -> None:
    [(own,)] = asked(shop, "SELECT database()")
    shop.new("other", sql.format(own=own), "SELECT 1;")
    [file] = shop.call("preview:rehearse")["files"]
    [statement, *_] = file["passes"][0]["statements"]
    assert statement["text"] == sql.format(own=own).rstrip(";")
    if " AS " not in sql:
        assert file["verdict"] == "failed" and "which is not the scratch" in file["reasons"][0]


def test_a_clickhouse_file_that_names_its_own_database_means_the_scratch(
    toolkit: Toolkit, clickhouse_server: Server
) -> None:
    shop = toolkit.connect(clickhouse_server.new_database().url, name="hits")
    shop.new("hits", "CREATE TABLE hits (id UInt64) ENGINE = MergeTree ORDER BY id;", "DROP TABLE hits;")
    shop.up()
    own = shop.connection["database"]
    shop.new(
        "add", f"ALTER TABLE {own}.hits ADD COLUMN at DateTime;", f"ALTER TABLE {own}.hits DROP COLUMN at;"
    )
    rehearsal = shop.call("preview:rehearse")
    assert rehearsal["verdict"] in ("reversible", "schema_only"), rehearsal["files"]
    described = (
        shop.call("schema:describe", tables=[f"{own}.hits"])["tables"]
        or shop.call("schema:describe", tables=["hits"])["tables"]
    )
    assert [one["name"] for one in described[0]["columns"]] == ["id"]
