"""Database URLs: read as people paste them, written as the tools need them, never showing a password."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engine.urls import (
    UrlParts,
    build,
    check_port,
    encode,
    is_secret_param,
    parse,
    password_of,
    redact,
    with_password,
    without_password,
)  # fmt: skip

PRINTABLE = st.text(st.sampled_from(string.printable[:95] + "äß€日"), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("url", "user", "password", "host", "port", "path"),
    [
        ("postgres://u:p@h:5432/db", "u", "p", "h", "5432", "db"),
        ("postgres://u:p%40%2F%23@h/db", "u", "p@/#", "h", "", "db"),
        ("postgres://u:p@ss/w#rd@h/db", "u", "p@ss/w#rd", "h", "", "db"),
        ("postgres://u:p@ss@h/db", "u", "p@ss", "h", "", "db"),
        ("postgres://u:p/w@h/db", "u", "p/w", "h", "", "db"),
        ("postgres://u:1/w@h/db", "u", "1/w", "h", "", "db"),
        ("postgres://u:p#w@h:1/db?sslmode=disable", "u", "p#w", "h", "1", "db"),
        ("postgres://u:p?w@h/db", "u", "p?w", "h", "", "db"),
        ("postgres://u:50%@h/db", "u", "50%", "h", "", "db"),
        ("postgres://u:a:b c@h/db", "u", "a:b c", "h", "", "db"),
        ("postgres://u:p@h/db?options=a@b", "u", "p", "h", "", "db"),
        ("postgres://h/db?user=a@b", "", None, "h", "", "db"),
        ("postgres://u:p@[::1]:5432/db", "u", "p", "::1", "5432", "db"),
        ("postgres://u:p@/db?socket=/tmp", "u", "p", "", "", "db"),
        ("postgres:///db", "", None, "", "", "db"),
        ("postgres://u@h", "u", None, "h", "", ""),
        ("mongodb://u:p@a:1,b:2/db?replicaSet=r", "u", "p", "a:1,b:2", "", "db"),
        ("postgres://${U}:${PASSWORD}@${HOST}:${PORT}/shop_${E}", "${U}", "${PASSWORD}", "${HOST}", "${PORT}", "shop_${E}"),
        ("POSTGRES://u:p@h/db", "u", "p", "h", "", "db"),
        ("mysql://u:p@my_host-1.example.com/", "u", "p", "my_host-1.example.com", "", ""),
    ],
)  # fmt: skip
def test_a_pasted_url_is_understood(
    url: str, user: str, password: str | None, host: str, port: str, path: str
) -> None:
    parts = parse(url)
    assert (parts.user, parts.password, parts.host, parts.port, parts.path) == (
        user,
        password,
        host,
        port,
        path,
    )
    assert parse(build(parts)) == parts


@pytest.mark.parametrize(
    "url",
    ["", "shop", "://h/db", "postgres:h/db", "postgres://u:sekret#w@h/db?x=a@b", "postgres://u:sekret@h/db#x",
     "postgres://u:sekret@h:port/db", "postgres://u:sekret@h/d\nb", "postgres://u:sekret@h/db?nonsense"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        parse(url)
    assert "sekret" not in caught.value.message + str(caught.value.hint)
    assert "sekret" not in redact(url)


@given(user=PRINTABLE, password=PRINTABLE, path=PRINTABLE, value=PRINTABLE)
def test_every_printable_character_survives(user: str, password: str, path: str, value: str) -> None:
    parts = UrlParts("postgres", user, password, "h", "1", path, (("options", value),))
    url = build(parts)
    assert parse(url) == parts
    # A strict reader finds the same places.
    strict = urlsplit(url)
    assert (strict.hostname, strict.port) == ("h", 1)


@given(password=PRINTABLE)
def test_a_raw_password_is_read_as_it_is_or_refused_but_never_shown(password: str) -> None:
    marked = f"Zq{password}qZ"
    url = f"postgres://u:{marked}@h/db"
    shown = redact(url)
    assert "Zq" not in shown and "qZ" not in shown
    if "%" not in marked:
        # None: it was refused, as where it could be read in two ways.
        assert password_of(url) in (marked, None)


@given(password=PRINTABLE)
def test_a_replaced_password_is_taken_literally(password: str) -> None:
    for url in ("postgres://u:old@h/db", "postgres://u@h/db", "postgres://h/db?a=b"):
        assert password_of(with_password(url, password)) == password


def test_a_placeholder_stays_as_written() -> None:
    assert with_password("postgres://u:x@h/db", "${DB_PASSWORD}") == "postgres://u:${DB_PASSWORD}@h/db"
    assert (
        redact("postgres://u:${DB_PASSWORD}@h/db?sslpassword=${X}")
        == "postgres://u:${DB_PASSWORD}@h/db?sslpassword=${X}"
    )
    assert with_password("postgres://u:x@h/db", "a${B}c") == "postgres://u:a%24%7BB%7Dc@h/db"
    assert encode("a b${C}/d") == "a%20b${C}%2Fd"
    assert redact("${DATABASE_URL}") == "${DATABASE_URL}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://u:p@h/db", "postgres://u:***@h/db"),
        ("postgres://u:p@ss/w#rd@h/db", "postgres://u:***@h/db"),
        ("postgres://u@h/db?password=p&sslmode=disable", "postgres://u@h/db?password=***&sslmode=disable"),
        ("postgres://u@h/db?sslpassword=p&passfile=/x&access_token=t", "postgres://u@h/db?sslpassword=***&passfile=***&access_token=***"),
        ("postgres://u@h:1/db", "postgres://u@h:1/db"),
        ("postgres://u:p q@h/db", "postgres://u:***@h/db"),
        ("postgres://u:p#w@h/db#x", "postgres://u:***@h/db#x"),
        ("postgres://u:p#w", "postgres://***"),
        ("no url at all: secret", "***"),
    ],
)  # fmt: skip
def test_redaction_hides_passwords_and_secret_parameters(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_the_parts_do_not_print_their_password() -> None:
    assert "sekret" not in repr(parse("postgres://u:sekret@h/db?sslpassword=sekret"))


def test_a_url_can_lose_its_password() -> None:
    assert without_password("postgres://u:p@h/db?a=b") == "postgres://u@h/db?a=b"


@pytest.mark.parametrize(
    "name", ["password", "sslpassword", "passfile", "token", "api_key", "pwd", "client_secret", "authToken"]
)
def test_secret_looking_parameters_are_known(name: str) -> None:
    assert is_secret_param(name)


@pytest.mark.parametrize(
    "name", ["sslmode", "application_name", "authSource", "search_path", "bypass_mode", "options"]
)
def test_other_parameters_are_shown(name: str) -> None:
    assert not is_secret_param(name)


@pytest.mark.parametrize("port", ["0", "65536", "abc", "-1", "٣"])
def test_a_bad_port_is_refused(port: str) -> None:
    with pytest.raises(InvalidUrl):
        check_port(port)
