"""A text in all migrations, with its line, column and half."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit


@pytest.fixture
def shop(toolkit: Toolkit, sqlite_url: str) -> Shop:
    shop = toolkit.connect(sqlite_url)
    shop.write(
        "1_users.sql",
        "-- migrate:up\nCREATE TABLE users (id INTEGER);\n-- about users\n\n-- migrate:down\nDROP TABLE users;\n",
    )
    shop.write(
        "2_Orders.sql",
        "-- migrate:up\nCREATE TABLE Orders (user_id INTEGER);\n-- migrate:down\nDROP TABLE Orders;\n",
    )
    return shop


def found(shop: Shop, query: str, **more: Any) -> list[tuple[str, int, int, str]]:
    """[(version, line, column, text)]"""
    answer = shop.call("migration:search", query=query, **more)
    return [(one["version"], one["line"], one["column"], one["text"]) for one in answer["matches"]]


def test_every_place_is_named_by_line_and_column_newest_file_first(shop: Shop) -> None:
    assert found(shop, "USER") == [
        ("2", 2, 22, "user"),
        ("1", 2, 14, "user"),
        ("1", 3, 10, "user"),
        ("1", 6, 12, "user"),
    ]
    first = shop.call("migration:search", query="user")["matches"][0]
    assert (first["before"], first["after"]) == ("CREATE TABLE Orders (", "_id INTEGER);")


def test_the_name_of_the_file_is_not_its_text(shop: Shop) -> None:
    answer = shop.call("migration:search", query="1_users")
    assert (answer["matches"], answer["total"], answer["files"]) == ([], 0, 0)
    shop.call("migration:search", query="users", limit=1)
    assert shop.call("migration:search", query="users", limit=1)["total"] == 3


def test_case_words_and_halves_narrow_it(shop: Shop) -> None:
    assert found(shop, "orders", case=True) == []
    assert found(shop, "Orders", case=True) == [("2", 2, 14, "Orders"), ("2", 4, 12, "Orders")]
    assert found(shop, "user", whole_word=True) == []
    assert found(shop, "users", half="down") == [("1", 6, 12, "users")]
    assert [one[1] for one in found(shop, "users", half="up")] == [2, 3]


def test_more_places_than_asked_for_are_counted(shop: Shop) -> None:
    answer = shop.call("migration:search", query="table", limit=1)
    assert (len(answer["matches"]), answer["total"], answer["files"], answer["truncated"]) == (1, 4, 2, True)


@pytest.mark.parametrize(
    ("pattern", "more", "places"),
    [
        (r"drop\s+\w+", {}, [("2", 4, 1, "DROP TABLE"), ("1", 6, 1, "DROP TABLE")]),
        (r"^drop", {"case": True}, []),
        (r"\d+", {}, []),
        (r"u\w+", {"whole_word": True, "case": True, "half": "down"}, [("1", 6, 12, "users")]),
        (r"ER\);$", {"half": "up"}, [("2", 2, 35, "ER);"), ("1", 2, 29, "ER);")]),
        (r"\bser", {}, []),
    ],
)
def test_a_regular_expression_is_matched_line_by_line(
    shop: Shop, pattern: str, more: dict[str, Any], places: list[Any]
) -> None:
    assert found(shop, pattern, regex=True, **more) == places


@pytest.mark.parametrize("pattern", ["(", "a)(b", "(?=x)", r"(a)\1", r"(\w{100}){100}{100}", "[z-a]"])
def test_a_bad_expression_is_refused_with_the_reason(shop: Shop, pattern: str) -> None:
    with pytest.raises(ChannelFailed) as refused:
        found(shop, pattern, regex=True)
    assert refused.value.code == "invalid_request"
    assert refused.value.message.startswith("This regular expression")
    assert refused.value.hint


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+%", "(.*a){20}x", "(a*)*#"])
def test_an_expression_that_runs_away_elsewhere_ends_here(shop: Shop, pattern: str) -> None:
    shop.write("3_long.sql", "-- migrate:up\n" + ("a" * 5_000 + "!\n") * 20 + "-- migrate:down\n")
    assert found(shop, pattern, regex=True, case=True) == []


def test_a_text_past_what_the_index_keeps_is_found(shop: Shop) -> None:
    lines = "INSERT INTO t VALUES ('some text of the row');\n" * 8_000
    shop.write("3_big.sql", f"-- migrate:up\n{lines}SELECT 'needle';\n-- migrate:down\nSELECT 1;\n")
    assert found(shop, "needle") == [("3", 8_002, 9, "needle")]
    assert shop.call("migration:search", query="some text", limit=2)["total"] == 8_000


def test_files_that_are_no_text_and_odd_letters_do_no_harm(shop: Shop) -> None:
    shop.write("3_binary.sql", bytes(range(256)) * 50)
    shop.write("4_odd.sql", "-- migrate:up\nSELECT 'İstanbul ß';\r\n-- migrate:down\r\n")
    assert found(shop, "l ß") == [("4", 2, 16, "l ß")]
    assert found(shop, "İstanbul") == [("4", 2, 9, "İstanbul")]
    assert shop.call("migration:search", query="İstanbul")["matches"][0]["after"] == " ß';"
    assert found(shop, "") == []


def test_javascript_knows_its_halves(toolkit: Toolkit) -> None:
    shop = toolkit.connect("mongodb://127.0.0.1:1/shop")
    shop.write(
        "1-a.js",
        "// items\nmodule.exports = {\n  async up(db) {\n    await db.collection('items').drop();\n  },\n"
        "  async down(db) {\n    await db.createCollection('items');\n  },\n};\n",
    )
    halves = [one["half"] for one in shop.call("migration:search", query="items")["matches"]]
    assert halves == [None, "up", "down"]
