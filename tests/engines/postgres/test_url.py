"""PostgreSQL URLs: as people paste them, as dbmate takes them, as our own driver and pg_dump reach the same place."""

from __future__ import annotations

import string
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidUrl
from backend.engines.postgres import ENGINE
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project
from tests.servers import Server

WORDS = st.text(st.sampled_from(string.printable[:94]), min_size=1, max_size=20)
NAMES = st.text(st.sampled_from(string.ascii_lowercase + "_-.é"), min_size=1, max_size=12)
FIELDS = st.fixed_dictionaries(
    {"host": st.sampled_from(["localhost", "db.example.com", "10.0.0.1", "::1"]), "database": NAMES},
    optional={
        "port": st.integers(1, 65535).map(str),
        "user": NAMES,
        "password": WORDS,
        "sslmode": st.sampled_from(["disable", "require", "verify-full"]),
        "search_path": st.sampled_from(["app", "app,public"]),
        "parameters": st.sampled_from(["connect_timeout=5", "timezone=UTC&lock_timeout=3s"]),
    },
)


@given(FIELDS)
def test_what_is_built_splits_into_the_same_fields(fields: dict[str, str]) -> None:
    url = ENGINE.build_url(fields)
    assert ENGINE.split_url(url) == fields
    assert ENGINE.check_url(url) == url
    if "password" in fields:
        assert ENGINE.password_of(url) == fields["password"]


def test_a_socket_takes_the_place_of_the_host() -> None:
    fields = {"socket": "/var/run/postgresql", "port": "5433", "user": "app", "database": "shop"}
    url = ENGINE.build_url(fields)
    assert url == "postgres://app@/shop?socket=%2Fvar%2Frun%2Fpostgresql&port=5433"
    assert ENGINE.split_url(url) == fields


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("postgres://u:p@ss/w#rd@h/db", "postgres://u:p%40ss%2Fw%23rd@h/db"),
        ("postgresql://u@h/db?sslmode=no-verify", "postgresql://u@h/db?sslmode=require"),
        ("postgres://u@h/db?ssl=true", "postgres://u@h/db?sslmode=require"),
        ("postgres://u@h/db?sslmode=require&channel_binding=require", "postgres://u@h/db?sslmode=require"),
        ("postgres://u@h/db?pgbouncer=true&connection_limit=1", "postgres://u@h/db"),
        ("postgres://u@h/db?schema=app", "postgres://u@h/db?search_path=app"),
        ("postgres://h/?dbname=db&user=u&password=p%20q", "postgres://u:p%20q@h/db"),
        ("postgres://u@h/db/", "postgres://u@h/db"),
        ("postgres://u@%2Ftmp/db", "postgres://u@/db?socket=%2Ftmp"),
        ("postgres://u@/db?host=/tmp&port=5433", "postgres://u@/db?socket=%2Ftmp&port=5433"),
        ("postgres://u@/db?host=h&port=5433", "postgres://u@h:5433/db"),
        ("postgres://u:${PW}@${HOST}:${PORT}/${DB}?sslmode=${MODE}", "postgres://u:${PW}@${HOST}:${PORT}/${DB}?sslmode=${MODE}"),
        ("postgres://u:a${PW}@h/db", "postgres://u:a${PW}@h/db"),
        ("redshift://u@h/db", "redshift://u@h/db"),
        (" postgres://u@h/db\n", "postgres://u@h/db"),
    ],
)  # fmt: skip
def test_a_pasted_url_is_mended(given: str, mended: str) -> None:
    assert ENGINE.check_url(given) == mended


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgres://u:sekret@h", "no database"),
        ("postgres://u:sekret@a:1,b:2/db", "several hosts"),
        ("postgres://u:sekret@h/db?sslmode=maybe", "sslmode"),
        ("postgres://u:sekret@h:70000/db", "port"),
        ("mysql://u:sekret@h/db", "postgres"),
        ("postgres:h/db", "slashes"),
    ],
)
def test_what_dbmate_cannot_use_is_refused_in_plain_words(url: str, word: str) -> None:
    with pytest.raises(InvalidUrl) as refused:
        ENGINE.check_url(url)
    assert word in refused.value.message and "sekret" not in refused.value.message + str(refused.value.hint)


PASSWORDS = [
    string.printable[:95].replace("\\", "").replace("'", ""),
    "a'b\\c\"d",
    "p@ss/w#rd?x=1&y=2%20",
    "100% ${PATH} + ünïcödé €",
]


@pytest.mark.parametrize("password", PASSWORDS, ids=["printable", "quotes", "separators", "others"])
def test_every_printable_character_in_a_password_reaches_the_server(
    password: str, postgres_server: Server, tmp_path: Path
) -> None:
    role = f"r{abs(hash(password)) % 10**9}"
    database = postgres_server.new_database()
    literal = password.replace("'", "''")
    run(Project(tmp_path, database.url, ENGINE), f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{literal}'")
    fields = ENGINE.split_url(database.url) | {"user": role, "password": password}
    shop = Project(tmp_path, ENGINE.build_url(fields), ENGINE)
    shop.write("1_a.sql", "CREATE TABLE a (id int);")
    done = shop.up()
    assert done.returncode == 0, done.stderr
    assert shop.applied() == ["1"]
    assert "CREATE TABLE public.a" in ENGINE.dump_schema(shop.target)
    assert ENGINE.with_password(database.url, password).count(quote(password, safe="")) == 1
    run(Project(tmp_path, database.url, ENGINE), f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")
