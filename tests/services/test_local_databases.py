"""Databases of one's own on the PostgreSQL that comes with the app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.services.local_databases import database_name
from tests.kit import Shop, Toolkit


@pytest.mark.parametrize(
    ("name", "database"),
    [
        ("Shop", "shop"),
        ("Café 24/7", "cafe_24_7"),
        ("24h", "db_24h"),
        ("日本", "database"),
        ("a" * 80, "a" * 50),
    ],
)
def test_a_name_becomes_one_that_needs_no_quotes(name: str, database: str) -> None:
    assert database_name(name) == database


@pytest.fixture
def starts(tmp_path: Path) -> Iterator[list[Toolkit]]:
    """Starts of the app over one home, each closed at the end."""
    started: list[Toolkit] = []
    yield started
    for toolkit in started:
        toolkit.close()


def start(starts: list[Toolkit], home: Path) -> Toolkit:
    starts.append(Toolkit(home))
    return starts[-1]


def test_it_is_made_used_and_still_there_at_the_next_start(starts: list[Toolkit], tmp_path: Path) -> None:
    toolkit = start(starts, tmp_path / "home")
    shop = Shop(toolkit, toolkit.call("connection:create-local", name="Own shop"))
    assert shop.connection["engine"] == "postgres" and "/own_shop?" in shop.connection["url"]
    shop.new("a", "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    assert shop.up()["ok"] and shop.tables() == {"a"}
    toolkit.close()
    again = start(starts, tmp_path / "home")
    assert Shop(again, shop.connection).tables() == {"a"}
    other = again.call("connection:create-local", name="Own-shop", read_only=True)
    assert "/own_shop_2?" in other["url"] and other["read_only"]
    assert Shop(again, other).tables() == set()


def test_a_name_that_cannot_be_leaves_nothing_behind(starts: list[Toolkit], tmp_path: Path) -> None:
    toolkit = start(starts, tmp_path / "home")
    answer = toolkit.envelope("connection:create-local", name="  ")
    assert answer["error"]["code"] == "invalid_request"
    assert toolkit.call("connection:list")["connections"] == []
    assert not (tmp_path / "home" / "postgres").exists()
