"""`${NAMES}` in URLs: filled so that the value arrives, whatever characters it has."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.services.placeholders import fill, names_in

_ANY = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)


@given(user=_ANY, password=_ANY)
def test_a_value_in_user_or_password_arrives_as_it_is(user: str, password: str) -> None:
    url = fill("postgres://${U}:${P}@db.example:5432/shop?sslmode=disable", {"U": user, "P": password}.get)
    parts = urlsplit(url)
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert (parts.hostname, parts.port, parts.path, parts.query) == (
        "db.example",
        5432,
        "/shop",
        "sslmode=disable",
    )


@given(_ANY)
def test_a_value_is_never_looked_at_again(value: str) -> None:
    """`${B}` inside A's value is A's text."""
    filled = fill("sqlite:/data/${A}.db", {"A": f"{value}${{B}}", "B": "no"}.get)
    assert filled == f"sqlite:/data/{value}${{B}}.db"


@given(_ANY)
def test_a_url_that_is_one_placeholder_is_the_value(value: str) -> None:
    assert fill("${DATABASE_URL}", {"DATABASE_URL": value}.get) == value


@given(st.text(max_size=30).filter(lambda text: "${" not in text))
def test_a_url_without_names_stays(url: str) -> None:
    assert fill(url, lambda name: None) == url and names_in(url) == []


@pytest.mark.parametrize("url", ["${A}", "postgres://u:${A}@h/x", "postgres://h/${A}", "sqlite:${A}"])
def test_a_name_without_a_value_is_named(url: str) -> None:
    with pytest.raises(InvalidUrl, match="A") as failure:
        fill(url, lambda name: None)
    assert failure.value.details["variable"] == "A" and failure.value.hint


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("postgres://${U}:${P}@${H}:${PORT}/${D}?x=${X}", ["U", "P", "H", "PORT", "D", "X"]),
        ("postgres://u:$P@h/x", []),
        ("postgres://u:${}@h/${1X}", []),
    ],
)
def test_what_a_name_is(url: str, names: list[str]) -> None:
    assert names_in(url) == names


def test_an_empty_value_is_a_value() -> None:
    assert fill("postgres://u:${P}@h/x", {"P": ""}.get) == "postgres://u:@h/x"
