"""How what is typed into the search is read."""

from __future__ import annotations

import pytest

from backend.services.search_query import Term, day_of, read_query


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", []),
        ("   ", []),
        ("users orders", [Term(None, "users"), Term(None, "orders")]),
        ("status:pending", [Term("status", "pending")]),
        ("Status:Pending", [Term("status", "Pending")]),
        ("is:edited by:ann", [Term("flag", "edited"), Term("author", "ann")]),
        ('"create table"', [Term(None, "create table", is_phrase=True)]),
        ('"create\n  table', [Term(None, "create table", is_phrase=True)]),
        ('author:"Ann Lee"', [Term("author", "Ann Lee", is_phrase=True)]),
        ("-word", [Term(None, "word", excluded=True)]),
        ('-"a b" -table:users', [Term(None, "a b", True, True), Term("table", "users", True)]),
        ("status:", []),
        ("-status: x", [Term(None, "x")]),
        ("-", []),
        ('""', []),
        ("a::int http://x", [Term(None, "a::int"), Term(None, "http://x")]),
        ("=cmd() <b>", [Term(None, "=cmd()"), Term(None, "<b>")]),
        ("add-users", [Term(None, "add-users")]),
    ],
)
def test_reading(typed: str, terms: list[Term]) -> None:
    assert read_query(typed) == terms


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "soon", "", "99999d9", "٢٠٢٦"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert day_of(text) is None


def test_days() -> None:
    assert str(day_of("2026-01-17")) == "2026-01-17 00:00:00+00:00"
    assert str(day_of("2026-02")) == "2026-02-01 00:00:00+00:00"
    today, week = day_of("today"), day_of("7d")
    assert today and week and (today - week).days == 7
