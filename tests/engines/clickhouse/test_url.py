"""ClickHouse URLs: what is understood, what is mended, what is refused, and that nothing secret shows."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engines.clickhouse import ENGINE, url
from tests.engines.sqlite.project import Project
from tests.servers import Server

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
_WORD = st.text(PRINTABLE + "éß漢", min_size=1).filter(lambda text: "${" not in text)
FIELDS = st.fixed_dictionaries(
    {
        "protocol": st.sampled_from(["native", "http", "https"]),
        "host": st.sampled_from(["localhost", "db.example.com", "::1"]),
    },
    optional={
        "port": st.integers(1, 65535).map(str),
        "user": _WORD,
        "password": st.text(PRINTABLE + "éß漢", min_size=1),
        "database": _WORD.filter(lambda text: "/" not in text and text.strip("/")),
        "on_cluster": st.just("true"),
        "zoo_path": st.just("/clickhouse/{cluster}/{table}"),
        "options": st.just("dial_timeout=5s&max_threads=2"),
    },
)


@given(FIELDS)
def test_what_the_form_holds_comes_back_from_the_url(fields: dict[str, str]) -> None:
    built = ENGINE.build_url(fields)
    assert ENGINE.split_url(built) == fields
    assert ENGINE.check_url(built) == built


@given(st.text(PRINTABLE, min_size=1))
def test_a_password_never_shows_in_a_redacted_url(password: str) -> None:
    secret = f"x{password}x9Zq"
    built = ENGINE.build_url({"host": "h", "user": "u", "password": secret, "database": "d"})
    assert ENGINE.redact_url(built) == "clickhouse://u:***@h/d"
    assert ENGINE.password_of(built) == secret


@pytest.mark.parametrize(
    ("raw", "password"),
    [
        ("clickhouse://u:p@ss/w#rd@h:9000/db", "p@ss/w#rd"),
        ("clickhouse+http://u:a?b@h/db", "a?b"),
        ("clickhouse+http://u:100%@h/db", "100%"),
        ("clickhouse://u:a b@h/db", "a b"),
        ("clickhouse://u:p%40ss@h/db?max_threads=1", "p@ss"),
    ],
)
def test_raw_special_characters_are_understood_and_encoded(raw: str, password: str) -> None:
    assert ENGINE.password_of(raw) == password
    checked = ENGINE.check_url(raw)
    assert ENGINE.password_of(checked) == password
    assert not set(" #") & set(checked)


@pytest.mark.parametrize(
    "raw", ["clickhouse://", "clickhouse://u:p@h:port/db", "postgres://h/db", "clickhouse://h/a/b"]
)
def test_what_cannot_be_read_is_refused_with_the_way_to_write_it(raw: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        ENGINE.check_url(raw)
    assert refused.value.hint


def test_a_placeholder_stays_as_it_was_written() -> None:
    stored = "clickhouse+http://${CH_USER}:${CH_PASSWORD}@${CH_HOST}:${CH_PORT}/${CH_DB}?max_threads=${N}"
    assert ENGINE.check_url(stored) == stored
    assert ENGINE.redact_url(stored) == stored
    assert ENGINE.split_url(stored)["password"] == "${CH_PASSWORD}"
    assert ENGINE.with_password("clickhouse://u:old@h/d", "${NEW}") == "clickhouse://u:${NEW}@h/d"
    assert ENGINE.password_of(ENGINE.with_password("clickhouse://u@h/d", "a${b}")) == "a${b}"


@pytest.mark.parametrize(
    "broken",
    [
        "clickhouse://u:sec@ret@h:x/db",
        "clickhouse://u:se/c?ret@",
        "clickhouse://h/?password=secret",
        "u:secret@h/db",
    ],
)
def test_a_malformed_url_is_redacted_too(broken: str) -> None:
    shown = ENGINE.redact_url(broken)
    assert "***" in shown and "secret" not in shown and "ret@" not in shown and "sec@" not in shown


def test_user_and_password_as_parameters_win_as_in_dbmate() -> None:
    fields = ENGINE.split_url("clickhouse://a:b@h/x?username=c&password=d%26e&database=y")
    assert (fields["user"], fields["password"], fields["database"]) == ("c", "d&e", "y")
    assert ENGINE.redact_url("clickhouse://h/x?username=c&password=d%26e").endswith("password=***")


def test_dbmate_and_our_own_reader_log_in_with_every_printable_character(
    clickhouse_server: Server, clickhouse_url: str, shop: Project
) -> None:
    # The server knows one password; that both are refused alike shows that both sent the same, whole one.
    odd = ENGINE.with_password(clickhouse_url, PRINTABLE)
    assert ENGINE.password_of(odd) == PRINTABLE
    said = shop.dbmate("status", url=odd).stderr
    assert "Code: 516" in said and PRINTABLE not in said
    assert url.parse(odd).password == PRINTABLE
    # And with the right one, written with every character encoded, both get in.
    encoded = "".join(f"%{ord(one):02X}" for one in clickhouse_server.password)
    right = clickhouse_url.replace(clickhouse_server.password, encoded)
    assert shop.dbmate("status", url=right).returncode == 0
    assert Project(shop.folder, right, ENGINE).applied() == []
