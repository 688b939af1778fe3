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
